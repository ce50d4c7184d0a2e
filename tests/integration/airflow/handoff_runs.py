"""Runs a handoff to its end in each of its three modes, as Airflow would."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from airflow.providers.common.compat.sdk import TaskDeferred
from simulated_units import SETTLE_WINDOW, UNIT

from airflow_provider_wincc.client.errors import WinCCError
from airflow_provider_wincc.operators.orders import WinCCOrderHandoffOperator
from airflow_provider_wincc.orders import OrderHandoffTags
from airflow_provider_wincc.triggers.orders import WinCCOrderTrigger

try:
    from airflow.sdk.exceptions import AirflowRescheduleException
except ImportError:  # Airflow 3.1
    from airflow.exceptions import AirflowRescheduleException

MODES = ("poke", "reschedule", "deferrable")
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
    """Make the operator, as fast as the simulated unit of the tests is."""
    how = {"deferrable": True} if mode == "deferrable" else {"mode": mode, "deferrable": False}
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
    operator = WinCCOrderHandoffOperator(**{**defaults, **how, **arguments})
    operator.shortest_deferral = 0.0  # no scheduler has to notice anything here
    return operator


def run_handoff(mode, context, **arguments):
    """Run one attempt to its end: again when it is rescheduled, with its trigger when it is deferred."""
    method, arguments_of_method = "execute", {}
    while True:
        operator = handoff(mode, **arguments)
        try:
            return getattr(operator, method)(context, **arguments_of_method)
        except AirflowRescheduleException as reschedule:
            time.sleep(max(0.0, (reschedule.reschedule_date - datetime.now(UTC)).total_seconds()))
        except TaskDeferred as deferred:
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
    """While the block runs, make a change to the plant as soon as a condition is true."""

    def watch():
        wait_until(condition)
        change()

    thread = threading.Thread(target=watch)
    thread.start()
    yield
    thread.join()


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
