"""Messages into files: the operator over a real socket, into a real folder."""

from __future__ import annotations

import csv
import json
import logging
import time
from datetime import UTC, datetime, timedelta

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from archive_plant import END, START, run_of_an_hour
from handoff_runs import logged
from message_plant import IN_THE_HOUR, NASTY, at, raise_known_messages, raise_many
from pyarrow import parquet

from airflow_provider_wincc.client import WinCCConfigurationError, WinCCRuntimeError
from airflow_provider_wincc.messages import MessageList, MessagePattern
from airflow_provider_wincc.operators.messages import WinCCMessagesToObjectStorageOperator

pytestmark = pytest.mark.usefixtures("connect")

FILE = "messages_Errors_20260302T070000Z.parquet"


def operator_for(folder, **arguments):
    arguments = {"rest_filter": "Errors", **arguments}
    return WinCCMessagesToObjectStorageOperator(task_id="export", path=f"file://{folder}", **arguments)


def export(folder, context=None, **arguments):
    return operator_for(folder, **arguments).execute(context or run_of_an_hour())


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def rows_in(path):
    return [(row["time"], row["number"], row["state"]) for row in parquet.read_table(path).to_pylist()]


def test_the_messages_of_the_runs_interval_are_written_as_one_parquet_file(station, tmp_path):
    raise_known_messages(station)

    result = export(tmp_path)

    assert files_in(tmp_path) == [FILE]
    assert result["paths"] == [f"file://{tmp_path}/{FILE}"]
    assert rows_in(tmp_path / FILE) == IN_THE_HOUR
    rows = parquet.read_table(tmp_path / FILE).to_pylist()
    assert (rows[0]["process_value_1"], rows[0]["process_value_2"]) == (92.5, 90.0)
    assert (rows[4]["process_value_1"], rows[4]["process_text_1"]) == (None, "sensor fault")
    assert (rows[2]["text_1"], rows[2]["text_2"], rows[2]["instance"]) == ("Tank2 level high", NASTY, "Line3")
    assert (rows[3]["user"], rows[1]["duration_seconds"]) == ("Meier", 60.5)
    assert {row["class_name"] for row in rows} == {"Error"}


def test_it_is_one_request(station, tmp_path):
    export(tmp_path, message_list="long_term_archive")

    (request,) = station.requests
    assert request.path.endswith("/alarmLogging/LongTermArchive/Errors")


def test_the_result_is_json_and_tells_rows_and_range(station, tmp_path):
    raise_known_messages(station)

    result = export(tmp_path)

    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert (result["start"], result["end"]) == ("2026-03-02T07:00:00.000000Z", "2026-03-02T08:00:00.000000Z")
    assert result["rows"] == 5
    assert (result["first"], result["last"]) == ("2026-03-02T07:00:00.000000Z", "2026-03-02T07:59:59.999000Z")
    assert (result["rest_filter"], result["message_list"]) == ("Errors", "short_term_archive")
    assert result["may_lack_messages"] is False
    assert (result["station"], result["task_id"], result["try_number"]) == (station.url, "task", 1)


def test_both_archives_into_one_folder_have_files_of_their_own(station, tmp_path):
    raise_known_messages(station)

    for message_list in ("short_term_archive", "long_term_archive"):
        export(tmp_path, message_list=message_list)

    assert files_in(tmp_path) == [FILE, FILE.replace("messages_", "messages_long_term_archive_")]


def test_an_hour_without_messages_has_a_file_without_rows(tmp_path):
    result = export(tmp_path)

    assert (result["rows"], result["first"], result["last"]) == (0, None, None)
    assert rows_in(tmp_path / FILE) == []


def test_the_file_says_where_it_comes_from_and_holds_no_secret(station, tmp_path):
    raise_known_messages(station)
    export(tmp_path, pattern=MessagePattern(number=1002))

    facts = {key.decode(): value.decode() for key, value in parquet.read_schema(tmp_path / FILE).metadata.items()}
    assert json.loads(facts["wincc.rest_filter"]) == "Errors"
    assert json.loads(facts["wincc.pattern"]) == {"number": [1002]}
    assert json.loads(facts["wincc.station"]) == station.url
    assert station.users["engineer"].password.encode() not in (tmp_path / FILE).read_bytes()


def test_running_the_interval_again_leaves_the_same_file(station, tmp_path):
    raise_known_messages(station)
    export(tmp_path)
    before = (tmp_path / FILE).read_bytes()

    export(tmp_path)

    assert files_in(tmp_path) == [FILE]
    assert (tmp_path / FILE).read_bytes() == before


def test_hours_one_after_the_other_have_each_message_once(station, tmp_path):
    raise_known_messages(station)
    for hour in (-1, 0, 1):
        start = START + timedelta(hours=hour)
        export(tmp_path, run_of_an_hour(start, start + timedelta(hours=1)))

    rows = [row for name in files_in(tmp_path) for row in rows_in(tmp_path / name)]
    assert rows == [(at(-0.001), 1001, "came in"), *IN_THE_HOUR, (at(3600), 1002, "came in")]


def test_json_lines_in_a_folder_for_each_hour(station, tmp_path):
    raise_known_messages(station)

    export(
        tmp_path,
        start="2026-03-02T07:30:00Z",
        end=END + timedelta(hours=1),
        partition_by="hour",
        file_format="json_lines",
        file_name="alarms of line 3",
    )

    assert files_in(tmp_path) == [
        "date=2026-03-02/hour=07/alarms_of_line_3_20260302T073000Z.jsonl",
        "date=2026-03-02/hour=08/alarms_of_line_3_20260302T080000Z.jsonl",
    ]
    hours = [[json.loads(line) for line in path.read_text().splitlines()] for path in sorted(tmp_path.rglob("*.jsonl"))]
    assert [[row["time"] for row in hour] for hour in hours] == [
        ["2026-03-02T07:30:00.123000Z", "2026-03-02T07:30:01.000000Z", "2026-03-02T07:59:59.999000Z"],
        ["2026-03-02T08:00:00.000000Z"],
    ]
    assert hours[0][0]["text_2"] == NASTY


def test_a_csv_file_keeps_texts_as_text(station, tmp_path):
    station.raise_message(1001, texts=["=ANL1+ORT2-M3 stopped", NASTY, "-5"], process_values=[-5.5], time=at(1))

    export(tmp_path, file_format="csv")

    with (tmp_path / FILE).with_suffix(".csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["text_1"], row["text_3"]) == ("'=ANL1+ORT2-M3 stopped", "'-5")
    assert (row["process_value_1"], row["number"]) == ("-5.5", "1001")
    assert row["text_2"] == NASTY.replace("\x1b[31m", "'\x1b[31m", 1).replace(";=2", ";'=2")


def test_patterns_languages_and_arguments_may_hold_templates(station, tmp_path):
    raise_known_messages(station)
    operator = operator_for(
        tmp_path / "{{ params.folder }}",
        rest_filter="{{ params.filter }}",
        name_language="de-DE",
        language="{{ params.language }}",
        pattern=MessagePattern(class_name="{{ params.class }}", state="came in"),
        start="{{ data_interval_start }}",
        file_name="{{ params.filter }}",
    )
    params = {"folder": "line3", "filter": "Fehler", "language": "de-DE", "class": "Fehl*"}
    context = {**run_of_an_hour(), "params": params, "task": operator}

    operator.render_template_fields(context)
    operator.execute(context)

    (name,) = files_in(tmp_path)
    assert name == "line3/Fehler_20260302T070000Z.parquet"
    assert rows_in(tmp_path / name) == [row for row in IN_THE_HOUR if row[2] == "came in"]
    assert parquet.read_table(tmp_path / name)["text_1"].to_pylist()[0] == "Füllstand Tank1 hoch"


def test_an_interval_with_more_messages_than_a_station_hands_out_is_told(station, tmp_path, caplog, capsys):
    raise_many(station, 1010, first=100)

    with caplog.at_level(logging.INFO):
        result = export(tmp_path)

    assert (result["rows"], result["may_lack_messages"]) == (1000, True)
    told = [line for line in logged(caplog, capsys) if "may be missing" in line]
    assert "1000 messages, which go back to 2026-03-02T07:01:40.010+00:00" in told[0]
    facts = parquet.read_schema(tmp_path / FILE).metadata
    assert json.loads(facts[b"wincc.may_lack_messages"]) is True
    assert json.loads(facts[b"wincc.start"]) == "2026-03-02T07:01:40.010000Z"


def test_a_full_answer_that_reaches_back_to_before_the_start_is_whole(station, tmp_path):
    raise_many(station, 1010, first=-0.5)

    result = export(tmp_path, fail_if_incomplete=True)

    assert (result["rows"], result["may_lack_messages"]) == (510, False)


def test_with_fail_if_incomplete_nothing_is_written_and_there_are_no_retries(station, tmp_path):
    station.raise_message(1001, time=at(50))
    export(tmp_path)
    before = (tmp_path / FILE).read_bytes()
    raise_many(station, 1000, first=100)

    with pytest.raises(AirflowFailException, match=r"may be missing.*Nothing was written.*fail_if_incomplete"):
        export(tmp_path, fail_if_incomplete=True)

    assert (tmp_path / FILE).read_bytes() == before
    assert files_in(tmp_path) == [FILE]


def test_an_hour_of_which_the_station_hands_out_nothing_any_more_keeps_its_file(station, tmp_path):
    raise_known_messages(station)
    export(tmp_path)
    raise_many(station, 1000, first=4000)

    result = export(tmp_path)

    assert (result["paths"], result["rows"], result["may_lack_messages"]) == ([], 0, True)
    assert rows_in(tmp_path / FILE) == IN_THE_HOUR


def test_an_interval_that_has_just_ended_is_waited_for(station, tmp_path):
    end = datetime.now(UTC) - timedelta(seconds=1)
    began = time.monotonic()
    station.raise_message(1001, time=end - timedelta(seconds=1))

    result = export(tmp_path, start=end - timedelta(minutes=1), end=end, delay=timedelta(seconds=3))

    assert result["rows"] == 1
    assert time.monotonic() - began >= 1.5


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"rest_filter": "Erors"}, r"'Erors'.*Errors"),
        ({"rest_filter": "a/b"}, r"'a/b'"),
        ({"language": "German"}, r"language is 'German'"),
        ({"start": END, "end": START}, r"must be later than the start"),
        ({"start": START.replace(tzinfo=None)}, r"has no time zone"),
        ({"start": "yesterday"}, r"The start of task 'export' is 'yesterday'"),
        ({"end": datetime.now(UTC) + timedelta(days=1)}, r"which is in the future"),
    ],
)
def test_bad_input_fails_without_retries_and_leaves_no_file(tmp_path, arguments, told):
    with pytest.raises(AirflowFailException, match=told):
        export(tmp_path, **arguments)

    assert files_in(tmp_path) == []


def test_a_run_without_an_interval_is_told_what_to_do(tmp_path):
    moment = run_of_an_hour(START, START)
    without = {key: value for key, value in moment.items() if not key.startswith("data_interval")}

    with pytest.raises(AirflowFailException, match="CronDataIntervalTimetable"):
        export(tmp_path, moment)
    with pytest.raises(AirflowFailException, match="has no data interval"):
        export(tmp_path, without)


@pytest.mark.parametrize(
    "arguments",
    [
        {"file_format": "xlsx"},
        {"partition_by": "week"},
        {"message_list": "message_list"},
        {"message_list": MessageList.HIT_LIST},
        {"pattern": {"number": 1}},
    ],
)
def test_a_bad_argument_is_refused_when_the_dag_is_parsed(tmp_path, arguments):
    (name,) = arguments
    with pytest.raises(WinCCConfigurationError, match=rf"{name} of task 'export'"):
        operator_for(tmp_path, **arguments)


def test_a_station_that_fails_leaves_the_file_of_an_earlier_run_and_no_other(station, tmp_path):
    raise_known_messages(station)
    export(tmp_path)
    before = (tmp_path / FILE).read_bytes()
    station.fail_next("server_error", count=100, path="/alarmLogging/*")

    with pytest.raises(WinCCRuntimeError):
        export(tmp_path)

    assert files_in(tmp_path) == [FILE]
    assert (tmp_path / FILE).read_bytes() == before


def test_a_target_that_is_a_file_is_refused_in_words(tmp_path):
    (tmp_path / "taken").write_text("")

    with pytest.raises(Exception, match=r"taken.*could not be written") as caught:
        export(tmp_path / "taken")

    assert getattr(caught.value, "retryable", False)


def test_a_store_that_nobody_knows_is_refused_in_words():
    operator = WinCCMessagesToObjectStorageOperator(
        task_id="export", rest_filter="Errors", path="nowhere://user:Secret1@bucket/x"
    )

    with pytest.raises(AirflowFailException, match="cannot be used") as caught:
        operator.execute(run_of_an_hour())

    assert "Secret1" not in str(caught.value)
