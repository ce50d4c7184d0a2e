"""Reading a cycle batch by batch: what one bad batch does to the others."""

from __future__ import annotations

import asyncio

import pytest
from virtual_time import DelayedCalls, run_in_virtual_time

from airflow_provider_wincc.client import StationSettings
from airflow_provider_wincc.client.errors import WinCCTimeoutError
from airflow_provider_wincc.client.models import Quality, TagReadings, TagValue
from airflow_provider_wincc.triggers.polling import station_reader
from airflow_provider_wincc.triggers.polling.board import Board

TAGS = [f"T{number}" for number in range(40)]


class Client:
    """Stands in for WinCCClient: requests with a poisonous tag in them get no answer."""

    poison = frozenset()
    retries = None

    def __init__(self, settings):
        type(self).retries = settings.read_retries
        self.requests = []

    def try_read_tags(self, tags):
        self.requests.append(tuple(tags))
        if self.poison.intersection(tags):
            raise WinCCTimeoutError("no answer")
        return TagReadings({tag: TagValue(tag, 1, Quality(0x80)) for tag in tags}, {})


@pytest.fixture
def client(monkeypatch):
    async def settings(_hook):
        return StationSettings.from_url("https://station", batch_size=10)

    monkeypatch.setattr(station_reader.WinCCHook, "aget_settings", settings)
    monkeypatch.setattr(station_reader, "WinCCClient", Client)
    return Client


def read_cycles(monkeypatch, count):
    """Read all tags some times over; return the outcomes of the cycles and the board."""

    async def run():
        reader, board = (
            station_reader.StationReader("station", DelayedCalls(lambda: 0.01)),
            Board(),
        )
        return [await reader.read(TAGS, board) for _ in range(count)], board, asyncio.get_running_loop().time()

    return run_in_virtual_time(monkeypatch, run)


def test_a_cycle_names_the_tags_that_changed_and_those_only(client, monkeypatch):
    cycles, _, _ = read_cycles(monkeypatch, 2)

    assert [sorted(cycle.changed) for cycle in cycles] == [sorted(TAGS), []]
    assert [cycle.answered for cycle in cycles] == [4, 4]


def test_the_client_does_not_try_again_by_itself(client, monkeypatch):
    read_cycles(monkeypatch, 1)

    assert client.retries == 0


def test_the_first_batch_that_fails_ends_its_cycle(client, monkeypatch):
    monkeypatch.setattr(client, "poison", frozenset({"T0"}))

    cycles, _, _ = read_cycles(monkeypatch, 1)

    assert cycles[0].answered == 0
    assert isinstance(cycles[0].error, WinCCTimeoutError)


def test_all_but_the_tags_that_make_requests_fail_are_read_after_the_first_cycle(client, monkeypatch):
    monkeypatch.setattr(client, "poison", frozenset({"T3"}))

    cycles, board, now = read_cycles(monkeypatch, 12)

    assert all(isinstance(cycle.error, WinCCTimeoutError) for cycle in cycles)
    assert all(cycle.answered >= 3 for cycle in cycles[1:])
    assert board.since(now - 1, [tag for tag in TAGS if tag != "T3"]) is not None
    assert board.known(["T3"]) == {}


def test_a_machine_without_threads_to_spare_is_a_failure_that_passes(client, monkeypatch):
    class Full(DelayedCalls):
        left = 1

        def submit(self, call, /):
            if not self.left:
                raise RuntimeError("can't start new thread")
            self.left -= 1
            return super().submit(call)

    async def run():
        thread, board = Full(lambda: 0.01), Board()
        reader = station_reader.StationReader("station", thread)
        first = await reader.read(TAGS, board)
        thread.left = 100
        return first, await reader.read(TAGS, board)

    first, second = run_in_virtual_time(monkeypatch, run)

    assert first.error is not None
    assert first.error.retryable
    assert "No thread could be started" in str(first.error)
    assert second.answered == 4
