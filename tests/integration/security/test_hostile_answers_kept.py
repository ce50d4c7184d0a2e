"""Nothing of a hostile answer is kept: a triggerer that reads a station for months must not grow by it."""

from __future__ import annotations

import gc
import json
import tracemalloc
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import pytest
from client_operations import READS
from hostile_server import HostileServer, Request, Wire, ok

from airflow_provider_wincc.client import StationSettings, WinCCClient, WinCCError

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 12
TEXT = 100_000
GROWTH_AT_MOST = 5 * TEXT


def new_each_time() -> HostileServer:
    """Answer with keys, texts and cookies of 100,000 characters, none of which came before."""
    numbers = count()

    def answer(_: Request, wire: Wire) -> None:
        new = f"{next(numbers)}-".ljust(TEXT, "x")
        row = {
            "variableName": "Tank1.Level",
            "value": new,
            "qualitycode": new,
            "timestamp": new,
            "datetime": new,
            "errorcode": 0,
            new: new,
            "values": [{"timestamp": new, "value": new, "qualitycode": new, new: 1}],
        }
        cookies = (f"Set-Cookie: {next(numbers)}={'x' * 4000}; Max-Age=99999" for _ in range(20))
        wire.send(ok(json.dumps([row]).encode(), *cookies))

    return HostileServer(answer)


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize(
    "operation", ["read_tag", "read_tags", "read_messages", "list_timers", "read_latest_archived", "get_message"]
)
def test_memory_does_not_grow_by_what_a_station_makes_up(operation: str) -> None:
    with new_each_time() as server:
        made = StationSettings.from_url(server.url, username="engineer", password="secret")
        with WinCCClient(replace(made, retry_wait=0.001, read_retries=0)) as client:
            before = _in_use(client, server, operation, rounds=3)

            after = _in_use(client, server, operation, rounds=ROUNDS)

    assert len(server.requests) >= ROUNDS
    assert after - before < GROWTH_AT_MOST


def _in_use(client: WinCCClient, server: HostileServer, operation: str, *, rounds: int) -> int:
    for _ in range(rounds):
        try:
            READS[operation](client)
        except WinCCError:
            continue
    # The server is in this process, and a thread that has just sent an answer still has it.
    server.let_go()
    gc.collect()
    return tracemalloc.get_traced_memory()[0]
