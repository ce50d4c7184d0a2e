"""How often a station is asked, over real sockets: when it refuses, fails, stalls or drops, for several intervals."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

import pytest

from airflow_provider_wincc.client import WinCCClient
from airflow_provider_wincc.triggers.poller import TagPoller

pytestmark = [pytest.mark.usefixtures("connect"), pytest.mark.asyncio]

INTERVAL = 0.5


class Listener:
    """A waiter that keeps what it is told, and goes when a failure is for good."""

    recheck_at = None

    def __init__(self, *tags):
        self.tags = tags
        self.readings = []
        self.errors = []
        self.over = asyncio.Event()

    def observe(self, readings, now):
        self.readings.append(readings)

    def observe_failure(self, error, now):
        self.errors.append(error)
        if not error.retryable:
            self.over.set()

    async def listen(self, conn_id="wincc_default", interval=INTERVAL):
        with TagPoller.of_running_loop().subscribe(conn_id, interval, self):
            await self.over.wait()


async def let_come(listeners, *, seconds, **where):
    """Let listeners come one after the other over a time, as a triggerer starts its triggers."""
    tasks = []
    for listener in listeners:
        tasks.append(asyncio.create_task(listener.listen(**where)))
        await asyncio.sleep(seconds / len(listeners))
    return tasks


async def cancel(tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def until(condition, *, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


def gaps(station):
    times = [request.at.timestamp() for request in station.requests]
    return [after - before for before, after in pairwise(times)]


def note_when_tags_are_asked_for(monkeypatch):
    """Return the times at which the client asks, which no delay on the way to the station changes."""
    times = []
    ask = WinCCClient.try_read_tags

    def noting(client, *arguments, **options):
        times.append(time.monotonic())
        return ask(client, *arguments, **options)

    monkeypatch.setattr(WinCCClient, "try_read_tags", noting)
    return times


@pytest.mark.parametrize("fault", ["unauthorized", "forbidden"])
async def test_a_refused_login_is_sent_once_however_many_come_within_the_interval(station, fault):
    station.fail_next(fault, count=1000)
    listeners = [Listener(f"Tank{number % 2 + 1}.Level") for number in range(200)]

    tasks = await let_come(listeners, seconds=0.4, interval=10)
    await asyncio.wait_for(asyncio.gather(*tasks), 10)

    assert len(station.requests) == 1
    assert all([error.retryable for error in listener.errors] == [False] for listener in listeners)


async def test_who_comes_an_interval_after_a_refusal_asks_again(station):
    station.fail_next("unauthorized")
    await Listener("Tank1.Level").listen()
    refused = time.monotonic()
    await until(lambda: time.monotonic() > refused + INTERVAL)

    later = Listener("Tank1.Level")
    task = asyncio.create_task(later.listen())
    await until(lambda: later.readings)
    await cancel([task])

    assert later.errors == []


async def test_who_comes_after_the_connection_was_corrected_asks_at_once(station, connect):
    station.fail_next("unauthorized")
    await Listener("Tank1.Level").listen()
    connect(batch_size=10)

    later = Listener("Tank1.Level")
    task = asyncio.create_task(later.listen(interval=600))
    await until(lambda: later.readings)
    await cancel([task])

    assert later.errors == []


@pytest.mark.parametrize("fault", ["server_error", "unavailable", "bad_gateway", "drop_before"])
async def test_a_failing_station_gets_at_most_one_request_per_interval_however_many_wait(station, fault):
    station.fail_next(fault, count=1000)
    listeners = [Listener(f"Tank{number % 2 + 1}.Level") for number in range(200)]

    tasks = await let_come(listeners, seconds=1.5)
    await until(lambda: len(station.requests) >= 3)
    await cancel(tasks)

    assert all(gap >= INTERVAL for gap in gaps(station))


async def test_a_station_that_does_not_answer_gets_one_request_at_a_time_and_smaller_ones(
    station, connect, monkeypatch
):
    connect("slow", read_timeout=0.2, batch_size=16)
    names = [f"Unit{number}.Ready" for number in range(40)]
    for name in names:
        station.set(name, value=False, data_type="bool")
    station.fail_next("stall", count=4, seconds=2)
    asked_at = note_when_tags_are_asked_for(monkeypatch)
    listener = Listener(*names)

    task = asyncio.create_task(listener.listen("slow", 0.1))
    await until(lambda: listener.readings, seconds=60)
    sizes = [len(request.body["variableNames"]) for request in station.requests]
    await until(lambda: len(station.requests[-1].body["variableNames"]) >= 8, seconds=60)
    await cancel([task])

    assert sizes[:4] == [16, 8, 4, 2]
    assert all(after - before >= 0.2 + 0.1 for before, after in pairwise(asked_at[:5]))
    # On a busy machine some of the many requests that follow may come too late as well.
    assert [type(error).__name__ for error in listener.errors[:4]] == ["WinCCTimeoutError"] * 4


async def test_leaving_and_coming_back_does_not_shorten_the_pause_after_a_failure(station):
    station.fail_next("server_error", count=1000)
    for _ in range(20):
        listener = Listener("Tank1.Level")
        task = asyncio.create_task(listener.listen())
        await asyncio.sleep(0.05)
        await cancel([task])

    assert len(station.requests) <= 3


async def test_one_dropped_idle_connection_is_nobodys_failure(station):
    listener = Listener("Tank1.Level")
    task = asyncio.create_task(listener.listen())
    await until(lambda: listener.readings)
    station.fail_next("drop_before")
    asked = len(station.requests)
    await until(lambda: len(station.requests) >= asked + 3)
    await cancel([task])

    assert listener.errors == []


async def test_intervals_that_are_multiples_share_their_requests(station):
    poller = TagPoller.of_running_loop()
    fast, slow = Listener("Tank1.Level"), Listener("Tank1.Level", "Tank2.Level")
    tasks = [asyncio.create_task(fast.listen(interval=0.2))]
    await until(lambda: fast.readings)
    tasks.append(asyncio.create_task(slow.listen(interval=0.4)))
    await until(lambda: slow.readings)
    station.clear_requests()
    await until(lambda: len(station.requests) >= 12)
    requests = station.requests
    await cancel(tasks)
    await until(lambda: not poller._stations)

    carried = [set(request.body["variableNames"]) for request in requests]
    with_second = [names for names in carried if "Tank2.Level" in names]
    # A fast cycle that is late has just read the first tag, which the slow one then leaves out.
    shared = [names for names in with_second if "Tank1.Level" in names]
    assert len(shared) > len(with_second) / 2
    times = [request.at.timestamp() for request in requests if "Tank1.Level" in request.body["variableNames"]]
    # All beat on one grid, on which the first of them may be late.
    assert times[-1] - times[0] > (len(times) - 3) * 0.2


async def test_who_comes_while_the_others_are_told_of_the_end_is_not_forgotten(station, connect):
    connect("wrong", batch_size="many")
    poller = TagPoller.of_running_loop()
    latecomer = Listener("Tank2.Level")

    class Inviting(Listener):
        def observe_failure(self, error, now):
            super().observe_failure(error, now)
            self.invited = asyncio.create_task(latecomer.listen("wrong"))

    first = Inviting("Tank1.Level")
    await asyncio.wait_for(first.listen("wrong"), 10)
    await asyncio.wait_for(first.invited, 10)
    await until(lambda: not poller._stations)

    assert "batch_size" in str(latecomer.errors[0])
