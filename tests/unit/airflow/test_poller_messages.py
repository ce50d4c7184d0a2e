"""Messages beside tags in the poller: requests of their own, and failures of their own."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from virtual_time import DelayedCalls, run_in_virtual_time

from airflow_provider_wincc.client import StationSettings
from airflow_provider_wincc.client.errors import (
    WinCCAuthenticationError,
    WinCCConfigurationError,
    WinCCNotFoundError,
    WinCCPermissionError,
    WinCCResponseError,
    WinCCRuntimeError,
    WinCCTimeoutError,
    WinCCTLSError,
)
from airflow_provider_wincc.client.messages.query import MessageQuery
from airflow_provider_wincc.client.messages.values import Message, MessageReading
from airflow_provider_wincc.client.models import Quality, TagReadings, TagValue
from airflow_provider_wincc.messages.failures import MessageFailure
from airflow_provider_wincc.triggers.poller import TagPoller
from airflow_provider_wincc.triggers.polling import station_reader
from airflow_provider_wincc.triggers.polling.batches import Batches
from airflow_provider_wincc.triggers.polling.board import Board

TAGS = [f"T{number}" for number in range(25)]
ERRORS, WARNINGS, GERMAN = MessageQuery("Errors"), MessageQuery("Warnings"), MessageQuery("Errors", language="de-DE")
QUERIES = [ERRORS, WARNINGS, GERMAN]


class Client:
    """Stands in for WinCCClient: hands out what a test says, and raises what it says."""

    messages: dict[MessageQuery, tuple[Message, ...]]
    errors: dict[object, Exception]
    requests: list[object]

    def __init__(self, settings):
        pass

    def try_read_tags(self, tags):
        self.requests.append(tuple(tags))
        for tag in tags:
            if tag in self.errors:
                raise self.errors[tag]
        return TagReadings({tag: TagValue(tag, 1, Quality(0x80)) for tag in tags}, {})

    def read_messages(self, asked):
        self.requests.append(asked)
        if asked in self.errors:
            raise self.errors[asked]
        return MessageReading(self.messages.get(asked, ()))

    def close(self):
        pass


@pytest.fixture
def client(monkeypatch):
    async def settings(_hook):
        return StationSettings.from_url("https://station", batch_size=10)

    monkeypatch.setattr(station_reader.WinCCHook, "aget_settings", settings)
    monkeypatch.setattr(station_reader, "WinCCClient", Client)
    for name, empty in (("messages", {}), ("errors", {}), ("requests", [])):
        monkeypatch.setattr(Client, name, empty, raising=False)
    return Client


@pytest.fixture
def read_cycles(client, monkeypatch):
    """Read sources, and again for each change that is given, made before; return the outcomes and the board."""

    def read(sources, *changes):
        async def run():
            reader, board = (
                station_reader.StationReader("station", DelayedCalls(lambda: 0.01)),
                Board(),
            )
            cycles = [await reader.read(sources, board)]
            for change in changes:
                change()
                cycles.append(await reader.read(sources, board))
            return cycles, board

        return run_in_virtual_time(monkeypatch, run)

    return read


def test_each_query_is_a_request_of_its_own_after_the_tags():
    batches = Batches(10).cut([ERRORS, *TAGS, WARNINGS])

    assert [len(batch) for batch in batches] == [10, 10, 5, 1, 1]
    assert batches[-2:] == [(ERRORS,), (WARNINGS,)]


def test_a_query_that_failed_is_read_last_until_it_is_answered():
    batches = Batches(10)
    batches.failed((ERRORS,), timed_out=False, others_answered=True)

    assert batches.cut([ERRORS, WARNINGS, "T1"]) == [("T1",), (WARNINGS,), (ERRORS,)]
    batches.answered((ERRORS,))
    assert batches.cut([ERRORS, WARNINGS, "T1"]) == [("T1",), (ERRORS,), (WARNINGS,)]


def test_a_query_that_timed_out_does_not_make_the_batches_of_tags_smaller():
    batches = Batches(10)

    batches.failed((ERRORS,), timed_out=True, others_answered=True)
    assert batches.size == 10
    batches.failed(("T1", "T2"), timed_out=True, others_answered=True)
    assert batches.size == 5


def test_a_query_that_nobody_waits_for_any_more_is_forgotten():
    batches = Batches(10)
    batches.failed((ERRORS,), timed_out=False, others_answered=True)

    batches.forget([ERRORS])

    assert batches.cut([ERRORS, WARNINGS]) == [(ERRORS,), (WARNINGS,)]


@given(st.data())
def test_whatever_fails_every_source_stands_in_exactly_one_batch_and_queries_stand_alone(data):
    batches = Batches(data.draw(st.integers(1, 20), label="full size"))
    everything = [*TAGS, *QUERIES]
    for _ in range(data.draw(st.integers(1, 12), label="cycles")):
        sources = data.draw(st.lists(st.sampled_from(everything), unique=True), label="sources")
        cut = batches.cut(sources)
        assert sorted((source for batch in cut for source in batch), key=repr) == sorted(sources, key=repr)
        for number, batch in enumerate(cut):
            assert len(batch) == 1 or all(isinstance(source, str) for source in batch)
            if data.draw(st.booleans(), label="failed"):
                timed_out = data.draw(st.booleans(), label="timed out")
                batches.failed(batch, timed_out=timed_out, others_answered=number > 0)
                break
            batches.answered(batch)


def test_a_cycle_reads_tags_and_messages_one_request_at_a_time(client, read_cycles):
    client.messages[ERRORS] = (Message(number=1001),)

    (cycle,), board = read_cycles([*TAGS, ERRORS, WARNINGS])

    assert client.requests == [tuple(TAGS[:10]), tuple(TAGS[10:20]), tuple(TAGS[20:]), ERRORS, WARNINGS]
    assert cycle.answered == 5
    assert cycle.error is None
    assert board.known([ERRORS, WARNINGS, "T1"]) == {
        ERRORS: MessageReading((Message(number=1001),)),
        WARNINGS: MessageReading(()),
        "T1": TagValue("T1", 1, Quality(0x80)),
    }


def test_messages_have_changed_when_they_are_others_than_before(client, read_cycles):
    def message_comes():
        client.messages[ERRORS] = (Message(number=1001),)

    def message_changes():
        client.messages[ERRORS] = (Message(number=1001, other={"flags": 1}),)

    cycles, _ = read_cycles(["T1", ERRORS, WARNINGS], lambda: None, message_comes, lambda: None, message_changes)

    assert [cycle.changed for cycle in cycles] == [["T1", ERRORS, WARNINGS], [], [ERRORS], [], [ERRORS]]


@pytest.mark.parametrize(
    "error",
    [
        WinCCNotFoundError("The filter 'Errors' is unknown.", status=404),
        WinCCPermissionError("No messages for this user.", status=403),
        WinCCResponseError("The request was not understood.", status=400, retryable=False),
        WinCCConfigurationError("The filter cannot be asked for."),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_query_that_the_station_cannot_answer_has_that_as_its_reading(client, read_cycles, error):
    client.errors[ERRORS] = error

    cycles, board = read_cycles(["T1", ERRORS, WARNINGS], lambda: None, client.errors.clear)

    assert [cycle.error for cycle in cycles] == [None, None, None]
    assert [cycle.changed for cycle in cycles] == [["T1", ERRORS, WARNINGS], [], [ERRORS]]
    assert board.known([ERRORS]) == {ERRORS: MessageReading(())}


@pytest.mark.parametrize(
    "error",
    [
        WinCCAuthenticationError("The login was refused.", status=401),
        WinCCTLSError("The certificate is not trusted."),
        WinCCRuntimeError("Busy.", status=500),
        WinCCTimeoutError("No answer."),
        WinCCResponseError("Not understood."),
    ],
    ids=lambda error: type(error).__name__,
)
def test_every_other_failure_of_a_query_ends_the_cycle(client, read_cycles, error):
    client.errors[ERRORS] = error

    (cycle,), board = read_cycles(["T1", ERRORS, WARNINGS])

    assert cycle.error is error
    assert cycle.answered == 1
    assert board.known([ERRORS, WARNINGS]) == {}


def test_all_but_a_query_that_fails_again_and_again_is_read(client, read_cycles):
    client.errors[ERRORS] = WinCCTimeoutError("No answer.")

    cycles, board = read_cycles([*TAGS, ERRORS, WARNINGS], *[lambda: None] * 5)

    assert [cycle.answered for cycle in cycles] == [3, *[4] * 5]
    assert set(board.known([ERRORS, WARNINGS])) == {WARNINGS}


class Listener:
    """A waiter that keeps what it is told."""

    recheck_at = None

    def __init__(self, *tags):
        self.tags = tags
        self.readings = []
        self.errors = []

    def observe(self, readings, now):
        self.readings.append(readings)

    def observe_failure(self, error, now):
        self.errors.append(error)


@pytest.fixture
def listen(client, monkeypatch):
    """Let listeners wait for a time, in which changes are made; return what a poller tells them."""

    def run(*listeners, seconds=10.5, then=None):
        async def main():
            poller = TagPoller(lambda: DelayedCalls(lambda: 0.01))
            with poller.subscribe("station", 1.0, listeners[0]):
                contexts = [poller.subscribe("station", 1.0, listener) for listener in listeners[1:]]
                for context in contexts:
                    context.__enter__()
                await asyncio.sleep(seconds)
                if then is not None:
                    then()
                    await asyncio.sleep(seconds)
                for context in contexts:
                    context.__exit__(None, None, None)

        run_in_virtual_time(monkeypatch, main)

    return run


def test_equal_queries_of_many_waiters_are_one_request_per_interval(client, listen):
    listeners = [Listener(MessageQuery("Errors")) for _ in range(500)]

    listen(*listeners, seconds=10.5)

    assert client.requests == [ERRORS] * 11
    assert {len(listener.readings) for listener in listeners} == {1}


def test_queries_that_differ_in_anything_are_requests_of_their_own(client, listen):
    listen(Listener(ERRORS), Listener(WARNINGS), Listener(GERMAN), seconds=2.5)

    assert client.requests == QUERIES * 3


def test_who_waits_for_tags_and_messages_is_told_when_either_changes(client, listen):
    both, tags, messages = Listener("T1", ERRORS), Listener("T1"), Listener(ERRORS, WARNINGS)

    def message_comes():
        client.messages[WARNINGS] = (Message(number=2001),)

    listen(both, tags, messages, then=message_comes)

    assert [list(readings) for readings in both.readings] == [["T1", ERRORS]]
    assert [list(readings) for readings in tags.readings] == [["T1"]]
    assert [readings[WARNINGS].messages for readings in messages.readings] == [(), (Message(number=2001),)]


def test_an_unknown_filter_is_the_failure_of_those_who_wait_for_it_and_of_nobody_else(client, listen):
    client.errors[ERRORS] = WinCCNotFoundError("The filter 'Errors' is unknown.", status=404)
    wrong, right, tags = Listener(ERRORS), Listener(WARNINGS), Listener("T1")

    def message_comes():
        client.messages[WARNINGS] = (Message(number=2001),)

    listen(wrong, right, tags, then=message_comes)

    assert [type(readings[ERRORS]) for readings in wrong.readings] == [MessageFailure]
    assert len(right.readings) == 2
    assert len(tags.readings) == 1
    assert wrong.errors == right.errors == tags.errors == []


def test_a_refused_login_ends_the_reading_for_all(client, listen):
    client.errors[ERRORS] = WinCCAuthenticationError("The login was refused.", status=401)
    messages, tags = Listener(ERRORS), Listener("T1")

    listen(messages, tags)

    assert client.requests == [("T1",), ERRORS]
    assert [len(messages.errors), len(tags.errors)] == [1, 1]


def test_a_query_that_gets_no_answer_fails_those_who_wait_for_it_and_tags_go_on(client, listen):
    client.errors[ERRORS] = WinCCTimeoutError("No answer.")
    messages, tags = Listener(ERRORS), Listener("T1")

    def tag_waiter_stays():
        assert len(tags.readings) == 1
        assert tags.errors == []

    listen(messages, tags, then=tag_waiter_stays)

    assert len(messages.errors) > 3
    assert messages.readings == []
    # The end may come between the two requests of a cycle.
    assert client.requests.count(("T1",)) - client.requests.count(ERRORS) in {0, 1}
