"""What waiting for messages costs a station, over real sockets: one request per filter and interval for all."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

import pytest

from airflow_provider_wincc.client.messages.query import MessageQuery
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.messages import MessagePattern
from airflow_provider_wincc.triggers.messages import WinCCMessageTrigger
from airflow_provider_wincc.triggers.poller import TagPoller
from airflow_provider_wincc.triggers.tags import WinCCTagTrigger

pytestmark = [pytest.mark.usefixtures("connect"), pytest.mark.asyncio]

INTERVAL = 0.5
ERRORS = MessageQuery("Errors")
NEVER = MessagePattern(number=4711)


def trigger(query=ERRORS, *, pattern=None, **arguments):
    return WinCCMessageTrigger(
        **{
            "wincc_conn_id": "wincc_default",
            "query": query.to_json(),
            "pattern": (pattern or MessagePattern()).to_json(),
            "poke_interval": INTERVAL,
            "deadline": time.time() + 60,
            **arguments,
        }
    )


def tag_trigger(condition):
    return WinCCTagTrigger(
        wincc_conn_id="wincc_default",
        condition=condition.to_json(),
        poke_interval=INTERVAL,
        deadline=time.time() + 60,
    )


async def event_of(trigger):
    return (await anext(trigger.run())).payload


def start(triggers):
    return [asyncio.create_task(event_of(one)) for one in triggers]


async def until(condition, *, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


async def cancel(tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def requests_for(station, query_filter):
    return [request for request in station.requests if request.path == f"/alarmLogging/MessageList/{query_filter}"]


async def test_1000_waits_on_one_filter_cost_one_request_per_interval(station):
    waiting = start(trigger(pattern=MessagePattern(number=1001 + number % 2)) for number in range(1000))
    await until(lambda: len(station.requests) >= 5)
    station.raise_message(1001)
    await until(lambda: sum(task.done() for task in waiting) == 500)
    station.raise_message(1002)

    events = await asyncio.wait_for(asyncio.gather(*waiting), 60)

    requests = station.requests
    first, last = requests[0].at.timestamp(), requests[-1].at.timestamp()
    assert {event["status"] for event in events} == {"met"}
    assert [event["result"]["messages"][0]["number"] for event in events[:2]] == [1001, 1002]
    assert requests_for(station, "Errors") == requests
    assert len(requests) <= (last - first) / INTERVAL + 3
    assert {request.in_flight for request in requests} == {1}
    assert len({request.connection for request in requests}) == 1


async def test_tags_and_messages_share_the_pace_and_come_one_at_a_time(station):
    tags = start(tag_trigger(tag(f"Tank{number % 2 + 1}.Level") > 99) for number in range(50))
    messages = start(
        trigger(MessageQuery(name), pattern=NEVER) for name in ("Errors", "Errors", "Warnings") for _ in range(50)
    )
    await until(lambda: len(requests_for(station, "Errors")) >= 4)
    await cancel([*tags, *messages])

    kinds = [request.path.rpartition("/")[2] for request in station.requests]
    assert kinds[:3] == ["Values", "Errors", "Warnings"]
    counts = [kinds.count(kind) for kind in ("Values", "Errors", "Warnings")]
    assert max(counts) - min(counts) <= 1
    assert sum(counts) == len(kinds)
    assert {request.in_flight for request in station.requests} == {1}
    times = [request.at.timestamp() for request in requests_for(station, "Errors")]
    # A cycle that took longer than the interval is followed by the next one after a fifth of it.
    assert all(after - before >= 0.2 * INTERVAL - 0.02 for before, after in pairwise(times))
    assert len(times) <= (times[-1] - times[0]) / INTERVAL + 3


async def test_an_unknown_filter_is_told_to_those_who_wait_for_it_and_disturbs_nobody(station):
    right = start([trigger(), tag_trigger(tag("Tank1.Level") >= 90)])
    await until(lambda: len(requests_for(station, "Errors")) >= 1)
    wrong = start(trigger(MessageQuery("Nope")) for _ in range(20))

    events = await asyncio.wait_for(asyncio.gather(*wrong), 60)

    assert {event["error"]["kind"] for event in events} == {"WinCCNotFoundError"}
    assert "'All', 'Errors', 'Warnings', 'Process'" in events[0]["error"]["message"]
    # A waiter that comes late may have it asked for once more.
    assert len(requests_for(station, "Nope")) <= 2
    asked = len(requests_for(station, "Errors"))
    await until(lambda: len(requests_for(station, "Errors")) >= asked + 2)
    station.raise_message(1001)
    station.set("Tank1.Level", 95.0)
    assert {event["status"] for event in await asyncio.wait_for(asyncio.gather(*right), 60)} == {"met"}
    assert {request.path for request in station.requests[-2:]}.isdisjoint({"/alarmLogging/MessageList/Nope"})


async def test_a_user_without_rights_to_messages_still_reads_tags(station):
    station.fail_next("forbidden", count=1000, path="*MessageList*")
    tags = start([tag_trigger(tag("Tank1.Level") >= 90)])
    messages = start(trigger() for _ in range(20))

    events = await asyncio.wait_for(asyncio.gather(*messages), 60)
    station.set("Tank1.Level", 95.0)
    (met,) = await asyncio.wait_for(asyncio.gather(*tags), 60)

    assert {event["error"]["kind"] for event in events} == {"WinCCPermissionError"}
    assert met["status"] == "met"
    assert len([request for request in station.requests if request.status == 403]) <= 2


async def test_a_refused_login_is_sent_once_and_told_to_all(station):
    station.fail_next("unauthorized", count=1000)
    waiting = start([*(trigger() for _ in range(100)), tag_trigger(tag("Tank1.Level") >= 90)])

    events = await asyncio.wait_for(asyncio.gather(*waiting), 60)

    assert {event["error"]["kind"] for event in events} == {"WinCCAuthenticationError"}
    assert len(station.requests) == 1


@pytest.mark.parametrize("fault", ["server_error", "unavailable", "drop_before"])
async def test_a_station_that_is_away_gets_at_most_one_request_per_interval_and_waits_go_on(station, fault):
    station.fail_next(fault, count=3, path="*MessageList*")
    waiting = start(trigger() for _ in range(200))
    await until(lambda: len(requests_for(station, "Errors")) >= 5)
    station.raise_message(1001)

    events = await asyncio.wait_for(asyncio.gather(*waiting), 60)

    times = [request.at.timestamp() for request in requests_for(station, "Errors")]
    assert {event["status"] for event in events} == {"met"}
    assert all(after - before >= 0.9 * INTERVAL for before, after in pairwise(times[:4]))


async def test_one_filter_that_fails_does_not_keep_the_others_from_being_read(station):
    station.fail_next("server_error", count=1000, path="*MessageList/Warnings")
    failing = start([trigger(MessageQuery("Warnings"), pattern=NEVER, max_consecutive_failures=2)])
    fine = start([trigger()])
    await until(lambda: len(requests_for(station, "Errors")) >= 2)
    station.raise_message(1001)

    (met,) = await asyncio.wait_for(asyncio.gather(*fine), 60)
    (failed,) = await asyncio.wait_for(asyncio.gather(*failing), 60)

    assert met["status"] == "met"
    assert failed["error"]["kind"] == "WinCCRuntimeError"


async def test_a_wait_goes_on_after_a_restart_of_the_triggerer_with_its_deadline_and_failures(station):
    station.fail_next("server_error", count=1000)
    one = trigger(state={"failures": 2}, max_consecutive_failures=2)
    other = trigger(deadline=time.time() - 1)

    failed, timed_out = await asyncio.wait_for(asyncio.gather(*start([one, other])), 60)

    assert failed["error"]["kind"] == "WinCCRuntimeError"
    assert timed_out["status"] == "timeout"
    assert "Nothing was read yet" in timed_out["explanation"]


async def test_a_waiter_is_told_of_messages_only_when_they_are_others(station):
    class Listener:
        recheck_at = None
        tags = (ERRORS,)

        def __init__(self):
            self.readings = []

        def observe(self, readings, now):
            self.readings.append(readings[ERRORS].messages)

        def observe_failure(self, error, now):
            raise error

    listener = Listener()
    with TagPoller.of_running_loop().subscribe("wincc_default", 0.1, listener):
        await until(lambda: len(requests_for(station, "Errors")) >= 4)
        assert [len(messages) for messages in listener.readings] == [0]
        station.raise_message(1001)
        await until(lambda: len(listener.readings) >= 2)
        station.clear_message(1001)
        await until(lambda: len(listener.readings) >= 3)

    assert [[message.state.words for message in messages] for messages in listener.readings] == [
        [],
        ["came in"],
        ["went out"],
    ]


async def test_a_burst_of_messages_does_not_stop_the_event_loop(station):
    waiting = start(trigger(pattern=NEVER) for _ in range(200))
    await until(lambda: len(requests_for(station, "Errors")) >= 2)
    station.burst_of_messages(5000)
    # Its own time, which other processes and the station beside it take nothing of.
    longest, before = 0.0, time.thread_time()
    asked = len(requests_for(station, "Errors"))
    while len(requests_for(station, "Errors")) < asked + 3:
        await asyncio.sleep(0.005)
        longest, before = max(longest, time.thread_time() - before), time.thread_time()
    await cancel(waiting)

    assert longest < 2.0
