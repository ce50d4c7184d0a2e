"""What messages cost a triggerer: a burst of 5,000 that a watcher takes in, and 1,000 sensors on one filter.

**Burst.** A ``WinCCMessageEventTrigger`` watches the errors in the short-term archive, at an interval of 5 s and with
all its other defaults, when 5,000 come within one second; and then 5,000 again. It runs in Airflow's own runner of
triggers. Events and state are packed and logged as Airflow does it on the event loop, and events are confirmed once a
second; the database behind is left out. Beside it is the loop that one writes by hand: it reads the archive at the
same interval, and takes what is newer than the newest message before. WinCC hands out 1,000 messages in one answer, so
that the loop misses the others.

Measured are: messages lost and doubled; events; how late the event loop wakes a sleeper, from the burst until two
intervals later; the time from the burst to the last event; requests; the largest event and the largest state.

**Sensors.** 1,000 ``WinCCMessageTrigger`` wait on one filter for a message that then comes. Measured are: requests per
interval at the station, counted by the station; CPU time while nothing changes; how late the event loop wakes a
sleeper; memory; and the time from the message to the last event.

The simulated station runs in a process of its own, over HTTPS with a login. Each row is a process of its own; rows run
one after the other. Run it with ``python benchmarks/messages.py`` (needs the extra ``benchmark``, and Airflow 3.3).
It prints a table, writes ``benchmarks/results/messages.json`` and exits with 1 when one of the figures is missed.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import math
import os
import platform
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
from _station import control, running_station

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INTERVAL = 5.0
BURST = 5_000
BURSTS = 2
FIRST_NUMBER = 10_000  # of the simulator's messages for bursts of errors
MOST_IN_EVENT = 500  # the watcher's default
SENSORS = 1_000
CYCLES = 4
RESULTS = Path(__file__).parent / "results" / "messages.json"
NAMES = {"watcher": "WinCCMessageEventTrigger", "loop": "loop by hand"}


@dataclass(frozen=True, kw_only=True)
class BurstRow:
    """The figures of one burst; times in seconds, lags in milliseconds, sizes in kB, memory in MB."""

    kind: str
    number: int
    lost: int
    doubled: int
    events: int
    may_lack_messages: int
    seconds_to_last_event: float
    lag_p50: float
    lag_p99: float
    longest_lag: float
    requests: int
    largest_event: float
    largest_state: float
    cpu_seconds: float
    memory: float


@dataclass(frozen=True, kw_only=True)
class SensorRow:
    """The figures of the sensors; times in seconds, lags in milliseconds, memory in MB."""

    sensors: int
    requests_per_interval: float
    cpu_seconds_per_minute: float
    lag_p99: float
    longest_lag_while_all_fire: float
    seconds_to_last_event: float
    memory: float


def main() -> int:
    """Measure, print and write the figures; return the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sensors", type=int, default=SENSORS)
    parser.add_argument("--burst", type=int, default=BURST)
    parser.add_argument("--interval", type=float, default=INTERVAL)
    arguments = parser.parse_args()
    settings = vars(arguments)
    bursts = []
    for kind, name in NAMES.items():
        print(f"{name}, {BURSTS} bursts of {arguments.burst:,} ...", flush=True)
        bursts += measure_bursts(kind, arguments.burst, arguments.interval)
    print(f"{arguments.sensors:,} sensors ...", flush=True)
    sensors = measure_sensors(arguments.sensors, arguments.interval)
    print_table(bursts, sensors)
    figures = check(bursts, sensors, arguments.burst, arguments.interval)
    for name, reached in figures.items():
        print(f"{'reached' if reached else 'MISSED '}  {name}")
    if settings == {"sensors": SENSORS, "burst": BURST, "interval": INTERVAL}:
        write(bursts, sensors, figures)
    return 0 if all(figures.values()) else 1


def measure_bursts(kind: str, size: int, interval: float) -> list[BurstRow]:
    """Let bursts come, one after the other, and see what comes of each."""
    rows = []
    with running_station() as station:
        control(station, "POST", "messages", json={"do": "raise", "number": 1001})
        with message_process(kind, station, interval=interval) as process:
            next_line(process, "watching")
            for number in range(BURSTS):
                tell(process, 3 * interval)
                next_line(process, "ready")
                time.sleep(0.1 * interval)
                control(station, "DELETE", "requests")
                started = time.time()
                control(station, "POST", "messages", json={"do": "burst", "count": size})
                done = next_line(process, "done")
                requests = len(control(station, "GET", "requests").json())
                rows.append(burst_row(done, size, kind=kind, number=number, started=started, requests=requests))
    return rows


def burst_row(done: Mapping[str, Any], size: int, *, kind: str, number: int, started: float, requests: int) -> BurstRow:
    """Compare what has come with what was sent."""
    came = [message for _, messages in done["events"] for message in messages]
    first = FIRST_NUMBER + number * size % 10_000
    return BurstRow(
        kind=kind,
        number=number + 1,
        lost=len(set(range(first, first + size)) - set(came)),
        doubled=len(came) - len(set(came)),
        events=len(done["events"]),
        may_lack_messages=done["may_lack"],
        seconds_to_last_event=round(max((at for at, _ in done["events"]), default=math.nan) - started, 2),
        lag_p50=round(done["lag"]["p50"], 2),
        lag_p99=round(done["lag"]["p99"], 2),
        longest_lag=round(done["lag"]["longest"], 2),
        requests=requests,
        largest_event=round(done["largest_event"] / 1e3, 1),
        largest_state=round(done["largest_state"] / 1e3, 1),
        cpu_seconds=round(done["cpu_seconds"], 2),
        memory=round(done["memory"] / 1e6, 1),
    )


def measure_sensors(sensors: int, interval: float) -> SensorRow:
    """Let sensors wait for a message, and then let it come."""
    with (
        running_station() as station,
        message_process("sensors", station, interval=interval, waiters=sensors) as process,
    ):
        if next_line(process, "waiting")["fired_early"]:
            raise SystemExit("Sensors fired before their message came.")
        control(station, "DELETE", "requests")
        tell(process, CYCLES * interval)
        next_line(process, "ready")
        measured = next_line(process, "measured")
        requests = control(station, "GET", "requests").json()
        raised_at = time.time()
        control(station, "POST", "messages", json={"do": "raise", "number": 1001})
        fired = next_line(process, "fired")
    return SensorRow(
        sensors=len(fired["at"]),
        requests_per_interval=len(requests) / CYCLES,
        cpu_seconds_per_minute=round(measured["cpu_seconds"] / (CYCLES * interval) * 60, 3),
        lag_p99=round(measured["lag"]["p99"], 2),
        longest_lag_while_all_fire=round(fired["lag"]["longest"], 2),
        seconds_to_last_event=round(max(fired["at"]) - raised_at, 2),
        memory=round(measured["memory"] / 1e6, 1),
    )


@contextmanager
def message_process(
    kind: str, station: Mapping[str, Any], *, interval: float, waiters: int = 1
) -> Iterator[subprocess.Popen[str]]:
    """Start the process with the triggers; it ends with the context."""
    script = Path(__file__).with_name("_messages_process.py")
    command = [sys.executable, str(script), kind, "--interval", str(interval), "--waiters", str(waiters)]
    user = station["users"]["engineer"]
    connection = {"conn_type": "wincc", "login": "engineer", "password": user["password"], "host": station["url"]}
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {
            "AIRFLOW_CONN_STATION": json.dumps({**connection, "extra": {"verify": station["ca_file"]}}),
            "AIRFLOW_HOME": home,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        }
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


def tell(process: subprocess.Popen[str], seconds: float) -> None:
    """Tell the process for how long to measure."""
    assert process.stdin is not None
    process.stdin.write(f"{seconds}\n")
    process.stdin.flush()


def next_line(process: subprocess.Popen[str], phase: str) -> dict[str, Any]:
    """Read what the process says next, and see that it is of this phase."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith('{"phase"'):
            said: dict[str, Any] = json.loads(line)
            assert said["phase"] == phase
            return said
    raise SystemExit(f"The process with the triggers ended before it was {phase}, with exit code {process.wait()}.")


def check(bursts: list[BurstRow], sensors: SensorRow, size: int, interval: float) -> dict[str, bool]:
    """Compare the figures with those to reach."""
    ours = [row for row in bursts if row.kind == "watcher"]
    most_events = math.ceil(size / MOST_IN_EVENT)
    return {
        f"burst of {size:,}: none lost": all(row.lost == 0 for row in ours),
        f"burst of {size:,}: none doubled": all(row.doubled == 0 for row in ours),
        f"burst of {size:,}: at most {most_events} events": all(row.events <= most_events for row in ours),
        f"burst of {size:,}: p99 event-loop lag < 100 ms": all(row.lag_p99 < 100 for row in ours),
        f"{sensors.sensors:,} sensors on one filter: one request per interval": sensors.requests_per_interval <= 1,
        f"{sensors.sensors:,} sensors: p99 event-loop lag < 100 ms": sensors.lag_p99 < 100,
        f"{sensors.sensors:,} sensors: message to last event <= interval + 1 s": sensors.seconds_to_last_event
        <= interval + 1,
    }


def print_table(bursts: list[BurstRow], sensors: SensorRow) -> None:
    """Print a line per burst, and one for the sensors."""
    heads = ("burst", "lost", "doubled", "events", "to last event s", "lag p99 ms", "longest ms", "requests")
    heads += ("event kB", "state kB", "memory MB")
    print("\n" + "  ".join([f"{'':24}", *heads]))
    for row in bursts:
        figures = (
            f"{row.number}",
            f"{row.lost:,}",
            f"{row.doubled:,}",
            f"{row.events}",
            f"{row.seconds_to_last_event:.2f}",
            f"{row.lag_p99:.1f}",
            f"{row.longest_lag:.1f}",
            f"{row.requests}",
            f"{row.largest_event:.0f}",
            f"{row.largest_state:.0f}",
            f"{row.memory:.0f}",
        )
        cells = (f"{figure:>{len(head)}}" for figure, head in zip(figures, heads, strict=True))
        print("  ".join([f"{NAMES[row.kind]:24}", *cells]))
    print(
        f"\n{sensors.sensors:,} sensors: {sensors.requests_per_interval:.2f} requests per interval, "
        f"{sensors.cpu_seconds_per_minute:.2f} s CPU per minute, lag p99 {sensors.lag_p99:.1f} ms, "
        f"{sensors.seconds_to_last_event:.2f} s from the message to the last event (longest lag then "
        f"{sensors.longest_lag_while_all_fire:.1f} ms), {sensors.memory:.0f} MB\n"
    )


def write(bursts: list[BurstRow], sensors: SensorRow, figures: dict[str, bool]) -> None:
    """Write the results with the machine and the versions they were measured with."""
    packages = ("airflow-provider-wincc", "apache-airflow", "requests")
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
        "settings": {"interval": INTERVAL, "burst": BURST, "sensors": SENSORS, "cycles_measured": CYCLES},
        "bursts": [asdict(row) for row in bursts],
        "sensors": asdict(sensors),
        "figures": figures,
    }
    RESULTS.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}")


if __name__ == "__main__":
    raise SystemExit(main())
