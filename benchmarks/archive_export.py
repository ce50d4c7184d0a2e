"""What an export of an archive to Parquet costs: the operator beside a bare download and beside a loop by hand.

Ten tags with a row a second each are exported from a simulated station, which runs in a process of its own, over
HTTPS with a login. Each side is a process of its own; they run one after the other.

- The **operator** is ``WinCCArchiveToObjectStorageOperator`` as a worker runs it, with its checks that nothing is
  lost, its count of gaps, and a file that gets its name when it is complete.
- The **bare download** sends the very requests that the operator has sent and parses the JSON of the answers. It
  keeps nothing: nobody can be faster with the same answers.
- The **loop by hand** asks for windows of a fixed length, collects dicts in a list, makes a data frame of it and
  writes that with ``to_parquet``. It checks nothing: rows above the limit of an answer would be lost unseen.

Measured are rows per second, from the first request to the closed file, and the peak of memory above what the process
has taken before the first request. Figures: the operator reaches at least ``LEAST_OF_BARE`` of the rate of the bare
download and ``LEAST_OF_BY_HAND`` times the rate of the loop by hand; it needs at most ``MOST_MEMORY`` above idle, at
most ``MOST_OF_BY_HAND`` of the memory of the loop by hand, and no more for 20 million rows than for one.

Run it with ``python benchmarks/archive_export.py`` (needs the extra ``benchmark``, and some 6 GB of memory for the loop
by hand). It prints a table, writes ``benchmarks/results/archive_export.json`` and exits with 1 when a figure is missed.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _station import control, running_station

if TYPE_CHECKING:
    from collections.abc import Mapping

TAGS = 10
START = datetime(2025, 1, 1, tzinfo=UTC)
ROUNDS = 3
MILLION = 1_000_000
LEAST_OF_BARE = 0.6
LEAST_OF_BY_HAND = 2.0
MOST_OF_BY_HAND = 0.2
MOST_MEMORY = 350 * 2**20
# The same work, a few allocations more or less.
NO_GROWTH = 1.1
RESULTS = Path(__file__).parent / "results" / "archive_export.json"


def main() -> int:
    """Measure, print, write; return the exit code."""
    with running_station("--archive-tags", str(TAGS)) as station, tempfile.TemporaryDirectory() as folder:
        bench = _Bench(station, folder)
        bench.run("operator", MILLION // 10)
        small = bench.run("operator", MILLION)
        rounds = [bench.run_beside_bare(5 * MILLION) for _ in range(ROUNDS)]
        by_hand = bench.run("by hand", 5 * MILLION)
        large = bench.run("operator", 20 * MILLION)
    operator = [pair["operator"] for pair in rounds]
    figures = {
        "rate": statistics.median(row["rows"] / row["seconds"] for row in operator),
        "of_bare": statistics.median(_rate(pair["operator"]) / _rate(pair["bare"]) for pair in rounds),
        "of_by_hand": statistics.median(map(_rate, operator)) / _rate(by_hand),
        "memory": max(row["peak_above_idle"] for row in operator),
        "memory_of_by_hand": max(row["peak_above_idle"] for row in operator) / by_hand["peak_above_idle"],
        "growth": large["peak_above_idle"] / small["peak_above_idle"],
    }
    missed = [
        name
        for name, holds in {
            "of_bare": figures["of_bare"] >= LEAST_OF_BARE,
            "of_by_hand": figures["of_by_hand"] >= LEAST_OF_BY_HAND,
            "memory": figures["memory"] <= MOST_MEMORY,
            "memory_of_by_hand": figures["memory_of_by_hand"] <= MOST_OF_BY_HAND,
            "growth": figures["growth"] <= NO_GROWTH,
        }.items()
        if not holds
    ]
    print(f"\n{figures['of_bare']:.2f} of the rate of the bare download (figure: {LEAST_OF_BARE})")
    print(f"{figures['of_by_hand']:.2f} times the rate of the loop by hand (figure: {LEAST_OF_BY_HAND})")
    print(f"{figures['memory_of_by_hand']:.3f} of the memory of the loop by hand (figure: {MOST_OF_BY_HAND})")
    print(f"{figures['memory'] / 2**20:.0f} MiB above idle (figure: {MOST_MEMORY / 2**20:.0f} MiB)")
    print(f"{figures['growth']:.2f} times the memory for 20 million rows of that for one (figure: {NO_GROWTH})")
    RESULTS.write_text(
        json.dumps(
            {
                "machine": _machine(),
                "figures": figures,
                "missed": missed,
                "runs": {"one million": small, "five million": rounds, "by hand": by_hand, "twenty million": large},
            },
            indent=2,
        )
        + "\n"
    )
    return 1 if missed else 0


class _Bench:
    def __init__(self, station: Mapping[str, Any], folder: str) -> None:
        self._station = station
        self._folder = folder

    def run_beside_bare(self, rows: int) -> dict[str, dict[str, Any]]:
        """Export by the operator, then download the same answers."""
        control(self._station, "DELETE", "requests")
        operator = self.run("operator", rows)
        sent = [
            {"query": request["query"], "tags": request["body"]["variableNames"]}
            for request in control(self._station, "GET", "requests").json()
            if request["method"] == "POST"
        ]
        return {"operator": operator, "bare": self.run("bare", rows, requests=sent), "requests": len(sent)}

    def run(self, kind: str, rows: int, **more: Any) -> dict[str, Any]:
        """Run one side in a process of its own."""
        user = self._station["users"]["engineer"]
        plan = {
            "kind": kind,
            "url": self._station["url"],
            "ca_file": self._station["ca_file"],
            "user": "engineer",
            "password": user["password"],
            "tags": [f"Value{number}" for number in range(1, TAGS + 1)],
            "start": START.isoformat(),
            "end": (START + timedelta(seconds=rows // TAGS)).isoformat(),
            "folder": self._folder,
            **more,
        }
        connection = {
            "conn_type": "wincc",
            "host": plan["url"],
            "login": plan["user"],
            "password": plan["password"],
            "extra": {"verify": plan["ca_file"]},
        }
        environment = {
            **os.environ,
            "AIRFLOW_HOME": self._folder,
            # As in production: with its examples, Airflow loads half of itself for their plugins.
            "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
            "AIRFLOW_CONN_STATION": json.dumps(connection),
        }
        process = subprocess.run(
            [sys.executable, Path(__file__).parent / "_archive_process.py"],
            input=json.dumps(plan),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env=environment,
        )
        figures: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
        if kind != "bare" and figures["rows"] != rows:
            raise SystemExit(f"{kind}: {figures['rows']} rows instead of {rows}")
        print(
            f"{kind:9} {figures['rows']:12,} rows  {figures['seconds']:7.1f} s  {_rate(figures):10,.0f} rows/s  "
            f"{figures['peak_above_idle'] / 2**20:7.0f} MiB above idle",
            flush=True,
        )
        return figures


def _rate(figures: Mapping[str, Any]) -> float:
    return float(figures["rows"] / figures["seconds"])


def _machine() -> dict[str, Any]:
    return {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "airflow": importlib.metadata.version("apache-airflow"),
        "pyarrow": importlib.metadata.version("pyarrow"),
        "pandas": importlib.metadata.version("pandas"),
    }


if __name__ == "__main__":
    raise SystemExit(main())
