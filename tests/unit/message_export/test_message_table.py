"""Messages in a table of SQLite: replaced by interval, filter and pattern, and by nothing that is not known."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy
from exported_messages import END, NASTY, at, exported, message

from airflow_provider_wincc.archive_export.errors import ArchiveTargetError
from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.messages.query import MessageList
from airflow_provider_wincc.message_export.columns import COLUMNS, cells_of
from airflow_provider_wincc.message_export.table import MessageTable, name_of_pattern
from airflow_provider_wincc.messages import MessagePattern

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

ERRORS, PUMPS = MessagePattern(class_name="Error"), MessagePattern(text="pump")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path}/messages.db")
    yield engine
    engine.dispose()


def put(engine: Engine, messages: list[Any], *, station: str = "plant", **of_export: Any) -> tuple[int, int]:
    table = MessageTable(engine, "messages")
    table.create()
    return table.replace(exported(messages, **of_export), station=station)


def rows_of(engine: Engine) -> list[dict[str, Any]]:
    order = "SELECT * FROM messages ORDER BY station, message_list, rest_filter, pattern, time, occurrence"
    with engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(sqlalchemy.text(order))]


def in_utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_row_has_the_cells_of_a_file_and_the_key(engine: Engine) -> None:
    one = message(0.123, NASTY, user="Meier", process_values=(96.4, "auto"), counter=3, other={"AG_NR": 3})

    assert put(engine, [one]) == (0, 1)

    (row,) = rows_of(engine)
    key = ["station", "message_list", "rest_filter", "pattern", "time", "occurrence"]
    names = ["user_name" if name == "user" else name for name in COLUMNS if name != "time"]
    assert list(row) == [*key, *names]
    assert [row[name] for name in key if name != "time"] == ["plant", "short_term_archive", "Errors", "*", 0]
    assert in_utc(row["time"]) == one.time
    assert [row[name] for name in names] == [cell for name, cell in cells_of(one).items() if name != "time"]


def test_messages_of_one_time_are_numbered(engine: Engine) -> None:
    put(engine, [message(0), message(0), message(1), message(1, number=7), message(1)])

    assert [row["occurrence"] for row in rows_of(engine)] == [0, 1, 0, 1, 2]


def test_the_interval_again_leaves_the_same_rows(engine: Engine) -> None:
    messages = [message(second, str(second)) for second in range(5)]
    put(engine, messages)
    before = rows_of(engine)

    assert put(engine, messages) == (5, 5)
    assert rows_of(engine) == before


def test_a_message_that_is_gone_or_has_come_is_so_in_the_table(engine: Engine) -> None:
    put(engine, [message(1, number=1), message(2, number=2)])
    put(engine, [message(2, number=2), message(3, number=3)])

    assert [row["number"] for row in rows_of(engine)] == [2, 3]


def test_other_times_stations_lists_filters_and_patterns_are_left_alone(engine: Engine) -> None:
    put(engine, [message(0, number=1)])
    put(engine, [message(0, number=2)], station="other")
    put(engine, [message(0, number=3)], rest_filter="All")
    put(engine, [message(0, number=4)], pattern=ERRORS)
    put(engine, [message(0, number=5)], pattern=PUMPS)
    put(engine, [message(3600, number=6)], start=END, end=at(7200))
    put(engine, [message(0, number=7)], message_list=MessageList.LONG_TERM_ARCHIVE)

    put(engine, [])

    assert sorted(row["number"] for row in rows_of(engine)) == [2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("is_full", [True, False])
def test_what_the_answer_does_not_reach_back_to_is_left_alone(engine: Engine, is_full: bool) -> None:
    put(engine, [message(1, number=1), message(1000, number=2), message(2000, number=3)])

    assert put(engine, [message(1500, number=9)], known_since=at(1500), is_full=is_full) == (1, 1)
    assert [row["number"] for row in rows_of(engine)] == [1, 2, 9]

    put(engine, [message(3600, number=4)], start=END, end=at(7200))
    assert put(engine, [], known_since=END, is_full=is_full) == (0, 0)
    assert [row["number"] for row in rows_of(engine)] == [1, 2, 9, 4]


@pytest.mark.parametrize(("start", "is_full"), [(-1, True), (60, True), (-1, False)])
def test_of_the_moment_at_which_an_answer_begins_no_row_gets_lost(engine: Engine, start: float, is_full: bool) -> None:
    burst = [message(60, number=number) for number in range(1, 6)]
    interval = {"start": at(start), "end": END}
    put(engine, [*burst, message(61, number=6)], **interval)

    # The answer cuts through the burst: two of its five rows are left.
    came = [*burst[3:], message(61, number=7), message(62, number=8)]
    replaced = put(engine, came, known_since=at(60), is_full=is_full, **interval)

    assert replaced == (1, 2)
    assert [row["number"] for row in rows_of(engine)] == [1, 2, 3, 4, 5, 7, 8]


@pytest.mark.parametrize("more", [0, 1])
def test_the_moment_at_which_a_full_answer_begins_is_replaced_by_as_many_rows_or_more(
    engine: Engine, more: int
) -> None:
    put(engine, [message(60, number=number) for number in (1, 2)])

    came = [message(60, number=number) for number in range(7, 9 + more)]

    assert put(engine, came, known_since=at(60)) == (2, 2 + more)
    assert [row["number"] for row in rows_of(engine)] == [each.number for each in came]


def test_a_message_at_the_start_of_the_interval_can_go_when_all_is_known(engine: Engine) -> None:
    put(engine, [message(0, number=1), message(0, number=2)])

    assert put(engine, [message(0, number=2)]) == (2, 1)
    assert [row["number"] for row in rows_of(engine)] == [2]


def test_a_column_can_have_another_name(engine: Engine) -> None:
    table = MessageTable(engine, "messages", columns={"number": "msg_no", "time": "raised_at"})
    table.create()
    table.replace(exported([message(5)]), station="plant")
    table.replace(exported([message(5)]), station="plant")

    query = "SELECT msg_no FROM messages WHERE raised_at < '2027-01-01'"
    with engine.connect() as connection:
        assert list(connection.execute(sqlalchemy.text(query))) == [(1001,)]


@pytest.mark.parametrize("columns", [{"user": "who"}, {"number": "time"}, {"number": "a b"}])
def test_a_wrong_name_of_a_column_is_refused(engine: Engine, columns: dict[str, str]) -> None:
    with pytest.raises(WinCCConfigurationError):
        MessageTable(engine, "messages", columns=columns)


def test_a_failure_in_the_middle_leaves_the_table_as_it_was(engine: Engine) -> None:
    put(engine, [message(1, number=1), message(2, number=2)])
    before = rows_of(engine)
    with engine.begin() as connection:
        refuse = "CREATE TRIGGER r BEFORE INSERT ON messages WHEN new.number > 8 BEGIN SELECT RAISE(ABORT, 'no'); END"
        connection.execute(sqlalchemy.text(refuse))

    with pytest.raises(ArchiveTargetError, match="Nothing was changed"):
        put(engine, [message(1, number=7), message(3, number=9)])

    assert rows_of(engine) == before


def test_a_pattern_is_named_as_it_is_written_and_shortened_with_a_checksum() -> None:
    long = [MessagePattern(text="x" * 200 + end) for end in "ab"]

    names = [name_of_pattern(pattern) for pattern in (None, ERRORS, *long)]

    assert names[:2] == ["*", "MessagePattern(class_name='Error')"]
    assert [len(name) for name in names[2:]] == [128, 128]
    assert len(set(names)) == 4
