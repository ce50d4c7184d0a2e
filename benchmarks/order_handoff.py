"""What a handoff costs while nothing goes wrong: ``WinCCOrderHandoffOperator`` beside the loop one writes by hand.

Both hand the same orders, one after the other, to a simulated unit in a process of its own, over HTTPS with a login.
The station's image lags behind the unit by up to ``SKEW`` seconds, each tag for itself, as real images do.

The loop writes payload, number and start command in one request, then reads all tags each interval until it sees its
order ended, and clears the unit. It keeps nothing, compares nothing, and believes each reading.

The operator is deferred, so that it waits for the end of the order in its trigger; the requests of the trigger are
those of the poller, which reads for all waiting tasks at once. Airflow's own delays (queue, triggerer) are left out.

Measured are: requests of the task, in all and for the step that needs most; requests of the poller; and the time from
the start of the task to its result, without the time that the unit itself takes (answer, setup and run). Of that time
of the operator, ``SETTLE_WINDOWS`` settle windows are pauses by intention: two readings a window apart must be equal
before anything is concluded. Printed is also how many orders ran with a payload that was not theirs, and how many the
loop gave up after ``PATIENCE`` seconds: what is written in one request arrives in any order, so that the loop's number
may be there before its payload and its id.

Run it with ``python benchmarks/order_handoff.py``. It prints a table, writes ``benchmarks/results/order_handoff.json``
and exits with 1 when one of the figures is missed.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import logging
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import requests
from _station import control

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ORDERS = 5
INTERVAL = 1.0
# Longer than image lag there and back and the unit's answer; each step that takes longer costs a reading more.
SETTLE = 1.0
PATIENCE = 15.0
SKEW = 0.3
# Before the offer one; after offer, commit, start and clear two each; one in the trigger and one after it.
SETTLE_WINDOWS = 11
UNIT = {"name": "Mixer1", "skew": SKEW, "answer_seconds": 0.2, "setup_seconds": 0.5, "run_seconds": 4.0}
RESULTS = Path(__file__).parent / "results" / "order_handoff.json"


@dataclass(frozen=True, kw_only=True)
class Side:
    """The figures of one side; medians over the orders, times in seconds."""

    name: str
    orders: int
    requests_of_task: float
    requests_of_longest_step: int
    requests_of_poller: float
    added_time: float | None
    longest_added_time: float | None
    given_up: int
    wrong_payload: int
    started_twice: int


def main() -> int:
    """Measure both sides, print and write the figures; return the exit code."""
    # Neither side pays for its log.
    logging.disable(logging.CRITICAL)
    sides = [measure("loop by hand", hand_over_by_hand), measure("WinCCOrderHandoffOperator", hand_over)]
    print_table(sides)
    figures = check(sides[1])
    for name, reached in figures.items():
        print(f"{'reached' if reached else 'MISSED '}  {name}")
    write(sides, figures)
    return 0 if all(figures.values()) else 1


def measure(name: str, hand: Any) -> Side:
    """Hand the orders over, one after the other, to a unit of their own."""
    counts, added = [], []
    with running_unit() as station, tempfile.TemporaryDirectory() as home:
        define_connection(station, home)
        payloads = {f"{number:06d}": payload_of(number) for number in range(1, ORDERS + 1)}
        for order_id, payload in payloads.items():
            print(f"{name}, order {order_id} ...", flush=True)
            started = time.monotonic()
            steps, polled, has_ended = hand(station, order_id, payload)
            counts.append((steps, polled))
            if has_ended:
                added.append(time.monotonic() - started - unit_time(station, order_id))
        starts = control(station, "GET", "units").json()[UNIT["name"]]["starts"]
    ids = [start["order_id"] for start in starts]
    return Side(
        name=name,
        orders=ORDERS,
        requests_of_task=statistics.median(sum(steps) for steps, _ in counts),
        requests_of_longest_step=max(max(steps) for steps, _ in counts),
        requests_of_poller=statistics.median(polled for _, polled in counts),
        added_time=round(statistics.median(added), 2) if added else None,
        longest_added_time=round(max(added), 2) if added else None,
        given_up=ORDERS - len(added),
        wrong_payload=sum(1 for start in starts if start["payload"] != payloads.get(start["order_id"])),
        started_twice=len(ids) - len(set(ids)),
    )


def hand_over(station: Mapping[str, Any], order_id: str, payload: dict[str, Any]) -> tuple[list[int], int, bool]:
    """Run the operator as Airflow does; return the requests of each step, those of the poller, and that it ended."""
    from airflow.providers.common.compat.sdk import TaskDeferred

    context = context_of_a_task()
    steps: list[int] = []
    polled, event = 0, None
    while True:
        control(station, "DELETE", "requests")
        operator = operator_of(order_id, payload)
        try:
            if event is None:
                operator.execute(context)
            else:
                operator.execute_complete(context, event)
        except TaskDeferred as deferred:
            steps += requests_by_step(station)
            control(station, "DELETE", "requests")
            event = asyncio.run(first_event(deferred.trigger))
            polled += len(control(station, "GET", "requests").json())
        else:
            return steps + requests_by_step(station), polled, True


def operator_of(order_id: str, payload: dict[str, Any]) -> Any:
    """Make the operator."""
    from airflow_provider_wincc.operators.orders import WinCCOrderHandoffOperator
    from airflow_provider_wincc.orders import OrderHandoffTags

    operator = WinCCOrderHandoffOperator(
        task_id="hand_off",
        wincc_conn_id="station",
        order_id=order_id,
        payload=payload,
        tags=OrderHandoffTags(prefix=f"{UNIT['name']}.", payload=list(payload), results=["ActualQuantity"]),
        clear=True,
        deferrable=True,
        settle_window=SETTLE,
        poke_interval=INTERVAL,
    )
    operator.shortest_deferral = 0.0  # no scheduler has to notice anything here
    return operator


async def first_event(trigger: Any) -> dict[str, Any]:
    """Run a trigger to its event."""
    event = await anext(trigger.run())
    payload: dict[str, Any] = event.payload
    return payload


def context_of_a_task() -> Any:
    """Make what the operator looks at of a task's context."""
    entries: dict[str, Any] = {}
    store = SimpleNamespace(get=entries.get, set=entries.__setitem__)
    task_instance = SimpleNamespace(dag_id="bench", run_id="run", task_id="hand_off", map_index=-1, try_number=1)
    return {"ti": task_instance, "task_state_store": store}


def hand_over_by_hand(
    station: Mapping[str, Any], order_id: str, payload: dict[str, Any]
) -> tuple[list[int], int, bool]:
    """Do what one would write by hand; return the requests of its steps, 0 for a poller, and whether it saw the end."""
    control(station, "DELETE", "requests")
    prefix = f"{UNIT['name']}.Order."
    names = [f"{prefix}{name}" for name in ("AckSequence", "CurrentId", "CurrentSequence", "State", "Result")]
    with requests.Session() as session:
        session.auth = ("engineer", station["users"]["engineer"]["password"])
        session.verify = station["ca_file"]
        session.trust_env = False
        url = f"{station['url']}/WinCCRestService/tagManagement/Values"

        def read() -> dict[str, str]:
            rows = session.post(url, json={"variableNames": names}, timeout=10).json()
            return {row["variableName"].removeprefix(prefix): str(row["value"]) for row in rows}

        def put(values: Mapping[str, Any]) -> None:
            body = [{"variableName": prefix + name, "value": value} for name, value in values.items()]
            session.put(url, json=body, timeout=10).raise_for_status()

        number = int(read()["AckSequence"]) + 1
        put({**payload, "Id": order_id, "Sequence": number, "Start": number})
        patience_ends = time.monotonic() + PATIENCE
        while (shown := read())["State"] != "5" and time.monotonic() < patience_ends:
            time.sleep(INTERVAL)
        has_ended = shown["State"] == "5" and shown["CurrentId"] == order_id
        put({"Clear": int(shown["CurrentSequence"])})
        while read()["State"] != "0" and time.monotonic() < patience_ends:
            time.sleep(INTERVAL)
    return requests_by_step(station), 0, has_ended


def requests_by_step(station: Mapping[str, Any]) -> list[int]:
    """Count the requests of each step since they were cleared; a step begins with its write."""
    steps = [0]
    for request in control(station, "GET", "requests").json():
        if request["method"] == "PUT" and steps[-1]:
            steps.append(0)
        steps[-1] += 1
    return steps


def unit_time(station: Mapping[str, Any], order_id: str) -> float:
    """Return the seconds that the unit itself took for an order: to answer, to set up and to run."""
    timeline = control(station, "GET", "units").json()[UNIT["name"]]["timeline"]
    at = {event["event"]: datetime.fromisoformat(event["at"]) for event in timeline if event["order_id"] == order_id}
    return (at["accepted"] - at["offered"] + at["ended"] - at["started"]).total_seconds()


def payload_of(number: int) -> dict[str, Any]:
    """Make a payload that differs from that of the order before in all its values."""
    return {"WorkMaster": f"R-00{1 + number % 3}", "Quantity": 10.0 + number}


def define_connection(station: Mapping[str, Any], home: str) -> None:
    """Define the connection as Airflow reads it from the environment."""
    os.environ |= {
        "AIRFLOW_HOME": home,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW_CONN_STATION": json.dumps(
            {
                "conn_type": "wincc",
                "host": station["url"],
                "login": "engineer",
                "password": station["users"]["engineer"]["password"],
                "extra": {"verify": station["ca_file"]},
            }
        ),
    }


@contextmanager
def running_unit() -> Iterator[dict[str, Any]]:
    """Run the station with the unit; give what it says of itself: ``url``, ``ca_file``, ``users``."""
    with tempfile.TemporaryDirectory() as folder:
        description = Path(folder) / "station.json"
        script = Path(__file__).with_name("_unit_station.py")
        process = subprocess.Popen([sys.executable, str(script), str(description), json.dumps(UNIT)])
        try:
            deadline = time.monotonic() + 30
            while not description.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("The simulated station did not start.")
                time.sleep(0.05)
            yield json.loads(description.read_text())
        finally:
            process.terminate()
            process.wait(10)


def check(ours: Side) -> dict[str, bool]:
    """Compare the operator's figures with those to reach."""
    limit = SETTLE_WINDOWS * SETTLE + 3 * INTERVAL
    return {
        "at most 3 requests per step beside those of the poller": ours.requests_of_longest_step <= 3,
        f"adds at most {SETTLE_WINDOWS} settle windows and 3 poll intervals ({limit:g} s) to the unit's own time": (
            ours.longest_added_time is not None and ours.longest_added_time <= limit
        ),
        "every order ran once, with its own payload": not ours.given_up + ours.started_twice + ours.wrong_payload,
    }


def print_table(sides: list[Side]) -> None:
    """Print a line per side."""
    heads = ("orders", "requests of the task", "longest step", "of the poller", "added s", "longest s")
    heads += ("given up", "wrong payload", "started twice")
    print("\n" + "  ".join([f"{'':26}", *heads]))
    for side in sides:
        figures = (
            f"{side.orders}",
            f"{side.requests_of_task:g}",
            f"{side.requests_of_longest_step}",
            f"{side.requests_of_poller:g}",
            "-" if side.added_time is None else f"{side.added_time:.2f}",
            "-" if side.longest_added_time is None else f"{side.longest_added_time:.2f}",
            f"{side.given_up}",
            f"{side.wrong_payload}",
            f"{side.started_twice}",
        )
        cells = (f"{figure:>{len(head)}}" for head, figure in zip(heads, figures, strict=True))
        print("  ".join([f"{side.name:26}", *cells]))
    print()


def write(sides: list[Side], figures: dict[str, bool]) -> None:
    """Write the results with the machine and the versions they were measured with."""
    packages = ("airflow-provider-wincc", "apache-airflow", "requests")
    RESULTS.parent.mkdir(exist_ok=True)
    content = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "system": platform.system(),
            "machine": platform.machine(),
            "cores": os.cpu_count(),
            "load_average_at_end": [round(load, 2) for load in os.getloadavg()],
        },
        "versions": {"python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in packages},
        "settings": {"interval": INTERVAL, "settle_window": SETTLE, "unit": UNIT},
        "sides": [asdict(side) for side in sides],
        "figures": figures,
    }
    RESULTS.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}")


if __name__ == "__main__":
    raise SystemExit(main())
