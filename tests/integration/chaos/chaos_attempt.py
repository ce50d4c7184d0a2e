"""One attempt at a handoff in a process of its own: the real operator, with a stand-in for Airflow around it."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import AirflowFailException, TaskDeferred
from chaos_plans import Interruption, outcome_path
from chaos_steps import step_of

from airflow_provider_wincc.client import WinCCClient, WinCCError
from airflow_provider_wincc.operators.order_stores import StagingStore, TaskStateStore
from airflow_provider_wincc.operators.orders import WinCCOrderHandoffOperator
from airflow_provider_wincc.orders import OrderHandoffTags
from airflow_provider_wincc.triggers.orders import WinCCOrderTrigger
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

if AIRFLOW_V_3_3_PLUS:
    from airflow.sdk.exceptions import AirflowRescheduleException
else:
    from airflow.exceptions import AirflowRescheduleException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chaos_plans import AttemptPlan

TIMEOUTS = {"observe": 5.0, "verify": 2.0, "answer": 2.0, "cancel": 2.0, "start": 2.0, "result": 3.0, "clear": 2.0}
UNIT_TIMEOUT = 12.0
RUN_TIMEOUT = 10.0


def run_attempt(plan: AttemptPlan) -> None:
    """Run the attempt to its end and write its outcome, or be killed on the way."""
    os.environ["AIRFLOW_CONN_STATION"] = json.dumps(plan.connection)
    os.environ["AIRFLOW_CONN_ERP"] = json.dumps({"conn_type": "sqlite", "host": plan.erp})
    interrupt_calls(plan.interruptions)
    if plan.without == "note":
        forget_notes()
    outcome = outcome_of_attempt(plan)
    file = outcome_path(plan.folder, plan.attempt)
    hidden = file.with_suffix(".tmp")
    hidden.write_text(json.dumps(outcome))
    hidden.replace(file)


def outcome_of_attempt(plan: AttemptPlan) -> dict[str, Any]:
    """Run the operator as Airflow would; return the result or the error, of JSON types."""
    try:
        return {"status": "done", "result": drive(plan)}
    except AirflowFailException as failure:
        return failed(failure.__cause__ or failure, is_final=True)
    except WinCCError as error:
        return failed(error, is_final=False)
    except Exception as error:  # noqa: BLE001  whatever it is, the walk reports it
        return failed(error, is_final=False)


def failed(error: BaseException, *, is_final: bool) -> dict[str, Any]:
    return {
        "status": "failed",
        "error": type(error).__name__,
        "is_ours": isinstance(error, WinCCError),
        "is_final": is_final,
        "step": getattr(error, "step", ""),
        "message": str(error),
    }


def drive(plan: AttemptPlan) -> dict[str, Any]:
    """Run the operator, again when it is rescheduled, with its trigger when it is deferred."""
    context, event = context_of(plan), None
    while True:
        operator = operator_of(plan)
        try:
            return operator.execute(context) if event is None else operator.execute_complete(context, event)
        except AirflowRescheduleException as reschedule:
            time.sleep(max(0.0, (reschedule.reschedule_date - datetime.now(UTC)).total_seconds()))
        except TaskDeferred as deferred:
            event = asyncio.run(first_event(deferred.trigger))


def context_of(plan: AttemptPlan) -> dict[str, Any]:
    """Make what the operator looks at of a task's context; all attempts at an order share the state store."""
    store = SharedStateStore(Path(plan.folder) / f"state-{plan.order_id}.json")
    return {"ti": TaskInstance(try_number=plan.try_number), "task_state_store": store}


async def first_event(trigger: WinCCOrderTrigger) -> dict[str, Any]:
    """Run a trigger that went through JSON, as the database sends it, to its first event."""
    _, arguments = trigger.serialize()
    rebuilt = WinCCOrderTrigger(**json.loads(json.dumps(arguments, allow_nan=False)))
    event = await anext(rebuilt.run())
    return json.loads(json.dumps(event.payload, allow_nan=False))


def operator_of(plan: AttemptPlan) -> WinCCOrderHandoffOperator:
    operator = WinCCOrderHandoffOperator(
        task_id="hand_off",
        wincc_conn_id="station",
        order_id=plan.order_id,
        revision=plan.revision,
        payload=plan.payload,
        tags=tag_map(plan.unit, plan.profile, parameters=plan.payload, has_echo=plan.without != "echo"),
        erp_conn_id=None if plan.erp is None else "erp",
        clear=True,
        settle_window=plan.settle,
        poke_interval=plan.poke,
        unit_timeout=UNIT_TIMEOUT,
        run_timeout=RUN_TIMEOUT,
        timeouts=TIMEOUTS,
        retries=5,
        **({"deferrable": True} if plan.mode == "deferrable" else {"mode": plan.mode, "deferrable": False}),
    )
    operator.shortest_deferral = 0.0  # no scheduler has to notice anything here
    return operator


def tag_map(unit: str, profile: str, *, parameters: Any, has_echo: bool = True) -> OrderHandoffTags:
    return OrderHandoffTags(
        prefix=f"{unit}.",
        payload=list(parameters),
        echo=None if has_echo else {},
        results=["ActualQuantity", "ActualDuration"],
        profile=profile,
        id_length=32,
    )


@dataclass
class TaskInstance:
    """The little of a task instance that our operators look at."""

    dag_id: str = "chaos"
    run_id: str = "walk"
    task_id: str = "hand_off"
    map_index: int = -1
    try_number: int = 1


class SharedStateStore:
    """Airflow 3.3's task state store for one task, in a file that the processes of all its attempts share.

    Each get and each set is one transaction, as they are in Airflow.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, key: str) -> Any:
        with self._locked() as values:
            return values.get(key)

    def set(self, key: str, value: Any, *, retention: timedelta | None = None) -> None:
        with self._locked() as values:
            values[key] = value
            hidden = self._path.with_suffix(".tmp")
            hidden.write_text(json.dumps(values, allow_nan=False))
            hidden.replace(self._path)

    @contextmanager
    def _locked(self) -> Iterator[dict[str, Any]]:
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield json.loads(self._path.read_text()) if self._path.exists() else {}


def interrupt_calls(interruptions: list[Interruption]) -> None:
    """Have this process kill itself or fall asleep just before or after some of its calls."""
    counts: dict[str, int] = {}

    def wrapped(call_of: Callable[..., str], original: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: Any, *arguments: Any, **more: Any) -> Any:
            name = call_of(*arguments)
            counts[name] = nth = counts.get(name, 0) + 1
            due = [one for one in interruptions if one.call == name and one.nth == nth]
            for interruption in due:
                if not interruption.after:
                    interrupt(interruption)
            try:
                return original(self, *arguments, **more)
            finally:
                for interruption in due:
                    if interruption.after:
                        interrupt(interruption)

        return call

    WinCCClient.try_read_tags = wrapped(lambda *_: "read", WinCCClient.try_read_tags)
    WinCCClient.write_tags = wrapped(lambda values: step_of("PUT", values), WinCCClient.write_tags)
    for store in (StagingStore, TaskStateStore):
        for method in ("begin", "recall", "save", "record_result"):
            setattr(store, method, wrapped(lambda *_, name=method: name, getattr(store, method)))


def interrupt(interruption: Interruption) -> None:
    os.kill(os.getpid(), signal.SIGSTOP if interruption.sleeps else signal.SIGKILL)


def forget_notes() -> None:
    """Switch the durable note off: what is saved lacks it."""
    for store in (StagingStore, TaskStateStore):
        original = store.save

        def save(self: Any, document: dict[str, Any], original: Callable[..., None] = original) -> None:
            original(self, {**document, "note": None, "was_offered": False})

        store.save = save
