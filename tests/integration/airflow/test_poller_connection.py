"""A connection that is corrected while its station cannot be read: the shared reader goes on with what is right."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from contextlib import contextmanager

import pytest

from airflow_provider_wincc.hooks.wincc import WinCCHook
from airflow_provider_wincc.triggers.poller import TagPoller
from airflow_provider_wincc.triggers.polling import station_reader

pytestmark = [pytest.mark.usefixtures("connect"), pytest.mark.asyncio]


class Waiter:
    """Keeps what it is told, as a wait that was deferred long ago."""

    tags = ("Tank1.Level",)
    recheck_at = None

    def __init__(self):
        self.readings = []
        self.errors = []

    def observe(self, readings, now):
        self.readings.append(readings)

    def observe_failure(self, error, now):
        self.errors.append(error)


@pytest.fixture
def look_ups(monkeypatch):
    """The ids of connections that are looked up."""
    seen = []
    look_up = WinCCHook.aget_settings

    async def noted(hook):
        seen.append(hook.wincc_conn_id)
        return await look_up(hook)

    monkeypatch.setattr(WinCCHook, "aget_settings", noted)
    return seen


@contextmanager
def wrong_address(monkeypatch):
    """Have the connection name a port on which nobody answers; give the fields of the right one."""
    right = os.environ["AIRFLOW_CONN_WINCC_DEFAULT"]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"https://127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("AIRFLOW_CONN_WINCC_DEFAULT", json.dumps({**json.loads(right), "host": host}))
        yield right


async def until(condition, *, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


async def test_a_corrected_address_is_used_by_those_who_wait_already(station, monkeypatch):
    monkeypatch.setattr(station_reader, "SETTINGS_CHECK_INTERVAL", 0.1)
    waiter = Waiter()

    with wrong_address(monkeypatch) as right, TagPoller.of_running_loop().subscribe("wincc_default", 0.1, waiter):
        await until(lambda: waiter.errors)
        monkeypatch.setenv("AIRFLOW_CONN_WINCC_DEFAULT", right)
        await until(lambda: waiter.readings)

    assert waiter.readings[0]["Tank1.Level"].value == 40


async def test_it_is_not_looked_up_while_the_station_answers(station, monkeypatch, look_ups):
    monkeypatch.setattr(station_reader, "SETTINGS_CHECK_INTERVAL", 0.0)

    with TagPoller.of_running_loop().subscribe("wincc_default", 0.1, Waiter()):
        await until(lambda: len(station.requests) >= 4)

    assert look_ups == ["wincc_default"]


async def test_it_is_looked_up_once_a_minute_at_most(station, look_ups):
    waiter = Waiter()
    station.fail_next("server_error", count=99)

    with TagPoller.of_running_loop().subscribe("wincc_default", 0.1, waiter):
        await until(lambda: len(waiter.errors) >= 4)

    assert look_ups == ["wincc_default"]


async def test_what_cannot_be_looked_up_or_is_wrong_is_no_reason_to_give_up(station, connect, monkeypatch, look_ups):
    monkeypatch.setattr(station_reader, "SETTINGS_CHECK_INTERVAL", 0.1)
    waiter = Waiter()

    with TagPoller.of_running_loop().subscribe("wincc_default", 0.1, waiter):
        await until(lambda: waiter.readings)
        station.fail_next("server_error", count=5)
        monkeypatch.delenv("AIRFLOW_CONN_WINCC_DEFAULT")
        await until(lambda: len(look_ups) >= 3)
        connect(batch_size="many")
        await until(lambda: len(waiter.errors) >= 5)
        await until(lambda: station.requests[-1].status == 200)

    assert {request.in_flight for request in station.requests} == {1}
    assert len({request.connection for request in station.requests}) == 1
    assert all(error.retryable and error.status == 500 for error in waiter.errors)
