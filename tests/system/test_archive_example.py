"""The example that exports an archive, as a user runs it: a real Airflow backfills two hours, and one of them again."""

from __future__ import annotations

import json
import sqlite3
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from components import Components
from metadata_database import metadata_database
from pyarrow import parquet

from airflow_provider_wincc.simulator import SimulatedArchive, SimulatedArchiveTag, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.airflow_api import AirflowApi

pytestmark = pytest.mark.system

DAG = "wincc_archive_export"
EXAMPLE = Path(__file__).parent.parent.parent / "example_dags" / f"{DAG}.py"
EVERY_RUN = "~"
HOURS = [datetime(2026, 3, 2, 7, tzinfo=UTC), datetime(2026, 3, 2, 8, tzinfo=UTC)]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TAGS = ["Tank1_Level", "Tank1_ValveOpen"]
ARCHIVE = SimulatedArchive(
    "ProcessData",
    [
        SimulatedArchiveTag("Tank1_Level", seed=1, duplicate_every=500, bad_quality=0.01),
        SimulatedArchiveTag("Tank1_ValveOpen", kind="binary", period_ms=60_000, seed=2),
        SimulatedArchiveTag("Mixer1_Speed", seed=3),
    ],
)
FAILED = {"up_for_retry", "failed", "upstream_failed"}


class ArchivePlace:
    """What the example is run with: a station, a folder for files and an ERP; and an Airflow that runs it."""

    def __init__(self, parts: Components, api: AirflowApi, station: Simulator, home: Path) -> None:
        self.home = home
        self.station = station
        self._parts = parts
        self._api = api

    def backfill(self) -> None:
        """Backfill all hours as the example says, and wait until every task is over."""
        first, last = HOURS[0].isoformat(), HOURS[-1].isoformat()
        arguments = ["--dag-id", DAG, "--from-date", first, "--to-date", last, "--max-active-runs", "1"]
        self._parts.run("backfill", "create", *arguments)
        self._parts.wait("the backfill", lambda: self._tries() == [1] * 4, pause=0.5)

    def run_again(self, hour: datetime) -> None:
        """Clear the tasks of an hour, and wait until they are over again."""
        moment = hour.isoformat()
        self._parts.run("tasks", "clear", DAG, "--start-date", moment, "--end-date", moment, "--yes")
        self._parts.wait("the hour that is run again", lambda: self._tries() == [1, 1, 2, 2], pause=0.5)

    def files(self) -> dict[str, list[dict[str, Any]]]:
        """Rows of each file by its path in the lake."""
        lake = self.home / "lake"
        files = sorted(path for path in lake.rglob("*") if path.is_file())
        return {str(path.relative_to(lake)): parquet.ParquetFile(path).read().to_pylist() for path in files}

    def table(self) -> list[dict[str, Any]]:
        """Rows of the ERP's table."""
        with closing(sqlite3.connect(self.home / "erp.db")) as database:
            database.row_factory = sqlite3.Row
            rows = database.execute("SELECT * FROM plant_minutes ORDER BY tag, timestamp").fetchall()
        return [dict(row) for row in rows]

    def events(self, task: str) -> list[dict[str, Any]]:
        """What OpenLineage was told when a task was complete."""
        events = map(json.loads, (self.home / "events.json").read_text().splitlines())
        return [
            event for event in events if (event["eventType"], event["job"]["name"]) == ("COMPLETE", f"{DAG}.{task}")
        ]

    def _tries(self) -> list[int]:
        """How often each task was tried that is over."""
        tasks = self._api.tasks(DAG, EVERY_RUN)
        assert not {task.state for task in tasks} & FAILED, self._logs()
        return sorted(task.try_number for task in tasks if task.state == "success")

    def _logs(self) -> str:
        return "\n".join(log.read_text()[-4000:] for log in self.home.glob("airflow/logs/*/*/*/*.log"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArchivePlace]:
    """A place where the example has exported all hours."""
    home = tmp_path_factory.mktemp("archives")
    transport = {"type": "file", "log_file_path": str(home / "events.json"), "append": True}
    with ExitStack() as stack:
        station = stack.enter_context(Simulator(plant="still", archives=[ARCHIVE]))
        parts = Components(
            home,
            str(EXAMPLE),
            station,
            connections={"erp": json.dumps({"conn_type": "sqlite", "host": str(home / "erp.db")})},
            metadata=stack.enter_context(metadata_database()),
            WINCC_LAKE=f"file://{home}/lake",
            # The hour that has just passed is none that is looked at.
            AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE="False",
            AIRFLOW__OPENLINEAGE__TRANSPORT=json.dumps(transport),
        )
        stack.enter_context(parts)
        parts.start("api-server", "scheduler")
        place = ArchivePlace(parts, parts.api(), station, home)
        place.backfill()
        yield place


def rows_of(place: ArchivePlace, start: datetime, end: datetime) -> list[tuple[Any, ...]]:
    """Tag, timestamp, value and quality of what the station has."""
    archive = place.station.archive("ProcessData")
    return [
        (tag, row.timestamp, float(row.value), row.quality) for tag in TAGS for row in archive.rows(tag, start, end)
    ]


def test_the_file_of_each_hour_has_the_rows_of_that_hour_and_no_other(place):
    files = place.files()

    assert list(files) == [
        "date=2026-03-02/ProcessData_20260302T070000Z.parquet",
        "date=2026-03-02/ProcessData_20260302T080000Z.parquet",
    ]
    for rows, start in zip(files.values(), HOURS, strict=True):
        found = [(row["tag"], row["timestamp"], row["value"], row["quality"]) for row in rows]
        # Sorting is stable, so the rows of one moment stay in the station's order.
        assert sorted(found, key=lambda row: row[:2]) == rows_of(place, start, start + HOUR)


def test_the_table_has_every_minute_of_both_hours_once(place):
    rows = place.table()

    assert len(rows) == len(TAGS) * len(HOURS) * 60
    for row, (tag, number) in zip(rows, [(tag, number) for tag in TAGS for number in range(120)], strict=True):
        start = HOURS[0] + number * MINUTE
        archived = [row for row in rows_of(place, start, start + MINUTE) if row[0] == tag]
        good = [value for _, _, value, quality in archived if quality >= 0x80]
        assert (row["tag"], datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC)) == (tag, start)
        assert (row["row_count"], row["good_count"]) == (len(archived), len(good))
        assert (row["min"], row["max"]) == (min(good), max(good))


def test_openlineage_is_told_of_both_ends(place):
    inputs = [("wincc://wincc_default", f"ProcessData\\{tag}") for tag in TAGS]
    outputs = {
        "to_lake": ("file", f"{place.home}/lake"),
        "to_table": (f"sqlite://{place.home}/erp.db", "plant_minutes"),
    }
    for task, output in outputs.items():
        events = place.events(task)
        assert len(events) >= len(HOURS)
        for event in events:
            assert [(each["namespace"], each["name"]) for each in event["inputs"]] == inputs
            assert [(each["namespace"], each["name"]) for each in event["outputs"]] == [output]


def test_an_hour_that_is_run_again_leaves_the_same(place):
    files, table = place.files(), place.table()

    place.run_again(HOURS[0])

    assert place.files() == files
    assert place.table() == table


def test_the_password_is_in_no_log_file_or_event(place):
    password = place.station.users["engineer"].password.encode()

    kept = [path for path in place.home.rglob("*") if path.is_file() and path.suffix != ".cfg"]
    assert [path for path in kept if password in path.read_bytes()] == []
