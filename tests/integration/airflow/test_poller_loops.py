"""The poller and the life of event loops."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.triggers.poller import TagPoller
from airflow_provider_wincc.triggers.tags import WinCCTagTrigger

pytestmark = pytest.mark.usefixtures("connect")


async def wait_for_level(level, seconds):
    trigger = WinCCTagTrigger(
        wincc_conn_id="wincc_default",
        condition=(tag("Tank1.Level") >= level).to_json(),
        poke_interval=0.1,
        deadline=time.time() + seconds,
    )
    return (await anext(trigger.run())).payload["status"]


def test_two_event_loops_do_not_share_a_poller():
    async def poller():
        return TagPoller.of_running_loop()

    assert asyncio.run(poller()) is not asyncio.run(poller())


def test_a_loop_that_ended_leaves_nothing_to_the_next_one(station):
    first = asyncio.run(wait_for_level(90, 0.3))
    connections = {request.connection for request in station.requests}
    second = asyncio.run(wait_for_level(1, 5))

    assert (first, second) == ("timeout", "met")
    assert station.requests[-1].connection not in connections


def test_a_loop_that_ends_during_a_request_ends_without_waiting_for_it(station):
    station.fail_next("stall", seconds=5)
    started = time.monotonic()

    status = asyncio.run(wait_for_level(90, 0.3))

    assert status == "timeout"
    assert time.monotonic() - started < 3


def poller_threads():
    # The station and other tests have threads too, which come and go.
    return {thread for thread in threading.enumerate() if thread.name.startswith("wincc-poller")}


def test_a_station_is_read_in_one_thread_however_often_it_is_read(station):
    before = poller_threads()
    seen = set()

    async def wait_and_look():
        waits = [asyncio.create_task(wait_for_level(90, 4)) for _ in range(3)]
        while not all(wait.done() for wait in waits):
            seen.update(poller_threads() - before)
            await asyncio.sleep(0.01)

    asyncio.run(wait_and_look())

    assert len(station.requests) > 20
    assert len(seen) == 1


def test_the_thread_of_a_station_ends_when_nobody_waits_for_it_any_more():
    before = poller_threads()

    async def wait_and_look():
        wait = asyncio.create_task(wait_for_level(90, 0.5))
        seen = set()
        while not wait.done():
            seen.update(poller_threads() - before)
            await asyncio.sleep(0.01)
        for thread in seen:
            await asyncio.to_thread(thread.join, 10)
        return len(seen), sum(thread.is_alive() for thread in seen)

    assert asyncio.run(wait_and_look()) == (1, 0)
