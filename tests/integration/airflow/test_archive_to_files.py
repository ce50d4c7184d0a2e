"""Archives into files: the operator over a real socket, into a real folder."""

from __future__ import annotations

import csv
import json
import logging
import sys
from datetime import UTC, datetime, timedelta

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from archive_plant import ARCHIVE, END, START, run_of_an_hour
from handoff_runs import logged
from pyarrow import parquet

from airflow_provider_wincc.client import WinCCRuntimeError, WinCCTagError
from airflow_provider_wincc.operators.archives import WinCCArchiveToObjectStorageOperator
from airflow_provider_wincc.simulator import SimulatedArchive, SimulatedArchiveTag, Simulator

pytestmark = pytest.mark.usefixtures("connect")

YOUNG = SimulatedArchive("Young", [SimulatedArchiveTag("Begun", rows=[(END, 1.0, 128)])])


@pytest.fixture
def station():
    with Simulator(plant="still", archives=[ARCHIVE, YOUNG]) as simulator:
        yield simulator


def export(folder, context=None, **arguments):
    arguments = {"archive": "Line", "tags": ["Flow", "Speed", "Running"], **arguments}
    operator = WinCCArchiveToObjectStorageOperator(task_id="export", path=f"file://{folder}", **arguments)
    return operator.execute(context or run_of_an_hour())


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def expected_rows(station, tag, start=START, end=END):
    return list(station.archive("Line").rows(tag, start, end))


def test_the_rows_of_the_runs_interval_are_written_as_one_parquet_file(station, tmp_path):
    result = export(tmp_path)

    assert files_in(tmp_path) == ["Line_20260302T070000Z.parquet"]
    assert result["paths"] == [f"file://{tmp_path}/Line_20260302T070000Z.parquet"]
    table = parquet.read_table(tmp_path / "Line_20260302T070000Z.parquet").to_pylist()
    for tag in ("Flow", "Speed", "Running"):
        expected = [(row.timestamp, float(row.value), row.quality) for row in expected_rows(station, tag)]
        assert [(row["timestamp"], row["value"], row["quality"]) for row in table if row["tag"] == tag] == expected
    assert [row["timestamp"] for row in table] == sorted(row["timestamp"] for row in table)


def test_the_file_says_where_it_comes_from_and_holds_no_secret(station, tmp_path):
    export(tmp_path)

    file = tmp_path / "Line_20260302T070000Z.parquet"
    facts = {key.decode(): value.decode() for key, value in parquet.read_schema(file).metadata.items()}
    assert json.loads(facts["wincc.archive"]) == "Line"
    assert json.loads(facts["wincc.station"]) == station.url
    assert json.loads(facts["wincc.tags"]) == ["Flow", "Speed", "Running"]
    assert station.users["engineer"].password.encode() not in file.read_bytes()


def test_the_result_is_json_and_tells_rows_range_and_gaps(station, tmp_path):
    result = export(tmp_path)

    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert result["rows"] == sum(len(expected_rows(station, tag)) for tag in ("Flow", "Speed", "Running"))
    assert result["good_rows"] < result["rows"]
    assert (result["start"], result["end"]) == ("2026-03-02T07:00:00.000000Z", "2026-03-02T08:00:00.000000Z")
    assert result["first"] == "2026-03-02T07:00:00.000000Z"
    assert [(gap["tag"], gap["start"][11:19], gap["end"][11:19]) for gap in result["gaps"]] == [
        ("Speed", "07:19:55", "07:40:00")
    ]
    assert result["tags"]["Speed"]["gap_count"] == 1
    assert (result["archive"], result["station"], result["task_id"]) == ("Line", station.url, "task")


def test_running_the_interval_again_leaves_the_same_file(station, tmp_path):
    export(tmp_path)
    before = parquet.read_table(tmp_path / "Line_20260302T070000Z.parquet")
    export(tmp_path)

    assert files_in(tmp_path) == ["Line_20260302T070000Z.parquet"]
    assert parquet.read_table(tmp_path / "Line_20260302T070000Z.parquet").equals(before)


def test_hours_one_after_the_other_have_each_row_once(station, tmp_path):
    for hour in range(3):
        start = START + timedelta(hours=hour)
        export(tmp_path, run_of_an_hour(start, start + timedelta(hours=1)))

    rows = parquet.read_table(tmp_path).to_pylist()
    expected = expected_rows(station, "Flow", START, START + timedelta(hours=3))
    assert sorted(row["timestamp"] for row in rows if row["tag"] == "Flow") == [row.timestamp for row in expected]


def test_a_file_for_each_hour_lies_in_a_folder_of_its_own_and_one_without_rows_is_there_too(station, tmp_path):
    start = START + timedelta(minutes=10)
    result = export(
        tmp_path,
        tags=["Speed"],
        start=start,
        end=start + timedelta(minutes=90),
        partition_by="hour",
        file_format="json_lines",
    )

    assert files_in(tmp_path) == [
        "date=2026-03-02/hour=07/Line_20260302T071000Z.jsonl",
        "date=2026-03-02/hour=08/Line_20260302T080000Z.jsonl",
    ]
    lines = [json.loads(line) for path in sorted(tmp_path.rglob("*.jsonl")) for line in path.read_text().splitlines()]
    assert len(lines) == result["rows"]
    assert {line["tag"] for line in lines} == {"Speed"}
    assert lines[0]["timestamp"] == "2026-03-02T07:10:00.000000Z"


def test_a_csv_file_has_a_header_and_every_row(station, tmp_path):
    export(tmp_path, tags=["Flow"], file_format="csv", file_name="flow of line 1")

    with (tmp_path / "flow_of_line_1_20260302T070000Z.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["value"]) for row in rows] == [row.value for row in expected_rows(station, "Flow")]


def test_patterns_choose_tags_and_no_tags_mean_all_of_them(station, tmp_path):
    assert list(export(tmp_path, tags=["S*", "R?nning"])["tags"]) == ["Speed", "Running"]
    assert list(export(tmp_path, tags=None)["tags"]) == ["Flow", "Speed", "Running"]


def test_buckets_of_ten_minutes_have_the_chosen_aggregates(station, tmp_path):
    result = export(
        tmp_path,
        tags=["Flow"],
        resample=timedelta(minutes=10),
        aggregates=["min", "mean", "good_count"],
        delay=timedelta(0),
    )

    assert result["buckets"] == 6
    buckets = parquet.read_table(result["paths"][0].removeprefix("file://")).to_pylist()
    assert list(buckets[0]) == ["tag", "start", "end", "count", "min", "mean", "good_count"]
    for bucket in buckets:
        rows = expected_rows(station, "Flow", bucket["start"], bucket["end"])
        good = [row.value for row in rows if row.quality >= 0x80]
        assert (bucket["count"], bucket["good_count"], bucket["min"]) == (len(rows), len(good), min(good))
        assert bucket["mean"] == pytest.approx(sum(good) / len(good))


def test_looking_back_gives_the_value_in_force_at_the_start(station, tmp_path):
    interval = {"start": START + timedelta(seconds=1), "end": START + timedelta(seconds=31)}
    arguments = {
        "tags": ["Running"],
        "resample": timedelta(minutes=1),
        "aggregates": ["time_weighted_mean"],
        **interval,
    }

    assert export(tmp_path, **arguments)["buckets"] == 0
    assert export(tmp_path, **arguments, lookback=timedelta(minutes=5))["buckets"] == 1


def test_progress_is_logged_with_the_number_of_rows(station, tmp_path, caplog, capsys):
    with caplog.at_level(logging.INFO):
        result = export(tmp_path)

    told = "\n".join(logged(caplog, capsys))
    assert f"{result['rows']:,} rows in " in told
    assert station.users["engineer"].password not in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"archive": "Lime"}, r"'Lime'"),
        ({"tags": ["Flow", "Flw"]}, r"'Flw'"),
        ({"tags": ["X*"]}, r"No tag of archive 'Line' fits 'X\*'"),
        ({"tags": []}, r"The tags are \[\]"),
        ({"start": END, "end": START}, r"must be later than the start"),
        ({"start": START.replace(tzinfo=None)}, r"has no time zone"),
        ({"start": "yesterday"}, r"The start of task 'export' is 'yesterday'"),
        ({"end": datetime.now(UTC) + timedelta(days=1)}, r"which is in the future"),
        ({"resample": timedelta(0)}, r"resample is"),
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


def test_an_unknown_format_partition_or_aggregate_is_refused_when_the_dag_is_parsed(tmp_path):
    for arguments in ({"file_format": "xlsx"}, {"partition_by": "week"}, {"aggregates": ["median"]}):
        with pytest.raises(Exception, match=r"xlsx|week|median"):
            WinCCArchiveToObjectStorageOperator(task_id="export", archive="Line", path="file:///x", **arguments)


def test_a_segment_that_is_moved_while_it_is_read_leaves_the_file_of_an_earlier_run_alone(station, tmp_path):
    export(tmp_path)
    file = tmp_path / "Line_20260302T070000Z.parquet"
    before = file.read_bytes()
    asked = len(station.requests)
    station.fail_next("segment_change", count=100, path="/tagLogging/*")

    with pytest.raises(WinCCTagError):
        export(tmp_path)

    assert len(station.requests) > asked
    assert file.read_bytes() == before
    assert files_in(tmp_path) == [file.name]


FORMATS = ["parquet", "csv", "json_lines"]


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("form", [{}, {"resample": timedelta(minutes=10)}], ids=["rows", "buckets"])
def test_a_file_stays_when_the_archive_has_deleted_its_rows_meanwhile(station, tmp_path, file_format, form):
    (path,) = export(tmp_path, file_format=file_format, **form)["paths"]
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    station.fail_next("empty_archive", count=1000, path="/tagLogging/*")

    with pytest.raises(AirflowFailException, match="rows stand in the file") as caught:
        export(tmp_path, file_format=file_format, **form)

    told = str(caught.value)
    assert "no rows of archive 'Line' from 2026-03-02T07:00:00+00:00 to 2026-03-02T08:00:00+00:00" in told
    assert path in told
    assert "Nothing was changed" in told
    assert "delete this file by hand" in told
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_file_without_rows_takes_the_place_of_one_without_rows_and_of_none(station, tmp_path, file_format):
    station.fail_next("empty_archive", count=1000, path="/tagLogging/*")
    first = export(tmp_path, file_format=file_format)

    assert export(tmp_path, file_format=file_format)["paths"] == first["paths"]


def test_of_several_files_none_is_replaced_when_one_would_lose_its_rows(tmp_path):
    old = tmp_path / "date=2026-03-02" / "hour=07" / "Young_20260302T070000Z.csv"
    old.parent.mkdir(parents=True)
    old.write_text("tag,timestamp,value,text,quality,flags\r\nBegun,2026-03-02T07:00:00.000000Z,1.0,,128,\r\n")
    before = old.read_bytes()

    with pytest.raises(AirflowFailException, match="hour=07/"):
        export(
            tmp_path,
            archive="Young",
            tags=["Begun"],
            end=END + timedelta(hours=1),
            partition_by="hour",
            file_format="csv",
        )

    assert files_in(tmp_path) == ["date=2026-03-02/hour=07/Young_20260302T070000Z.csv"]
    assert old.read_bytes() == before


def test_a_file_that_is_no_parquet_is_not_replaced_by_one_without_rows(station, tmp_path):
    file = tmp_path / "Line_20260302T070000Z.parquet"
    file.write_bytes(b"notes of the night shift")
    station.fail_next("empty_archive", count=1000, path="/tagLogging/*")

    with pytest.raises(AirflowFailException, match="rows stand in the file"):
        export(tmp_path)

    assert file.read_bytes() == b"notes of the night shift"


def test_a_station_that_fails_in_the_middle_leaves_nothing(station, tmp_path):
    station.fail_next("server_error", count=100, path="/tagLogging/Archive/Line/values")

    with pytest.raises(WinCCRuntimeError):
        export(tmp_path)

    assert files_in(tmp_path) == []


def test_a_target_that_is_a_file_is_refused_in_words(tmp_path):
    (tmp_path / "taken").write_text("")

    with pytest.raises(Exception, match=r"taken.*could not be written") as caught:
        export(tmp_path / "taken")

    assert getattr(caught.value, "retryable", False)


def test_a_store_that_nobody_knows_is_refused_in_words(tmp_path):
    operator = WinCCArchiveToObjectStorageOperator(
        task_id="export", archive="Line", tags=["Flow"], path="nowhere://user:Secret1@bucket/x"
    )

    with pytest.raises(AirflowFailException, match="cannot be used") as caught:
        operator.execute(run_of_an_hour())

    assert "Secret1" not in str(caught.value)


def test_threads_take_turns_as_before_when_an_export_is_over_or_has_failed(station, tmp_path):
    before = sys.getswitchinterval()

    export(tmp_path)
    after = sys.getswitchinterval()
    station.fail_next("server_error", count=100)
    with pytest.raises(WinCCRuntimeError):
        export(tmp_path)

    assert (after, sys.getswitchinterval()) == (before, before)
