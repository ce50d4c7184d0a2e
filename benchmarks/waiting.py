"""What thousands of waiting tasks cost: ``WinCCTagTrigger`` beside the deferrable sensor of the HTTP provider.

N triggers wait on one event loop, as in a triggerer, over 2,000 distinct tags (N of them where N is smaller) at an
interval of 5 s. The simulated station runs in a process of its own, over HTTPS with a login. Each row is a process of
its own; rows run one after the other.

The other side is ``HttpSensorTrigger`` of apache-airflow-providers-http, which is what ``HttpSensor(deferrable=True)``
runs: the way to wait for a REST interface with Airflow's own means. It cannot look into an answer (a sensor with
``response_check`` does not defer); all it can wait for is an address that stops answering 404. So each of its triggers
waits for ``Value/{tag}`` of the same tag of such a station, which is told to answer 404 until the tag is defined, and
"the plant changes" means for it that the tag is defined. That is in its favour: the answers are shorter than a
reading, it checks nothing in them, and it does not check the station's certificate, because it cannot be given a CA
file. Logging is off on both sides. It runs with N = 100 and 1,000; 10,000 would be 2,000 requests a second.

Measured are: requests per interval at the station, counted by the station; CPU time of the process (all its threads)
while nothing changes; how late the event loop wakes a sleeper; memory, and how much of it the triggers take; the delay
from a change in the plant to the fired event, once for changes at 20 moments spread over intervals, once for all
other tags changed at the same moment.

Run it with ``python benchmarks/waiting.py`` (needs the extra ``benchmark``). It prints a table, writes
``benchmarks/results/waiting.json`` and exits with 1 when one of the figures is missed.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import math
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from _station import control, running_station, set_tags
from _waiting_process import tag_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INTERVAL = 5.0
TAGS = 2_000
BATCH_SIZE = 150
ROWS = (("wincc", 100), ("wincc", 1_000), ("wincc", 10_000), ("http", 100), ("http", 1_000))
CYCLES = 4
SINGLE_CHANGES = 20
RESULTS = Path(__file__).parent / "results" / "waiting.json"
NAMES = {"wincc": "WinCCTagTrigger", "http": "HttpSensorTrigger"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """The figures of one process; times in seconds, lags in milliseconds, memory in MB."""

    kind: str
    waiters: int
    requests_per_interval: float
    requests_by_cycle: list[int]
    cpu_seconds_per_minute: float
    lag_p50: float
    lag_p99: float
    longest_lag_while_all_fire: float
    longest_collection_while_all_fire: float
    memory: float
    memory_above_idle: float
    longest_delay: float
    longest_delay_all_at_once: float


def main() -> int:
    """Measure, print and write the figures; return the exit code."""
    if importlib.util.find_spec("airflow.providers.http") is None:
        print("The HTTP provider is missing: pip install 'airflow-provider-wincc[benchmark]'", file=sys.stderr)
        return 1
    rows = []
    for kind, waiters in ROWS:
        print(f"{NAMES[kind]}, {waiters} waiting ...", flush=True)
        rows.append(measure(kind, waiters))
    print_table(rows)
    figures = check(rows)
    for name, reached in figures.items():
        print(f"{'reached' if reached else 'MISSED '}  {name}")
    write(rows, figures)
    return 0 if all(figures.values()) else 1


def measure(kind: str, waiters: int) -> Row:
    """Run N waiting triggers against a station of their own, and then let the plant change."""
    names = [tag_name(number) for number in range(min(TAGS, waiters))]
    with running_station() as station:
        if kind == "wincc":
            set_tags(station, {tag_name(number): False for number in range(TAGS)})
        else:
            control(station, "POST", "dialect", json={"unknown_tag": "not_found_json"})
        with waiting_process(kind, waiters, station) as process:
            next_line(process, "waiting")
            control(station, "DELETE", "requests")
            measured = next_line(process, "measured")
            requests = control(station, "GET", "requests").json()
            if measured["fired_early"]:
                raise SystemExit(f"{measured['fired_early']} triggers fired before the plant changed.")
            changed_at = change_plant(station, names)
            fired = next_line(process, "fired")
    at = sorted(datetime.fromisoformat(request["at"]).timestamp() for request in requests)
    single = set(names[:SINGLE_CHANGES])
    delays = [(name in single, moment - changed_at[name]) for name, moment in fired["events"]]
    return Row(
        kind=kind,
        waiters=waiters,
        requests_per_interval=len(at) / CYCLES,
        requests_by_cycle=cycles_of(at) if kind == "wincc" else [],
        cpu_seconds_per_minute=round(measured["cpu_seconds_per_minute"], 3),
        lag_p50=round(measured["lag"]["p50"], 2),
        lag_p99=round(measured["lag"]["p99"], 2),
        longest_lag_while_all_fire=round(fired["lag"]["longest"], 2),
        longest_collection_while_all_fire=round(fired["longest_collection"], 2),
        memory=round(measured["memory"] / 1e6, 1),
        memory_above_idle=round((measured["memory"] - measured["idle_memory"]) / 1e6, 1),
        longest_delay=round(max(delay for is_single, delay in delays if is_single), 3),
        longest_delay_all_at_once=round(max(delay for is_single, delay in delays if not is_single), 3),
    )


@contextmanager
def waiting_process(kind: str, waiters: int, station: Mapping[str, Any]) -> Iterator[subprocess.Popen[str]]:
    """Start the process with the triggers; it ends with the context."""
    options = {
        "--waiters": waiters,
        "--tags": TAGS,
        "--interval": INTERVAL,
        "--warm-up": 2.5 * INTERVAL,
        "--measure": CYCLES * INTERVAL,
    }
    script = Path(__file__).with_name("_waiting_process.py")
    command = [sys.executable, str(script), kind, *(str(part) for option in options.items() for part in option)]
    with tempfile.TemporaryDirectory() as home:
        environment = (
            os.environ | connections(station) | {"AIRFLOW_HOME": home, "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
        )
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


def connections(station: Mapping[str, Any]) -> dict[str, str]:
    """Define both connections as Airflow reads them from the environment."""
    login = {"login": "engineer", "password": station["users"]["engineer"]["password"], "host": station["url"]}
    extra = {"verify": station["ca_file"], "batch_size": BATCH_SIZE}
    return {
        "AIRFLOW_CONN_STATION": json.dumps({"conn_type": "wincc", **login, "extra": extra}),
        "AIRFLOW_CONN_STATION_HTTP": json.dumps({"conn_type": "http", **login, "extra": {"verify": False}}),
    }


def next_line(process: subprocess.Popen[str], phase: str) -> dict[str, Any]:
    """Read what the process says next, and see that it is of this phase."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith('{"phase"'):
            said: dict[str, Any] = json.loads(line)
            assert said["phase"] == phase
            return said
    raise SystemExit(f"The process with the triggers ended before it was {phase}, with exit code {process.wait()}.")


def change_plant(station: Mapping[str, Any], names: list[str]) -> dict[str, float]:
    """Let some tags change one by one, at moments spread over intervals, then all others at once; return when."""
    changed_at = {}
    moments = random.Random(4711)
    for name in names[:SINGLE_CHANGES]:
        time.sleep(moments.uniform(0.1, 0.9))
        changed_at[name] = time.time()
        set_tags(station, {name: True})
    others = names[SINGLE_CHANGES:]
    time.sleep(INTERVAL + 1)
    changed_at |= dict.fromkeys(others, time.time())
    set_tags(station, dict.fromkeys(others, True))
    return changed_at


def cycles_of(moments: list[float]) -> list[int]:
    """Count the requests of each cycle; between two cycles nothing is asked for a fifth of the interval."""
    counts: list[int] = []
    last = -math.inf
    for moment in moments:
        if moment - last > INTERVAL / 5:
            counts.append(0)
        counts[-1] += 1
        last = moment
    return counts


def check(rows: list[Row]) -> dict[str, bool]:
    """Compare the figures with those to reach."""
    row = {(row.kind, row.waiters): row for row in rows}
    many, ours, theirs = row["wincc", 10_000], row["wincc", 1_000], row["http", 1_000]
    batches = math.ceil(TAGS / BATCH_SIZE)
    return {
        f"10,000 waiting: exactly {batches} requests in each cycle": set(many.requests_by_cycle) == {batches},
        "10,000 waiting: p99 event-loop lag < 100 ms": many.lag_p99 < 100,
        # A full collection of garbage stops the process for as long as its heap is large, whoever made it.
        "10,000 waiting: event-loop lag without the collector's never above 100 ms while all fire": (
            many.longest_lag_while_all_fire - many.longest_collection_while_all_fire < 100
        ),
        "10,000 waiting: < 25 % of one core": many.cpu_seconds_per_minute < 0.25 * 60,
        "10,000 waiting: < 400 MB for the process": many.memory < 400,
        "10,000 waiting: change to event <= interval + 0.5 s": many.longest_delay <= INTERVAL + 0.5,
        "1,000 waiting: at least 50 times fewer requests than the HTTP provider": theirs.requests_per_interval
        >= 50 * ours.requests_per_interval,
        "1,000 waiting: at least 10 times less CPU than the HTTP provider": theirs.cpu_seconds_per_minute
        >= 10 * ours.cpu_seconds_per_minute,
    }


def print_table(rows: list[Row]) -> None:
    """Print a line per row."""
    heads = ("waiting", "requests/interval", "CPU s/min", "lag p50 ms", "lag p99 ms", "longest, all fire", "collector")
    heads += ("memory MB", "above idle MB", "change to event s", "all at once s")
    print("\n" + "  ".join([f"{'trigger':17}", *heads]))
    for row in rows:
        figures = (
            f"{row.waiters:,}",
            f"{row.requests_per_interval:.1f}",
            f"{row.cpu_seconds_per_minute:.2f}",
            f"{row.lag_p50:.1f}",
            f"{row.lag_p99:.1f}",
            f"{row.longest_lag_while_all_fire:.1f}",
            f"{row.longest_collection_while_all_fire:.1f}",
            f"{row.memory:.0f}",
            f"{row.memory_above_idle:.0f}",
            f"{row.longest_delay:.2f}",
            f"{row.longest_delay_all_at_once:.2f}",
        )
        cells = (f"{figure:>{len(head)}}" for head, figure in zip(heads, figures, strict=True))
        print("  ".join([f"{NAMES[row.kind]:17}", *cells]))
    print()


def write(rows: list[Row], figures: dict[str, bool]) -> None:
    """Write the results with the machine and the versions they were measured with."""
    packages = ("airflow-provider-wincc", "apache-airflow", "apache-airflow-providers-http", "aiohttp", "requests")
    RESULTS.parent.mkdir(exist_ok=True)
    content = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "system": platform.system(),
            "machine": platform.machine(),
            "cores": os.cpu_count(),
            "memory_gb": round(psutil.virtual_memory().total / 1e9),
            "load_average_at_end": [round(load, 2) for load in os.getloadavg()],
        },
        "versions": {"python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in packages},
        "settings": {"interval": INTERVAL, "tags": TAGS, "batch_size": BATCH_SIZE, "cycles_measured": CYCLES},
        "rows": [asdict(row) for row in rows],
        "figures": figures,
    }
    RESULTS.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}")


if __name__ == "__main__":
    raise SystemExit(main())
