"""When a deferred sensor goes on: not before Airflow has noticed the end of its first process, and how it ends in time.

Airflow fails a task that it starts again sooner.
"""

from __future__ import annotations

import asyncio
import time

import pytest
from airflow.providers.common.compat.sdk import AirflowSensorTimeout, AirflowSkipException, TaskDeferred
from sensor_runs import after_reading, first_event, rebuild

from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.messages import MessagePattern
from airflow_provider_wincc.sensors.messages import WinCCMessageSensor
from airflow_provider_wincc.sensors.tags import WinCCTagSensor

pytestmark = pytest.mark.usefixtures("connect")

FULL = tag("Tank1.Level") >= 90


def tag_sensor(**arguments):
    defaults = {"condition": FULL, "poke_interval": 0.1, "timeout": 60}
    return WinCCTagSensor(task_id="wait", deferrable=True, **{**defaults, **arguments})


def message_sensor(**arguments):
    defaults = {"rest_filter": "All", "pattern": MessagePattern(number=1001), "poke_interval": 0.1, "timeout": 60}
    return WinCCMessageSensor(task_id="wait", deferrable=True, **{**defaults, **arguments})


def deferral_of(sensor, context, pause):
    """Run a sensor until it defers; return how, with the trigger that the database hands on."""
    sensor.shortest_pause = pause
    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute(context)
    return deferred.value, rebuild(deferred.value.trigger)


@pytest.mark.parametrize("make", [tag_sensor, message_sensor])
def test_a_trigger_may_not_fire_before_airflow_bears_it(context, make):
    began = time.time()

    deferred, trigger = deferral_of(make(), context, 10.0)

    assert began + 10 <= trigger.not_before <= time.time() + 10
    assert trigger.not_before < trigger.deadline
    # Airflow's own time-out, from now on, is later than the trigger's.
    assert time.time() + deferred.timeout.total_seconds() > trigger.deadline + 30


def test_what_is_met_sooner_is_told_then_with_the_readings_that_met_it(station, context):
    station.set("Tank1.Level", 10.0)
    _, trigger = deferral_of(tag_sensor(), context, 4.0)
    station.set("Tank1.Level", 95.0)
    after_reading(station, lambda: station.set("Tank1.Level", 20.0))

    event = asyncio.run(first_event(trigger))

    assert time.time() >= trigger.not_before
    assert event["status"] == "met"
    assert event["readings"]["Tank1.Level"]["value"] == 95


def test_what_fails_sooner_is_told_then(station, context):
    _, trigger = deferral_of(tag_sensor(), context, 3.0)
    station.fail_next("unauthorized", count=99)
    station.clear_requests()

    event = asyncio.run(first_event(trigger))

    assert time.time() >= trigger.not_before
    assert event["status"] == "failed"
    assert len(station.requests) == 1


@pytest.mark.parametrize("mode", ["poke", "reschedule"])
def test_a_wait_whose_time_is_up_sooner_goes_on_in_its_process(station, context, mode):
    station.set("Tank1.Level", 10.0)
    after_reading(station, lambda: station.set("Tank1.Level", 95.5))

    result = tag_sensor(timeout=9.5, mode=mode).execute(context)

    assert result["Tank1.Level"]["value"] == 95.5


@pytest.mark.parametrize("poke_interval", [0.2, 60])
@pytest.mark.parametrize(("soft_fail", "ending"), [(False, AirflowSensorTimeout), (True, AirflowSkipException)])
def test_it_ends_there_when_its_time_is_up_however_seldom_it_looks(context, station, poke_interval, soft_fail, ending):
    station.set("Tank1.Level", 10.5)
    began = time.monotonic()

    with pytest.raises(ending, match=r"not met within 1\.5 s(.|\n)*Tank1\.Level(.|\n)*10\.5"):
        tag_sensor(timeout=1.5, poke_interval=poke_interval, soft_fail=soft_fail).execute(context)

    assert 1.5 <= time.monotonic() - began < 30
