"""The sensor in its three modes: the same result, the same errors, the same time-out."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from airflow.providers.common.compat.sdk import (
    AirflowFailException,
    AirflowNotFoundException,
    AirflowSensorTimeout,
    AirflowSkipException,
    TaskDeferred,
)
from sensor_runs import MODES, MODES_WITH_MEMORY, after_reading, first_event, rebuild, run_sensor

from airflow_provider_wincc.client import WinCCError, WinCCNoUsableReadingError, WinCCRuntimeError
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.sensors.tags import WinCCTagSensor
from airflow_provider_wincc.triggers.tags import WinCCTagTrigger
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS
from airflow_provider_wincc.waiting import TagWait

try:
    from airflow.sdk.exceptions import AirflowTaskTimeout
except ImportError:  # Airflow 3.1
    from airflow.exceptions import AirflowTaskTimeout

pytestmark = pytest.mark.usefixtures("connect")

FULL = tag("Tank1.Level") >= 90


def enough_to_read_in(mode):
    """Seconds in which a busy machine reads the station, too; the triggerer has to begin with it anew."""
    return 6 if mode == "deferrable" else 3


@pytest.mark.parametrize("mode", MODES)
def test_the_result_is_the_readings_that_satisfied_the_condition(station, context, mode):
    station.set("Tank1.Level", 10.0)
    after_reading(station, lambda: station.set("Tank1.Level", 95.5))

    result = run_sensor(mode, context, FULL)

    assert result["Tank1.Level"]["value"] == 95.5
    assert result["Tank1.Level"]["quality"] == "good"
    assert set(result["Tank1.Level"]) == {"value", "quality", "quality_code", "timestamp"}


@pytest.mark.parametrize("mode", MODES)
def test_a_condition_that_is_true_already_takes_one_reading(station, context, mode):
    station.set("Tank1.Level", 95.0)

    run_sensor(mode, context, FULL)

    assert len(station.requests) == 1


@pytest.mark.parametrize("mode", MODES)
def test_a_time_out_explains_which_part_was_not_met(station, context, mode):
    station.set("Tank1.Level", 10.5)
    condition = FULL & (tag("Mixer1.State") == "IDLE")
    timeout = enough_to_read_in(mode)

    with pytest.raises(AirflowSensorTimeout, match=rf"not met within {timeout} s(.|\n)*Tank1\.Level(.|\n)*10\.5"):
        run_sensor(mode, context, condition, timeout=timeout)


@pytest.mark.parametrize("mode", MODES)
def test_soft_fail_turns_a_time_out_into_a_skip(station, context, mode):
    with pytest.raises(AirflowSkipException):
        run_sensor(mode, context, FULL, timeout=2, soft_fail=True)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("soft_fail", [False, True])
@pytest.mark.parametrize(
    ("fault", "told"), [("unauthorized", "user name and password"), ("forbidden", "not authorised")]
)
def test_401_and_403_fail_at_once_and_are_never_a_skip(station, context, mode, soft_fail, fault, told):
    station.fail_next(fault, count=99)

    with pytest.raises(AirflowFailException, match=told):
        run_sensor(mode, context, FULL, soft_fail=soft_fail)

    assert len(station.requests) == 1


@pytest.mark.parametrize("mode", MODES)
def test_401_after_the_first_reading_fails_at_once_too(station, context, mode):
    station.set("Tank1.Level", 10.0)
    after_reading(station, lambda: station.fail_next("unauthorized", count=99))

    with pytest.raises(AirflowFailException, match="user name and password"):
        run_sensor(mode, context, FULL, soft_fail=True)

    assert [request.status for request in station.requests].count(401) == 1


@pytest.mark.parametrize("mode", MODES)
def test_an_unknown_tag_fails_at_once_and_is_named(context, mode):
    with pytest.raises(AirflowFailException, match=r"'Tank9\.Level'"):
        run_sensor(mode, context, tag("Tank9.Level") > 1)


@pytest.mark.parametrize("mode", MODES)
def test_a_tag_that_disappears_while_waiting_fails_the_wait(station, context, mode):
    station.set("Here", 1.0, data_type="float64")
    after_reading(station, lambda: station.remove("Here"))

    with pytest.raises(AirflowFailException, match="'Here'"):
        run_sensor(mode, context, tag("Here") > 5, max_consecutive_failures=2)


@pytest.mark.parametrize("mode", MODES_WITH_MEMORY)
def test_a_tag_that_is_missing_from_some_answers_is_waited_through(station, context, mode):
    def come_back_full():
        station.set("Here", 9.0, data_type="float64")

    def lose_a_row():
        station.remove("Here")
        after_reading(station, come_back_full)

    station.set("Here", 1.0, data_type="float64")
    after_reading(station, lose_a_row)

    assert run_sensor(mode, context, tag("Here") > 5, max_consecutive_failures=99)["Here"]["value"] == 9


@pytest.mark.parametrize("mode", MODES)
def test_a_value_that_cannot_be_compared_fails_at_once(context, mode):
    with pytest.raises(AirflowFailException, match=r"Mixer1\.State.*'IDLE'"):
        run_sensor(mode, context, tag("Mixer1.State") > 5)


@pytest.mark.parametrize("mode", MODES)
def test_a_busy_runtime_is_waited_through(station, context, mode):
    station.set("Tank1.Level", 95.0)
    station.fail_next("server_error", count=3)

    assert run_sensor(mode, context, FULL, max_consecutive_failures=3)["Tank1.Level"]["value"] == 95


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="reschedule mode counts failures from Airflow 3.3 on")
def test_too_many_failures_in_a_row_fail_with_retries(station, context, mode):
    station.fail_next("server_error", count=99)

    with pytest.raises(WinCCRuntimeError, match="500"):
        run_sensor(mode, context, FULL, max_consecutive_failures=2, soft_fail=True)

    assert len(station.requests) == 3


@pytest.mark.parametrize("mode", MODES)
def test_no_failure_in_a_row_is_waited_through_when_none_is_allowed(station, context, mode):
    station.fail_next("server_error", count=1)

    with pytest.raises(WinCCRuntimeError):
        run_sensor(mode, context, FULL, max_consecutive_failures=0)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="reschedule mode remembers from Airflow 3.3 on")
def test_a_wait_without_usable_readings_ends(station, context, mode):
    station.set("Tank1.Level", 95.0, quality=0x18)

    with pytest.raises(WinCCNoUsableReadingError, match=r"No usable reading(.|\n)*no communication"):
        run_sensor(mode, context, FULL, fail_if_unknown_for=timedelta(seconds=0.4))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="reschedule mode remembers from Airflow 3.3 on")
def test_a_usable_reading_in_between_starts_the_unknown_time_anew(station, context, mode, monkeypatch):
    observe = TagWait.observe
    # What happens after each reading. The triggerer begins to count with its first one, which is the second of all.
    changes = iter(
        [
            lambda: None,
            lambda: station.set("Tank1.Level", 10.0),
            lambda: station.set("Tank1.Level", 10.0, quality=0x18),
            lambda: station.set("Tank1.Level", 95.0),
            lambda: None,
        ]
    )

    def observe_250_seconds_after_the_reading_before(wait, readings, **when):
        wait.unknown_since -= 250
        outcome = observe(wait, readings, **when)
        next(changes)()
        return outcome

    monkeypatch.setattr(TagWait, "observe", observe_250_seconds_after_the_reading_before)
    station.set("Tank1.Level", 10.0, quality=0x18)

    # Counted from the first reading on it is unknown for too long at the fourth.
    result = run_sensor(mode, context, FULL, fail_if_unknown_for=600.0, timeout=60)

    assert result["Tank1.Level"]["value"] == 95
    assert list(changes) == []


@pytest.mark.parametrize("mode", MODES_WITH_MEMORY)
def test_a_condition_held_for_a_time_is_waited_for(station, context, mode):
    station.set("Tank1.Level", 95.0)
    started = time.monotonic()

    run_sensor(mode, context, FULL.held_for(seconds=0.6))

    assert time.monotonic() - started >= 0.6
    assert len(station.requests) >= 2


@pytest.mark.parametrize("mode", MODES_WITH_MEMORY)
def test_a_change_is_measured_from_the_first_reading_of_the_wait(station, context, mode):
    station.set("Line3.Count", 100)
    after_reading(station, lambda: station.set("Line3.Count", 101))

    assert run_sensor(mode, context, tag("Line3.Count").changed())["Line3.Count"]["value"] == 101


def test_the_baseline_of_a_change_survives_a_restart_of_the_triggerer(station, context):
    station.set("Line3.Count", 100)
    sensor = WinCCTagSensor(
        task_id="wait", condition=tag("Line3.Count").changed(), deferrable=True, poke_interval=0.1, timeout=5
    )
    sensor.shortest_pause = 0.0
    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute(context)
    station.set("Line3.Count", 101)

    event = asyncio.run(first_event(rebuild(deferred.value.trigger)))

    assert event["status"] == "met"


def test_after_a_restart_of_the_triggerer_the_time_without_a_usable_reading_begins_anew(station, context):
    sensor = WinCCTagSensor(
        task_id="wait", condition=FULL, deferrable=True, poke_interval=0.1, timeout=60, fail_if_unknown_for=30
    )
    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute(context)
    trigger = rebuild(deferred.value.trigger)
    trigger.deadline = time.time() + 0.5
    station.set("Tank1.Level", 10.0, quality=0x18)

    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        trigger.deadline += 3600
        event = asyncio.run(first_event(trigger))

    assert event["status"] == "timeout"


@pytest.mark.parametrize(
    ("condition", "form"),
    [(FULL.held_for(seconds=5), "held_for"), (tag("Tank1.Level").changed(), "changed")],
)
@pytest.mark.parametrize("argument", ["condition", "fail_if"])
@pytest.mark.skipif(AIRFLOW_V_3_3_PLUS, reason="reschedule mode remembers from Airflow 3.3 on")
def test_reschedule_mode_refuses_what_it_would_forget(argument, condition, form):
    arguments = {"condition": FULL, argument: condition}

    with pytest.raises(WinCCError, match=rf"The {argument} .*{form}.*reschedule mode forgets.*deferrable=True"):
        WinCCTagSensor(task_id="wait", **arguments, mode="reschedule", deferrable=False)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"condition": "Tank1.Level > 5"}, "condition"),
        ({"condition": FULL, "fail_if": "Mixer1.State == ABORTED"}, "fail_if"),
        ({"condition": FULL, "poke_interval": 0}, "poke_interval"),
        ({"condition": FULL, "fail_if_unknown_for": 0}, "fail_if_unknown_for"),
        ({"condition": FULL, "max_consecutive_failures": -1}, "max_consecutive_failures"),
    ],
)
def test_bad_arguments_are_named_when_the_task_is_defined(arguments, named):
    with pytest.raises(WinCCError, match=named):
        WinCCTagSensor(task_id="wait", **arguments)


def test_never_fail_turns_an_error_into_a_skip_in_every_mode(station, context):
    station.fail_next("unauthorized", count=99)
    for mode in MODES:
        with pytest.raises(AirflowSkipException):
            run_sensor(mode, context, FULL, never_fail=True)


@pytest.mark.parametrize("mode", MODES)
def test_never_fail_skips_an_undefined_connection_and_says_so(context, mode, monkeypatch, capsys):
    if mode == "on_worker":
        mode = "deferrable"  # a connection that is not there says nothing of deferring
    monkeypatch.delenv("AIRFLOW_CONN_WINCC_DEFAULT")

    with pytest.raises(AirflowSkipException, match=r"never_fail is set: .*`wincc_default` isn't defined") as skip:
        run_sensor(mode, context, FULL, never_fail=True)

    assert isinstance(skip.value.__cause__, AirflowNotFoundException)
    assert "Traceback" in capsys.readouterr().out


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("flag", ["soft_fail", "never_fail"])
def test_an_execution_time_out_within_a_reading_is_not_taken_for_that_of_the_sensor(context, mode, flag, monkeypatch):
    def strike(*_):
        raise AirflowTaskTimeout("Timeout")

    monkeypatch.setattr(WinCCTagSensor, "_read", strike)

    with pytest.raises(AirflowSkipException, match=f"{flag} is set: .*Timeout"):
        run_sensor(mode, context, FULL, **{flag: True})


@pytest.mark.parametrize("mode", MODES)
def test_silent_fail_waits_through_failures_but_not_through_a_refused_login(station, context, mode):
    station.set("Tank1.Level", 95.0)
    station.fail_next("server_error", count=2)
    run_sensor(mode, context, FULL, silent_fail=True, max_consecutive_failures=0)

    station.clear_requests()
    station.fail_next("unauthorized", count=99)
    with pytest.raises(AirflowFailException):
        run_sensor(mode, context, FULL, silent_fail=True)
    assert len(station.requests) == 1


@pytest.mark.parametrize("soft_fail", [False, True])
def test_a_crashed_trigger_is_an_error_and_never_a_skip(context, soft_fail):
    sensor = WinCCTagSensor(task_id="wait", condition=FULL, deferrable=True, soft_fail=soft_fail)

    with pytest.raises(WinCCError, match="Trigger failure"):
        sensor.resume_execution("__fail__", {"error": "Trigger failure", "traceback": ["boom"]}, context)


def test_a_time_out_of_airflow_itself_is_a_sensor_time_out(context):
    sensor = WinCCTagSensor(task_id="wait", condition=FULL, deferrable=True)

    with pytest.raises(AirflowSensorTimeout, match="triggerer"):
        sensor.resume_execution("__fail__", {"error": "Trigger timeout"}, context)


def test_exponential_back_off_doubles_the_interval_in_the_trigger(station):
    station.set("Tank1.Level", 10.0)
    trigger = WinCCTagTrigger(
        wincc_conn_id="wincc_default",
        condition=FULL.to_json(),
        poke_interval=0.1,
        deadline=time.time() + 60,
        exponential_backoff=True,
        max_wait=0.4,
    )
    after_reading(station, lambda: after_reading(station, lambda: station.set("Tank1.Level", 95.0)))

    event = asyncio.run(first_event(trigger))

    times = [request.at.timestamp() for request in station.requests]
    gaps = [after - before for before, after in pairwise(times)]
    assert event["status"] == "met"
    assert gaps[0] >= 0.1
    assert gaps[1] >= 0.2
    assert len(gaps[2:]) >= 1
    assert all(gap >= 0.4 for gap in gaps[2:])


def test_the_password_is_not_in_the_trigger_nor_in_its_repr(station, context):
    sensor = WinCCTagSensor(task_id="wait", condition=FULL, deferrable=True)

    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute(context)

    secret = station.users["engineer"].password
    assert secret not in json.dumps(deferred.value.trigger.serialize())
    assert secret not in repr(deferred.value.trigger)


def test_templates_in_a_condition_are_rendered(station, context):
    station.set("Tank2.Level", 61.0)
    sensor = WinCCTagSensor(
        task_id="wait", condition=tag("Tank{{ params.tank }}.Level") >= "{{ params.level }}", deferrable=False
    )

    sensor.render_template_fields({**context, "task": sensor, "params": {"tank": 2, "level": 60.5}})

    assert sensor.condition == (tag("Tank2.Level") >= 60.5)
    assert sensor.execute(context)["Tank2.Level"]["value"] == 61
