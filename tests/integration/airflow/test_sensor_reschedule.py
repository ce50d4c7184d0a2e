"""Reschedule mode with memory (Airflow 3.3 and later): what is in the task state store, and for how long."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSensorTimeout
from sensor_runs import after_reading, run_sensor

from airflow_provider_wincc.client import WinCCRuntimeError
from airflow_provider_wincc.conditions import alive, tag
from airflow_provider_wincc.sensors.reschedule_memory import KEY
from airflow_provider_wincc.sensors.tags import WinCCTagSensor
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

pytestmark = [
    pytest.mark.usefixtures("connect"),
    pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="reschedule mode remembers from Airflow 3.3 on"),
]

FULL = tag("Tank1.Level") >= 90


def wait_once(context, condition, **arguments):
    """Run a sensor in reschedule mode until it is rescheduled for the first time."""
    from airflow.sdk.exceptions import AirflowRescheduleException

    sensor = WinCCTagSensor(
        task_id="wait", condition=condition, mode="reschedule", deferrable=False, poke_interval=0.1, **arguments
    )
    with pytest.raises(AirflowRescheduleException):
        sensor.execute(context)


@pytest.mark.parametrize(
    "condition",
    [FULL, FULL.held_for(seconds=60), tag("Line3.Count").changed(), alive("Line3.Count", within=timedelta(minutes=1))],
    ids=["plain", "held_for", "changed", "alive"],
)
def test_between_two_readings_the_wait_is_one_entry_in_the_store(station, context, condition):
    wait_once(context, condition)

    assert list(context["task_state_store"]) == [KEY]


def test_a_heartbeat_is_seen_across_readings(station, context):
    after_reading(station, lambda: station.set("Line3.Count", 12345))

    result = run_sensor("reschedule", context, alive("Line3.Count", within=timedelta(seconds=5)))

    assert result["Line3.Count"]["value"] == 12345


def test_the_entry_is_gone_when_the_condition_was_met(station, context):
    wait_once(context, FULL)
    station.set("Tank1.Level", 95.0)

    run_sensor("reschedule", context, FULL)

    assert context["task_state_store"] == {}


@pytest.mark.parametrize(
    ("fault", "arguments", "error"),
    [
        (None, {"timeout": 0.3}, AirflowSensorTimeout),
        ("unauthorized", {}, AirflowFailException),
        ("server_error", {"max_consecutive_failures": 1}, WinCCRuntimeError),
        (None, {"fail_if": tag("Tank1.Level") < 90}, AirflowFailException),
    ],
)
def test_the_entry_is_gone_when_the_wait_failed(station, context, fault, arguments, error):
    station.set("Tank1.Level", 10.0)
    wait_once(context, FULL)
    if fault is not None:
        station.fail_next(fault, count=99)

    with pytest.raises(error):
        run_sensor("reschedule", context, FULL, **arguments)

    assert context["task_state_store"] == {}


def test_the_next_try_begins_anew(station, context):
    station.fail_next("server_error", count=2)
    wait_once(context, FULL, max_consecutive_failures=1)
    context["ti"].try_number = 2

    wait_once(context, FULL, max_consecutive_failures=1)


def test_an_entry_that_cannot_be_understood_is_told_and_the_wait_begins_anew(station, context, caplog):
    station.set("Tank1.Level", 95.0)
    context["task_state_store"].set(KEY, {"version": 9, "unheard": "of"})

    with caplog.at_level(logging.WARNING):
        result = run_sensor("reschedule", context, FULL.held_for(seconds=0.3))

    assert result["Tank1.Level"]["value"] == 95
    assert [record for record in caplog.records if "begins anew" in record.message and KEY in record.message]
