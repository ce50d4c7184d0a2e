from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_wincc.client import WinCCError
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.operators.tags import WinCCTagBranchOperator

pytestmark = pytest.mark.usefixtures("connect")


def branch(condition=None, **arguments):
    return WinCCTagBranchOperator(
        task_id="branch",
        condition=tag("Tank1.Level") < 50 if condition is None else condition,
        **{"if_true": "fill", "if_false": ["use", "report"], **arguments},
    )


@pytest.mark.parametrize(("level", "tasks"), [(49.9, "fill"), (50.0, ["use", "report"])])
def test_it_follows_the_tasks_of_what_the_condition_is(station, context, level, tasks):
    station.set("Tank1.Level", level)

    assert branch().choose_branch(context) == tasks


def test_unknown_fails_with_retries_and_explains(station, context):
    station.set("Tank1.Level", 10.0, quality=0x18)

    with pytest.raises(WinCCError, match=r"unknown(.|\n)*Tank1\.Level(.|\n)*no communication") as caught:
        branch().choose_branch(context)

    assert caught.value.retryable


def test_unknown_follows_a_list_of_its_own_when_there_is_one(station, context):
    station.set("Tank1.Level", 10.0, quality=0x18)

    assert branch(if_unknown="call_somebody").choose_branch(context) == "call_somebody"


def test_an_unknown_tag_fails_without_retries_even_with_a_list_for_unknown(context):
    with pytest.raises(AirflowFailException, match=r"'Tank9\.Level'"):
        branch(tag("Tank9.Level") < 50, if_unknown="call_somebody").choose_branch(context)


def test_a_value_that_cannot_be_compared_fails_without_retries_and_names_it(context):
    with pytest.raises(AirflowFailException, match=r"Mixer1\.State.*'IDLE'"):
        branch(tag("Mixer1.State") < 50).choose_branch(context)


def test_a_condition_that_needs_a_memory_is_refused_when_the_task_is_defined():
    with pytest.raises(WinCCError, match=r"condition.*changed.*WinCCTagSensor"):
        branch(tag("Tank1.Level").changed())


def test_something_else_than_a_condition_is_refused_when_the_task_is_defined():
    with pytest.raises(WinCCError, match="condition of task 'branch' is a bool"):
        branch(True)
