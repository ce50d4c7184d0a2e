"""Runs a sensor to its end in each of its three modes, and where it may not defer, as Airflow would."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime

from airflow.providers.common.compat.sdk import TaskDeferred
from kept_on_worker import connection_without_deferring

from airflow_provider_wincc.sensors.messages import WinCCMessageSensor
from airflow_provider_wincc.sensors.tags import WinCCTagSensor
from airflow_provider_wincc.triggers.messages import WinCCMessageTrigger
from airflow_provider_wincc.triggers.tags import WinCCTagTrigger
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

try:
    from airflow.sdk.exceptions import AirflowRescheduleException
except ImportError:  # Airflow 3.1
    from airflow.exceptions import AirflowRescheduleException

# On the worker wait deferrable sensors whose connection does not let them defer.
MODES = ("poke", "reschedule", "deferrable", "on_worker")
MODES_WITH_MEMORY = MODES if AIRFLOW_V_3_3_PLUS else ("poke", "deferrable", "on_worker")
TRIGGERS = {
    "airflow_provider_wincc.triggers.tags.WinCCTagTrigger": WinCCTagTrigger,
    "airflow_provider_wincc.triggers.messages.WinCCMessageTrigger": WinCCMessageTrigger,
}


def run_sensor(mode, context, condition, **arguments):
    """Run a tag sensor to its end as Airflow would: re-run it when rescheduled, run its trigger when deferred."""
    return run_to_end(WinCCTagSensor, mode, context, condition=condition, **arguments)


def run_message_sensor(mode, context, **arguments):
    """Run a message sensor to its end in the same way."""
    return run_to_end(WinCCMessageSensor, mode, context, **arguments)


def run_to_end(kind, mode, context, **arguments):
    with ExitStack() as stack:
        if mode == "on_worker":
            without_deferring = connection_without_deferring(arguments.get("wincc_conn_id", "wincc_default"))
            arguments["wincc_conn_id"] = stack.enter_context(without_deferring)
        return _run(kind, mode, context, arguments)


def _run(kind, mode, context, arguments):
    how = {"mode": mode, "deferrable": False} if mode in {"poke", "reschedule"} else {"deferrable": True}
    while True:
        sensor = kind(task_id="wait", **{"poke_interval": 0.1, "timeout": 10, **how, **arguments})
        sensor.shortest_pause = 0.0  # no scheduler has to notice anything here
        try:
            return sensor.execute(context)
        except AirflowRescheduleException as reschedule:
            assert mode in {"reschedule", "on_worker"}
            time.sleep(max(0.0, (reschedule.reschedule_date - datetime.now(UTC)).total_seconds()))
        except TaskDeferred as deferred:
            assert mode == "deferrable"
            event = asyncio.run(first_event(rebuild(deferred.trigger)))
            return sensor.resume_execution(deferred.method_name, {"event": event}, context)


def rebuild(trigger):
    """Send a trigger through JSON, as the database does."""
    path, arguments = trigger.serialize()
    kind = TRIGGERS[path]
    assert type(trigger) is kind
    return kind(**json.loads(json.dumps(arguments, allow_nan=False)))


async def first_event(trigger):
    event = await anext(trigger.run())
    return json.loads(json.dumps(event.payload, allow_nan=False))


def later(seconds, change):
    """Do something to the plant after so many seconds."""
    timer = threading.Timer(seconds, change)
    timer.start()
    return timer


def after_reading(station, change):
    """Do something to the plant once the sensor has read it twice from now on, however slow the machine is."""
    count = len(station.requests) + 2

    def watch():
        deadline = time.monotonic() + 30
        while len(station.requests) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        change()

    threading.Thread(target=watch, daemon=True).start()
