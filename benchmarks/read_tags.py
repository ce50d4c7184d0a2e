"""What reading 10,000 tags with ``WinCCClient`` costs, beside a bare ``requests`` loop.

Both post the same batches over one kept-alive HTTPS connection to the simulated station, which runs in a process of
its own, and parse the JSON; the client also matches names and makes values, qualities and timestamps. The rounds
alternate, so that both see the same machine. Claim: the client costs at most 1.25 times the bare loop.

Run it with ``python benchmarks/read_tags.py``; it exits with 1 when the claim does not hold.
"""

from __future__ import annotations

import statistics
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests
from _station import running_station, set_tags

from airflow_provider_wincc.client import StationSettings, WinCCClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLAIM = 1.25
TAGS = 10_000
ROUNDS = 15
BATCH_SIZE = 150


def main() -> int:
    """Measure, print a line per side and the ratio; return the exit code."""
    names = [f"Area{number // 100}.Measurement{number}" for number in range(TAGS)]
    with running_station() as station:
        set_tags(station, {name: number * 1.25 for number, name in enumerate(names)})
        user = station["users"]["engineer"]
        settings = StationSettings.from_url(
            station["url"],
            username="engineer",
            password=user["password"],
            verify=station["ca_file"],
            batch_size=BATCH_SIZE,
        )
        with WinCCClient(settings) as client, bare_session(station) as session:
            url = f"{station['url']}/WinCCRestService/tagManagement/Values"
            sides: dict[str, Callable[[], Any]] = {
                "bare requests loop": lambda: bare_loop(session, url, names),
                "WinCCClient.read_tags": lambda: client.read_tags(names),
            }
            times: dict[str, list[float]] = {name: [] for name in sides}
            for side in sides.values():
                side()
            for _ in range(ROUNDS):
                for name, side in sides.items():
                    started = time.perf_counter()
                    answer = side()
                    times[name].append(time.perf_counter() - started)
                    assert len(answer) == TAGS
    bare, ours = (statistics.median(values) for values in times.values())
    for name, values in times.items():
        print(f"{name:24} median {statistics.median(values) * 1000:7.1f} ms, best {min(values) * 1000:7.1f} ms")
    ratio = ours / bare
    print(f"ratio of the medians: {ratio:.3f} (claim: at most {CLAIM}), {TAGS} tags, {ROUNDS} alternating rounds")
    return 0 if ratio <= CLAIM else 1


def bare_loop(session: requests.Session, url: str, names: list[str]) -> list[dict[str, Any]]:
    """Do what a user would write by hand: post the batches, parse the JSON."""
    rows: list[dict[str, Any]] = []
    for start in range(0, len(names), BATCH_SIZE):
        response = session.post(url, json={"variableNames": names[start : start + BATCH_SIZE]}, timeout=60)
        response.raise_for_status()
        rows += response.json()
    return rows


@contextmanager
def bare_session(station: dict[str, Any]) -> Iterator[requests.Session]:
    """Open a session with login and certificate check, as the client has them."""
    with requests.Session() as session:
        session.auth = ("engineer", station["users"]["engineer"]["password"])
        session.verify = station["ca_file"]
        session.trust_env = False
        yield session


if __name__ == "__main__":
    raise SystemExit(main())
