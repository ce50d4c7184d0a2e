"""Messages into tables: the operator over a real socket, into SQLite and, where one is at hand, PostgreSQL."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
import sqlalchemy
from airflow.providers.common.compat.sdk import AirflowFailException
from archive_plant import END, START, run_of_an_hour
from message_plant import IN_THE_HOUR, NASTY, at, raise_known_messages, raise_many

from airflow_provider_wincc.archive_export.errors import ArchiveTargetError
from airflow_provider_wincc.archive_export.interval import Interval
from airflow_provider_wincc.client import WinCCRuntimeError
from airflow_provider_wincc.client.messages.query import MessageQuery
from airflow_provider_wincc.client.messages.values import Message
from airflow_provider_wincc.message_export.exported import ExportedMessages
from airflow_provider_wincc.message_export.table import MessageTable
from airflow_provider_wincc.messages import MessagePattern
from airflow_provider_wincc.operators.messages import WinCCMessagesToSqlOperator
from tests.required_services import POSTGRESQL, missing

pytestmark = pytest.mark.usefixtures("connect")


@pytest.fixture
def sqlite_engine(tmp_path, monkeypatch):
    file = tmp_path / "alarms.db"
    monkeypatch.setenv("AIRFLOW_CONN_ALARMS", json.dumps({"conn_type": "sqlite", "host": str(file)}))
    engine = sqlalchemy.create_engine(f"sqlite:///{file}")
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_engine(monkeypatch):
    where = {"host": "127.0.0.1", "port": 5432, "user": "postgres"}
    try:
        with closing(psycopg2.connect(**where, dbname="postgres", connect_timeout=2)) as connection:
            connection.autocommit = True
            connection.cursor().execute("DROP DATABASE IF EXISTS wincc_message_tests")
            connection.cursor().execute("CREATE DATABASE wincc_message_tests")
    except psycopg2.OperationalError:
        missing(POSTGRESQL)
    connection = {"conn_type": "postgres", "host": "127.0.0.1", "login": "postgres", "schema": "wincc_message_tests"}
    monkeypatch.setenv("AIRFLOW_CONN_ALARMS", json.dumps(connection))
    engine = sqlalchemy.create_engine("postgresql+psycopg2://postgres@127.0.0.1:5432/wincc_message_tests")
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request):
    return request.getfixturevalue(f"{request.param}_engine")


def export(context=None, **arguments):
    arguments = {"rest_filter": "Errors", "table": "alarms", **arguments}
    operator = WinCCMessagesToSqlOperator(task_id="export", sql_conn_id="alarms", **arguments)
    return operator.execute(context or run_of_an_hour())


def rows_of(engine, sql="SELECT * FROM alarms ORDER BY station, message_list, rest_filter, pattern, time, occurrence"):
    with engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(sqlalchemy.text(sql))]


def in_utc(moment):
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def seen(rows):
    return [(in_utc(row["time"]), row["number"], row["state"]) for row in rows]


def test_every_message_of_the_interval_is_in_the_table(station, engine):
    raise_known_messages(station)

    result = export()

    rows = rows_of(engine)
    assert seen(rows) == IN_THE_HOUR
    names = {tuple(row[name] for name in ("station", "message_list", "rest_filter", "pattern")) for row in rows}
    assert names == {("wincc_default", "short_term_archive", "Errors", "*")}
    assert (rows[0]["process_value_1"], rows[4]["process_text_1"]) == (92.5, "sensor fault")
    assert (rows[3]["user_name"], rows[1]["duration_seconds"]) == ("Meier", 60.5)
    assert (result["table"], result["written"], result["replaced"]) == ("alarms", 5, 0)
    assert (result["rows"], result["may_lack_messages"]) == (5, False)
    assert json.loads(json.dumps(result, allow_nan=False)) == result


def test_an_answer_without_a_body_takes_no_row_away_that_an_earlier_run_wrote(station, engine):
    raise_known_messages(station)
    export()
    station.fail_next("empty_body")

    result = export()

    assert seen(rows_of(engine)) == IN_THE_HOUR
    assert (result["rows"], result["written"]) == (5, 5)


def test_texts_are_kept_as_text(station, engine):
    raise_known_messages(station)
    station.raise_message(1001, texts=["'); DROP TABLE alarms; --", "a\x00b"], instance="\x00", time=at(5))

    export()

    texts = {row["text_1"]: row for row in rows_of(engine)}
    assert texts["Tank2 level high"]["text_2"] == NASTY
    dropped = texts["'); DROP TABLE alarms; --"]
    assert (dropped["text_2"], dropped["instance"]) == ("a\ufffdb", "\ufffd")


def test_what_is_no_character_does_not_end_an_export(engine):
    broken = "half \ud83d\x00 pair"
    message = Message(
        number=1,
        time=START,
        texts=(broken,) * 10,
        process_values=(broken, 2**53 + 1, float("inf")),
        instance=broken,
        other={broken: broken},
    )
    exported = ExportedMessages(
        query=MessageQuery("Errors", "short_term_archive"),
        pattern=MessagePattern(text=broken),
        station="https://plant.example:34568",
        interval=Interval(START, END),
        messages=(message,),
        may_lack_messages=False,
        known_since=START,
    )
    table = MessageTable(engine, "alarms")
    table.create()

    assert [table.replace(exported, station="plant") for _ in range(2)] == [(0, 1), (1, 1)]

    (row,) = rows_of(engine)
    assert {row["text_1"], row["text_10"], row["process_text_1"], row["instance"]} == {"half \ufffd\ufffd pair"}
    assert (row["process_text_2"], row["process_text_3"]) == ("9007199254740993", "inf")
    assert json.loads(row["other"]) == {"half \ufffd\ufffd pair": "half \ufffd\ufffd pair"}


def test_the_same_interval_twice_leaves_the_same_rows(station, engine):
    raise_known_messages(station)
    raise_many(station, 50, first=100, step=0)
    first = export()
    before = rows_of(engine)

    second = export()

    assert first["written"] == second["replaced"] == 55
    assert rows_of(engine) == before


def test_a_message_that_came_late_is_added(station, engine):
    raise_known_messages(station)
    export()
    station.raise_message(1002, time=at(10))

    assert export()["written"] == 6
    assert seen(rows_of(engine))[1] == (at(10), 1002, "came in")


def test_other_intervals_lists_filters_patterns_and_stations_are_left_alone(station, engine):
    raise_known_messages(station)
    export()
    export(run_of_an_hour(END, END + timedelta(hours=1)))
    export(rest_filter="All")
    export(pattern=MessagePattern(number=1001))
    export(pattern=MessagePattern(number=1002))
    export(station_name="other")
    export(message_list="long_term_archive")
    before = rows_of(engine)

    assert export(pattern=MessagePattern(number=1002))["replaced"] == 2
    assert export()["replaced"] == 5
    assert rows_of(engine) == before
    assert len(before) == 5 + 1 + 5 + 3 + 2 + 5 + 5


def test_rows_that_the_station_does_not_hand_out_any_more_stay(station, engine):
    raise_known_messages(station)
    export()
    raise_many(station, 1000, first=1801.5)

    result = export()

    assert result["may_lack_messages"] is True
    rows = seen(rows_of(engine))
    assert rows[:4] == IN_THE_HOUR[:4]
    assert len(rows) == 4 + 999
    assert result["replaced"] == 1

    raise_many(station, 1000, first=4000)
    assert export()["written"] == 0
    assert seen(rows_of(engine)) == rows


def test_of_a_burst_that_a_full_answer_cuts_through_the_table_keeps_every_row(station, engine):
    raise_many(station, 5, first=100, step=0)
    raise_many(station, 10, first=200)
    export()
    raise_many(station, 988, first=300)

    result = export()

    assert (result["may_lack_messages"], result["rows"]) == (True, 1000)
    assert (result["replaced"], result["written"]) == (10, 998)
    assert len(rows_of(engine)) == 5 + 998


def test_with_fail_if_incomplete_the_table_is_unchanged(station, engine):
    raise_known_messages(station)
    export()
    before = rows_of(engine)
    raise_many(station, 1000, first=100)

    with pytest.raises(AirflowFailException, match="Nothing was written"):
        export(fail_if_incomplete=True)

    assert rows_of(engine) == before


def test_columns_can_have_other_names(station, engine):
    raise_known_messages(station)
    export(columns={"time": "raised_at", "user_name": "operator"})

    rows = rows_of(engine, "SELECT raised_at, operator FROM alarms WHERE operator = 'Meier'")
    assert [in_utc(row["raised_at"]) for row in rows] == [at(1801)]


def test_a_table_can_be_in_a_schema(station, postgres_engine):
    raise_known_messages(station)
    with postgres_engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE SCHEMA plant"))

    export(table="plant.alarms")

    assert len(rows_of(postgres_engine, "SELECT * FROM plant.alarms")) == 5


def test_a_failure_of_the_station_leaves_the_table_as_it_was(station, engine):
    raise_known_messages(station)
    export()
    before = rows_of(engine)
    station.fail_next("server_error", count=100, path="/alarmLogging/*")

    with pytest.raises(WinCCRuntimeError):
        export()

    assert rows_of(engine) == before


def test_a_failure_in_the_middle_of_writing_leaves_the_table_as_it_was(station, engine):
    raise_known_messages(station)
    export()
    before = rows_of(engine)
    refuse = "ALTER TABLE alarms ADD CONSTRAINT few CHECK (time <> '2026-03-02 07:00:10+00') NOT VALID"
    if engine.dialect.name == "sqlite":
        refuse = (
            "CREATE TRIGGER few BEFORE INSERT ON alarms WHEN new.time LIKE '2026-03-02 07:00:10%' "
            "BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text(refuse))
    station.raise_message(1001, time=at(10))

    with pytest.raises((ArchiveTargetError, AirflowFailException), match="Nothing was changed"):
        export()

    assert rows_of(engine) == before


def test_a_table_with_other_columns_is_refused_and_the_needed_ones_are_named(station, engine):
    raise_known_messages(station)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE alarms (number bigint, text_1 text)"))

    with pytest.raises(AirflowFailException, match="occurrence"):
        export()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"table": "alarms; DROP TABLE x"}, "is not the name of a table"),
        ({"columns": {"user": "x"}}, "no column 'user'"),
        ({"columns": {"number": "time"}}, "each once"),
        ({"rest_filter": "Erors"}, "'Erors'"),
    ],
)
@pytest.mark.usefixtures("sqlite_engine")
def test_bad_input_fails_without_retries(arguments, told):
    with pytest.raises(AirflowFailException, match=told):
        export(**arguments)


def test_a_connection_that_is_none_of_a_database_is_refused(monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_ALARMS", json.dumps({"conn_type": "wincc", "host": "wincc01"}))

    with pytest.raises(AirflowFailException, match="is none of a database"):
        export()


def test_a_database_that_is_away_fails_with_retries_and_shows_no_password(monkeypatch):
    connection = {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "erp", "password": "Secret1"}
    monkeypatch.setenv("AIRFLOW_CONN_ALARMS", json.dumps(connection))

    with pytest.raises(ArchiveTargetError) as caught:
        export()

    assert "Secret1" not in str(caught.value)


def test_tasks_that_write_one_interval_at_the_same_time_do_not_double_it(station, postgres_engine):
    raise_known_messages(station)
    export()

    with ThreadPoolExecutor() as pool:
        attempts = [pool.submit(export) for _ in range(6)]
    failures = [attempt.exception() for attempt in attempts if attempt.exception() is not None]

    # Whoever comes second replaces the rows of the first, or is refused and may try again.
    assert len(failures) < len(attempts)
    assert {type(failure) for failure in failures} <= {ArchiveTargetError}
    assert seen(rows_of(postgres_engine)) == IN_THE_HOUR


def test_a_locked_table_fails_with_retries(sqlite_engine, tmp_path, station):
    raise_known_messages(station)
    export()
    with closing(sqlite3.connect(tmp_path / "alarms.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ArchiveTargetError, match="locked"):
            export()
        other.execute("ROLLBACK")

    assert seen(rows_of(sqlite_engine)) == IN_THE_HOUR
