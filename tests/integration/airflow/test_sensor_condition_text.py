"""Conditions given as text to sensors, branches, interlocks and watchers: the same as conditions given as Python."""

from __future__ import annotations

import json

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from sensor_runs import MODES, after_reading, run_sensor

from airflow_provider_wincc.client import WinCCError, WinCCInterlockNotMetError
from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.conditions import WinCCConditionError, tag
from airflow_provider_wincc.operators.tags import WinCCTagBranchOperator, WinCCWriteTagsOperator
from airflow_provider_wincc.sensors.tags import WinCCTagSensor
from airflow_provider_wincc.triggers.tags import WinCCTagEventTrigger

FULL = 'tag("Tank1.Level") >= 90'
TEMPLATE = 'tag("Tank1.Level") >= "{{ params.level }}"'
WHOLE_TEMPLATE = "{{ params.condition }}"
MISSPELT = 'tag("Tank1.Level").beetween(40, 90)'
POINTED_AT = r"column 20: unknown method 'beetween'\n  .*\n {21}\^{8}\n.*Did you mean between\?"


def wait(condition=FULL, **arguments):
    return WinCCTagSensor(task_id="wait", condition=condition, **arguments)


def branch(condition=FULL):
    return WinCCTagBranchOperator(task_id="branch", condition=condition, if_true="use", if_false="fill")


def write(only_if=FULL):
    return WinCCWriteTagsOperator(task_id="write", values={"Tank1.Setpoint": 55.5}, only_if=only_if, verify_timeout=1)


def watcher(condition=FULL, **arguments):
    return WinCCTagEventTrigger("wincc_default", condition, **arguments)


def rendered(operator, context):
    operator.render_template_fields({**context, "task": operator})
    return operator


@pytest.mark.usefixtures("connect")
@pytest.mark.parametrize("mode", MODES)
def test_a_sensor_waits_for_a_text_in_every_mode(station, context, mode):
    station.set("Tank1.Level", 10.0)
    after_reading(station, lambda: station.set("Tank1.Level", 95.5))

    assert run_sensor(mode, context, FULL)["Tank1.Level"]["value"] == 95.5


@pytest.mark.usefixtures("connect")
@pytest.mark.parametrize("mode", MODES)
def test_a_wait_fails_for_a_text_in_every_mode(station, context, mode):
    station.set("Tank1.Level", 10.0)
    station.set("Mixer1.State", "ABORTED")

    with pytest.raises(AirflowFailException, match="fail_if is true"):
        run_sensor(mode, context, FULL, fail_if='tag("Mixer1.State") == "ABORTED" or tag("Tank1.Level") > 99')


@pytest.mark.usefixtures("connect")
def test_a_template_inside_the_text_is_rendered_when_the_task_runs(station, context):
    station.set("Tank1.Level", 60.0)
    sensor = wait(TEMPLATE, deferrable=False, fail_if='tag("{{ params.level }}") == 1')

    assert sensor.condition == (tag("Tank1.Level") >= "{{ params.level }}")
    assert rendered(sensor, context).condition == (tag("Tank1.Level") >= 60.0)
    assert sensor.fail_if.tags == ("60.0",)


@pytest.mark.usefixtures("connect")
@pytest.mark.parametrize(("level", "task"), [(95.0, "use"), (10.0, "fill")])
def test_a_branch_judges_a_text(station, context, level, task):
    station.set("Tank1.Level", level)

    assert branch().choose_branch(context) == task


@pytest.mark.usefixtures("connect")
def test_an_interlock_given_as_text_lets_a_write_through_or_refuses_it(station, context):
    station.set("Tank1.Level", 59.0)
    with pytest.raises(WinCCInterlockNotMetError, match=r"Tank1\.Level"):
        rendered(write(TEMPLATE), context).execute(context)
    assert station.writes == []

    station.set("Tank1.Level", 60.0)
    rendered(write(TEMPLATE), context).execute(context)
    assert station.get("Tank1.Setpoint").value == 55.5


@pytest.mark.parametrize(
    ("define", "named"),
    [
        (wait, "The condition of task 'wait' cannot be read"),
        (lambda text: wait(fail_if=text), "The fail_if of task 'wait' cannot be read"),
        (branch, "The condition of task 'branch' cannot be read"),
        (write, "The only_if of task 'write' cannot be read"),
    ],
)
def test_a_wrong_text_is_refused_when_the_task_is_defined_and_pointed_at(define, named):
    with pytest.raises(WinCCConditionError, match=f"{named}.*{POINTED_AT}"):
        define(MISSPELT)
    with pytest.raises(WinCCConditionError, match=f"{named}.*whole condition is a template(.|\n)*only its names"):
        define(WHOLE_TEMPLATE)
    with pytest.raises(WinCCConditionError, match=f"{named}.*empty"):
        define("")


@pytest.mark.parametrize("define", [branch, write])
def test_a_text_that_one_reading_cannot_judge_is_refused_when_the_task_is_defined(define):
    with pytest.raises(WinCCError, match=r"uses changed.*WinCCTagSensor"):
        define('tag("Tank1.Level").changed()')


def test_a_watcher_of_a_text_is_the_watcher_of_the_condition_and_of_its_json():
    condition = tag("Tank1.Level") >= 90

    by_text = watcher(FULL, rearm='tag("Tank1.Level") < 80').serialize()

    assert by_text == watcher(condition, rearm=tag("Tank1.Level") < 80).serialize()
    assert (
        by_text
        == watcher(
            f" {json.dumps(condition.to_json(), indent=2)}", rearm=(tag("Tank1.Level") < 80).to_json()
        ).serialize()
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (MISSPELT, POINTED_AT),
        (WHOLE_TEMPLATE, "whole condition is a template"),
        ("", "it is empty"),
        ("[]", "expected a condition, not a list"),
        ("null", "unknown name 'null'"),
        ('{"form": "of another version"}', "JSON of a condition, at condition.form"),
        ('{"form": ', "Expecting value"),
    ],
)
def test_a_wrong_text_of_a_watcher_is_an_error_that_the_triggerer_survives(text, problem):
    with pytest.raises(
        TypeError, match=f"condition of a watcher is neither a condition nor its text or JSON.*{problem}"
    ):
        watcher(text)
    with pytest.raises(TypeError, match=f"rearm of a watcher is neither a condition nor its text or JSON.*{problem}"):
        watcher(rearm=text)


def test_a_watcher_takes_no_template_in_a_text():
    with pytest.raises(WinCCConfigurationError, match="condition of a watcher holds a template"):
        watcher(TEMPLATE)
