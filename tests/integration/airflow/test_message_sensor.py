"""The message sensor in its three modes: the same result, the same errors, the same time-out."""

from __future__ import annotations

import json
import logging
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pendulum
import pytest
from airflow.providers.common.compat.sdk import (
    AirflowFailException,
    AirflowSensorTimeout,
    AirflowSkipException,
    TaskDeferred,
)
from sensor_runs import MODES, after_reading, run_message_sensor

from airflow_provider_wincc.client import WinCCConnectionError, WinCCRuntimeError
from airflow_provider_wincc.messages import MessagePattern, MessageState
from airflow_provider_wincc.sensors.messages import WinCCMessageSensor
from airflow_provider_wincc.sensors.reschedule_memory import KEY
from airflow_provider_wincc.simulator import Dialect, Simulator
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

pytestmark = pytest.mark.usefixtures("connect")

LEVEL_HIGH = MessagePattern(number=1001)
FULLY_SAID = MessagePattern(1001, "Error", "Alarm", "level high", 8, "came in")


def enough_to_read_in(mode):
    """Seconds in which a busy machine reads the station, too; the triggerer has to begin with it anew."""
    return 6 if mode == "deferrable" else 3


@pytest.fixture
def other_station(monkeypatch):
    """Start a station of another dialect behind the connection ``other``."""
    with ExitStack() as stack:

        def start(**dialect):
            other = stack.enter_context(Simulator(plant="still", dialect=Dialect(**dialect)))
            connection = {
                "conn_type": "wincc",
                "host": other.url,
                "login": "engineer",
                "password": other.users["engineer"].password,
                "extra": {"verify": other.ca_file},
            }
            monkeypatch.setenv("AIRFLOW_CONN_OTHER", json.dumps(connection))
            return other

        yield start


@pytest.mark.parametrize("mode", MODES)
def test_the_result_is_the_messages_that_match(station, context, mode):
    def both_come():
        station.raise_message(1002)
        station.raise_message(1001)

    after_reading(station, both_come)

    result = run_message_sensor(mode, context, rest_filter="Errors", pattern=LEVEL_HIGH)

    assert result["count"] == 1
    (message,) = result["messages"]
    assert message["number"] == 1001
    assert message["state"] == "came in"
    assert message["text"] == "Tank1 level high"
    assert message["class_name"] == "Error"
    assert datetime.fromisoformat(message["time"]).utcoffset() == timedelta(0)
    assert json.loads(json.dumps(result, allow_nan=False)) == result


@pytest.mark.parametrize("mode", MODES)
def test_a_message_that_is_there_already_takes_one_reading(station, context, mode):
    station.raise_message(1001)

    run_message_sensor(mode, context, rest_filter="All", pattern=MessagePattern(text="level high", class_name="err*"))

    assert [request.path for request in station.requests] == ["/alarmLogging/MessageList/All"]


@pytest.mark.parametrize("mode", MODES)
def test_without_a_pattern_any_message_of_the_filter_will_do(station, context, mode):
    station.raise_message(1002)

    result = run_message_sensor(mode, context, rest_filter="Errors")

    assert [message["number"] for message in result["messages"]] == [1002]


@pytest.mark.parametrize("mode", MODES)
def test_it_waits_until_none_is_pending_any_more(station, context, mode):
    station.raise_message(1001)

    def goes_and_is_acknowledged():
        station.clear_message(1001)
        station.acknowledge_message(1001)

    after_reading(station, goes_and_is_acknowledged)

    result = run_message_sensor(mode, context, rest_filter="All", pattern=LEVEL_HIGH, until="absent")

    assert result == {"count": 0, "messages": []}
    assert len(station.requests) >= 2


@pytest.mark.parametrize("mode", MODES)
def test_an_answer_without_a_body_does_not_mean_that_none_is_pending(station, context, mode):
    station.raise_message(1001)
    station.fail_next("empty_body")

    # It takes a second reading, which a busy machine may be late with, too.
    with pytest.raises(AirflowSensorTimeout, match="1 of them match"):
        run_message_sensor(mode, context, rest_filter="All", pattern=LEVEL_HIGH, until="absent", timeout=6)


@pytest.mark.parametrize("mode", MODES)
def test_one_that_went_out_is_pending_until_it_is_acknowledged_unless_the_pattern_says_otherwise(
    station, context, mode
):
    station.raise_message(1001)
    station.clear_message(1001)

    timeout = enough_to_read_in(mode)
    with pytest.raises(AirflowSensorTimeout, match=r"(?s)1 of them match.*went out"):
        run_message_sensor(mode, context, rest_filter="All", pattern=LEVEL_HIGH, until="absent", timeout=timeout)
    active = MessagePattern(number=1001, state=["came in", "acknowledged"])
    result = run_message_sensor(mode, context, rest_filter="All", pattern=active, until="absent")

    assert result["count"] == 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("message_list", ["short_term_archive", "long_term_archive"])
def test_an_archive_shows_what_came_and_went_between_two_looks_since_a_moment(station, context, mode, message_list):
    station.raise_message(1001, time=datetime.now(UTC) - timedelta(hours=2))
    station.clear_message(1001, time=datetime.now(UTC) - timedelta(hours=1))

    def comes_and_goes():
        station.raise_message(1001)
        station.clear_message(1001)
        station.acknowledge_message(1001)

    after_reading(station, comes_and_goes)

    since = pendulum.now("Europe/Berlin").subtract(minutes=5)
    result = run_message_sensor(
        mode,
        context,
        rest_filter="Errors",
        pattern=MessagePattern(number=1001, state=MessageState.CAME_IN),
        message_list=message_list,
        since=since,
    )

    assert result["count"] == 1
    assert datetime.fromisoformat(result["messages"][0]["time"]) >= since


@pytest.mark.parametrize("mode", MODES)
def test_languages_and_the_limit_go_into_the_request(station, context, mode):
    station.raise_message(1001)

    result = run_message_sensor(
        mode,
        context,
        rest_filter="Fehler",
        pattern=MessagePattern(class_name="Fehler"),
        message_list="short_term_archive",
        since=datetime.now(UTC) - timedelta(minutes=5),
        language="de-DE",
        name_language="de-DE",
        max_values=77,
    )

    assert result["messages"][0]["text"] == "Füllstand Tank1 hoch"
    assert station.requests[-1].query["maxValues"] == "77"


@pytest.mark.parametrize("mode", MODES)
def test_of_a_burst_the_result_has_the_count_and_the_newest_hundred(station, context, mode):
    after_reading(station, lambda: station.burst_of_messages(1500))

    result = run_message_sensor(mode, context, rest_filter="Errors")

    assert result["count"] == 1500
    assert len(result["messages"]) == 100
    newest = station.pending_messages[-1]
    assert result["messages"][-1]["number"] == newest.message.number


@pytest.mark.parametrize("mode", MODES)
def test_a_time_out_explains_what_was_there(station, context, mode):
    station.raise_message(1002)
    timeout = enough_to_read_in(mode)

    with pytest.raises(
        AirflowSensorTimeout,
        match=rf"(?s)not as waited for within {timeout} s.*number=1001.*filter 'Errors'.*1 messages; 0 of them match"
        r".*1002 'Tank2 level high'",
    ):
        run_message_sensor(mode, context, rest_filter="Errors", pattern=LEVEL_HIGH, timeout=timeout)


@pytest.mark.parametrize("mode", MODES)
def test_soft_fail_turns_a_time_out_into_a_skip(station, context, mode):
    with pytest.raises(AirflowSkipException):
        run_message_sensor(mode, context, rest_filter="Errors", timeout=2, soft_fail=True)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("soft_fail", [False, True])
def test_an_unknown_filter_fails_at_once_and_the_configured_ones_are_named(station, context, mode, soft_fail):
    with pytest.raises(AirflowFailException, match=r"'Nope'.*'All', 'Errors', 'Warnings', 'Process'"):
        run_message_sensor(mode, context, rest_filter="Nope", soft_fail=soft_fail)

    assert len([request for request in station.requests if request.path.endswith("/Nope")]) == 1


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("fault", "told"), [("unauthorized", "user name and password"), ("forbidden", "not authorised")]
)
def test_401_and_403_after_the_first_reading_fail_at_once_and_are_never_a_skip(station, context, mode, fault, told):
    after_reading(station, lambda: station.fail_next(fault, count=99))

    with pytest.raises(AirflowFailException, match=told):
        run_message_sensor(mode, context, rest_filter="Errors", soft_fail=True)

    assert len([request for request in station.requests if request.status in {401, 403}]) == 1


@pytest.mark.parametrize("mode", MODES)
def test_a_station_that_is_away_for_a_while_is_waited_through(station, context, mode):
    station.raise_message(1001)
    station.fail_next("drop_before", count=2)
    station.fail_next("server_error", count=2)

    result = run_message_sensor(mode, context, rest_filter="Errors", timeout=60)

    assert result["count"] == 1


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="reschedule mode counts failures from Airflow 3.3 on")
def test_a_station_that_stays_busy_fails_the_task_with_retries(station, context, mode):
    station.fail_next("server_error", count=99)

    with pytest.raises(WinCCRuntimeError, match="500"):
        run_message_sensor(mode, context, rest_filter="Errors", max_consecutive_failures=2, soft_fail=True)

    assert len([request for request in station.requests if request.path.endswith("/Errors")]) >= 3


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="reschedule mode counts failures from Airflow 3.3 on")
def test_a_station_that_goes_away_is_an_error_and_no_absence(station, context, mode):
    station.raise_message(1001)
    after_reading(station, lambda: station.fail_next("drop_before", count=999))

    with pytest.raises(WinCCConnectionError):
        run_message_sensor(
            mode, context, rest_filter="Errors", until="absent", max_consecutive_failures=1, timeout=60, soft_fail=True
        )


@pytest.mark.parametrize("mode", MODES)
def test_a_text_of_the_plant_is_handed_on_as_it_is_and_escaped_in_the_log(station, context, mode, capsys):
    strange = "<b>{{ ds }}</b>\x1b[31m\n"
    after_reading(station, lambda: station.raise_message(1001, texts=[strange + "nul \x00"]))

    result = run_message_sensor(mode, context, rest_filter="Errors")

    assert [message["text"] for message in result["messages"]] == [strange + "nul \ufffd"]
    logged = capsys.readouterr().out
    assert r"\x1b[31m\nnul" in logged
    assert "\x1b[31m" not in logged


@pytest.mark.parametrize("mode", MODES)
def test_a_station_with_other_keys_gives_the_same(context, mode, other_station):
    other = other_station(message_keys="opc_ua", message_typing="text")
    after_reading(other, lambda: other.raise_message(1001))

    result = run_message_sensor(mode, context, rest_filter="All", pattern=FULLY_SAID, wincc_conn_id="other")

    assert [message["number"] for message in result["messages"]] == [1001]


@pytest.mark.parametrize("mode", MODES)
def test_a_wincc_without_messages_over_rest_fails_at_once_and_is_told(context, mode, other_station):
    other_station(has_messages=False)

    with pytest.raises(AirflowFailException, match="no REST interface for messages"):
        run_message_sensor(mode, context, rest_filter="All", wincc_conn_id="other", soft_fail=True)


@pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="reschedule mode remembers from Airflow 3.3 on")
@pytest.mark.parametrize("stored", [None, {"unheard": "of"}, {"try_number": 1, "failures": -1}])
def test_in_reschedule_mode_the_count_of_failures_is_one_entry_in_the_store(station, context, stored, caplog):
    from airflow.sdk.exceptions import AirflowRescheduleException

    station.fail_next("server_error", count=1, path="*Errors")
    if stored is not None:
        context["task_state_store"].set(KEY, stored)
    sensor = WinCCMessageSensor(
        task_id="wait", rest_filter="Errors", mode="reschedule", deferrable=False, poke_interval=0.1
    )

    with caplog.at_level(logging.WARNING), pytest.raises(AirflowRescheduleException):
        sensor.execute(context)

    assert context["task_state_store"] == {KEY: {"try_number": 1, "failures": 1}}
    assert any("begins anew" in record.message for record in caplog.records) == (stored is not None)
    station.raise_message(1001)
    run_message_sensor("reschedule", context, rest_filter="Errors")
    assert context["task_state_store"] == {}


def test_the_password_is_not_in_the_trigger_nor_in_its_repr(station, context):
    sensor = WinCCMessageSensor(task_id="wait", rest_filter="Errors", deferrable=True)

    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute(context)

    secret = station.users["engineer"].password
    assert secret not in json.dumps(deferred.value.trigger.serialize())
    assert secret not in repr(deferred.value.trigger)
