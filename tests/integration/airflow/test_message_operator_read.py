"""Messages read by a task, over a real socket."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from datetime import datetime

import psycopg2
import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from archive_plant import END, START
from handoff_runs import logged
from message_plant import IN_THE_HOUR, NASTY, at, raise_known_messages, raise_many

from airflow_provider_wincc.client import WinCCConfigurationError, WinCCServiceUnavailableError
from airflow_provider_wincc.messages import MessagePattern
from airflow_provider_wincc.operators.messages import WinCCReadMessagesOperator
from airflow_provider_wincc.simulator import Dialect, Simulator
from tests.required_services import POSTGRESQL, missing

pytestmark = pytest.mark.usefixtures("connect")


def read(context, **arguments):
    arguments = {"rest_filter": "Errors", **arguments}
    return WinCCReadMessagesOperator(task_id="read", **arguments).execute(context)


def read_hour(context, **arguments):
    return read(context, message_list="short_term_archive", start=START, end=END, **arguments)


def rows_of(result):
    return [(datetime.fromisoformat(row["time"]), row["number"], row["state"]) for row in result["messages"]]


def test_pending_messages_are_plain_json_oldest_first(station, context):
    raise_known_messages(station)

    result = read(context)

    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert rows_of(result) == [
        (at(1801), 1002, "acknowledged"),
        (at(3599.999), 1001, "came in"),
        (at(3600), 1002, "came in"),
    ]
    assert result["count"] == 3
    assert result["may_lack_messages"] is False
    assert result["station"] == station.url
    assert (result["dag_id"], result["run_id"], result["task_id"]) == ("line3", "manual__1", "task")
    assert (result["map_index"], result["try_number"]) == (-1, 1)


def test_it_is_one_request(station, context):
    raise_known_messages(station)

    read_hour(context)

    (request,) = station.requests
    assert request.path.endswith("/alarmLogging/ShortTermArchive/Errors")


def test_a_window_of_an_archive_has_its_start_and_not_its_end(station, context):
    raise_known_messages(station)

    result = read_hour(context)

    assert rows_of(result) == IN_THE_HOUR
    assert result["messages"][0]["process_values"] == [92.5, 90.0]
    assert result["messages"][1]["duration"] == 60.5
    assert result["messages"][2]["instance"] == "Line3"
    assert result["messages"][3]["user"] == "Meier"


def test_a_pattern_picks_and_may_hold_templates(station, context):
    raise_known_messages(station)
    operator = WinCCReadMessagesOperator(
        task_id="read",
        rest_filter="{{ params.filter }}",
        message_list="short_term_archive",
        pattern=MessagePattern(number="{{ params.number }}", state="came in"),
        start="{{ params.start }}",
        end="{{ data_interval_end }}",
        language="{{ params.language }}",
    )
    context["params"] = {"filter": "Fehler", "number": 1002, "start": START.isoformat(), "language": "de-DE"}
    context |= {"task": operator, "data_interval_end": END}
    operator.name_language = "de-DE"

    operator.render_template_fields(context)
    result = operator.execute(context)

    assert rows_of(result) == [IN_THE_HOUR[2]]
    assert result["messages"][0]["class_name"] == "Fehler"


def test_texts_are_text_in_the_result_and_escaped_in_the_log(station, context, caplog, capsys):
    raise_known_messages(station)

    with caplog.at_level(logging.INFO):
        result = read_hour(context)

    assert result["messages"][2]["texts"][1] == NASTY
    told = [line for line in logged(caplog, capsys) if "WinCC message" in line]
    assert len(told) == len(IN_THE_HOUR)
    assert any(r"'\x1b[31mred\x1b[0m\r\n<script>alert(1)</script>\t{{ ds }}\x85=1+1;=2'" in line for line in told)
    # A tag before it may come from Airflow, which colours its own words.
    assert not any("\x1b[31mred" in line or "\x85" in line for line in told)


def test_a_long_list_does_not_fill_the_log(station, context, caplog, capsys):
    raise_many(station, 150)

    with caplog.at_level(logging.INFO):
        assert read_hour(context)["count"] == 150

    told = [line for line in logged(caplog, capsys) if "WinCC message" in line]
    assert len(told) == 101
    assert "and 50 more" in told[-1]


def test_what_databases_refuse_is_replaced_in_the_result(station, context):
    station.raise_message(1001, texts=["a\x00b"], instance="\x00", time=at(0))

    (row,) = read_hour(context)["messages"]

    assert row["text"] == row["texts"][0] == "a\ufffdb"
    assert row["instance"] == "\ufffd"


def test_a_result_can_be_kept_by_airflows_database(station, context):
    station.raise_message(1001, texts=["a\x00b", NASTY], time=at(0))
    result = read_hour(context)
    try:
        connection = psycopg2.connect(
            host="127.0.0.1", port=5432, user="postgres", dbname="postgres", connect_timeout=2
        )
    except psycopg2.OperationalError:
        missing(POSTGRESQL)

    # As the XComs of Airflow are kept.
    cursor = connection.cursor()
    cursor.execute("SELECT %s::jsonb", [json.dumps(result)])
    assert cursor.fetchone() == (result,)
    connection.close()


@pytest.mark.parametrize(
    ("first", "may_lack"),
    [
        pytest.param(10.0, True, id="all in the window"),
        pytest.param(-0.005, False, id="the oldest before it"),
        pytest.param(3600.0, True, id="all after it"),
    ],
)
def test_a_full_answer_that_does_not_reach_back_to_the_start_may_lack_messages(
    station, context, caplog, capsys, first, may_lack
):
    raise_many(station, 20, first=first)

    with caplog.at_level(logging.INFO):
        result = read_hour(context, max_values=10 if may_lack else 20)

    assert result["may_lack_messages"] is may_lack
    assert any("messages may be missing" in line for line in logged(caplog, capsys)) is may_lack


def test_a_full_answer_without_a_window_may_lack_messages(station, context):
    raise_many(station, 20)
    archive = {"message_list": "short_term_archive"}

    assert read(context, **archive, max_values=20)["may_lack_messages"] is True
    assert read(context, **archive, max_values=21)["may_lack_messages"] is False
    # This list has no such limit.
    assert read(context, max_values=1)["may_lack_messages"] is False


def test_more_messages_than_the_result_may_have_are_refused_and_the_exports_named(station, context):
    raise_many(station, 6)

    with pytest.raises(AirflowFailException, match=r"6 messages .*'Errors' match.* is 5.*WinCCMessagesToSqlOperator"):
        read_hour(context, max_messages=5)

    assert read_hour(context, max_messages=6)["count"] == 6


def test_the_messages_of_a_burst_are_read_as_far_as_the_station_hands_them_out(station, context):
    station.burst_of_messages(1200)

    result = read(context, message_list="short_term_archive")

    assert (result["count"], result["may_lack_messages"]) == (1000, True)
    assert read(context, max_messages=1200)["count"] == 1200


@pytest.mark.parametrize("keys", ["camel", "ole_db", "opc_ua"])
@pytest.mark.parametrize("order", ["ascending", "descending"])
def test_it_reads_the_same_in_every_dialect(station, context, keys, order):
    station.set_dialect(message_keys=keys, message_order=order, message_typing="text")
    raise_known_messages(station)

    assert rows_of(read_hour(context)) == IN_THE_HOUR


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"rest_filter": "Erors"}, r"'Erors'.*Errors"),
        ({"rest_filter": ""}, r"rest_filter is ''"),
        ({"rest_filter": None}, r"rest_filter is None"),
        ({"language": "German"}, r"language is 'German'"),
        ({"name_language": "de_DE"}, r"name_language is 'de_DE'"),
        ({"max_values": 1001}, r"max_values is 1001.*1 to 1000"),
        ({"max_values": 0}, r"max_values is 0"),
        ({"start": "yesterday"}, r"The start of task 'read' is 'yesterday'"),
        ({"end": START.replace(tzinfo=None)}, r"The end 2026-03-02T07:00:00 has no time zone"),
        ({"start": END, "end": START}, r"is not before the end"),
    ],
)
def test_bad_input_fails_without_retries(context, arguments, told):
    with pytest.raises(AirflowFailException, match=told):
        read(context, **arguments)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"message_list": "alarms"}, r"message_list of task 'read' is 'alarms'.*'short_term_archive'"),
        ({"pattern": "Error"}, r"pattern of task 'read' is 'Error'"),
        ({"max_messages": 0}, r"max_messages of task 'read' is 0"),
        ({"max_messages": True}, r"max_messages of task 'read' is True"),
    ],
)
def test_a_bad_argument_is_refused_when_the_dag_is_parsed(arguments, told):
    with pytest.raises(WinCCConfigurationError, match=told):
        WinCCReadMessagesOperator(task_id="read", rest_filter="Errors", **arguments)


def test_a_station_that_is_away_fails_with_retries(station, context):
    station.stop_service()

    with pytest.raises(WinCCServiceUnavailableError):
        read(context)


class TestWithoutMessages:
    @pytest.fixture
    def station(self):
        with Simulator(plant="still", dialect=Dialect(has_messages=False)) as simulator:
            yield simulator

    def test_a_wincc_without_an_interface_for_messages_is_told_apart(self, context):
        with pytest.raises(AirflowFailException, match=r"V8\.1"):
            read(context)


def test_no_password_is_in_the_result_or_the_log(station, context, caplog, capsys):
    raise_known_messages(station)

    with caplog.at_level(logging.DEBUG):
        result = read_hour(context)

    password = station.users["engineer"].password
    assert password not in json.dumps(result)
    assert not any(password in line for line in logged(caplog, capsys))


def test_the_module_of_the_operators_is_light():
    heavy = ("requests", "sqlalchemy", "pyarrow", "pandas", "starlette", "airflow_provider_wincc.hooks.wincc")
    code = f"""
import sys
import airflow.sdk, airflow.sdk.bases.hook, airflow.sdk.bases.sensor, airflow.triggers.base
before = set(sys.modules)
import airflow_provider_wincc.operators.messages
print(*[name for name in {heavy!r} if name in set(sys.modules) - before])
"""
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert finished.stdout.strip() == ""
