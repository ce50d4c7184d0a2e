"""Archives into tables: the operator over a real socket, into SQLite and, where one is at hand, PostgreSQL."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg2
import pytest
import sqlalchemy
from airflow.providers.common.compat.sdk import AirflowFailException
from archive_plant import ARCHIVE, END, START, run_of_an_hour

from airflow_provider_wincc.archive_export.errors import ArchiveTargetError
from airflow_provider_wincc.archive_export.table import ArchiveTable, TableInterval
from airflow_provider_wincc.client import WinCCRuntimeError
from airflow_provider_wincc.operators.archives import WinCCArchiveToSqlOperator
from airflow_provider_wincc.simulator import Simulator
from tests.required_services import POSTGRESQL, missing

pytestmark = pytest.mark.usefixtures("connect")


@pytest.fixture
def station():
    with Simulator(plant="still", archives=[ARCHIVE]) as simulator:
        yield simulator


@pytest.fixture
def sqlite_engine(tmp_path, monkeypatch):
    file = tmp_path / "history.db"
    monkeypatch.setenv("AIRFLOW_CONN_HISTORY", json.dumps({"conn_type": "sqlite", "host": str(file)}))
    engine = sqlalchemy.create_engine(f"sqlite:///{file}")
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_engine(monkeypatch):
    where = {"host": "127.0.0.1", "port": 5432, "user": "postgres"}
    try:
        with closing(psycopg2.connect(**where, dbname="postgres", connect_timeout=2)) as connection:
            connection.autocommit = True
            connection.cursor().execute("DROP DATABASE IF EXISTS wincc_archive_tests")
            connection.cursor().execute("CREATE DATABASE wincc_archive_tests")
    except psycopg2.OperationalError:
        missing(POSTGRESQL)
    monkeypatch.setenv(
        "AIRFLOW_CONN_HISTORY",
        json.dumps(
            {"conn_type": "postgres", "host": "127.0.0.1", "login": "postgres", "schema": "wincc_archive_tests"}
        ),
    )
    engine = sqlalchemy.create_engine("postgresql+psycopg2://postgres@127.0.0.1:5432/wincc_archive_tests")
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request):
    return request.getfixturevalue(f"{request.param}_engine")


def export(context=None, **arguments):
    arguments = {"archive": "Line", "tags": ["Flow", "Speed"], "table": "history", **arguments}
    operator = WinCCArchiveToSqlOperator(task_id="export", sql_conn_id="history", **arguments)
    return operator.execute(context or run_of_an_hour())


def rows_of(engine, sql="SELECT * FROM history ORDER BY station, tag, timestamp, occurrence"):
    with engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(sqlalchemy.text(sql))]


def in_utc(moment):
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def expected(station, tag, start=START, end=END):
    return [(row.timestamp, row.value, row.quality) for row in station.archive("Line").rows(tag, start, end)]


def test_every_row_of_the_interval_is_in_the_table_and_rows_of_one_moment_are_numbered(station, engine):
    result = export()

    rows = rows_of(engine)
    flow = [(in_utc(row["timestamp"]), row["value"], row["quality"]) for row in rows if row["tag"] == "Flow"]
    assert flow == expected(station, "Flow")
    assert {(row["station"], row["archive"]) for row in rows} == {("wincc_default", "Line")}
    assert {row["occurrence"] for row in rows} == {0, 1}
    assert (result["table"], result["written"], result["replaced"]) == ("history", len(rows), 0)
    assert result["rows"] == len(rows)


def test_the_same_interval_twice_leaves_the_same_rows(engine):
    first = export()
    before = rows_of(engine)

    second = export()

    assert second["replaced"] == first["written"]
    assert rows_of(engine) == before


def test_other_intervals_tags_stations_and_archives_are_left_alone(station, engine):
    later = run_of_an_hour(END, END + timedelta(hours=1))
    export()
    export(later)
    export(station_name="other")
    export(tags=["Running"])
    before = rows_of(engine)

    export(tags=["Speed"])

    assert rows_of(engine) == before
    hours = expected(station, "Flow", START, END + timedelta(hours=1))
    of_one = "SELECT * FROM history WHERE tag = 'Flow' AND station = 'wincc_default' ORDER BY timestamp, occurrence"
    assert [in_utc(row["timestamp"]) for row in rows_of(engine, of_one)] == [row[0] for row in hours]


def test_buckets_go_into_a_table_of_their_own_form(engine):
    arguments = {"table": "minutes", "resample": timedelta(minutes=10), "aggregates": ["max", "good_count"]}
    result = export(tags=["Flow"], **arguments)
    export(tags=["Flow"], **arguments)

    rows = rows_of(engine, "SELECT * FROM minutes ORDER BY timestamp")
    assert list(rows[0]) == ["station", "archive", "tag", "timestamp", "bucket_end", "row_count", "max", "good_count"]
    assert len(rows) == result["written"] == 6
    assert in_utc(rows[-1]["bucket_end"]) == END


def test_columns_can_have_other_names(engine):
    export(columns={"timestamp": "archived_at", "value": "reading"})

    rows = rows_of(engine, "SELECT archived_at, reading FROM history WHERE tag = 'Speed'")
    assert len(rows) == 480


def test_a_failure_in_the_middle_of_reading_leaves_the_table_as_it_was(station, engine):
    export()
    before = rows_of(engine)
    station.fail_next("server_error", count=100, path="/tagLogging/Archive/Line/values")

    with pytest.raises(WinCCRuntimeError):
        export()

    assert rows_of(engine) == before


def test_a_failure_in_the_middle_of_writing_leaves_the_table_as_it_was(engine):
    export(tags=["Speed"])
    before = rows_of(engine)
    refuse = "ALTER TABLE history ADD CONSTRAINT low CHECK (timestamp < '2026-03-02 07:30:00+00') NOT VALID"
    if engine.dialect.name == "sqlite":
        refuse = (
            "CREATE TRIGGER late BEFORE INSERT ON history WHEN new.timestamp > '2026-03-02 07:30:00' "
            "BEGIN SELECT RAISE(ABORT, 'too late'); END"
        )
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text(refuse))

    with pytest.raises((ArchiveTargetError, AirflowFailException), match="Nothing was changed"):
        export(tags=["Speed"])

    assert rows_of(engine) == before


def test_a_table_with_other_columns_is_refused_and_the_needed_ones_are_named(engine):
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE history (tag text, value double precision)"))

    with pytest.raises(AirflowFailException, match="occurrence"):
        export()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"table": "history; DROP TABLE x"}, "is not the name of a table"),
        ({"columns": {"moment": "x"}}, "no column 'moment'"),
        ({"columns": {"value": "tag"}}, "each once"),
        ({"archive": "Lime"}, "'Lime'"),
    ],
)
@pytest.mark.usefixtures("sqlite_engine")
def test_bad_input_fails_without_retries(arguments, told):
    with pytest.raises(AirflowFailException, match=told):
        export(**arguments)


def test_a_connection_that_is_none_of_a_database_is_refused(monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_HISTORY", json.dumps({"conn_type": "wincc", "host": "wincc01"}))

    with pytest.raises(AirflowFailException, match="is none of a database"):
        export()


def test_a_database_that_is_away_fails_with_retries_and_shows_no_password(monkeypatch, station):
    connection = {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "erp", "password": "Secret1"}
    monkeypatch.setenv("AIRFLOW_CONN_HISTORY", json.dumps(connection))

    with pytest.raises(ArchiveTargetError) as caught:
        export()

    assert "Secret1" not in str(caught.value)
    # The plant is not asked for rows that have nowhere to go.
    assert not any(request.path.endswith("/values") for request in station.requests)


def test_a_locked_table_fails_with_retries(sqlite_engine, tmp_path):
    export(tags=["Running"])
    with closing(sqlite3.connect(tmp_path / "history.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ArchiveTargetError, match="locked"):
            export(tags=["Running"])
        other.execute("ROLLBACK")

    assert len(rows_of(sqlite_engine)) == 60


BUCKETS = {"resample": timedelta(minutes=10), "lookback": timedelta(hours=1)}


@pytest.mark.parametrize("form", [{}, BUCKETS], ids=["rows", "buckets"])
def test_rows_that_the_archive_has_deleted_meanwhile_stay_in_the_table(station, engine, form):
    order = "SELECT * FROM history ORDER BY tag, timestamp"
    written = export(**form)["written"]
    before = rows_of(engine, order)
    station.fail_next("empty_archive", count=1000, path="/tagLogging/*")

    with pytest.raises(
        AirflowFailException, match=f"where {written:,} rows of station 'wincc_default' stand"
    ) as caught:
        export(**form)

    told = str(caught.value)
    assert "no rows of archive 'Line' from 2026-03-02T07:00:00+00:00 to 2026-03-02T08:00:00+00:00" in told
    assert "table 'history'. Nothing was changed" in told
    assert "delete these rows by hand" in told
    assert rows_of(engine, order) == before


def test_an_interval_without_rows_is_exported_as_often_as_one_likes(station, engine):
    station.fail_next("empty_archive", count=1000, path="/tagLogging/*")
    export()
    station.clear_faults()
    export(run_of_an_hour(END, END + timedelta(hours=1)))
    export(tags=["Running"])
    station.fail_next("empty_archive", count=1000, path="/tagLogging/*")

    # Rows of other hours and tags are nothing that would be lost.
    result = export()

    assert (result["written"], result["replaced"], result["rows"]) == (0, 0, 0)


def test_another_spelling_of_a_tag_replaces_its_rows(engine):
    first = export(tags=["Flow", "Speed"])

    second = export(tags=["FLOW"])

    assert second["replaced"] == second["written"]
    assert sorted({row["tag"] for row in rows_of(engine)}) == ["FLOW", "Speed"]
    assert len(rows_of(engine)) == first["written"]


def test_spellings_differ_in_letters_of_all_languages_and_other_tags_stay(engine):
    table = ArchiveTable(engine, "history")
    table.create()
    others = {"timestamp": START, "occurrence": 0, "value": 1.0, "text": None, "quality": 128, "flags": None}

    def replace(*tags, station="wincc01"):
        interval = TableInterval(station=station, archive="Line", tags=tags, start=START, end=END)
        return table.replace(interval, [[{"tag": tag, **others} for tag in tags]])

    replace("Öl_Füllstand", "a", "Z", "ölstand")
    replace("ÖL_FÜLLSTAND", station="wincc02")

    assert replace("ÖL_FÜLLSTAND", "A") == (2, 2)
    rows = {(row["station"], row["tag"]) for row in rows_of(engine)}
    assert rows == {
        *(("wincc01", tag) for tag in ("ÖL_FÜLLSTAND", "A", "Z", "ölstand")),
        ("wincc02", "ÖL_FÜLLSTAND"),
    }


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_temporary_folder_is_told_as_it_is_and_leaves_the_table(sqlite_engine, monkeypatch):
    export()
    before = rows_of(sqlite_engine)
    full = Path("/dev/full").open("r+b")  # noqa: SIM115  closed by the spool
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: full)

    with pytest.raises(
        ArchiveTargetError, match=r"could not be kept in the temporary folder .*No space left"
    ) as caught:
        export()

    assert caught.value.retryable
    assert rows_of(sqlite_engine) == before


def test_texts_that_no_database_takes_come_with_a_mark_in_their_place(engine):
    table = ArchiveTable(engine, "history")
    table.create()
    interval = TableInterval(station="wincc01", archive="Line", tags=["Batch"], start=START, end=END)
    row = {"tag": "Batch", "timestamp": START, "occurrence": 0, "value": None, "quality": 128, "flags": None}

    table.replace(interval, [[{**row, "text": "B-\x00\ud800-7 <b>\x1b"}]])

    assert [row["text"] for row in rows_of(engine)] == ["B-\ufffd\ufffd-7 <b>\x1b"]
