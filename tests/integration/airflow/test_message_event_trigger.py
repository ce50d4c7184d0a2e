"""The watcher of messages against the simulated station: what it fires, what it costs, how it waits."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from message_plant import NASTY
from watcher_runs import collect, running, until

from airflow_provider_wincc.client import WinCCClient
from airflow_provider_wincc.client.errors import WinCCError
from airflow_provider_wincc.messages import MessagePattern
from airflow_provider_wincc.triggers import message_judge, observations
from airflow_provider_wincc.triggers.message_events import WinCCMessageEventTrigger
from airflow_provider_wincc.triggers.messages import WinCCMessageTrigger
from airflow_provider_wincc.triggers.poller import TagPoller

pytestmark = [pytest.mark.usefixtures("connect"), pytest.mark.asyncio]

CAME_IN = MessagePattern(state="came in")


def watcher(rest_filter="Errors", pattern=CAME_IN, **arguments):
    return WinCCMessageEventTrigger("wincc_default", rest_filter, pattern, **{"poke_interval": 0.1, **arguments})


def reads(station, message_list="ShortTermArchive"):
    return [request for request in station.requests if request.path.startswith(f"/alarmLogging/{message_list}/")]


async def cycles(station, count=2, message_list="ShortTermArchive"):
    """Wait until the list has been read so many times more."""
    before = len(reads(station, message_list))
    await until(lambda: len(reads(station, message_list)) >= before + count)


def numbers(payloads):
    return [message["number"] for payload in payloads for message in payload["messages"]]


async def test_new_messages_are_one_event_with_all_that_the_station_says_of_them(station):
    async with running(watcher()) as (events, _):
        await cycles(station)
        before = datetime.now(UTC)
        station.raise_message(1001, process_values=[92.5, 90.0], texts=["Tank1 high", NASTY], instance="Line3")
        await until(lambda: events)
        await cycles(station, 3)

    (event,) = events
    assert list(event) == [
        "wincc_conn_id",
        "rest_filter",
        "message_list",
        "sequence",
        "messages",
        "count",
        "seen_at",
        "may_lack_messages",
        "redelivered",
    ]
    assert (event["wincc_conn_id"], event["rest_filter"], event["message_list"]) == (
        "wincc_default",
        "Errors",
        "short_term_archive",
    )
    assert (event["sequence"], event["count"]) == (1, 1)
    assert event["may_lack_messages"] is event["redelivered"] is False
    assert before <= datetime.fromisoformat(event["seen_at"]) <= datetime.now(UTC)
    (message,) = event["messages"]
    assert (message["number"], message["state"], message["class_name"]) == (1001, "came in", "Error")
    assert message["texts"] == ["Tank1 high", NASTY]
    assert message["process_values"] == [92.5, 90.0]
    assert message["instance"] == "Line3"
    assert json.loads(json.dumps(events, allow_nan=False)) == events


async def test_what_was_there_at_the_start_does_not_fire(station):
    station.raise_message(1001)

    async with running(watcher()) as (events, _):
        await cycles(station, 3)
        station.raise_message(1002)
        await until(lambda: events)

    assert numbers(events) == [1002]


async def test_without_a_pattern_each_change_of_a_message_fires(station):
    async with running(watcher("All", None)) as (events, _):
        await cycles(station)
        station.raise_message(1001)
        station.acknowledge_message(1001, user="Meier")
        station.clear_message(1001)
        await until(lambda: len(numbers(events)) == 3)

    states = [message["state"] for event in events for message in event["messages"]]
    assert states == ["came in", "acknowledged", "went out"]
    assert numbers(events) == [1001] * 3


async def test_only_messages_that_fit_the_pattern_fire(station):
    async with running(watcher("All", MessagePattern(text="tank2", state="came in"))) as (events, _):
        await cycles(station)
        station.raise_message(1001)
        station.raise_message(2001)
        station.raise_message(1002)
        station.clear_message(1002)
        await until(lambda: events)
        await cycles(station, 2)

    assert numbers(events) == [1002]


async def test_the_same_message_fires_each_time_it_comes_in(station):
    async with running(watcher()) as (events, _):
        for count in (1, 2, 3):
            await cycles(station)
            station.raise_message(1001)
            await until(lambda count=count: len(events) == count)

    assert [event["sequence"] for event in events] == [1, 2, 3]


async def test_pending_messages_can_be_watched_too(station):
    station.raise_message(1001)
    async with running(watcher(pattern=None, message_list="message_list")) as (events, _):
        await cycles(station, message_list="MessageList")
        station.raise_message(1002)
        await until(lambda: len(events) == 1)
        station.acknowledge_message(1002)
        await until(lambda: len(events) == 2)
        station.clear_message(1002)  # it leaves the list, and that is no message
        await cycles(station, 3, message_list="MessageList")

    assert [message["state"] for event in events for message in event["messages"]] == ["came in", "acknowledged"]
    assert reads(station) == []


async def test_messages_are_gathered_for_the_window(station, monkeypatch):
    first_at = now = datetime.now(UTC)
    monkeypatch.setattr(message_judge, "datetime", SimpleNamespace(now=lambda _: now))

    async with running(watcher(batch_window=3)) as (events, _):
        await cycles(station)
        station.raise_message(1001)
        await cycles(station)
        now += timedelta(seconds=2.9)
        station.raise_message(1002)
        await cycles(station, 3)
        assert events == []
        now += timedelta(seconds=1.1)
        await until(lambda: events)

    assert [numbers([event]) for event in events] == [[1001, 1002]]
    assert datetime.fromisoformat(events[0]["seen_at"]) == first_at


async def test_no_event_has_more_messages_than_its_bound(station):
    async with running(watcher(max_messages=4)) as (events, _):
        await cycles(station)
        station.burst_of_messages(10)
        await until(lambda: len(numbers(events)) == 10)

    assert [event["count"] for event in events] == [4, 4, 2]
    assert [event["sequence"] for event in events] == [1, 2, 3]
    assert len(set(numbers(events))) == 10


async def test_no_event_is_too_large_for_airflow_and_no_message_is_cut(station):
    text = "x" * 100_000
    async with running(watcher()) as (events, _):
        await cycles(station)
        for _ in range(5):
            station.raise_message(1001, texts=[text])
        await until(lambda: len(numbers(events)) == 5)

    assert max(len(json.dumps(event)) for event in events) < 300_000
    assert all(message["text"] == text for event in events for message in event["messages"])


async def test_a_burst_of_5000_comes_whole_in_as_few_events_as_can_be(station):
    station.raise_message(1001)
    async with running(watcher(poke_interval=1)) as (events, _):
        await cycles(station)
        station.burst_of_messages(5000)
        await until(lambda: len(numbers(events)) >= 5000, seconds=60)
        await cycles(station)

    assert sorted(numbers(events)) == sorted(set(numbers(events)))
    assert len(numbers(events)) == 5000
    assert [event["count"] for event in events] == [500] * 10
    assert [event["sequence"] for event in events] == list(range(1, 11))
    assert not any(event["may_lack_messages"] for event in events)
    times = [message["time"] for event in events for message in event["messages"]]
    assert times == sorted(times)
    # The pending messages were read once, beside the archive.
    assert len(reads(station, "MessageList")) == 1
    assert {request.in_flight for request in station.requests} == {1}


async def test_bursts_one_after_the_other_come_whole(station):
    station.raise_message(1001)
    async with running(watcher()) as (events, _):
        for count in (1200, 1, 1000, 2500, 999):
            await cycles(station)
            before = len(numbers(events))
            station.burst_of_messages(count)
            await until(lambda total=before + count: len(numbers(events)) >= total, seconds=60)

    keys = [(message["number"], message["time"]) for event in events for message in event["messages"]]
    assert len(keys) == len(set(keys)) == 1200 + 1 + 1000 + 2500 + 999
    assert not any(event["may_lack_messages"] for event in events)


async def test_a_burst_comes_whole_although_the_pending_messages_cannot_be_read_at_first(station):
    station.raise_message(1001)
    station.fail_next("server_error", count=2, path="/alarmLogging/MessageList/*")
    async with running(watcher()) as (events, _):
        await cycles(station)
        station.burst_of_messages(3000)
        await until(lambda: len(numbers(events)) >= 3000, seconds=60)

    assert len(set(numbers(events))) == len(numbers(events)) == 3000
    assert not any(event["may_lack_messages"] for event in events)


async def test_what_came_and_went_in_a_burst_is_admitted_to_be_missing(station, caplog, monkeypatch):
    read, reading = WinCCClient.read_messages, threading.Lock()

    def read_alone(client, *arguments, **options):
        with reading:
            return read(client, *arguments, **options)

    monkeypatch.setattr(WinCCClient, "read_messages", read_alone)
    station.raise_message(1001)
    with caplog.at_level(logging.WARNING):
        async with running(watcher(poke_interval=1)) as (events, _):
            await cycles(station)
            with reading:  # between two readings
                station.raise_message(1002)
                station.acknowledge_message(1002)
                station.clear_message(1002)
                station.burst_of_messages(2000)
            await until(lambda: len(numbers(events)) >= 2000, seconds=60)
            await cycles(station)
            station.raise_message(1001)
            await until(lambda: len(numbers(events)) >= 2001)

    assert len(set(numbers(events))) == 2001
    assert [event["may_lack_messages"] for event in events] == [True] * 4 + [False]
    assert caplog.text.count("than one answer holds") == 1


async def test_pending_messages_that_the_station_refuses_do_not_hold_up_the_rest(station):
    station.raise_message(1001)
    station.fail_next("forbidden", count=1, path="/alarmLogging/MessageList/*")
    async with running(watcher()) as (events, task):
        await cycles(station)
        station.burst_of_messages(1500)
        await until(lambda: len(numbers(events)) >= 1000, seconds=60)
        assert not task.done()

    assert len(set(numbers(events))) == 1000
    assert all(event["may_lack_messages"] for event in events)


async def test_pending_messages_that_cannot_be_read_are_given_up_and_said_to_be_missing(station, caplog):
    station.raise_message(1001)
    station.fail_next("server_error", count=999, path="/alarmLogging/MessageList/*")
    with caplog.at_level(logging.WARNING):
        async with running(watcher()) as (events, task):
            await cycles(station)
            station.burst_of_messages(1500)
            await until(lambda: len(numbers(events)) >= 1000, seconds=60)
            asked = len(reads(station, "MessageList"))
            await cycles(station, 10)
            assert not task.done()

    assert asked == len(reads(station, "MessageList")) <= 8
    assert all(event["may_lack_messages"] for event in events)
    assert caplog.text.count("than one answer holds") == 1


@pytest.mark.parametrize(
    "dialect",
    [
        {"message_keys": "ole_db", "message_time": "split"},
        {"message_keys": "opc_ua", "message_typing": "text"},
        {"message_order": "descending", "message_envelope": "bare"},
    ],
    ids=["ole_db", "opc_ua", "descending"],
)
async def test_a_burst_comes_whole_however_the_station_writes_it(station, dialect):
    station.set_dialect(**dialect)
    station.raise_message(1001)
    async with running(watcher()) as (events, _):
        await cycles(station)
        station.burst_of_messages(2000)
        await until(lambda: len(numbers(events)) >= 2000, seconds=60)
        await cycles(station)

    assert len(set(numbers(events))) == len(numbers(events)) == 2000
    assert all(message["text"].startswith("Burst message") for event in events for message in event["messages"])


async def test_texts_and_names_come_in_the_language_that_is_asked_for(station):
    german = watcher(
        "Fehler", MessagePattern(class_name="Fehler", text="hoch"), language="de-DE", name_language="de-DE"
    )
    async with running(german) as (events, _):
        await cycles(station)
        station.raise_message(1001)
        await until(lambda: events)

    assert events[0]["messages"][0]["text"] == "Füllstand Tank1 hoch"


async def test_a_quiet_plant_costs_one_request_per_interval(station):
    async with running(watcher(poke_interval=0.3, batch_window=1)):
        await cycles(station, 6)
        requests = station.requests

    assert {request.path for request in requests} == {"/alarmLogging/ShortTermArchive/Errors"}
    assert len(requests) <= (requests[-1].at - requests[0].at).total_seconds() / 0.3 + 3


async def test_watchers_and_sensors_of_one_filter_share_one_request(station):
    query = watcher()._query().to_json()
    sensor = WinCCMessageTrigger(
        wincc_conn_id="wincc_default",
        query=query,
        pattern=MessagePattern(number=4711).to_json(),
        since=datetime.now(UTC).isoformat(),
        poke_interval=0.3,
        deadline=time.time() + 60,
    )

    async with running(watcher(poke_interval=0.3)), running(watcher(pattern=None, poke_interval=0.3)):
        waiting = asyncio.create_task(anext(sensor.run()))
        await cycles(station, 2)
        station.clear_requests()
        await cycles(station, 4)
        requests = station.requests
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    assert len(requests) <= (requests[-1].at - requests[0].at).total_seconds() / 0.3 + 3
    assert {request.in_flight for request in requests} == {1}


async def test_a_station_that_is_away_is_waited_through_and_no_message_is_lost(station):
    async with running(watcher()) as (events, task):
        await cycles(station)
        station.fail_next("server_error", count=4)
        await cycles(station, 2)
        station.raise_message(1001)
        station.clear_message(1001)
        await until(lambda: events, seconds=60)
        assert not task.done()

    assert numbers(events) == [1001]


async def test_an_answer_without_rows_for_once_doubles_nothing(station):
    station.raise_message(1001)
    async with running(watcher()) as (events, _):
        await cycles(station)
        station.fail_next("empty_body", count=2)
        await cycles(station, 4)
        station.raise_message(1002)
        await until(lambda: events)

    assert numbers(events) == [1002]


async def test_too_many_failures_in_a_row_fail_the_trigger_no_faster_than_the_interval(station):
    station.fail_next("server_error", count=999)
    started = time.monotonic()

    with pytest.raises(WinCCError):
        await asyncio.wait_for(collect(watcher(poke_interval=0.5, max_consecutive_failures=1), []), 20)

    assert len(reads(station)) == 2
    assert time.monotonic() - started >= 0.5


async def test_a_refused_login_costs_one_request_and_never_ends_the_watcher(station, caplog):
    station.fail_next("unauthorized", count=999)

    with caplog.at_level(logging.WARNING):
        async with running(watcher(max_consecutive_failures=0)) as (_, task):
            await until(lambda: "pauses for 15 minutes" in caplog.text)
            await asyncio.sleep(1.5)  # nothing must happen in a time in which fifteen readings were due
            assert not task.done()

    assert len(station.requests) == 1


async def test_an_unknown_filter_is_logged_with_those_that_there_are_and_then_left_alone(station, caplog):
    with caplog.at_level(logging.WARNING):
        async with running(watcher("Erors", max_consecutive_failures=0)) as (_, task):
            await until(lambda: "pauses for 15 minutes" in caplog.text)
            asked = len(station.requests)
            await asyncio.sleep(1.5)  # nothing must happen in a time in which fifteen readings were due
            assert not task.done()

    assert "'Erors'" in caplog.text
    assert "'Errors'" in caplog.text
    assert len(station.requests) == asked


async def test_a_filter_that_is_made_later_is_watched_when_the_pause_is_over(station, monkeypatch):
    monkeypatch.setattr(observations, "PAUSE_AFTER_REFUSAL", 0.5)
    station.fail_next("not_found", count=1)

    async with running(watcher()) as (events, _):
        await cycles(station, 4)
        station.raise_message(1001)
        await until(lambda: events)


async def test_a_station_without_a_rest_interface_for_messages_is_left_alone(station, caplog):
    station.set_dialect(has_messages=False)

    with caplog.at_level(logging.WARNING):
        async with running(watcher()) as (_, task):
            await until(lambda: "pauses for 15 minutes" in caplog.text)
            assert not task.done()

    assert "V8.1" in caplog.text


async def test_an_unknown_connection_is_waited_for(station, connect, caplog):
    trigger = WinCCMessageEventTrigger("later", "Errors", poke_interval=0.1)

    with caplog.at_level(logging.WARNING):
        async with running(trigger) as (events, _):
            await until(lambda: "'later' is not defined, or Airflow could not be asked" in caplog.text)
            connect("later")
            await cycles(station)
            station.raise_message(1001)
            await until(lambda: events)


async def test_a_watcher_that_is_taken_away_leaves_the_poller(station):
    station.raise_message(1001)
    async with running(watcher()):
        await cycles(station)
        # It has just asked for the pending messages, too.
        station.fail_next("server_error", count=99, path="/alarmLogging/MessageList/*")
        station.burst_of_messages(1500)
        await cycles(station, 1, message_list="MessageList")
    await until(lambda: not TagPoller.of_running_loop()._stations)

    station.clear_requests()
    await asyncio.sleep(0.5)  # five readings would have been due
    assert station.requests == []
