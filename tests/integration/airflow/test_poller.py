"""The shared reader: what waiting tasks cost the station, and what they are told when it fails."""

from __future__ import annotations

import asyncio
import json
import time
from itertools import pairwise

import pytest

from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.triggers.poller import TagPoller
from airflow_provider_wincc.triggers.tags import WinCCTagTrigger

pytestmark = [pytest.mark.usefixtures("connect"), pytest.mark.asyncio]


class Collector:
    """A waiter that keeps what it is told."""

    def __init__(self, *tags, recheck_after=None):
        self.tags = tags
        self.recheck_at = None
        self.recheck_after = recheck_after
        self.readings = []
        self.errors = []
        self.told = asyncio.Event()

    def observe(self, readings, now):
        self.readings.append(dict(readings))
        if self.recheck_after is not None:
            self.recheck_at = now + self.recheck_after
        self.told.set()

    def observe_failure(self, error, now):
        self.errors.append(error)
        self.told.set()

    async def next(self):
        await asyncio.wait_for(self.told.wait(), 10)
        self.told.clear()


def trigger_for(condition, **arguments):
    return WinCCTagTrigger(
        **{
            "wincc_conn_id": "wincc_default",
            "condition": condition.to_json(),
            "poke_interval": 0.2,
            "deadline": time.time() + 30,
            **arguments,
        }
    )


async def event_of(trigger):
    return (await anext(trigger.run())).payload


async def until(condition, *, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


def posts(station):
    return [request for request in station.requests if request.method == "POST"]


async def test_500_waiting_triggers_cost_one_request_per_batch_and_interval(station):
    for number in range(300):
        station.set(f"Unit{number}.Ready", value=False, data_type="bool")
    waiting = [
        asyncio.create_task(
            event_of(trigger_for(tag(f"Unit{number % 300}.Ready") == True, deadline=time.time() + 120))  # noqa: E712
        )
        for number in range(500)
    ]
    await until(lambda: len(posts(station)) >= 20, seconds=60)
    for number in range(300):
        station.set(f"Unit{number}.Ready", value=True)
    started_at_request = len(posts(station))

    events = await asyncio.wait_for(asyncio.gather(*waiting), 60)

    requests = posts(station)
    assert all(event["status"] == "met" for event in events)
    assert {request.in_flight for request in requests} == {1}
    assert len({request.connection for request in requests}) == 1
    assert len(requests) - started_at_request <= 2 * 2
    # 300 tags are two batches of 150: two requests a cycle, for however many triggers, as long as all of them wait.
    steady = requests[:20]
    batches = [frozenset(request.body["variableNames"]) for request in steady]
    assert all(len(batch) == 150 for batch in batches)
    assert all(len(first | second) == 300 for first, second in pairwise(batches))
    # The first cycle opens the connection before it asks, so the beat shows from the second on.
    cycles, second, last = len(steady) // 2, steady[2].at.timestamp(), steady[-1].at.timestamp()
    assert cycles - 1 <= (last - second) / 0.2 + 3


async def test_a_request_carries_each_tag_once_and_only_tags_that_somebody_waits_for(station):
    one, two = Collector("Tank1.Level", "Tank2.Level"), Collector("Tank1.Level", "Mixer1.State")
    poller = TagPoller.of_running_loop()

    with poller.subscribe("wincc_default", 0.1, one):
        with poller.subscribe("wincc_default", 0.1, two):
            await one.next()
            await two.next()
        station.clear_requests()
        await until(lambda: len(posts(station)) >= 2)

    assert sorted(posts(station)[-1].body["variableNames"]) == ["Tank1.Level", "Tank2.Level"]


async def test_a_waiter_is_told_only_when_one_of_its_own_tags_changed(station):
    waiter = Collector("Tank1.Level")
    with TagPoller.of_running_loop().subscribe("wincc_default", 0.1, waiter):
        await waiter.next()
        await until(lambda: len(posts(station)) >= 4)
        station.set("Tank2.Level", 1.0)
        assert len(waiter.readings) == 1

        station.set("Tank1.Level", 77.0)
        await waiter.next()

    assert [readings["Tank1.Level"].value for readings in waiter.readings] == [40, 77]


async def test_a_change_of_quality_alone_is_a_change(station):
    waiter = Collector("Tank1.Level")
    with TagPoller.of_running_loop().subscribe("wincc_default", 0.1, waiter):
        await waiter.next()
        station.set("Tank1.Level", 40.0, quality=0x18)
        await waiter.next()

    assert waiter.readings[-1]["Tank1.Level"].quality.is_bad


async def test_a_slower_waiter_gets_a_change_that_a_faster_one_has_seen(station):
    fast, slow = Collector("Tank1.Level"), Collector("Tank1.Level")
    poller = TagPoller.of_running_loop()
    with poller.subscribe("wincc_default", 0.1, fast), poller.subscribe("wincc_default", 0.7, slow):
        await fast.next()
        await slow.next()
        station.set("Tank1.Level", 77.0)
        await fast.next()
        await slow.next()

    assert slow.readings[-1]["Tank1.Level"].value == 77


async def test_a_waiter_that_asks_for_it_is_told_though_nothing_changed(station):
    waiter = Collector("Tank1.Level", recheck_after=0.3)
    with TagPoller.of_running_loop().subscribe("wincc_default", 0.1, waiter):
        await waiter.next()
        asked_for = waiter.recheck_at
        await waiter.next()
        told_at, requests = time.monotonic(), posts(station)

    # Of the requests from that time on, the first is the one that it is told of.
    asked_for_by_the_clock = asked_for + time.time() - time.monotonic()
    assert told_at >= asked_for
    assert len([request for request in requests if request.at.timestamp() > asked_for_by_the_clock]) <= 1


async def test_the_last_one_out_ends_the_reading_and_a_new_one_starts_it_again(station):
    poller = TagPoller.of_running_loop()
    first = Collector("Tank1.Level")
    with poller.subscribe("wincc_default", 0.1, first):
        await first.next()
    await until(lambda: not poller._stations)
    requests = len(station.requests)
    await asyncio.sleep(0.4)  # the absence of requests can only be seen by letting time pass
    assert len(station.requests) == requests

    second = Collector("Tank2.Level")
    with poller.subscribe("wincc_default", 0.1, second):
        await second.next()
    assert second.readings[0]["Tank2.Level"].quality.is_good


async def test_a_busy_station_is_asked_less_and_less_often_and_told_once(station, caplog):
    caplog.set_level("INFO", logger="airflow_provider_wincc.triggers.poller")
    station.fail_next("server_error", count=4)
    waiter = Collector("Tank1.Level")
    with TagPoller.of_running_loop().subscribe("wincc_default", 0.1, waiter):
        await until(lambda: waiter.readings)

    times = [request.at.timestamp() for request in posts(station)]
    gaps = [after - before for before, after in pairwise(times)]
    assert [type(error).__name__ for error in waiter.errors] == ["WinCCRuntimeError"] * 4
    assert gaps[3] > 0.7
    ours = [record.levelname for record in caplog.records if record.name.endswith("poller")]
    assert ours == ["WARNING", "INFO"]


@pytest.mark.parametrize("fault", ["unauthorized", "forbidden"])
async def test_a_refused_login_ends_the_reading_at_once_and_every_waiter_is_told(station, fault):
    poller = TagPoller.of_running_loop()
    fast, slow = Collector("Tank1.Level"), Collector("Tank2.Level")
    with poller.subscribe("wincc_default", 0.1, fast), poller.subscribe("wincc_default", 60, slow):
        await fast.next()
        await slow.next()
        station.fail_next(fault, count=99)
        await until(lambda: fast.errors and slow.errors)
        await until(lambda: not poller._stations)

    assert len([request for request in station.requests if request.status in {401, 403}]) == 1
    assert not fast.errors[0].retryable


async def test_a_connection_that_airflow_does_not_find_is_told_by_its_name_and_may_only_be_away(station, connect):
    waiter = Collector("Tank1.Level")
    with TagPoller.of_running_loop().subscribe("nowhere", 0.1, waiter):
        await waiter.next()
        connect("nowhere")
        await until(lambda: waiter.readings)

    assert "'nowhere' is not defined, or Airflow could not be asked" in str(waiter.errors[0])
    assert all(error.retryable for error in waiter.errors)


async def test_a_deferred_wait_whose_connection_is_not_defined_ends_after_so_many_looks_at_growing_distances(station):
    began = time.monotonic()

    event = await asyncio.wait_for(
        event_of(trigger_for(tag("Tank1.Level") > 1, wincc_conn_id="nowhere", max_consecutive_failures=2)), 20
    )

    assert event["status"] == "failed"
    assert "'nowhere' is not defined" in json.dumps(event["error"])
    # The pauses after the first two failures are at least 0.2 s and 0.4 s.
    assert time.monotonic() - began >= 0.6
    assert station.requests == []


async def test_one_unknown_tag_does_not_disturb_the_others(station):
    good, bad = Collector("Tank1.Level"), Collector("Tank9.Level")
    poller = TagPoller.of_running_loop()
    with poller.subscribe("wincc_default", 0.1, good), poller.subscribe("wincc_default", 0.1, bad):
        await good.next()
        await bad.next()

    assert good.readings[0]["Tank1.Level"].value == 40
    assert "not found" in str(bad.readings[0]["Tank9.Level"])


async def test_a_lost_batch_fails_only_the_waiters_of_its_tags(station, connect):
    connect("small", batch_size=1)
    poller = TagPoller.of_running_loop()
    first, second = Collector("Tank1.Level"), Collector("Tank2.Level")
    with poller.subscribe("small", 0.2, first), poller.subscribe("small", 0.2, second):
        await first.next()
        await second.next()
        await until(lambda: len(posts(station)) % 2 == 0)
        station.fail_next("server_error", path="*Values")
        await until(lambda: first.errors or second.errors)
        await until(lambda: len(posts(station)) >= 6)

    assert (len(first.errors), len(second.errors)) in {(1, 1), (0, 1)}


async def test_a_slow_station_still_gets_a_pause_between_two_cycles(station):
    station.fail_next("delay", count=99, seconds=0.3)
    waiter = Collector("Tank1.Level")
    with TagPoller.of_running_loop().subscribe("wincc_default", 0.2, waiter):
        await until(lambda: len(posts(station)) >= 4)

    times = [request.at.timestamp() for request in posts(station)]
    gaps = [after - before for before, after in pairwise(times)]
    assert all(gap >= 0.3 + 0.2 * 0.2 - 0.02 for gap in gaps)


async def test_a_cancelled_trigger_leaves_and_the_others_go_on(station):
    station.set("Tank1.Level", 10.0)
    leaving = asyncio.create_task(event_of(trigger_for(tag("Tank2.Level") >= 90)))
    staying = asyncio.create_task(event_of(trigger_for(tag("Tank1.Level") >= 90)))
    await until(lambda: len(posts(station)) >= 2)

    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    station.clear_requests()
    await until(lambda: len(posts(station)) >= 2)
    station.set("Tank1.Level", 95.0)

    assert (await asyncio.wait_for(staying, 10))["status"] == "met"
    assert posts(station)[-1].body["variableNames"] == ["Tank1.Level"]


async def test_a_trigger_does_not_block_the_event_loop_while_the_station_stalls(station):
    station.fail_next("delay", count=99, seconds=25.0)

    async def wait_during_a_request():
        with TagPoller.of_running_loop().subscribe("wincc_default", 0.2, Collector("Tank1.Level")):
            await until(lambda: posts(station))
            return await event_of(trigger_for(tag("Tank1.Level") >= 90, deadline=time.time() + 1.5))

    waiting = asyncio.create_task(wait_during_a_request())
    longest, before = 0.0, time.monotonic()
    while not waiting.done():
        await asyncio.sleep(0.01)
        longest, before = max(longest, time.monotonic() - before), time.monotonic()

    assert (await waiting)["status"] == "timeout"
    assert longest < 12  # a blocked loop would stand still for 25 s, a busy machine for a few


async def test_a_failing_waiter_does_not_disturb_the_others(station):
    class Broken(Collector):
        def observe(self, readings, now):
            raise RuntimeError("a bug")

    broken, fine = Broken("Tank1.Level"), Collector("Tank1.Level")
    poller = TagPoller.of_running_loop()
    with poller.subscribe("wincc_default", 0.1, broken), poller.subscribe("wincc_default", 0.1, fine):
        await fine.next()
        await until(lambda: broken.errors)
        station.set("Tank1.Level", 77.0)
        await fine.next()

    assert fine.readings[-1]["Tank1.Level"].value == 77
    assert "a bug" in str(broken.errors[0])


async def test_secrets_are_in_no_event_and_no_log(station, connect, caplog, monkeypatch):
    caplog.set_level("DEBUG")
    secret = "plant-secret-4711"
    monkeypatch.setenv(
        "AIRFLOW_CONN_WRONG",
        json.dumps(
            {
                "conn_type": "wincc",
                "host": station.url,
                "login": "engineer",
                "password": secret,
                "extra": {"verify": station.ca_file},
            }
        ),
    )

    event = await event_of(trigger_for(tag("Tank1.Level") > 1, wincc_conn_id="wrong"))

    assert event["error"]["kind"] == "WinCCAuthenticationError"
    assert secret not in json.dumps(event)
    assert secret not in caplog.text
