"""``@task.wincc_write``: a function's values are written as the operator writes them."""

from __future__ import annotations

from enum import Enum

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, AirflowSkipException
from airflow.sdk import DAG, task

from airflow_provider_wincc.client import (
    WinCCConfigurationError,
    WinCCInterlockNotMetError,
    WinCCRuntimeError,
    WinCCWriteOutcomeUnknownError,
)
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.hooks.wincc import WinCCHook
from airflow_provider_wincc.operators.tags import WinCCWriteTagsOperator

pytestmark = pytest.mark.usefixtures("connect")


def computed(function, *arguments, **options):
    """Return the task that a decorated function is in a DAG."""
    with DAG(dag_id="line3", schedule=None) as dag:
        task.wincc_write(**{"verify_timeout": 1, **options})(function)(*arguments)
    (operator,) = dag.tasks
    return operator


def set_point(level=50.0):
    return {"Tank1.Setpoint": level}


def puts(station):
    return [request for request in station.requests if request.method == "PUT"]


def test_what_the_function_returns_is_written_and_the_result_is_the_receipt(station, context):
    result = computed(set_point, 55.5).execute(context)

    operator = WinCCWriteTagsOperator(task_id="write", values={"Tank1.Setpoint": 55.5})
    assert result.keys() == operator.execute(context).keys()
    (receipt,) = result["receipts"]
    assert (receipt["tag"], receipt["new_value"], receipt["outcome"]) == ("Tank1.Setpoint", 55.5, "verified")
    assert station.get("Tank1.Setpoint").value == 55.5


def test_groups_are_sent_one_after_the_other(station, context):
    def groups():
        return [{"Tank1.Setpoint": 50}, {"Tank2.Setpoint": 60}]

    computed(groups).execute(context)

    assert [body["variableName"] for request in puts(station) for body in request.body] == [
        "Tank1.Setpoint",
        "Tank2.Setpoint",
    ]


def test_the_function_may_ask_for_what_airflow_knows_of_the_run(station, context):
    def by_try(ti=None):
        return {"Tank1.Setpoint": 50 + ti.try_number}

    computed(by_try).execute(context)

    assert station.get("Tank1.Setpoint").value == 51


def test_the_function_may_read_the_plant_by_the_hook(station, context):
    station.set("Tank1.Level", 33.0)

    def from_level():
        with WinCCHook().get_conn() as client:
            return {"Tank1.Setpoint": client.read_tag("Tank1.Level").value + 1}

    computed(from_level).execute(context)

    assert station.get("Tank1.Setpoint").value == 34


def test_limits_refuse_a_computed_value_and_nothing_is_sent(station, context):
    with pytest.raises(AirflowFailException, match=r"0 to 100.*outside"):
        computed(set_point, 100.5, limits={"Tank1.*": (0, 100)}).execute(context)

    assert puts(station) == []


def test_the_patterns_of_limits_are_templates_though_what_the_function_returns_is_none(station, context):
    operator = computed(set_point, 999.0, limits={"{{ params.unit }}.Setpoint": (0, 100)})
    context["params"]["unit"] = "Tank1"

    with pytest.raises(AirflowFailException, match=r"limits 'Tank1\.Setpoint' to 0 to 100"):
        operator.execute(context)

    assert station.requests == []


def test_limits_that_fit_no_tag_that_the_function_returns_fail_it_and_nothing_is_sent(station, context):
    with pytest.raises(AirflowFailException, match=r"'Tnak1\.\*', which bounds none of the tags.*'Tank1\.Setpoint'"):
        computed(set_point, 5000.0, limits={"Tnak1.*": (0, 100)}).execute(context)

    assert station.requests == []


def test_a_function_may_leave_out_tags_that_have_limits(station, context):
    computed(set_point, 50.0, limits={"Tank1.Setpoint": (0, 100), "Tank2.Setpoint": (0, 50)}).execute(context)

    assert station.get("Tank1.Setpoint").value == 50


def test_a_text_of_an_enumeration_is_written_as_its_value(station, context):
    class Recipe(str, Enum):  # noqa: UP042  its own text is its name, other than with StrEnum
        BLUE = "R-003"

    computed(lambda: {"Mixer1.Recipe": Recipe.BLUE}, task_id="write", types={"Mixer1.Recipe": "text"}).execute(context)

    assert [request.body for request in puts(station)] == [[{"variableName": "Mixer1.Recipe", "value": "R-003"}]]


def test_a_wrong_number_is_named_when_the_dag_is_parsed():
    with pytest.raises(WinCCConfigurationError, match=r"tolerance of task 'set_point' is '0\.5'"):
        computed(set_point, tolerance="0.5")


def test_the_interlock_stops_it(station, context):
    interlock = tag("Mixer1.State") == "MIXING"

    with pytest.raises(WinCCInterlockNotMetError):
        computed(set_point, only_if=interlock).execute(context)
    with pytest.raises(AirflowSkipException):
        computed(set_point, only_if=interlock, when_not_allowed="skip").execute(context)

    assert puts(station) == []


def test_a_write_of_unknown_outcome_is_sent_once_and_fails_as_the_operator_does(station, context):
    station.fail_next("drop_before", method="PUT")

    with pytest.raises(WinCCWriteOutcomeUnknownError) as caught:
        computed(set_point, 55.5).execute(context)

    assert caught.value.unknown == ("Tank1.Setpoint",)
    assert len(puts(station)) == 1


def test_a_write_whose_answer_was_lost_is_found_by_reading_back(station, context):
    station.fail_next("drop_after", method="PUT")

    result = computed(set_point, 55.5).execute(context)

    assert result["receipts"][0]["confirmed_by"] == "reading back, because the station's answer was lost"
    assert len(puts(station)) == 1


def test_nothing_that_the_function_returns_is_taken_for_a_template(station, context):
    station.set("Text", "", data_type="text")

    def from_outside():
        return {"Text": "{{ 1 + 1 }}"}

    def with_a_name_from_outside():
        return {"{{ 'Tank1.Setpoint' }}": 50}

    computed(from_outside).execute(context)
    with pytest.raises(AirflowFailException, match=r"\{\{ 'Tank1.Setpoint' \}\}"):
        computed(with_a_name_from_outside).execute(context)

    assert station.get("Text").value == "{{ 1 + 1 }}"
    assert station.get("Tank1.Setpoint").value == 40


@pytest.mark.parametrize("wrong", [None, {}, [], "Tank1.Setpoint", 5, [5], {5: 5}], ids=repr)
def test_what_is_no_mapping_of_values_fails_without_retries(station, context, wrong):
    with pytest.raises(AirflowFailException, match="What to do"):
        computed(lambda: wrong, task_id="write").execute(context)

    assert puts(station) == []


def test_an_error_of_the_plant_in_the_function_is_retried_where_that_can_help(station, context):
    def from_unknown_tag():
        with WinCCHook().get_conn() as client:
            return {"Tank1.Setpoint": client.read_tag("Tank9.Level").value}

    with pytest.raises(AirflowFailException, match=r"Tank9\.Level"):
        computed(from_unknown_tag).execute(context)
    station.fail_next("server_error")
    with pytest.raises(WinCCRuntimeError):
        computed(from_unknown_tag).execute(context)

    assert puts(station) == []


def test_a_function_that_skips_writes_nothing(station, context):
    def skipped():
        raise AirflowSkipException("nothing to do")

    with pytest.raises(AirflowSkipException):
        computed(skipped).execute(context)

    assert station.requests == []


def test_values_beside_those_of_the_function_are_refused_when_the_dag_is_parsed():
    with pytest.raises(WinCCConfigurationError, match=r"'set_point'.*values of its own"):
        computed(set_point, values={"Tank1.Setpoint": 5})


def test_an_async_function_is_refused_when_the_dag_is_parsed():
    async def later():
        return {"Tank1.Setpoint": 50}

    with pytest.raises(WinCCConfigurationError, match="'later' is async"):
        computed(later)


def test_the_receipt_is_one_result_whatever_the_function_says_that_it_returns():
    def annotated() -> dict[str, float]:
        return {"Tank1.Setpoint": 50.0}

    assert computed(annotated).multiple_outputs is False
