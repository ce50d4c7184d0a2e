from __future__ import annotations

import json
import math

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from airflow_provider_wincc.client import (
    WinCCConfigurationError,
    WinCCError,
    WinCCServiceUnavailableError,
    WinCCTagError,
)
from airflow_provider_wincc.operators.tags import WinCCReadTagsOperator

pytestmark = pytest.mark.usefixtures("connect")


def read(context, **arguments):
    return WinCCReadTagsOperator(task_id="read", **{"quality_timeout": 0, **arguments}).execute(context)


def test_readings_are_plain_json_with_value_quality_and_timestamp(station, context):
    station.set("Tank1.Level", 55.5)

    result = read(context, tags=["Tank1.Level", "Mixer1.State"])

    assert result["Tank1.Level"]["value"] == 55.5
    assert result["Tank1.Level"]["quality"] == "good"
    assert result["Tank1.Level"]["quality_code"] == 0x80
    assert result["Tank1.Level"]["timestamp"].endswith("+00:00")
    assert json.loads(json.dumps(result, allow_nan=False)) == result


def test_one_name_alone_is_a_list_of_one(station, context):
    assert list(read(context, tags="Tank1.Level")) == ["Tank1.Level"]


def test_a_value_keeps_to_text_when_asked(station, context):
    station.set("Plant.BatchId", "42")

    assert read(context, tags=["Plant.BatchId"])["Plant.BatchId"]["value"] == 42
    assert read(context, tags=["Plant.BatchId"], types={"Plant.BatchId": "text"})["Plant.BatchId"]["value"] == "42"


@pytest.mark.parametrize("text", ["NaN", "∞", "1.#QNAN"])
def test_not_a_number_becomes_none(station, context, text):
    station.set("Probe", text, data_type="text")

    assert read(context, tags=["Probe"])["Probe"]["value"] is None


def test_a_json_infinity_becomes_none(station, context):
    station.set_dialect(value_typing="json")
    station.set("Probe", math.inf, data_type="float64")

    assert read(context, tags=["Probe"])["Probe"]["value"] is None


def test_an_unknown_tag_fails_without_retries_and_names_the_tag(context):
    with pytest.raises(AirflowFailException, match=r"'Tank1\.Lvel'.*Check the spelling"):
        read(context, tags=["Tank1.Level", "Tank1.Lvel"])


def test_a_wrong_password_fails_without_retries_after_one_request(station, connect, context, monkeypatch):
    monkeypatch.setenv(
        "AIRFLOW_CONN_WRONG",
        json.dumps(
            {
                "conn_type": "wincc",
                "host": station.url,
                "login": "engineer",
                "password": "wrong-secret",
                "extra": {"verify": station.ca_file},
            }
        ),
    )

    with pytest.raises(AirflowFailException, match="user name and password") as caught:
        read(context, tags=["Tank1.Level"], wincc_conn_id="wrong")

    assert "wrong-secret" not in str(caught.value)
    assert [request.status for request in station.requests] == [401]


def test_a_station_that_is_away_fails_with_retries(station, connect, context):
    station.stop_service()

    with pytest.raises(WinCCServiceUnavailableError, match="REST service is not started"):
        read(context, tags=["Tank1.Level"])


def test_an_initial_value_is_read_again_until_it_is_good(station, context):
    station.fail_next("initial_quality")

    result = WinCCReadTagsOperator(task_id="read", tags=["Tank1.Level"], quality_timeout=5).execute(context)

    assert result["Tank1.Level"]["quality"] == "good"
    assert len(station.requests) == 2


def test_bad_quality_fails_with_retries_and_says_why(station, context):
    station.set("Tank1.Level", 1.0, quality=0x18)

    with pytest.raises(WinCCTagError, match=r"'Tank1\.Level' .*no communication") as caught:
        read(context, tags=["Tank1.Level"])

    assert caught.value.retryable


def test_bad_quality_is_returned_when_asked(station, context):
    station.set("Tank1.Level", 1.0, quality=0x18)

    assert read(context, tags=["Tank1.Level"], on_bad_quality="return")["Tank1.Level"]["quality"] == "bad"


@pytest.mark.parametrize("tags", [[], "", {"a": 1}, [1, 2], None])
def test_bad_tag_lists_are_named(station, context, tags):
    with pytest.raises(AirflowFailException, match="tag"):
        read(context, tags=tags)
    assert station.requests == []


@pytest.mark.parametrize("seconds", ["10", None, True, -1, math.nan, math.inf])
def test_a_wrong_time_to_wait_for_quality_is_named_when_the_task_is_defined(seconds):
    with pytest.raises(
        WinCCConfigurationError, match=r"quality_timeout of task 'read' is .*not a finite number from 0"
    ):
        WinCCReadTagsOperator(task_id="read", tags=["Tank1.Level"], quality_timeout=seconds)


def test_a_bad_choice_is_refused_when_the_task_is_defined():
    with pytest.raises(WinCCError, match=r"on_bad_quality .*'ignore'.*'fail' or 'return'"):
        WinCCReadTagsOperator(task_id="read", tags=["A"], on_bad_quality="ignore")


def test_templates_are_rendered_in_tags_types_and_connection(station, connect, context):
    connect("other")
    operator = WinCCReadTagsOperator(
        task_id="read",
        tags=["Tank{{ params.number }}.Level"],
        types={"Tank1.Level": "{{ params.kind }}"},
        wincc_conn_id="{{ params.connection }}",
    )
    context["params"] = {"number": 1, "kind": "text", "connection": "other"}

    operator.render_template_fields(context)

    assert isinstance(operator.execute(context)["Tank1.Level"]["value"], str)
