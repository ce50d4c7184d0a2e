"""The archives that the simulated station has when it is not told otherwise."""

from __future__ import annotations

from airflow_provider_wincc.simulator.archive_settings import SimulatedArchive, SimulatedArchiveTag

TIMERS = {"500 ms": 500, "1 second": 1000, "1 minute": 60_000}
"""Timers of tag logging, with their cycles in milliseconds."""


def default_archives() -> tuple[SimulatedArchive, ...]:
    """Return the archive of the demo plant: its tanks, its mixer and its line since 2020."""
    return (
        SimulatedArchive(
            "ProcessData",
            [
                SimulatedArchiveTag("Tank1_Level"),
                SimulatedArchiveTag("Tank1_Temperature", low=10, high=90),
                SimulatedArchiveTag("Tank1_ValveOpen", kind="binary"),
                SimulatedArchiveTag("Tank2_Level"),
                SimulatedArchiveTag("Mixer1_Speed", period_ms=500, high=1500),
                SimulatedArchiveTag("Mixer1_Power", kind="on_change", period_ms=5000, high=40),
                SimulatedArchiveTag("Line3_Speed", period_ms=60_000, high=600),
            ],
        ),
    )


def benchmark_archive(tags: int, period_ms: int) -> SimulatedArchive:
    """Return an archive of many tags that are alike, ``Value1`` and so on, since 2020."""
    return SimulatedArchive(
        "Benchmark", [SimulatedArchiveTag(f"Value{number}", period_ms=period_ms) for number in range(1, tags + 1)]
    )
