"""An archive whose rows a test knows, and the context of a DAG run with an interval."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from task_context import new_context

from airflow_provider_wincc.simulator import SimulatedArchive, SimulatedArchiveTag

START = datetime(2026, 3, 2, 7, tzinfo=UTC)
END = START + timedelta(hours=1)

ARCHIVE = SimulatedArchive(
    "Line",
    [
        SimulatedArchiveTag("Flow", period_ms=1000, seed=1, duplicate_every=500, bad_quality=0.01),
        SimulatedArchiveTag(
            "Speed", period_ms=5000, seed=2, gaps=[(START + timedelta(minutes=20), START + timedelta(minutes=40))]
        ),
        SimulatedArchiveTag("Running", kind="binary", period_ms=60_000, seed=3),
    ],
)
ROWS_OF_AN_HOUR = {"Flow": 3600 + 7, "Speed": 480, "Running": 60}


def run_of_an_hour(start: datetime = START, end: datetime = END, **task_instance: Any) -> dict[str, Any]:
    """Make the context of a run whose data interval is an hour."""
    return {**new_context(**task_instance), "data_interval_start": start, "data_interval_end": end}
