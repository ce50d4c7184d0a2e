"""``fail_if``: a condition that ends a wait with a failure, the same in all three modes."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from airflow.providers.common.compat.sdk import (
    AirflowFailException,
    AirflowSensorTimeout,
    AirflowSkipException,
    TaskDeferred,
)
from sensor_runs import MODES, MODES_WITH_MEMORY, after_reading, first_event, rebuild, run_sensor

from airflow_provider_wincc.client import WinCCNoUsableReadingError
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.sensors.tags import WinCCTagSensor

pytestmark = pytest.mark.usefixtures("connect")

FULL = tag("Tank1.Level") >= 90
ABORTED = tag("Mixer1.State") == "ABORTED"


@pytest.fixture
def waiting_station(station):
    """A station on which the tank is not full and the mixer runs."""
    station.set("Tank1.Level", 10.0)
    station.set("Mixer1.State", "MIXING")
    return station


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("soft_fail", [False, True])
def test_it_fails_the_task_at_once_without_retries_and_never_skips_it(waiting_station, context, mode, soft_fail):
    waiting_station.set("Mixer1.State", "ABORTED")

    with pytest.raises(AirflowFailException, match=r"fail_if is true(.|\n)*Mixer1\.State = .ABORTED.(.|\n)*What to do"):
        run_sensor(mode, context, FULL, fail_if=ABORTED, soft_fail=soft_fail)

    assert len(waiting_station.requests) == 1


@pytest.mark.parametrize("mode", MODES)
def test_it_ends_a_wait_that_has_begun(waiting_station, context, mode):
    after_reading(waiting_station, lambda: waiting_station.set("Mixer1.State", "ABORTED"))

    with pytest.raises(AirflowFailException, match=r"fail_if is true(.|\n)*Mixer1\.State = .ABORTED."):
        run_sensor(mode, context, FULL, fail_if=ABORTED)

    assert len(waiting_station.requests) >= 2


@pytest.mark.parametrize("mode", MODES)
def test_failure_wins_when_both_become_true_in_one_reading(waiting_station, context, mode):
    waiting_station.set("Line3.Count", 500)
    after_reading(waiting_station, lambda: waiting_station.set("Line3.Count", 501))

    with pytest.raises(AirflowFailException, match="fail_if is true"):
        run_sensor(mode, context, tag("Line3.Count") > 500, fail_if=tag("Line3.Count") >= 501)


@pytest.mark.parametrize("mode", MODES)
def test_a_wait_succeeds_while_it_is_false_and_returns_the_readings_of_the_condition_alone(
    waiting_station, context, mode
):
    after_reading(waiting_station, lambda: waiting_station.set("Tank1.Level", 95.0))

    result = run_sensor(mode, context, FULL, fail_if=ABORTED)

    assert list(result) == ["Tank1.Level"]


@pytest.mark.parametrize("mode", MODES)
def test_unknown_never_fails_the_task(waiting_station, context, mode):
    waiting_station.set("Mixer1.State", "ABORTED", quality=0x18)
    after_reading(waiting_station, lambda: waiting_station.set("Tank1.Level", 95.0))

    assert run_sensor(mode, context, FULL, fail_if=ABORTED)["Tank1.Level"]["value"] == 95


@pytest.mark.parametrize("mode", MODES)
def test_its_tags_are_read_in_the_same_request(waiting_station, context, mode):
    after_reading(waiting_station, lambda: waiting_station.set("Tank1.Level", 95.0))

    run_sensor(mode, context, FULL, fail_if=ABORTED | (tag("Tank1.Level") < 5))

    names = {tuple(sorted(request.body["variableNames"])) for request in waiting_station.requests}
    assert names == {("Mixer1.State", "Tank1.Level")}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("quality", "state"), [(0x80, "false"), (0x18, "unknown")])
def test_a_time_out_tells_how_it_stood(waiting_station, context, mode, quality, state):
    waiting_station.set("Mixer1.State", "MIXING", quality=quality)

    # The triggerer has to read it anew in that time.
    with pytest.raises(AirflowSensorTimeout, match=rf"not met within(.|\n)*fail_if: (.|\n)* is {state}: .*MIXING"):
        run_sensor(mode, context, FULL, fail_if=ABORTED, timeout=6 if mode == "deferrable" else 3)


@pytest.mark.parametrize("mode", MODES)
def test_a_tag_of_it_that_the_station_does_not_know_fails_the_task_at_once(waiting_station, context, mode):
    with pytest.raises(AirflowFailException, match=r"'Mixer9\.State'"):
        run_sensor(mode, context, FULL, fail_if=tag("Mixer9.State") == "ABORTED")

    assert len(waiting_station.requests) == 1


@pytest.mark.parametrize("mode", MODES)
def test_a_value_that_it_cannot_compare_fails_the_task_at_once(waiting_station, context, mode):
    with pytest.raises(AirflowFailException, match=r"Mixer1\.State.*'MIXING'"):
        run_sensor(mode, context, FULL, fail_if=tag("Mixer1.State") > 5)


@pytest.mark.parametrize("mode", MODES_WITH_MEMORY)
def test_it_can_ask_for_a_hold_time(waiting_station, context, mode):
    waiting_station.set("Mixer1.State", "ABORTED")
    started = time.monotonic()

    with pytest.raises(AirflowFailException, match="fail_if is true"):
        run_sensor(mode, context, FULL, fail_if=ABORTED.held_for(seconds=0.6))

    assert time.monotonic() - started >= 0.6


@pytest.mark.parametrize("mode", MODES_WITH_MEMORY)
def test_what_it_remembers_is_not_mixed_with_what_the_condition_remembers(waiting_station, context, mode):
    waiting_station.set("Line3.Count", 100)
    after_reading(waiting_station, lambda: waiting_station.set("Line3.Count", 101))

    result = run_sensor(
        mode, context, tag("Line3.Count").changed(), fail_if=tag("Mixer1.State").changed(), max_consecutive_failures=0
    )

    assert result["Line3.Count"]["value"] == 101


@pytest.mark.parametrize("mode", MODES_WITH_MEMORY)
def test_its_readings_alone_do_not_make_a_reading_usable(waiting_station, context, mode):
    waiting_station.set("Tank1.Level", 10.0, quality=0x18)

    with pytest.raises(WinCCNoUsableReadingError, match="fail_if: "):
        run_sensor(mode, context, FULL, fail_if=ABORTED, fail_if_unknown_for=0.4)


@pytest.mark.parametrize("mode", MODES)
def test_never_fail_turns_it_into_a_skip(waiting_station, context, mode):
    waiting_station.set("Mixer1.State", "ABORTED")

    with pytest.raises(AirflowSkipException, match="fail_if is true"):
        run_sensor(mode, context, FULL, fail_if=ABORTED, never_fail=True)


@pytest.mark.parametrize("mode", MODES)
def test_silent_fail_does_not_hide_it(waiting_station, context, mode):
    waiting_station.set("Mixer1.State", "ABORTED")

    with pytest.raises(AirflowFailException, match="fail_if is true"):
        run_sensor(mode, context, FULL, fail_if=ABORTED, silent_fail=True)


def test_what_it_compares_with_survives_a_restart_of_the_triggerer(waiting_station, context):
    waiting_station.set("Line3.Count", 100)
    trigger = deferred_trigger(context, fail_if=tag("Line3.Count").changed())
    waiting_station.set("Line3.Count", 101)

    event = asyncio.run(first_event(trigger))

    assert (event["status"], event["error"]["kind"]) == ("failed", "WinCCFailConditionMetError")


@pytest.mark.parametrize(("fail_if", "stored"), [(None, None), (ABORTED, ABORTED.to_json())])
def test_the_trigger_carries_it_as_json(waiting_station, context, fail_if, stored):
    trigger = deferred_trigger(context, fail_if=fail_if)

    arguments = json.loads(json.dumps(trigger.serialize()[1]))

    assert arguments["fail_if"] == stored


def test_templates_in_it_are_rendered(waiting_station, context):
    waiting_station.set("Mixer1.State", "ABORTED")
    sensor = WinCCTagSensor(
        task_id="wait", condition=FULL, fail_if=tag("{{ params.unit }}.State") == "{{ params.bad }}", deferrable=False
    )

    sensor.render_template_fields({**context, "task": sensor, "params": {"unit": "Mixer1", "bad": "ABORTED"}})

    assert sensor.fail_if == ABORTED
    with pytest.raises(AirflowFailException, match="fail_if is true"):
        sensor.execute(context)


def deferred_trigger(context, **arguments):
    """Let a sensor that waits for a full tank defer; return its trigger, as the database gives it back."""
    sensor = WinCCTagSensor(task_id="wait", condition=FULL, deferrable=True, poke_interval=0.1, timeout=60, **arguments)
    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute(context)
    return rebuild(deferred.value.trigger)
