"""Runs a handoff to its end in each of its three modes, and where it may not defer, as Airflow would."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from airflow.providers.common.compat.sdk import TaskDeferred
from kept_on_worker import connection_without_deferring
from simulated_units import SETTLE_WINDOW, UNIT

from airflow_provider_wincc.client.client import WinCCClient
from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCError
from airflow_provider_wincc.operators.orders import WinCCOrderHandoffOperator
from airflow_provider_wincc.orders import OrderHandoffTags
from airflow_provider_wincc.triggers.orders import WinCCOrderTrigger
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

try:
    from airflow.sdk.exceptions import AirflowRescheduleException
except ImportError:  # Airflow 3.1
    from airflow.exceptions import AirflowRescheduleException

# On the worker waits a deferrable handoff whose connection does not let it defer.
MODES = ("poke", "reschedule", "deferrable", "on_worker")
TAGS = OrderHandoffTags(
    prefix=f"{UNIT}.",
    payload=["WorkMaster", "Quantity"],
    results=["ActualQuantity", "ActualDuration"],
    id_length=32,
)
PAYLOAD = {"WorkMaster": "R-001", "Quantity": 12.5}
ORDER_ID = "000042"


def tags_of(unit=UNIT, **parameters):
    """Return the tag map of a simulated unit."""
    return replace(TAGS, prefix=f"{unit}.", **parameters)


def handoff(mode="poke", **arguments):
    """Make the operator, as fast as the simulated unit of the tests is.

    Skips a test whose handoff has no ERP to keep its note in, where Airflow cannot keep it either.
    """
    how = {"deferrable": True} if mode in {"deferrable", "on_worker"} else {"mode": mode, "deferrable": False}
    defaults = {
        "task_id": "hand_off",
        "order_id": ORDER_ID,
        "payload": PAYLOAD,
        "tags": TAGS,
        "settle_window": SETTLE_WINDOW,
        "poke_interval": 0.1,
        "unit_timeout": 10,
        "run_timeout": 20,
        "clear": True,
    }
    try:
        operator = WinCCOrderHandoffOperator(**{**defaults, **how, **arguments})
    except WinCCConfigurationError as error:
        if not AIRFLOW_V_3_3_PLUS and "nowhere to keep its durable note" in str(error):
            pytest.skip("Airflow keeps state of tasks from 3.3 on, where this handoff keeps its note")
        raise
    operator.shortest_deferral = 0.0  # no scheduler has to notice anything here
    return operator


def run_handoff(mode, context, **arguments):
    """Run one attempt to its end: again when it is rescheduled, with its trigger when it is deferred."""
    with ExitStack() as stack:
        if mode == "on_worker":
            without_deferring = connection_without_deferring(arguments.get("wincc_conn_id", "wincc_default"))
            arguments["wincc_conn_id"] = stack.enter_context(without_deferring)
        return _run(mode, context, arguments)


def _run(mode, context, arguments):
    method, arguments_of_method = "execute", {}
    while True:
        operator = handoff(mode, **arguments)
        try:
            return getattr(operator, method)(context, **arguments_of_method)
        except AirflowRescheduleException as reschedule:
            assert mode in {"reschedule", "on_worker"}
            time.sleep(max(0.0, (reschedule.reschedule_date - datetime.now(UTC)).total_seconds()))
        except TaskDeferred as deferred:
            assert mode == "deferrable"
            method = deferred.method_name
            arguments_of_method = {"event": asyncio.run(first_event(rebuild(deferred.trigger)))}


def run_with_retries(mode, context, *, attempts=3, **arguments):
    """Run a handoff as Airflow does with retries: again after an error that a retry may mend."""
    for _ in range(attempts - 1):
        try:
            return run_handoff(mode, context, **arguments)
        except WinCCError:
            context["ti"].try_number += 1
    return run_handoff(mode, context, **arguments)


def rebuild(trigger):
    """Send a trigger through JSON, as the database does."""
    path, arguments = trigger.serialize()
    assert path == "airflow_provider_wincc.triggers.orders.WinCCOrderTrigger"
    return WinCCOrderTrigger(**json.loads(json.dumps(arguments, allow_nan=False)))


async def first_event(trigger):
    event = await anext(trigger.run())
    return json.loads(json.dumps(event.payload, allow_nan=False))


def wait_until(condition, seconds=10.0):
    """Wait until something is true of the unit or the station."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.005)


@contextmanager
def when(condition, change):
    """While the block runs, make a change to the plant as soon as a condition is true; a block that fails ends that."""
    over = threading.Event()

    def watch():
        wait_until(lambda: over.is_set() or condition())
        if not over.is_set():
            change()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    except BaseException:
        over.set()
        raise
    finally:
        thread.join()


@contextmanager
def at_write(name, *, before=None, after=None, unit=UNIT):
    """Within the block, make a change to the plant once: right before or after a tag of a unit is first set.

    It is made in the thread of the handoff, which therefore cannot look at the unit in between, however slow the
    machine is. A write of 0 sets nothing.
    """
    write_tags, left = WinCCClient.write_tags, ["the change"]

    def write(client, values):
        is_meant = bool(left and values.get(f"{unit}.{name}"))
        if is_meant:
            left.clear()
        if is_meant and before is not None:
            before()
        outcome = write_tags(client, values)
        if is_meant and after is not None:
            after()
        return outcome

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WinCCClient, "write_tags", write)
        yield
    assert not left, f"{name} was never set"


@contextmanager
def ended_as_by_airflow(operator):
    """Within the block, the function that comes out of it ends the task as Airflow does: by a signal."""
    before = signal.signal(signal.SIGTERM, lambda *_: operator.on_kill())
    try:
        yield lambda: os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)


def writes_of(station, *names, unit=UNIT):
    """Return the values that were written to tags of a unit, as (name without the unit, value)."""
    written = [(write.tag.removeprefix(f"{unit}."), write.value) for write in station.writes]
    return [write for write in written if not names or write[0] in names]


def deferred_trigger(context, **arguments):
    """Run a deferrable handoff until it is deferred; return its trigger."""
    try:
        handoff("deferrable", **arguments).execute(context)
    except TaskDeferred as deferred:
        return deferred.trigger
    raise AssertionError("the handoff was not deferred")


def logged(caplog, capsys):
    """Return the lines of the log, wherever this version of Airflow writes it."""
    return [*(record.getMessage() for record in caplog.records), *capsys.readouterr().out.splitlines()]
