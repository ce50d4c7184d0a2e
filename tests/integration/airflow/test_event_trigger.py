"""The watcher's trigger against the simulated station: what it fires, what it costs, what survives a crash."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import runpy
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from watcher_runs import AssetState, collect, running, triggerer, until

from airflow_provider_wincc.client.errors import WinCCError
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.triggers import observations, tag_events
from airflow_provider_wincc.triggers.poller import TagPoller
from airflow_provider_wincc.triggers.tags import WinCCTagEventTrigger, WinCCTagTrigger
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

pytestmark = [pytest.mark.usefixtures("connect"), pytest.mark.asyncio]

REPOSITORY = Path(__file__).parents[3]
HIGH = tag("Tank1.Level") > 80
with_state = pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="Airflow keeps state of assets from 3.3")


def watcher(condition=HIGH, **arguments):
    return WinCCTagEventTrigger("wincc_default", condition, **{"poke_interval": 0.1, **arguments})


def posts(station):
    return [request for request in station.requests if request.method == "POST"]


async def cycles(station, count=2):
    """Wait until the station has been read so many times more."""
    before = len(posts(station))
    await until(lambda: len(posts(station)) >= before + count)


async def pulse(station, level=90.0):
    """Let the level rise for long enough to be seen, and fall again."""
    station.set("Tank1.Level", level)
    await cycles(station)
    station.set("Tank1.Level", 10.0)
    await cycles(station)


async def test_each_edge_is_one_event_with_the_readings(station):
    async with running(watcher()) as (events, _):
        await cycles(station)
        await pulse(station, 90.0)
        await pulse(station, 95.0)
        await until(lambda: len(events) == 2)

    assert [event["edge"] for event in events] == [1, 2]
    assert [event["readings"]["Tank1.Level"]["value"] for event in events] == [90.0, 95.0]
    assert events[0]["wincc_conn_id"] == "wincc_default"
    assert events[0]["condition"] == 'tag("Tank1.Level") > 80'
    assert events[0]["edges"] == 1
    assert events[0]["redelivered"] is False
    assert json.loads(json.dumps(events)) == events


async def test_a_level_that_stands_at_the_start_fires_only_when_it_comes_again(station):
    station.set("Tank1.Level", 90.0)

    async with running(watcher()) as (events, _):
        await cycles(station, 3)
        assert events == []
        station.set("Tank1.Level", 10.0)
        await cycles(station)
        await pulse(station, 91.0)
        await until(lambda: events)

    assert [event["readings"]["Tank1.Level"]["value"] for event in events] == [91.0]


async def test_a_bad_quality_neither_fires_nor_arms(station):
    async with running(watcher()) as (events, _):
        await cycles(station)
        await pulse(station)
        station.set("Tank1.Level", 90.0)
        await cycles(station)
        assert len(events) == 2
        station.set("Tank1.Level", 10.0, quality=0)
        await cycles(station)
        station.set("Tank1.Level", 90.0, quality=0x80)
        await cycles(station, 3)

    assert len(events) == 2


async def test_edges_within_min_interval_come_as_one_event(station, monkeypatch):
    now = time.time()
    monkeypatch.setattr(tag_events, "time", SimpleNamespace(time=lambda: now))

    async with running(watcher(min_interval=3)) as (events, _):
        await cycles(station)
        await pulse(station, 90.0)
        await until(lambda: len(events) == 1)
        await pulse(station, 91.0)
        await pulse(station, 92.0)
        now += 2.9
        await cycles(station, 3)
        assert len(events) == 1
        now += 1.1
        await until(lambda: len(events) == 2)

    assert (events[1]["edge"], events[1]["edges"]) == (3, 2)
    assert events[1]["readings"]["Tank1.Level"]["value"] == 92.0


async def test_held_for_fires_although_no_tag_changes_any_more(station):
    async with running(watcher(HIGH.held_for(seconds=0.5))) as (events, _):
        await cycles(station)
        station.set("Tank1.Level", 90.0)
        await until(lambda: events)
        await cycles(station, 5)

    assert len(events) == 1


async def test_a_condition_that_needs_every_reading_is_read_no_more_often(station):
    async with running(watcher(HIGH.held_for(seconds=0.5), poke_interval=0.3)):
        await cycles(station, 6)
        requests = posts(station)

    assert len(requests) <= (requests[-1].at - requests[0].at).total_seconds() / 0.3 + 3


async def test_a_station_that_is_away_is_waited_through_and_makes_no_edge_by_itself(station):
    async with running(watcher()) as (events, task):
        await cycles(station)
        station.set("Tank1.Level", 90.0)
        await until(lambda: len(events) == 1)
        station.fail_next("server_error", count=4)
        await cycles(station, 6)
        assert not task.done()
        await pulse(station, 10.0)
        await pulse(station)
        await until(lambda: len(events) == 2)

    assert [event["edge"] for event in events] == [1, 2]


async def test_too_many_failures_in_a_row_fail_the_trigger_no_faster_than_the_interval(station):
    station.fail_next("server_error", count=999)
    started = time.monotonic()

    with pytest.raises(WinCCError):
        await asyncio.wait_for(collect(watcher(poke_interval=0.5, max_consecutive_failures=1), []), 20)

    assert len(posts(station)) == 2
    assert time.monotonic() - started >= 0.5


async def test_a_refused_login_costs_one_request_and_never_ends_the_watcher(station, caplog):
    station.fail_next("unauthorized", count=999)

    with caplog.at_level(logging.WARNING):
        async with running(watcher(max_consecutive_failures=0)) as (_, task):
            await until(lambda: "pauses for 15 minutes" in caplog.text)
            await asyncio.sleep(1.5)  # nothing must happen in a time in which fifteen readings were due
            assert not task.done()

    assert len(station.requests) == 1


async def test_many_watchers_with_a_refused_login_cost_one_request(station, caplog):
    station.fail_next("unauthorized", count=999)
    watchers = [watcher(tag("Tank1.Level") > limit) for limit in range(30)]

    with caplog.at_level(logging.WARNING):
        tasks = [asyncio.create_task(collect(one, [])) for one in watchers]
        await until(lambda: caplog.text.count("pauses for 15 minutes") == 30)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    assert len(station.requests) == 1


async def test_a_watcher_goes_on_when_somebody_corrects_the_connection(station, connect, monkeypatch, caplog):
    monkeypatch.setattr(observations, "CONNECTION_CHECK_INTERVAL", 0.1)
    caplog.set_level(logging.WARNING)
    station.fail_next("unauthorized", count=1)

    async with running(watcher()) as (events, _):
        await until(lambda: "pauses for 15 minutes" in caplog.text)
        await asyncio.sleep(0.5)  # the connection is looked at, the station is not
        assert len(station.requests) == 1
        connect(login="engineer", batch_size=10)
        await until(lambda: len(posts(station)) > 2)
        await pulse(station)
        await until(lambda: events)

    assert len(events) == 1


async def test_a_slow_watcher_goes_on_too_and_is_not_told_the_old_refusal(station, connect, monkeypatch, caplog):
    monkeypatch.setattr(observations, "CONNECTION_CHECK_INTERVAL", 0.1)
    caplog.set_level(logging.WARNING)
    station.fail_next("unauthorized", count=1)

    async with running(watcher(poke_interval=10)):
        await until(lambda: "pauses for 15 minutes" in caplog.text)
        connect(login="engineer", batch_size=10)
        await until(lambda: len(station.requests) > 1, seconds=30)

    assert caplog.text.count("pauses for 15 minutes") == 1


async def test_a_login_that_was_changed_before_the_old_one_is_refused_is_used_at_once(station, connect, caplog):
    caplog.set_level(logging.INFO)

    async with running(watcher()):
        await cycles(station)
        connect(login="engineer", batch_size=10)
        station.fail_next("unauthorized", count=1)
        await until(lambda: "is read with the new settings" in caplog.text)
        await cycles(station)

    assert "pauses for 15 minutes" not in caplog.text


async def test_a_watcher_goes_on_when_somebody_corrects_a_connection_that_cannot_be_read(
    station, connect, monkeypatch, caplog
):
    monkeypatch.setattr(observations, "CONNECTION_CHECK_INTERVAL", 0.1)
    caplog.set_level(logging.WARNING)
    connect(batch_size="many")

    async with running(watcher()) as (_, task):
        await until(lambda: "pauses for 15 minutes" in caplog.text)
        await asyncio.sleep(0.5)  # nothing is asked of anybody
        assert station.requests == []
        connect()
        await until(lambda: len(posts(station)) > 2)
        assert not task.done()


@pytest.mark.parametrize("begins", ["before the refusal", "after it"])
async def test_a_moment_in_which_airflow_cannot_be_asked_does_not_send_a_refused_login_again(
    station, connect, monkeypatch, caplog, begins
):
    monkeypatch.setattr(observations, "CONNECTION_CHECK_INTERVAL", 0.1)
    caplog.set_level(logging.INFO)
    as_it_was = os.environ["AIRFLOW_CONN_WINCC_DEFAULT"]

    async with running(watcher()) as (_, task):
        await cycles(station)
        if begins == "before the refusal":
            monkeypatch.delenv("AIRFLOW_CONN_WINCC_DEFAULT")
        station.fail_next("unauthorized", count=1)
        await until(lambda: "pauses for 15 minutes" in caplog.text)
        monkeypatch.delenv("AIRFLOW_CONN_WINCC_DEFAULT", raising=False)
        await until(lambda: caplog.text.count("could not be looked up") >= 3)
        monkeypatch.setenv("AIRFLOW_CONN_WINCC_DEFAULT", as_it_was)
        asked = len(station.requests)
        await asyncio.sleep(0.6)  # the connection is looked at, the station is not
        assert len(station.requests) == asked

        connect(batch_size=10)
        await until(lambda: len(station.requests) > asked + 2)
        assert not task.done()


async def test_a_refused_login_is_tried_again_when_the_pause_is_over(station, monkeypatch):
    monkeypatch.setattr(observations, "PAUSE_AFTER_REFUSAL", 0.5)
    station.fail_next("unauthorized", count=1)

    async with running(watcher()) as (_, task):
        await until(lambda: len(posts(station)) > 3)
        assert not task.done()


async def test_an_unknown_connection_is_waited_for(station, connect, caplog):
    trigger = WinCCTagEventTrigger("later", HIGH, poke_interval=0.1)

    with caplog.at_level(logging.WARNING):
        async with running(trigger) as (_, task):
            await until(lambda: "'later' is not defined, or Airflow could not be asked" in caplog.text)
            connect("later")
            await until(lambda: len(posts(station)) > 1)
            assert not task.done()


async def test_a_tag_that_the_station_does_not_know_is_logged_once_and_waited_for(station, caplog):
    with caplog.at_level(logging.ERROR):
        async with running(watcher(tag("Tank9.Level") > 80)) as (events, _):
            await cycles(station, 4)
            station.set("Tank9.Level", 10.0)
            await cycles(station)
            station.set("Tank9.Level", 90.0)
            await until(lambda: events)

    assert caplog.text.count("The station does not know these tags: 'Tank9.Level'") == 1


async def test_a_watcher_and_a_sensor_share_one_request(station):
    sensor = WinCCTagTrigger(
        wincc_conn_id="wincc_default",
        condition=(tag("Tank2.Level") > 80).to_json(),
        poke_interval=0.2,
        deadline=time.time() + 30,
    )

    async with running(watcher(poke_interval=0.2)):
        waiting = asyncio.create_task(anext(sensor.run()))
        await cycles(station, 3)
        station.clear_requests()
        await cycles(station, 3)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        together = posts(station)

    assert {tuple(sorted(request.body["variableNames"])) for request in together[:3]} == {
        ("Tank1.Level", "Tank2.Level")
    }
    assert {request.in_flight for request in together} == {1}


async def test_a_watcher_that_is_taken_away_leaves_the_poller(station):
    async with running(watcher()):
        await cycles(station)
    await until(lambda: not TagPoller.of_running_loop()._stations)

    station.clear_requests()
    await asyncio.sleep(0.5)  # five readings would have been due
    assert posts(station) == []


@with_state
async def test_an_event_is_noted_before_it_is_fired_and_struck_off_when_it_is_stored(station):
    store = AssetState()
    async with triggerer(watcher(), store=store) as one:
        await cycles(station)
        station.set("Tank1.Level", 90.0)
        await one.events(1)
        assert [edge["number"] for edge in store.state["unconfirmed"]] == [1]
        await cycles(station, 3)
        assert [edge["number"] for edge in store.state["unconfirmed"]] == [1]

        one.confirm()
        await until(lambda: store.state["unconfirmed"] == [])

    assert store.state["was_true"] is True


@with_state
async def test_an_event_that_was_not_stored_before_a_crash_comes_again_with_the_same_number(station):
    store = AssetState()
    async with triggerer(watcher(), store=store) as one:
        await cycles(station)
        station.set("Tank1.Level", 90.0)
        (lost,) = await one.events(1)
        station.set("Tank1.Level", 10.0)
        await cycles(station)

    async with triggerer(watcher(), store=store) as other:
        (again,) = await other.events(1)
        other.confirm()
        await until(lambda: store.state["unconfirmed"] == [])

    assert again == {**lost, "redelivered": True}


@with_state
async def test_an_event_that_airflow_has_not_kept_when_it_stops_comes_again(station):
    store = AssetState()
    async with triggerer(watcher(), store=store) as one:
        await cycles(station)
        one.hang_at_events()
        station.set("Tank1.Level", 90.0)
        await asyncio.wait_for(one.hangs.wait(), 15)

    async with triggerer(watcher(), store=store) as other:
        (event,) = await other.events(1)

    assert (event["edge"], event["redelivered"]) == (1, True)


@with_state
async def test_an_event_that_was_stored_before_a_crash_does_not_come_again(station):
    store = AssetState()
    async with triggerer(watcher(), store=store) as one:
        await cycles(station)
        station.set("Tank1.Level", 90.0)
        await one.events(1)
        one.confirm()
        await until(lambda: store.state["unconfirmed"] == [])

    async with triggerer(watcher(), store=store) as other:
        await cycles(station, 3)
        assert other.payloads == []


@with_state
async def test_an_edge_while_no_triggerer_runs_is_fired_by_the_next(station):
    store = AssetState()
    async with triggerer(watcher(), store=store):
        await cycles(station)
        await until(lambda: store and store.state["armed"])
    station.set("Tank1.Level", 90.0)

    async with triggerer(watcher(), store=store) as other:
        (event,) = await other.events(1)

    assert (event["edge"], event["redelivered"]) == (1, False)


@with_state
async def test_a_constant_plant_costs_no_writes_of_the_state(station):
    store = AssetState()
    async with triggerer(watcher(tag("Tank1.Level").changed()), store=store):
        await cycles(station)
        await until(lambda: store)
        store.failures = 1
        await cycles(station, 5)

    assert store.failures == 1


@with_state
async def test_a_watcher_that_runs_on_after_a_cursor_could_not_be_stored_stores_it_later(station, caplog):
    store = AssetState()
    async with triggerer(watcher(), store=store) as one:
        await cycles(station)
        await until(lambda: store)
        store.failures = 2
        await pulse(station)
        await pulse(station)
        await one.events(2)
        await until(lambda: [edge["number"] for edge in store.state["unconfirmed"]] == [1, 2])

    assert caplog.text.count("cannot be stored") == 1


@with_state
async def test_a_state_that_cannot_be_asked_for_is_waited_for(station, monkeypatch):
    from airflow_provider_wincc.triggers import watcher_cursor

    monkeypatch.setattr(watcher_cursor, "_PAUSE", 0.2)
    store = AssetState()
    async with triggerer(watcher(), store=store):
        await cycles(station)
        await until(lambda: store and store.state["armed"])
    station.set("Tank1.Level", 90.0)
    store.failures = 2

    async with triggerer(watcher(), store=store) as other:
        assert len(await other.events(1)) == 1


@with_state
async def test_a_state_that_cannot_be_read_begins_anew_with_a_warning(station, caplog):
    trigger = watcher()
    store = AssetState({trigger._state_key(): '{"version": 99}'})

    async with triggerer(trigger, store=store) as one:
        await cycles(station)
        await pulse(station)
        assert len(await one.events(1)) == 1

    assert "it begins anew" in caplog.text


@with_state
async def test_a_watcher_of_several_assets_works_without_a_state_and_says_so(station, caplog):
    from airflow.sdk import Asset
    from airflow.sdk.execution_time.context import AssetStateStoreAccessors

    store = AssetStateStoreAccessors(inlets=[Asset("wincc://c/A"), Asset("wincc://c/B")])

    async with triggerer(watcher(), store=store) as one:
        await cycles(station)
        await pulse(station)
        assert len(await one.events(1)) == 1

    assert "serves several assets" in caplog.text


@with_state
async def test_too_many_failures_reach_the_triggerer(station):
    station.fail_next("server_error", count=999)

    async with triggerer(watcher(max_consecutive_failures=1), store=AssetState()) as one:
        await until(one.task.done)

        assert isinstance(one.task.exception(), WinCCError)


async def test_the_example_lists_the_batches_of_a_real_event_each_once(station):
    example = runpy.run_path(str(REPOSITORY / "example_dags" / "wincc_event_driven.py"))
    (batch_watcher,) = example["batch_complete"].watchers
    list_batches = example["dag"].get_task("list_batches").python_callable
    station.set("Mixer1.State", "MIXING")

    async with running(batch_watcher.trigger) as (payloads, _):
        await cycles(station)
        station.set("Mixer1.State", "IDLE")
        await until(lambda: payloads)
    event = SimpleNamespace(extra={"from_trigger": True, "payload": payloads[0]})
    again = SimpleNamespace(extra={"from_trigger": True, "payload": {**payloads[0], "redelivered": True}})
    by_hand = SimpleNamespace(extra={})

    (batch,) = list_batches({"wincc://wincc_default/Mixer1.State": [event, again, by_hand]})

    assert batch["readings"]["Mixer1.State"]["value"] == "IDLE"


async def test_the_payload_in_the_docs_has_the_keys_of_a_real_one(station):
    text = (REPOSITORY / "docs" / "events.md").read_text(encoding="utf-8")
    shown = json.loads(text.partition("```json\n")[2].partition("```")[0])

    async with running(watcher()) as (payloads, _):
        await cycles(station)
        await pulse(station)
        await until(lambda: payloads)

    assert list(shown) == list(payloads[0])
    assert list(shown["readings"]["Mixer1.State"]) == list(payloads[0]["readings"]["Tank1.Level"])
