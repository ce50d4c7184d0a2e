"""The poller and the life of event loops."""

from __future__ import annotations

import asyncio
import gc
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


def test_the_threads_of_pollers_do_not_pile_up_when_their_loops_end():
    before = poller_threads()

    async def wait_and_look():
        await wait_for_level(1, 5)
        return poller_threads() - before

    loops = 8
    threads = set().union(*(asyncio.run(wait_and_look()) for _ in range(loops)))
    gc.collect()

    def alive():
        return sum(thread.is_alive() for thread in threads)

    assert len(threads) >= loops
    # Whatever still refers to one of the last loops keeps its threads a little longer.
    deadline = time.monotonic() + 10
    while alive() > loops / 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert alive() <= loops / 2
