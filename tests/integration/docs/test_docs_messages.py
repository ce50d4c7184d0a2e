"""The page on messages: what it runs does what it says, and its tables say what the code says."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from documentation import blocks, table, text_of
from pyarrow import parquet

from airflow_provider_wincc.assets.messages import message_asset
from airflow_provider_wincc.client import MessageList, MessageState, WinCCConfigurationError, WinCCError
from airflow_provider_wincc.client.messages.query import MOST_MESSAGES
from airflow_provider_wincc.hooks.message_lineage import name_for_lineage
from airflow_provider_wincc.message_export.log_lines import MOST_LINES
from airflow_provider_wincc.message_export.parquet_form import MESSAGE_SCHEMA
from airflow_provider_wincc.messages import MessagePattern
from airflow_provider_wincc.messages.arrivals import LATEST
from airflow_provider_wincc.messages.payloads import MOST_BYTES
from airflow_provider_wincc.messages.waiting import MOST_TOLD
from airflow_provider_wincc.operators.message_operator import MessageExportOperator
from airflow_provider_wincc.operators.messages import (
    FILE_FORMATS,
    WinCCMessagesToObjectStorageOperator,
    WinCCMessagesToSqlOperator,
    WinCCReadMessagesOperator,
)
from airflow_provider_wincc.sensors.messages import WinCCMessageSensor
from airflow_provider_wincc.triggers.messages import WinCCMessageEventTrigger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import PageRun

    from airflow_provider_wincc.simulator import Simulator

PAGE = "docs/messages.md"
START = datetime(2026, 3, 2, 7, tzinfo=UTC)
END = START + timedelta(hours=1)
OF_THE_RUN = {"station", "dag_id", "run_id", "task_id", "map_index", "try_number"}
HEADINGS: dict[type[Any], str] = {
    WinCCReadMessagesOperator: "Of `WinCCReadMessagesOperator`:",
    WinCCMessageSensor: "Of `WinCCMessageSensor`, beside those of every sensor:",
    WinCCMessageEventTrigger: "Of `WinCCMessageEventTrigger`, none of which may be a template:",
    MessageExportOperator: "Of both exports:",
    WinCCMessagesToObjectStorageOperator: "Of `WinCCMessagesToObjectStorageOperator`:",
    WinCCMessagesToSqlOperator: "Of `WinCCMessagesToSqlOperator`:",
}
WITH_TEMPLATES = [kind for kind in HEADINGS if kind is not WinCCMessageEventTrigger]


def words_of(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def shown(begin: str) -> dict[str, Any]:
    """Return the JSON of the page whose first key is this."""
    (found,) = [block for block in blocks("json", PAGE) if next(iter(json.loads(block.code))) == begin]
    result: dict[str, Any] = json.loads(found.code)
    return result


def in_the_hour(context: dict[str, Any], start: datetime = START, end: datetime = END) -> dict[str, Any]:
    return {**context, "data_interval_start": start, "data_interval_end": end}


def raise_as_shown(station: Simulator, time: datetime | None = None) -> None:
    texts = ["Tank1 level high", "Tank1", "Level 92.5 %, limit 90.0 %"]
    station.raise_message(1001, texts=texts, process_values=[92.5, 90.0], time=time)


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_page: Callable[[str], PageRun]) -> PageRun:
    """The page, run, with its folder and its database replaced by those of the test."""
    monkeypatch.setenv("AIRFLOW_CONN_ERP", json.dumps({"conn_type": "sqlite", "host": str(tmp_path / "erp.db")}))
    done = run_page(PAGE)
    done.names["to_files"].path = f"file://{tmp_path}/plant"
    return done


class TestReading:
    def test_the_result_of_the_page_is_that_of_its_operator(
        self, page: PageRun, station: Simulator, context: dict[str, Any]
    ) -> None:
        raise_as_shown(station)

        real = page.names["read_alarms"].execute(context)

        said = shown("messages")
        (message,), (real_message,) = said["messages"], real["messages"]
        assert list(said) == list(real)
        assert list(message) == list(real_message)
        of_the_moment = {"time", "counter"}
        assert {key: message[key] for key in message.keys() - of_the_moment} == {
            key: real_message[key] for key in real_message.keys() - of_the_moment
        }
        assert (said["count"], said["may_lack_messages"]) == (real["count"], real["may_lack_messages"])

    def test_the_lists_and_what_they_are_good_for_are_those_of_the_code(self) -> None:
        for row in table(PAGE, "`message_list`"):
            (name,) = words_of(row[0])
            known = MessageList(name)
            assert row[2] == (f"{MOST_MESSAGES:,}" if known.has_max_values else "all")
            assert ("`since`" in row[3]) is known.is_history
            assert bool(row[4]) is can_be_watched(name)
            assert bool(row[5]) is known.is_history
        assert [words_of(row[0])[0] for row in table(PAGE, "`message_list`")] == list(MessageList)

    def test_the_states_are_those_of_the_code(self) -> None:
        assert [(words_of(row[0])[0], int(row[1])) for row in table(PAGE, "state")] == [
            (state.words, state.value) for state in MessageState
        ]

    def test_the_python_of_the_page_sees_what_the_station_has_in_german(self, page: PageRun) -> None:
        assert page.names["query"].language == "de-DE"
        assert set(page.names["numbers"]) == {1001, 1002, 2001, 2002, 3001}
        assert len(page.names["limits"]) == 1


def can_be_watched(message_list: str) -> bool:
    try:
        WinCCMessageEventTrigger("wincc_default", "Errors", message_list=message_list)
    except WinCCConfigurationError:
        return False
    return True


def test_the_arguments_of_a_pattern_are_those_of_the_page() -> None:
    rows = table(PAGE, "argument", after="## Patterns")

    assert [words_of(row[0])[0] for row in rows] == list(inspect.signature(MessagePattern).parameters)
    for name, allowed in [("priority", (8, 16)), ("state", ("came in", "went out"))]:
        (row,) = [row for row in rows if row[0] == f"`{name}`"]
        assert f"`{allowed!r}`".replace("'", '"') in row[1]
        assert MessagePattern(**{name: allowed})


class TestWaiting:
    def test_the_waits_of_the_page_end_when_it_says(
        self, page: PageRun, station: Simulator, context: dict[str, Any]
    ) -> None:
        quiet, for_operator = page.names["wait_until_quiet"], page.names["wait_for_operator"]
        dag_run = SimpleNamespace(run_after=datetime.now(UTC))
        since = for_operator.render_template(for_operator.since, {"dag_run": dag_run})
        for_operator.since = since
        station.raise_message(1001)
        assert not pokes(quiet, context)
        assert not pokes(for_operator, context)

        station.acknowledge_message(1001)
        assert pokes(for_operator, context)
        assert not pokes(quiet, context)

        station.clear_message(1001)
        assert pokes(quiet, context)

    def test_acknowledging_by_a_tag_is_proved_by_the_message(
        self, page: PageRun, station: Simulator, context: dict[str, Any]
    ) -> None:
        station.raise_message(1001)
        acknowledged = page.names["acknowledged"]
        assert not pokes(acknowledged, context)

        page.names["acknowledge"].execute(context)

        assert pokes(acknowledged, context)
        assert [write.tag for write in station.writes] == ["Messages.Acknowledge"]

    @pytest.mark.parametrize(
        ("arguments", "row"),
        [
            ({"message_list": "short_term_archive"}, "an archive without `since`"),
            ({"message_list": "hit_list", "until": "absent"}, "`absent` with an archive or the hit list"),
        ],
    )
    def test_what_cannot_be_waited_for_is_refused(self, arguments: dict[str, Any], row: str) -> None:
        assert [cells[1] for cells in table(PAGE, "case") if cells[0] == row and cells[1].startswith("refused")]
        with pytest.raises(WinCCConfigurationError):
            WinCCMessageSensor(task_id="wait", rest_filter="Errors", **arguments)

    def test_the_numbers_of_the_page_are_those_of_the_code(self) -> None:
        wait = WinCCMessageSensor(task_id="wait", rest_filter="Errors")

        assert f"`messages`, the newest {MOST_TOLD} of those" in text_of(PAGE)
        assert f"`max_consecutive_failures` ({wait.max_consecutive_failures})" in text_of(PAGE)


def pokes(sensor: WinCCMessageSensor, context: dict[str, Any]) -> bool:
    """Whether a sensor is content at its first look."""
    sensor._wait_state = sensor._new_wait()
    return bool(sensor.poke(context).is_done)


class TestWatching:
    @pytest.mark.asyncio
    async def test_the_payload_of_the_page_is_that_of_its_watcher(self, page: PageRun, station: Simulator) -> None:
        (watcher,) = page.names["alarms"].watchers
        trigger = watcher.trigger
        trigger.poke_interval = trigger.batch_window = 0.2
        list_alarms = page.names["list_alarms"].function
        events = trigger.run()
        waiting = asyncio.ensure_future(anext(events))
        try:
            async with asyncio.timeout(30):
                await until_watched(station)
                raise_as_shown(station)
                payload = (await waiting).payload
        finally:
            waiting.cancel()
            await events.aclose()

        said = shown("wincc_conn_id")
        assert list(said) == list(payload)
        assert list(said["messages"][0]) == list(payload["messages"][0])
        of_the_moment = {"sequence", "messages", "seen_at"}
        assert {key: said[key] for key in said.keys() - of_the_moment} == {
            key: payload[key] for key in payload.keys() - of_the_moment
        }
        event = SimpleNamespace(extra={"from_trigger": True, "payload": payload})
        by_hand = SimpleNamespace(extra={})
        assert list_alarms({"alarms": [event, event, by_hand]}) == [1001]
        assert list_alarms({}) == []

    def test_the_asset_is_named_as_the_page_says(self, page: PageRun) -> None:
        alarms = page.names["alarms"]

        assert f"Its name and URI are `{alarms.uri}`, and its group is `{alarms.group}`" in text_of(PAGE)
        assert alarms.name == alarms.uri == message_asset("Errors", message_list="short_term_archive").uri

    def test_the_bounds_of_the_page_are_those_of_the_code(self) -> None:
        watcher = WinCCMessageEventTrigger("wincc_default", "Errors")

        assert f"`max_messages` ({watcher.max_messages}) messages and about {MOST_BYTES // 1024} KiB" in text_of(PAGE)
        assert "two hours older than the newest row" in text_of(PAGE)
        assert timedelta(hours=2) == LATEST
        assert f"in 2 seconds, it takes more than {MOST_MESSAGES // 2} messages a second" in text_of(PAGE)

    def test_a_template_is_refused(self) -> None:
        with pytest.raises(WinCCConfigurationError, match="template"):
            WinCCMessageEventTrigger("wincc_default", "Errors", MessagePattern(text="{{ ds }}"))


async def until_watched(station: Simulator) -> None:
    while sum("ShortTermArchive" in request.path for request in station.requests) < 2:  # noqa: ASYNC110  a socket's end
        await asyncio.sleep(0.02)


class TestExporting:
    def test_the_result_of_the_page_is_that_of_its_export(
        self, page: PageRun, station: Simulator, context: dict[str, Any], tmp_path: Path
    ) -> None:
        said = shown("rest_filter")
        for name in ("first", "last"):
            station.raise_message(1001, time=datetime.fromisoformat(said[name]))

        real = page.names["to_files"].execute(in_the_hour(context))

        assert list(said) == list(real)
        same = said.keys() - OF_THE_RUN - {"paths"}
        assert {key: said[key] for key in same} == {key: real[key] for key in same}
        assert [path.removeprefix("file:///data/plant/") for path in said["paths"]] == [
            path.removeprefix(f"file://{tmp_path}/plant/") for path in real["paths"]
        ]

    def test_the_columns_are_those_of_a_file_and_its_metadata_is_named(
        self, page: PageRun, station: Simulator, context: dict[str, Any]
    ) -> None:
        described = {}
        for row in table(PAGE, "column"):
            names = words_of(row[0])
            if " to " in row[0]:
                begin, _, last = names[1].rpartition("_")
                names = [f"{begin}_{number}" for number in range(1, int(last) + 1)]
            types = row[1].split(", ") if len(names) == len(row[1].split(", ")) else [row[1]] * len(names)
            described.update(zip(names, types, strict=True))
        to_files = page.names["to_files"]
        to_files.file_format = "parquet"

        (path,) = to_files.execute(in_the_hour(context))["paths"]

        schema = parquet.read_schema(path.removeprefix("file://"))
        shown_types = {"timestamp[ms, tz=UTC]": "timestamp in milliseconds, UTC"}
        assert described == {field.name: shown_types.get(str(field.type), str(field.type)) for field in schema}
        assert schema.names == MESSAGE_SCHEMA.names
        sentence = text_of(PAGE).partition("A Parquet file has in its metadata")[2].partition(".\n")[0]
        assert words_of(sentence) == [key.decode() for key in schema.metadata if key.startswith(b"wincc.")]

    def test_the_table_of_the_page_has_its_key_and_the_columns_of_files(
        self, page: PageRun, station: Simulator, context: dict[str, Any], tmp_path: Path
    ) -> None:
        station.raise_message(2001, time=START)

        written = page.names["to_table"].execute(in_the_hour(context))

        with closing(sqlite3.connect(tmp_path / "erp.db")) as database:
            columns = [(row[1], row[5]) for row in database.execute("PRAGMA table_info(plant_messages)")]
            rows = database.execute("SELECT station, rest_filter, pattern FROM plant_messages").fetchall()
        key = [words_of(row[0])[0] for row in table(PAGE, "column of the key")]
        assert [name for name, place in columns if place] == key
        of_files = ["user_name" if name == "user" else name for name in MESSAGE_SCHEMA.names if name != "time"]
        assert [name for name, place in columns if not place] == of_files
        assert rows == [("wincc_default", "All", "MessagePattern(class_name='Warning')")]
        assert {"table", "written", "replaced"} <= written.keys()

    @pytest.mark.parametrize(
        ("row", "first"),
        [
            ("reach back to before the interval", START - timedelta(minutes=1)),
            ("begin in the interval", START + timedelta(minutes=1)),
            ("begin after the interval", END + timedelta(minutes=1)),
        ],
    )
    def test_what_can_be_exported_is_as_the_page_says(
        self, row: str, first: datetime, page: PageRun, station: Simulator, context: dict[str, Any]
    ) -> None:
        (said,) = [cells[1] for cells in table(PAGE, "the newest 1,000") if cells[0] == row]
        for number in range(MOST_MESSAGES + 1):
            station.raise_message(1001, time=first + timedelta(seconds=number / 10))
        to_files = page.names["to_files"]

        exported = to_files.execute(in_the_hour(context))

        assert exported["may_lack_messages"] is ("`may_lack_messages` is true" in said)
        assert bool(exported["paths"]) is ("nothing is written" not in said)
        to_files.fail_if_incomplete = True
        if exported["may_lack_messages"]:
            with pytest.raises(AirflowFailException):
                to_files.execute(in_the_hour(context))
        else:
            assert to_files.execute(in_the_hour(context))["rows"] == exported["rows"]

    def test_lineage_names_what_is_read_as_the_page_does(self) -> None:
        name = name_for_lineage(MessageList.SHORT_TERM_ARCHIVE, "Errors")

        assert f"Lineage names what is read `{name}`" in text_of(PAGE)

    def test_the_log_shows_as_many_messages_as_the_page_says(self) -> None:
        assert f"at most {MOST_LINES} messages" in text_of(PAGE)


def shown_default(value: object) -> str:
    if value is inspect.Parameter.empty:
        return "required"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g} s"
    return f"`{value}`" if isinstance(value, str) else f"{value:g}"


@pytest.mark.parametrize("kind", HEADINGS, ids=lambda kind: kind.__name__)
def test_every_argument_is_described_with_its_default(kind: type[Any]) -> None:
    rows = {words_of(row[0])[0]: row for row in table(PAGE, "argument", after=HEADINGS[kind])}
    # Airflow wraps the constructors of operators.
    signature = inspect.signature(inspect.unwrap(kind.__init__)).parameters
    arguments = {name: given.default for name, given in signature.items() if name not in {"self", "kwargs"}}

    assert rows.keys() == arguments.keys()
    for name, default in arguments.items():
        said = rows[name][1]
        assert said.startswith("none: ") if default is None else said == shown_default(default), name


@pytest.mark.parametrize("kind", WITH_TEMPLATES, ids=lambda kind: kind.__name__)
def test_every_template_is_described(kind: type[Any]) -> None:
    rows = table(PAGE, "argument", after=HEADINGS[kind])
    of_base = set(MessageExportOperator.template_fields) if issubclass(kind, MessageExportOperator) else set()
    if kind in {MessageExportOperator, WinCCReadMessagesOperator}:
        of_base = set()
    elif kind is WinCCMessageSensor:
        of_base = {"wincc_conn_id"}  # of every sensor

    assert {words_of(row[0])[0] for row in rows if row[2] == "yes"} == set(kind.template_fields) - of_base


@pytest.mark.parametrize("kind", WITH_TEMPLATES, ids=lambda kind: kind.__name__)
def test_the_docstring_of_a_class_names_the_arguments_of_the_page(kind: type[Any]) -> None:
    named = set(re.findall(r"^:param (\w+):", inspect.cleandoc(kind.__doc__ or ""), re.MULTILINE))
    described = {words_of(row[0])[0] for row in table(PAGE, "argument", after=HEADINGS[kind])}

    # The base of the exports sends its reader to them.
    assert described <= named or kind is MessageExportOperator


def test_the_formats_are_those_of_the_code() -> None:
    arguments = table(PAGE, "argument", after=HEADINGS[WinCCMessagesToObjectStorageOperator])
    (row,) = [row for row in arguments if row[0] == "`file_format`"]

    assert words_of(row[1] + row[3]) == list(FILE_FORMATS)


# The last one is for another page.
ROWS_OF_ERRORS = table(PAGE, "a task finds that")[:-1]


class TestErrorsOfThePage:
    """Each row of the table of errors comes true."""

    @pytest.mark.usefixtures("connect")
    @pytest.mark.parametrize("row", ROWS_OF_ERRORS, ids=lambda row: row[0][:40])
    def test_what_a_task_finds_is_the_error_of_the_page(
        self,
        row: list[str],
        station: Simulator,
        context: dict[str, Any],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        database = tmp_path / "erp.db"
        monkeypatch.setenv("AIRFLOW_CONN_ERP", json.dumps({"conn_type": "sqlite", "host": str(database)}))
        (cause,) = [cause for begin, cause in CAUSES.items() if row[0].startswith(begin)]
        kind, arguments = cause(station, tmp_path)

        error = error_of(kind, arguments, in_the_hour(context))

        expected = words_of(row[1])[0] if words_of(row[1])[0].endswith("Error") else "WinCCNotFoundError"
        assert type(error).__name__ == expected
        assert error.retryable is (row[2] == "yes")

    def test_every_row_of_the_page_has_its_cause(self) -> None:
        causes = [begin for row in ROWS_OF_ERRORS for begin in CAUSES if row[0].startswith(begin)]

        assert causes == list(CAUSES)
        assert len(causes) == len(ROWS_OF_ERRORS)


def error_of(kind: type[Any], arguments: dict[str, Any], context: dict[str, Any]) -> WinCCError:
    """Return the error with which a task ends, also where it became one without retries."""
    context |= {name: arguments.pop(name) for name in ("data_interval_end",) if name in arguments}
    with pytest.raises((WinCCError, AirflowFailException)) as caught:
        kind(task_id="task", **{"rest_filter": "Errors", **arguments}).execute(context)
    error = caught.value.__cause__ if isinstance(caught.value, AirflowFailException) else caught.value
    assert isinstance(error, WinCCError)
    return error


def read(**arguments: Any) -> Callable[[Simulator, Path], tuple[type[Any], dict[str, Any]]]:
    return lambda station, folder: (WinCCReadMessagesOperator, arguments)


def export(**arguments: Any) -> Callable[[Simulator, Path], tuple[type[Any], dict[str, Any]]]:
    return lambda station, folder: (
        WinCCMessagesToObjectStorageOperator,
        {"path": f"file://{folder}/out", "file_format": "csv", **arguments},
    )


def without_messages(station: Simulator, folder: Path) -> tuple[type[Any], dict[str, Any]]:
    station.set_dialect(has_messages=False)
    return WinCCReadMessagesOperator, {}


def with_many(station: Simulator, folder: Path) -> tuple[type[Any], dict[str, Any]]:
    station.burst_of_messages(20)
    return WinCCReadMessagesOperator, {"max_messages": 10}


def with_too_many(station: Simulator, folder: Path) -> tuple[type[Any], dict[str, Any]]:
    station.burst_of_messages(MOST_MESSAGES)
    return export(fail_if_incomplete=True)(station, folder)


def with_another_table(station: Simulator, folder: Path) -> tuple[type[Any], dict[str, Any]]:
    with closing(sqlite3.connect(folder / "erp.db")) as database:
        database.execute("CREATE TABLE messages (number integer)")
    return WinCCMessagesToSqlOperator, {"sql_conn_id": "erp", "table": "messages"}


def with_a_file_in_its_way(station: Simulator, folder: Path) -> tuple[type[Any], dict[str, Any]]:
    (folder / "out").write_text("a file where a folder should be", encoding="utf-8")
    return export()(station, folder)


def with_garbage(station: Simulator, folder: Path) -> tuple[type[Any], dict[str, Any]]:
    station.fail_next("garbage", count=10, path="/alarmLogging/*")
    return WinCCReadMessagesOperator, {}


CAUSES: dict[str, Callable[[Simulator, Path], tuple[type[Any], dict[str, Any]]]] = {
    "the REST filter is unknown": read(rest_filter="Erors"),
    "the name of the filter is given": read(rest_filter="Fehler"),
    "this WinCC has no": without_messages,
    "a language is no": read(language="german"),
    "`max_values` is above": read(max_values=5000, message_list="short_term_archive"),
    "more messages match": with_many,
    "messages may be missing": with_too_many,
    "the interval ends": export(data_interval_end=START),
    "a table has other": with_another_table,
    "the folder, bucket": with_a_file_in_its_way,
    "the answer is not JSON": with_garbage,
}
