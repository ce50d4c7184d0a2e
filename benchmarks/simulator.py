"""How many tags a second the simulated station serves on one core, beside a bare Starlette answer of the same size.

Both run in a process of their own that is pinned to one core, and are asked over one kept-alive HTTPS connection with
a login, one request at a time, in batches of 150 tags. The station looks at the login, finds the tags, writes their
values, timestamps and qualities and keeps a record of the request; the bare one sends the same bytes again and again.
Both use uvicorn with h11. The client takes the bytes and does not parse them, so that it is the servers that are
measured. The rounds alternate, so that both see the same machine. Claim: the station serves at least 20,000 tags a
second, so that the other benchmarks measure what they are about and not the station.

Run it with ``python benchmarks/simulator.py``; it exits with 1 when the claim does not hold.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import ssl
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psutil
from _station import running_station, set_tags

if TYPE_CHECKING:
    from collections.abc import Iterator

CLAIM = 20_000
TAGS = 9_000
ROUNDS = 15
BATCH_SIZE = 150
PATH = "/WinCCRestService/tagManagement/Values"


def main() -> int:
    """Measure, print a line per side; return the exit code."""
    names = [f"Area{number // 100}.Measurement{number}" for number in range(TAGS)]
    bodies = [
        json.dumps({"variableNames": names[start : start + BATCH_SIZE]}).encode()
        for start in range(0, TAGS, BATCH_SIZE)
    ]
    with running_station() as station, connected(station) as to_station:
        (process,) = psutil.Process().children()
        pin_to_one_core(process)
        set_tags(station, {name: number * 1.25 for number, name in enumerate(names)})
        login = base64.b64encode(f"engineer:{station['users']['engineer']['password']}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
        answer = ask(to_station, bodies[0], headers)
        assert [row["variableName"] for row in json.loads(answer)] == names[:BATCH_SIZE]
        with bare_server(len(answer)) as bare, connected(bare) as to_bare:
            sides = {"bare Starlette answer": to_bare, "simulated station": to_station}
            times: dict[str, list[float]] = {name: [] for name in sides}
            used = 0.0
            for side in sides.values():
                seconds_of_a_round(side, bodies, headers)
            for _ in range(ROUNDS):
                for name, side in sides.items():
                    before = cpu_seconds(process)
                    times[name].append(seconds_of_a_round(side, bodies, headers))
                    used += cpu_seconds(process) - before if side is to_station else 0.0
    for name, values in times.items():
        median, best = TAGS / statistics.median(values), TAGS / min(values)
        print(f"{name:22} median {median:10,.0f} tags/s, best {best:10,.0f} tags/s")
    bare_median, ours = (statistics.median(values) for values in times.values())
    print(f"the station takes {ours / bare_median:.2f} times as long as the bare answer of {len(answer):,} bytes")
    print(f"per second of the station's CPU time: {TAGS * ROUNDS / used:,.0f} tags")
    reached = TAGS / ours
    print(f"{reached:,.0f} tags/s on one core (claim: at least {CLAIM:,}), {TAGS} tags in batches of {BATCH_SIZE}")
    return 0 if reached >= CLAIM else 1


def seconds_of_a_round(connection: http.client.HTTPSConnection, bodies: list[bytes], headers: dict[str, str]) -> float:
    """Read all tags once."""
    started = time.perf_counter()
    for body in bodies:
        ask(connection, body, headers)
    return time.perf_counter() - started


def ask(connection: http.client.HTTPSConnection, body: bytes, headers: dict[str, str]) -> bytes:
    """Post one batch and take the bytes of the answer."""
    connection.request("POST", PATH, body, headers)
    response = connection.getresponse()
    content = response.read()
    assert response.status == 200, content[:200]
    return content


@contextmanager
def connected(server: dict[str, Any]) -> Iterator[http.client.HTTPSConnection]:
    """Open a connection that checks the certificate."""
    address = urlsplit(server["url"])
    context = ssl.create_default_context(cafile=server["ca_file"])
    connection = http.client.HTTPSConnection(str(address.hostname), address.port, context=context, timeout=60)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def bare_server(size: int) -> Iterator[dict[str, Any]]:
    """Run the bare Starlette answer in a process of its own, pinned like the station; give ``url`` and ``ca_file``."""
    script = Path(__file__).with_name("_bare_answer_process.py")
    process = subprocess.Popen([sys.executable, str(script), str(size)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise SystemExit("The bare server did not start.")
        pin_to_one_core(psutil.Process(process.pid))
        yield json.loads(line)
    finally:
        process.terminate()
        process.wait(10)


def pin_to_one_core(process: psutil.Process) -> None:
    """Keep a process on the last core, where the system can do that; the client stays on the others."""
    if hasattr(process, "cpu_affinity") and (os.cpu_count() or 1) > 1:
        *others, last = psutil.Process().cpu_affinity() or [0]
        process.cpu_affinity([last])
        if others:
            psutil.Process().cpu_affinity([*others])


def cpu_seconds(process: psutil.Process) -> float:
    """Return how much CPU time a process has used."""
    used = process.cpu_times()
    return float(used.user + used.system)


if __name__ == "__main__":
    raise SystemExit(main())
