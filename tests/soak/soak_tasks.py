"""What tasks of a worker do beside handing orders over: reads, safe writes, looks of sensors, exports."""

from __future__ import annotations

import csv
import random
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pyarrow.parquet as pq
from airflow.providers.common.compat.sdk import AirflowFailException
from handoff_runs import AirflowRescheduleException
from soak_attempts import MOST_TRIES, RETRY_SECONDS, Attempts
from soak_plan import ARCHIVE, ARCHIVE_TAGS, HOPELESS, TASK_ODDS
from task_context import new_context

from airflow_provider_wincc.client import WinCCError
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.hooks.wincc import WinCCHook
from airflow_provider_wincc.operators.archives import WinCCArchiveToObjectStorageOperator, WinCCArchiveToSqlOperator
from airflow_provider_wincc.operators.messages import (
    WinCCMessagesToObjectStorageOperator,
    WinCCMessagesToSqlOperator,
    WinCCReadMessagesOperator,
)
from airflow_provider_wincc.operators.tags import WinCCReadTagsOperator, WinCCWriteTagsOperator
from airflow_provider_wincc.sensors.tags import WinCCTagSensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from soak_plan import SoakPlan

_FIRST_WINDOW = datetime(2026, 3, 2, 7, tzinfo=UTC)
_WINDOW = timedelta(minutes=5)
_WINDOWS = 12
_ROWS = ARCHIVE_TAGS * int(_WINDOW.total_seconds())
_MESSAGES_FROM = timedelta(seconds=15)
# The newest row may be missing from an answer, which is one of the faults.
_MESSAGES_TO = timedelta(seconds=3)
_FORMATS = {"csv": "csv", "json_lines": "jsonl", "parquet": "parquet"}


class Tasks:
    """Runs tasks in this process, one after the other.

    :param folder: where files and tables go.
    """

    def __init__(self, plan: SoakPlan, folder: Path) -> None:
        self._plan = plan
        self._files = folder / "exports"
        self._database = folder / "exports.db"
        self._random = random.Random(f"{plan.seed} tasks")
        self._attempts = Attempts()
        self._serial = 0
        self._confirmed: dict[str, float] = {}
        self._doubtful: dict[str, list[float]] = {}
        self._sendings: dict[float, int] = {}
        self._windows: list[tuple[str, str, int]] = []

    def warm_up(self) -> None:
        """Run one task of each kind, so that all that they need is loaded."""
        for name in TASK_ODDS:
            self._by_name[name](self, name)

    def run_one(self) -> None:
        """Run one task to its end."""
        (name,) = self._random.choices(list(TASK_ODDS), list(TASK_ODDS.values()))
        self._by_name[name](self, name)

    def account(self) -> dict[str, Any]:
        """Return what was done; what grows is told once and forgotten."""
        told = {
            **self._attempts.account(),
            "confirmed": self._confirmed,
            "doubtful": self._doubtful,
            "sendings": [(value, times) for value, times in self._sendings.items() if times > 1],
            "windows": self._windows,
        }
        self._sendings, self._windows = {}, []
        return told

    def _read(self, name: str) -> None:
        tags = self._random.sample(self._plan.sets + self._plan.waits, 40)

        def attempt(context: dict[str, Any]) -> Any:
            operator = WinCCReadTagsOperator(
                task_id="read", wincc_conn_id="station", tags=tags, quality_timeout=0.0, on_bad_quality="return"
            )
            return operator.execute(context)

        found = self._attempts.run(name, attempt)
        self._expect(found is None or list(found) == tags, f"{name}: other tags than asked for")

    def _write(self, name: str) -> None:
        self._serial += 1
        value = float(self._serial)
        values = dict.fromkeys(self._random.sample(self._plan.sets, 3), value)

        def attempt(context: dict[str, Any]) -> Any:
            self._sendings[value] = self._sendings.get(value, 0) + 1
            operator = WinCCWriteTagsOperator(
                task_id="write",
                wincc_conn_id="station",
                values=values,
                only_if=tag(self._plan.waits[0]) >= 0,
                verify_timeout=3.0,
            )
            return operator.execute(context)

        receipt = self._attempts.run(name, attempt)
        if receipt is None:
            for one in values:
                self._doubtful.setdefault(one, []).append(value)
            return
        self._expect(all(one["verified"] for one in receipt["receipts"]), f"{name}: not verified: {receipt}")
        for one in values:
            self._confirmed[one] = value
            self._doubtful.pop(one, None)

    def _sensor(self, name: str) -> None:
        mode = self._random.choice(("poke", "reschedule"))
        condition = tag(self._plan.waits[0]) >= (0 if mode == "poke" or self._random.random() < 0.5 else 10**9)

        def attempt(context: dict[str, Any]) -> Any:
            sensor = WinCCTagSensor(
                task_id="sensor",
                wincc_conn_id="station",
                condition=condition,
                mode=mode,
                deferrable=False,
                poke_interval=1.0,
            )
            try:
                return sensor.execute(context)
            except AirflowRescheduleException:
                return "comes again later"

        self._attempts.run(name, attempt)

    def _hook(self, name: str) -> None:
        def attempt(_: dict[str, Any]) -> Any:
            start = self._window()
            frame = WinCCHook("station").get_archive_df(ARCHIVE, None, start, start + _WINDOW)
            with WinCCHook("station").get_conn() as client:
                client.read_tags(self._plan.sets[:5])
            return len(frame)

        rows = self._attempts.run(name, attempt)
        self._expect(rows in {None, _ROWS}, f"{name}: {rows} rows instead of {_ROWS}")

    def _hopeless(self, name: str) -> None:
        connection = self._random.choice(list(HOPELESS))
        operator = WinCCReadTagsOperator(task_id="read", wincc_conn_id=connection, tags=self._plan.sets[:3])
        told = "errors that pass"
        for _ in range(MOST_TRIES):
            try:
                operator.execute(new_context())
                told = "success"
            except AirflowFailException as error:
                told = type(error.__cause__).__name__
            except WinCCError:
                # The station restarts just now.
                time.sleep(RETRY_SECONDS)
                continue
            break
        self._expect(told == HOPELESS[connection], f"{connection}: ended with {told}")
        self._attempts.done[name] += 1

    def _read_messages(self, name: str) -> None:
        def attempt(context: dict[str, Any]) -> Any:
            operator = WinCCReadMessagesOperator(
                task_id="read",
                wincc_conn_id="station",
                rest_filter="Errors",
                message_list="short_term_archive",
                start=datetime.now(UTC) - _MESSAGES_FROM,
            )
            return operator.execute(context)

        self._attempts.run(name, attempt)

    def _archive_to_files(self, name: str) -> None:
        start, file_format = self._window(), self._random.choice(list(_FORMATS))

        def attempt(context: dict[str, Any]) -> Any:
            operator = WinCCArchiveToObjectStorageOperator(
                task_id="export",
                wincc_conn_id="station",
                archive=ARCHIVE,
                path=f"file://{self._files}",
                file_format=file_format,
            )
            return operator.execute({**context, **_interval(start, start + _WINDOW)})

        result = self._attempts.run(name, attempt)
        if result is not None:
            written = sum(_rows_of(Path(urlsplit(path).path), file_format) for path in result["paths"])
            self._expect_rows(name, _ROWS, result["rows"], written)

    def _archive_to_table(self, name: str) -> None:
        start = self._window()

        def attempt(context: dict[str, Any]) -> Any:
            operator = WinCCArchiveToSqlOperator(
                task_id="export", wincc_conn_id="station", archive=ARCHIVE, sql_conn_id="exports", table="history"
            )
            return operator.execute({**context, **_interval(start, start + _WINDOW)})

        result = self._attempts.run(name, attempt)
        if result is not None:
            in_table = self._count("history", "timestamp", start, start + _WINDOW)
            self._expect_rows(name, _ROWS, result["rows"], in_table)

    def _messages_to_files(self, name: str) -> None:
        start, end = _recent()
        file_format = self._random.choice(list(_FORMATS))

        def attempt(context: dict[str, Any]) -> Any:
            operator = WinCCMessagesToObjectStorageOperator(
                task_id="export",
                wincc_conn_id="station",
                rest_filter="Errors",
                path=f"file://{self._files}",
                # The same names again, so that the folder does not fill.
                file_name=f"messages_{file_format}",
                file_format=file_format,
                delay=timedelta(0),
            )
            return operator.execute({**context, **_interval(start, end)})

        result = self._attempts.run(name, attempt)
        if result is not None:
            files = [Path(urlsplit(path).path) for path in result["paths"]]
            self._expect_rows(name, result["rows"], sum(_rows_of(file, file_format) for file in files))
            self._note_window(start, end, result)
            for file in files:
                file.unlink()

    def _messages_to_table(self, name: str) -> None:
        start, end = _recent()

        def attempt(context: dict[str, Any]) -> Any:
            operator = WinCCMessagesToSqlOperator(
                task_id="export",
                wincc_conn_id="station",
                rest_filter="Errors",
                sql_conn_id="exports",
                table="messages",
                delay=timedelta(0),
            )
            return operator.execute({**context, **_interval(start, end)})

        result = self._attempts.run(name, attempt)
        if result is not None:
            self._expect_rows(name, result["rows"], self._count("messages", "time", start, end))
            self._note_window(start, end, result)

    def _window(self) -> datetime:
        return _FIRST_WINDOW + self._random.randrange(_WINDOWS) * _WINDOW

    def _note_window(self, start: datetime, end: datetime, result: dict[str, Any]) -> None:
        if not result["may_lack_messages"]:
            self._windows.append((start.isoformat(), end.isoformat(), result["rows"]))

    def _count(self, table: str, column: str, start: datetime, end: datetime) -> int:
        query = f'SELECT count(*) FROM {table} WHERE "{column}" >= ? AND "{column}" < ?'
        moments = [f"{moment.replace(tzinfo=None):%Y-%m-%d %H:%M:%S.%f}" for moment in (start, end)]
        with closing(sqlite3.connect(self._database)) as connection:
            return int(connection.execute(query, moments).fetchone()[0])

    def _expect_rows(self, name: str, *counts: int) -> None:
        self._expect(len(set(counts)) == 1, f"{name}: rows incomplete: {counts}")
        self._attempts.counts["rows exported"] += counts[-1]

    def _expect(self, holds: bool, words: str) -> None:
        if not holds:
            self._attempts.problems.append(words)

    _by_name: dict[str, Callable[[Tasks, str], None]] = {  # noqa: RUF012  it is not changed
        "read": _read,
        "write": _write,
        "sensor": _sensor,
        "hook": _hook,
        "hopeless connection": _hopeless,
        "read messages": _read_messages,
        "archive to files": _archive_to_files,
        "archive to table": _archive_to_table,
        "messages to files": _messages_to_files,
        "messages to table": _messages_to_table,
    }


def _interval(start: datetime, end: datetime) -> dict[str, datetime]:
    return {"data_interval_start": start, "data_interval_end": end}


def _recent() -> tuple[datetime, datetime]:
    now = datetime.now(UTC).replace(microsecond=0)
    return now - _MESSAGES_FROM, now - _MESSAGES_TO


def _rows_of(file: Path, file_format: str) -> int:
    if file_format == "parquet":
        return int(pq.read_metadata(file).num_rows)
    with file.open(newline="", encoding="utf-8") as lines:
        return sum(1 for _ in csv.reader(lines)) - 1 if file_format == "csv" else sum(1 for _ in lines)
