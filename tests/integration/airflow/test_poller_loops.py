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

SECONDS_AT_MOST = 30


async def wait_for_level(level):
    trigger = WinCCTagTrigger(
        wincc_conn_id="wincc_default",
        condition=(tag("Tank1.Level") >= level).to_json(),
        poke_interval=0.1,
        deadline=time.time() + SECONDS_AT_MOST,
    )
    return (await anext(trigger.run())).payload["status"]


async def wait_until(station, condition, *, waits=1):
    """Let waits for a level go on until a condition holds; return how they ended."""
    waiting = [asyncio.create_task(wait_for_level(90)) for _ in range(waits)]
    while not all(wait.done() for wait in waiting):
        if condition():
            station.set("Tank1.Level", 95.0)
        await asyncio.sleep(0.01)
    return {wait.result() for wait in waiting}


def test_two_event_loops_do_not_share_a_poller():
    async def poller():
        return TagPoller.of_running_loop()

    assert asyncio.run(poller()) is not asyncio.run(poller())


def test_a_loop_that_ended_leaves_nothing_to_the_next_one(station):
    first = asyncio.run(wait_until(station, lambda: station.requests))
    connections = {request.connection for request in station.requests}
    second = asyncio.run(wait_for_level(1))

    assert (first, second) == ({"met"}, "met")
    assert station.requests[-1].connection not in connections


def test_a_loop_that_ends_during_a_request_ends_without_waiting_for_it(station, connect):
    station.fail_next("stall", seconds=60)
    connect(read_timeout=60)
    started = time.monotonic()

    async def leave_during_the_request():
        wait = asyncio.create_task(wait_for_level(90))
        while not station.requests:
            assert not wait.done()
            await asyncio.sleep(0.01)
        return wait.done()

    is_over = asyncio.run(leave_during_the_request())

    assert not is_over
    assert time.monotonic() - started < 30


def poller_threads():
    # The station and other tests have threads too, which come and go.
    return {thread for thread in threading.enumerate() if thread.name.startswith("wincc-poller")}


def test_a_station_is_read_in_one_thread_however_often_it_is_read(station):
    before = poller_threads()
    seen = set()

    def has_been_read_often():
        seen.update(poller_threads() - before)
        return len(station.requests) > 20

    asyncio.run(wait_until(station, has_been_read_often, waits=3))

    assert len(station.requests) > 20
    assert len(seen) == 1


def test_the_thread_of_a_station_ends_when_nobody_waits_for_it_any_more(station):
    before = poller_threads()

    async def wait_and_look():
        seen = set()

        def is_there():
            seen.update(poller_threads() - before)
            return seen

        await wait_until(station, is_there)
        for thread in seen:
            await asyncio.to_thread(thread.join, 10)
        return len(seen), sum(thread.is_alive() for thread in seen)

    assert asyncio.run(wait_and_look()) == (1, 0)
