"""A small export of an archive, made without Airflow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from airflow_provider_wincc.archive_export.facts import ArchiveFacts
from airflow_provider_wincc.archive_export.parquet_file import ParquetFile
from airflow_provider_wincc.client import StationSettings, WinCCClient
from airflow_provider_wincc.simulator import SimulatedArchive, SimulatedArchiveTag, Simulator

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 3, 2, tzinfo=UTC)
END = START + timedelta(hours=1)
OVENS = SimulatedArchive(
    "Ovens",
    [
        SimulatedArchiveTag("Temperature", bad_quality=0.1, gaps=[(START, START + timedelta(minutes=20))]),
        SimulatedArchiveTag("Batch", rows=[(START, "R-001", 128)]),
    ],
)


def export_rows(file: Path) -> None:
    """Write an hour of a tag with gaps and bad quality, and of one that has texts only, into a Parquet file."""
    tags = [tag.name for tag in OVENS.tags]
    with Simulator(plant="still", archives=[OVENS]) as station, file.open("wb") as target:
        settings = StationSettings.from_url(
            station.url, username="viewer", password=station.users["viewer"].password, verify=station.ca_file
        )
        facts = ArchiveFacts(archive=OVENS.name, station=settings.station, tags=tags, start=START, end=END)
        with WinCCClient(settings) as client, ParquetFile(target, facts) as rows:
            for window in client.read_archive_windows(OVENS.name, tags, START, END):
                rows.write(window)
