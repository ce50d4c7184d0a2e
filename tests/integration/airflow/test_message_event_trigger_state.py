"""What a watcher of messages keeps, and what survives a crash of the triggerer."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections import Counter

import pytest
from watcher_runs import AssetState, triggerer, until

from airflow_provider_wincc.messages import MessagePattern
from airflow_provider_wincc.triggers import watcher_cursor
from airflow_provider_wincc.triggers.message_events import WinCCMessageEventTrigger
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

pytestmark = [
    pytest.mark.usefixtures("connect"),
    pytest.mark.asyncio,
    pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="Airflow keeps state of assets from 3.3"),
]

CAME_IN = MessagePattern(state="came in")


def watcher(**arguments):
    return WinCCMessageEventTrigger("wincc_default", "Errors", CAME_IN, **{"poke_interval": 0.1, **arguments})


async def cycles(station, count=2):
    """Wait until the archive has been read so many times more."""
    before = len(station.requests)
    await until(lambda: len(station.requests) >= before + count)


async def started(station, store):
    """Wait until the first reading has been noted."""
    await cycles(station)
    await until(lambda: store)


def unconfirmed(store):
    return [parcel["sequence"] for parcel in store.state["outbox"]["unconfirmed"]]


def numbers(payloads):
    return [message["number"] for payload in payloads for message in payload["messages"]]


async def test_an_event_is_noted_before_it_is_fired_and_struck_off_when_it_is_stored(station):
    store = AssetState()
    async with triggerer(watcher(), store=store) as one:
        await started(station, store)
        station.raise_message(1001)
        await one.events(1)
        assert unconfirmed(store) == [1]
        await cycles(station, 3)
        assert unconfirmed(store) == [1]

        one.confirm()
        await until(lambda: unconfirmed(store) == [])


async def test_an_event_that_was_not_stored_before_a_crash_comes_again_with_the_same_number(station):
    store = AssetState()
    async with triggerer(watcher(), store=store) as one:
        await started(station, store)
        station.raise_message(1001)
        (lost,) = await one.events(1)
    station.reset_messages()  # the station has forgotten it

    async with triggerer(watcher(), store=store) as other:
        (again,) = await other.events(1)
        other.confirm()
        await until(lambda: unconfirmed(store) == [])
        station.raise_message(1002)
        await other.events(2)

    assert again == {**lost, "redelivered": True}
    assert [payload["sequence"] for payload in other.payloads] == [1, 2]


async def test_an_event_that_was_stored_before_a_crash_does_not_come_again(station):
    store = AssetState()
    async with triggerer(watcher(), store=store) as one:
        await started(station, store)
        station.raise_message(1001)
        await one.events(1)
        one.confirm()
        await until(lambda: unconfirmed(store) == [])

    async with triggerer(watcher(), store=store) as other:
        await cycles(station, 3)
        assert other.payloads == []


async def test_an_event_that_airflow_has_not_kept_when_it_stops_comes_again(station):
    store = AssetState()
    async with triggerer(watcher(), store=store) as one:
        await started(station, store)
        one.hang_at_events()
        station.raise_message(1001)
        await asyncio.wait_for(one.hangs.wait(), 15)

    async with triggerer(watcher(), store=store) as other:
        (event,) = await other.events(1)

    assert numbers([event]) == [1001]
    assert (event["sequence"], event["redelivered"]) == (1, True)


async def test_messages_while_no_triggerer_runs_are_fired_by_the_next(station):
    store = AssetState()
    async with triggerer(watcher(), store=store):
        await started(station, store)
    station.raise_message(1001)
    station.clear_message(1001)
    station.raise_message(1002)

    async with triggerer(watcher(), store=store) as other:
        (event,) = await other.events(1)

    assert numbers([event]) == [1001, 1002]
    assert (event["sequence"], event["redelivered"], event["may_lack_messages"]) == (1, False, False)


async def test_a_burst_while_no_triggerer_runs_comes_whole(station):
    store = AssetState()
    station.raise_message(1001)
    async with triggerer(watcher(), store=store):
        await started(station, store)
    station.burst_of_messages(5000)

    async with triggerer(watcher(), store=store) as other:
        events = await other.events(10)

    assert len(numbers(events)) == len(set(numbers(events))) == 5000
    assert not any(event["may_lack_messages"] for event in events)


async def test_a_burst_that_was_not_stored_before_a_crash_comes_again_whole(station):
    store = AssetState()
    station.raise_message(1001)
    async with triggerer(watcher(), store=store) as one:
        await started(station, store)
        station.burst_of_messages(5000)
        lost = await one.events(10)
    station.reset_messages()

    async with triggerer(watcher(), store=store) as other:
        again = await other.events(10)
        other.confirm()
        await until(lambda: unconfirmed(store) == [])

    assert again == [{**event, "redelivered": True} for event in lost]
    assert len(json.dumps(store.state)) < 100_000


async def test_what_is_gathered_survives_a_crash(station):
    store = AssetState()
    async with triggerer(watcher(batch_window=60), store=store):
        await started(station, store)
        before = store.state
        station.raise_message(1001)
        await until(lambda: store.state != before)
    station.reset_messages()

    # The window is no part of what is watched, so it may be another one then.
    async with triggerer(watcher(), store=store) as other:
        (event,) = await other.events(1)

    assert numbers([event]) == [1001]
    assert event["redelivered"] is False


async def test_a_quiet_plant_costs_no_writes_of_the_state(station):
    store = AssetState()
    station.raise_message(1001)
    async with triggerer(watcher(batch_window=0.5), store=store):
        await started(station, store)
        store.failures = 1
        await cycles(station, 5)

    assert store.failures == 1


async def test_a_watcher_that_could_not_store_its_state_stores_it_later(station, caplog):
    store = AssetState()
    async with triggerer(watcher(), store=store) as one:
        await started(station, store)
        store.failures = 1
        station.raise_message(1001)
        await one.events(1)
        one.confirm()
        await until(lambda: store.state["outbox"]["sequence"] == 1)
        assert unconfirmed(store) == []

    assert caplog.text.count("cannot be stored") == 1


async def test_a_state_that_cannot_be_asked_for_is_waited_for(station, monkeypatch):
    monkeypatch.setattr(watcher_cursor, "_PAUSE", 0.2)
    store = AssetState()
    async with triggerer(watcher(), store=store):
        await started(station, store)
    station.raise_message(1001)
    store.failures = 2

    async with triggerer(watcher(), store=store) as other:
        assert numbers(await other.events(1)) == [1001]


async def test_a_state_that_cannot_be_read_begins_anew_with_a_warning(station, caplog):
    trigger = watcher()
    store = AssetState({trigger._state_key(): '{"version": 99}'})
    station.raise_message(1001)

    async with triggerer(trigger, store=store) as one:
        await until(lambda: store.state["version"] == 1)
        station.raise_message(1002)
        assert numbers(await one.events(1)) == [1002]

    assert "it begins anew" in caplog.text


async def test_a_watcher_of_several_assets_works_without_a_state_and_says_so(station, caplog):
    from airflow.sdk import Asset
    from airflow.sdk.execution_time.context import AssetStateStoreAccessors

    store = AssetStateStoreAccessors(inlets=[Asset("wincc://c/A"), Asset("wincc://c/B")])

    with caplog.at_level(logging.WARNING):
        async with triggerer(watcher(), store=store) as one:
            await cycles(station)
            station.raise_message(1001)
            assert numbers(await one.events(1)) == [1001]

    assert "serves several assets" in caplog.text


@pytest.mark.parametrize("seed", range(4))
async def test_through_any_crashes_no_message_is_lost_and_none_doubled_but_as_redelivered(station, seed):
    steps = random.Random(seed)
    store, stored, expected = AssetState(), {}, 0
    station.raise_message(1001)
    async with triggerer(watcher(max_messages=300), store=store):
        await started(station, store)

    def keep(payloads):
        for payload in payloads:
            known = stored.setdefault(payload["sequence"], payload)
            assert known["messages"] == payload["messages"]
            assert known is payload or payload["redelivered"]

    for _ in range(5):
        async with triggerer(watcher(max_messages=300), store=store) as one:
            for _ in range(steps.randint(0, 3)):
                count = steps.choice([1, 3, 40, 700, 1100])
                station.burst_of_messages(count)
                expected += count
                if steps.random() < 0.7:
                    await cycles(station, steps.randint(1, 3))
                if steps.random() < 0.5:
                    # Airflow stores an event, and then the triggerer may crash before it has said so.
                    one.confirm()
            keep(one.payloads)
    async with triggerer(watcher(max_messages=300), store=store) as last:

        def all_came():
            keep(last.payloads)
            return sum(payload["count"] for payload in stored.values()) >= expected

        await until(all_came, seconds=60)
        await cycles(station, 3)
        keep(last.payloads)

    rows = Counter(
        (message["number"], message["time"]) for payload in stored.values() for message in payload["messages"]
    )
    assert rows.total() == len(rows) == expected
    assert sorted(stored) == list(range(1, len(stored) + 1))
