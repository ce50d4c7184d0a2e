"""Runs a handoff to its end in each of its three modes, as Airflow would."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime

from airflow.providers.common.compat.sdk import TaskDeferred

from airflow_provider_wincc.operators.orders import WinCCOrderHandoffOperator
from airflow_provider_wincc.orders import OrderHandoffTags
from airflow_provider_wincc.triggers.orders import WinCCOrderTrigger

try:
    from airflow.sdk.exceptions import AirflowRescheduleException
except ImportError:  # Airflow 3.1
    from airflow.exceptions import AirflowRescheduleException

UNIT = "U1"
MODES = ("poke", "reschedule", "deferrable")
TAGS = OrderHandoffTags(
    prefix=f"{UNIT}.",
    payload=["WorkMaster", "Quantity"],
    results=["ActualQuantity", "ActualDuration"],
    id_length=32,
)
PAYLOAD = {"WorkMaster": "R-001", "Quantity": 12.5}


def handoff(mode="poke", **arguments):
    """Make the operator, as fast as the simulated unit of the tests is."""
    how = {"deferrable": True} if mode == "deferrable" else {"mode": mode, "deferrable": False}
    defaults = {
        "task_id": "hand_off",
        "order_id": "000042",
        "payload": PAYLOAD,
        "tags": TAGS,
        "settle_window": 0.1,
        "poke_interval": 0.2,
        "unit_timeout": 10,
        "run_timeout": 20,
    }
    return WinCCOrderHandoffOperator(**{**defaults, **how, **arguments})


def run_handoff(mode, context, **arguments):
    """Run a handoff to its end: again when it is rescheduled, with its trigger when it is deferred."""
    event = None
    while True:
        operator = handoff(mode, **arguments)
        try:
            return operator.execute(context) if event is None else operator.execute_complete(context, event)
        except AirflowRescheduleException as reschedule:
            time.sleep(max(0.0, (reschedule.reschedule_date - datetime.now(UTC)).total_seconds()))
        except TaskDeferred as deferred:
            assert deferred.method_name == "execute_complete"
            event = asyncio.run(first_event(rebuild(deferred.trigger)))


def rebuild(trigger):
    """Send a trigger through JSON, as the database does."""
    path, arguments = trigger.serialize()
    assert path == "airflow_provider_wincc.triggers.orders.WinCCOrderTrigger"
    return WinCCOrderTrigger(**json.loads(json.dumps(arguments, allow_nan=False)))


async def first_event(trigger):
    event = await anext(trigger.run())
    return json.loads(json.dumps(event.payload, allow_nan=False))
