"""What ``airflow-wincc read`` costs from its start to its end, beside Python and ``import requests``.

Each round starts all of them as processes of their own, one after the other, so that all see the same machine. The
station's time is that of the same read by a client that is logged in already, in this process. Claim: the median of
the command is under 0.5 s plus that time.

Run it with ``python benchmarks/command_line.py``; it exits with 1 when the claim does not hold.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _station import running_station

from airflow_provider_wincc.client import StationSettings, WinCCClient

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CLAIM = 0.5
ROUNDS = 11
TAGS = ("Tank1.Level", "Mixer1.State")


def main() -> int:
    """Measure, print a line per side and the claim; return the exit code."""
    with running_station() as station:
        password = station["users"]["engineer"]["password"]
        command = str(Path(sys.executable).parent / "airflow-wincc")
        where = ["--url", station["url"], "--user", "engineer", "--ca-file", station["ca_file"]]
        sides = {
            "python -c pass": [sys.executable, "-c", "pass"],
            'python -c "import requests"': [sys.executable, "-c", "import requests"],
            "airflow-wincc read --help": [command, "read", "--help"],
            "airflow-wincc read": [command, "read", *TAGS, *where],
        }
        environment = {**os.environ, "WINCC_PASSWORD": password}
        times: dict[str, list[float]] = {name: [] for name in sides}
        for side in sides.values():
            seconds_of(side, environment)
        for _ in range(ROUNDS):
            for name, side in sides.items():
                times[name].append(seconds_of(side, environment))
        stations = station_seconds(station, password)
    for name, seconds in times.items():
        print(f"{name:28} median {statistics.median(seconds):.3f} s, best {min(seconds):.3f} s")
    ours = statistics.median(times["airflow-wincc read"]) - stations
    print(f"the station's own time       median {stations:.3f} s")
    print(f"the command without it       {ours:.3f} s (claim: under {CLAIM} s), {ROUNDS} alternating rounds")
    return 0 if ours < CLAIM else 1


def seconds_of(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Run a command to its end; return how long it took."""
    started = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def station_seconds(station: Mapping[str, Any], password: str) -> float:
    """Return how long the station takes to answer the read, on a connection that is open."""
    settings = StationSettings.from_url(
        station["url"], username="engineer", password=password, verify=station["ca_file"]
    )
    seconds = []
    with WinCCClient(settings) as client:
        client.read_tags(TAGS)
        for _ in range(ROUNDS):
            started = time.perf_counter()
            client.read_tags(TAGS)
            seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


if __name__ == "__main__":
    raise SystemExit(main())
