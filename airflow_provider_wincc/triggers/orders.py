"""``WinCCOrderTrigger``: watches a unit on behalf of a deferred handoff."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseTrigger, TriggerEvent
from asgiref.sync import sync_to_async

from airflow_provider_wincc.client.error_json import error_to_json
from airflow_provider_wincc.client.errors import WinCCError, WinCCTagNotFoundError
from airflow_provider_wincc.conditions import Condition
from airflow_provider_wincc.hooks.wincc import WinCCHook
from airflow_provider_wincc.orders.decision import Action, HandoffRules, Wait, next_step
from airflow_provider_wincc.orders.order import ProductionOrder
from airflow_provider_wincc.orders.progress import Progress
from airflow_provider_wincc.orders.snapshot import SnapshotTaker
from airflow_provider_wincc.orders.store import Remembered
from airflow_provider_wincc.orders.tags import OrderHandoffTags
from airflow_provider_wincc.triggers.poller import TagPoller

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.orders.decision import Step
    from airflow_provider_wincc.triggers.poller import Reading


class WinCCOrderTrigger(BaseTrigger):
    """Fires when a unit shows something that the handoff can go on with, or when the time of its wait is up.

    It reads through the poller that all triggers share, and takes the same snapshots as the operator. What it has
    seen only wakes the task, which looks for itself before it does anything.

    It writes nothing, with one exception: when a user ends the task, ``on_cancel`` may have asked for the order to be
    stopped (Airflow 3.3 and later). Airflow's state of the task must say so. That write is absolute and bound to the
    number of the order, so that doing it twice, or too late, does nothing.

    The event's payload has ``status``: ``changed``, ``timeout``, or ``failed`` (with ``error``).

    :param wincc_conn_id: id of the connection.
    :param order: the order as :meth:`ProductionOrder.to_json` has it.
    :param tags: the tag map as :meth:`OrderHandoffTags.to_json` has it.
    :param rules: the rules of the handoff; ``success`` as :meth:`Condition.to_json` has it.
    :param document: what the handoff remembers, as :meth:`Progress.to_document` has it.
    :param result: the recorded result, once there is one.
    :param attempt: name of the attempt.
    :param waits_for: what is waited for.
    :param settle: seconds that two equal readings must lie apart.
    :param poll_interval: seconds between two readings.
    :param not_before: time before which it does not fire, in seconds since 1970; before the deadline.
    :param deadline: time to give up, in seconds since 1970.
    :param cancel_writes: tag → value to write when a user ends the task.
    """

    def __init__(
        self,
        *,
        wincc_conn_id: str,
        order: dict[str, Any],
        tags: dict[str, Any],
        rules: dict[str, Any],
        document: dict[str, Any],
        result: dict[str, Any] | None,
        attempt: str,
        waits_for: str,
        settle: float,
        poll_interval: float,
        not_before: float,
        deadline: float,
        cancel_writes: dict[str, Scalar] | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow's constructor has no types
        self.wincc_conn_id = wincc_conn_id
        self.order = order
        self.tags = tags
        self.rules = rules
        self.document = document
        self.result = result
        self.attempt = attempt
        self.waits_for = waits_for
        self.settle = settle
        self.poll_interval = poll_interval
        self.not_before = not_before
        self.deadline = deadline
        self.cancel_writes = cancel_writes

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and the arguments, all of JSON types."""
        return (
            "airflow_provider_wincc.triggers.orders.WinCCOrderTrigger",
            {
                "wincc_conn_id": self.wincc_conn_id,
                "order": self.order,
                "tags": self.tags,
                "rules": self.rules,
                "document": self.document,
                "result": self.result,
                "attempt": self.attempt,
                "waits_for": self.waits_for,
                "settle": self.settle,
                "poll_interval": self.poll_interval,
                "not_before": self.not_before,
                "deadline": self.deadline,
                "cancel_writes": self.cancel_writes,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Watch, and yield the one event."""
        waiter = _UnitWaiter(self)
        try:
            async with asyncio.timeout(self.deadline - time.time()):
                with TagPoller.of_running_loop().subscribe(self.wincc_conn_id, self.poll_interval, waiter):
                    event = await waiter.done
                await asyncio.sleep(self.not_before - time.time())
        except TimeoutError:
            event = {"status": "timeout"}
        yield TriggerEvent(event)

    async def on_kill(self) -> None:
        """Stop or abort the order in the unit, if the task asks for that and a user has ended it.

        Airflow 3.3 calls it for every wait that is no longer this triggerer's: when a user ends the task, but also when
        another triggerer has taken the wait over, because this one has missed its heartbeats.
        """
        if not self.cancel_writes:
            self.log.info("WinCC order %r goes on in the unit (on_cancel='leave').", self.order["order_id"])
            return
        ending = asyncio.create_task(self._end_order(self.cancel_writes))
        _ENDINGS.add(ending)
        ending.add_done_callback(_ENDINGS.discard)
        # Airflow cancels this once more with each of its looks at the triggers, about a second apart.
        await asyncio.shield(ending)

    async def _end_order(self, writes: Mapping[str, Scalar]) -> None:
        state = await self._state_of_task()
        if not self._is_ended_by_a_user(state):
            self.log.warning(
                "WinCC order %r goes on in the unit: the wait was taken from this triggerer, and the state of the task "
                "(%s) does not say that a user has ended it.",
                self.order["order_id"],
                state,
            )
            return
        try:
            settings = await WinCCHook(self.wincc_conn_id).aget_settings()
            await asyncio.to_thread(_write, settings, writes)
        except Exception as failure:  # noqa: BLE001  whatever it is, nobody else would tell it
            self.log.error(  # noqa: TRY400  the error says all that is needed
                "WinCC order %r: %s was to be written, because the task was ended, and that may not have arrived. What "
                "to do: look at the unit, and end the order there if need be. %s",
                self.order["order_id"],
                writes,
                failure if isinstance(failure, WinCCError) else type(failure).__name__,
            )
            return
        self.log.info("WinCC order %r: %s written, because the task was ended.", self.order["order_id"], writes)

    async def _state_of_task(self) -> str:
        """Return the state in which Airflow has the task now, or that it cannot be known."""
        from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

        task = self.task_instance
        if task is None:
            return _UNKNOWN
        map_index = -1 if task.map_index is None else task.map_index
        try:
            states = await sync_to_async(RuntimeTaskInstance.get_task_states)(
                dag_id=task.dag_id, map_index=map_index, task_ids=[task.task_id], run_ids=[task.run_id]
            )
            state = states[task.run_id][task.task_id if map_index < 0 else f"{task.task_id}_{map_index}"]
        except Exception as error:  # noqa: BLE001  Airflow's database may be away in many ways, or the run deleted
            self.log.warning("The state of the task could not be looked up: %r", error)
            return _UNKNOWN
        return _CLEARED if state is None else str(state)

    def _is_ended_by_a_user(self, state: str) -> bool:
        # A time-out that another triggerer has noticed ends the task too, and the order is to go on.
        if time.time() >= self.deadline:
            return False
        # The handoff itself succeeds while the order runs, unless it waits for the end.
        return state in _ENDED_BY_A_USER or (state == "success" and self.rules["wait_for"] == "ended")


# The event loop itself does not keep a task alive.
_ENDINGS: set[asyncio.Task[None]] = set()
_UNKNOWN = "unknown"
_CLEARED = "cleared"
# Airflow goes on with a cleared task within a second or two, and then it cannot be told from one that was resumed: both
# are scheduled, queued or running.
# Not "skipped": Airflow skips deferred tasks by itself when their run takes too long, or another task fails a run that
# is to fail fast.
_ENDED_BY_A_USER = frozenset({"failed", _CLEARED})


def rules_to_json(rules: HandoffRules) -> dict[str, Any]:
    """Return the rules as a dict of JSON types."""
    return {
        "wait_for": rules.wait_for,
        "one_phase": rules.one_phase,
        "collects": rules.collects,
        "may_update": rules.may_update,
        "success": None if rules.success is None else rules.success.to_json(),
    }


def _rules_from_json(data: Mapping[str, Any]) -> HandoffRules:
    success = data["success"]
    return HandoffRules(**{**data, "success": None if success is None else Condition.from_json(success)})


# A station that is away for longer than that is a wait of its own, with a time-out of its own.
_MOST_UNUSABLE_READINGS = 3
# These waits go on while nothing can be read.
_GOES_ON_UNREAD = frozenset({Wait.OBSERVE, Wait.RUN})


class _UnitWaiter:
    """Takes snapshots out of readings until one of them calls for something else than the same wait."""

    def __init__(self, trigger: WinCCOrderTrigger) -> None:
        self._order = ProductionOrder.from_json(trigger.order)
        self._tags = OrderHandoffTags.from_json(trigger.tags)
        self._rules = _rules_from_json(trigger.rules)
        self._memory = Progress.read(Remembered(trigger.document, trigger.result), attempt=trigger.attempt).memory
        self._waits_for = trigger.waits_for
        self._taker = SnapshotTaker(self._tags, trigger.settle)
        self._read_at = 0.0
        self._unusable_since: float | None = None
        self._patience = _MOST_UNUSABLE_READINGS * trigger.poll_interval
        self.tags: Collection[str] = self._tags.tags
        self.done: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    @property
    def recheck_at(self) -> float | None:
        # Until the readings have settled, equal ones count too.
        return self._read_at + self._taker.settle

    def observe(self, readings: Mapping[str, Reading], now: float) -> None:
        if self.done.done():
            return
        self._read_at = now
        try:
            snapshot = self._taker.take(readings, asked_at=now, answered_at=now)
            if snapshot is None:
                self._note_unusable(now)
                return
            self._unusable_since = None
            step = next_step(self._order, snapshot, self._memory, self._tags, self._rules)
        except WinCCTagNotFoundError as error:
            # The task has seen these tags before: a busy station loses rows of its answers.
            self._taker.interrupt(error.message)
            self._note_unusable(now)
            return
        except WinCCError:
            # The task takes its own snapshot, and ends with the same error.
            self.done.set_result({"status": "changed"})
            return
        if not self._is_the_same_wait(step):
            self.done.set_result({"status": "changed"})

    def observe_failure(self, error: WinCCError, now: float) -> None:
        if self.done.done():
            return
        self._read_at = now
        self._taker.interrupt(error.message)
        if error.retryable:
            self._note_unusable(now)
        else:
            self.done.set_result({"status": "failed", "error": error_to_json(error)})

    def _note_unusable(self, now: float) -> None:
        if self._taker.is_settling or self._taker.is_overridden or self._waits_for in _GOES_ON_UNREAD:
            self._unusable_since = None
            return
        if self._unusable_since is None:
            self._unusable_since = now
        if now - self._unusable_since >= self._patience:
            self.done.set_result({"status": "changed"})

    def _is_the_same_wait(self, step: Step) -> bool:
        return step.action is Action.WAIT and step.waits_for is not None and step.waits_for.value == self._waits_for


def _write(settings: Any, values: Mapping[str, Scalar]) -> None:
    from airflow_provider_wincc.client.client import WinCCClient

    with WinCCClient(settings) as client:
        client.write_tags(values)
