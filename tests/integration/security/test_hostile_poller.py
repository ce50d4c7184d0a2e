"""The reader that all waiting tasks share: a hostile answer neither ends it nor makes it ask more often."""

from __future__ import annotations

import asyncio
import json
import time
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hostile_answers import ODD, SLOW, UNREADABLE
from hostile_server import HostileServer, Request, Wire
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorded_answers import answering, mutated
from wait_modes import Target

from airflow_provider_wincc.client import MessageQuery, WinCCError
from airflow_provider_wincc.triggers.poller import TagPoller

if TYPE_CHECKING:
    from hostile_server import Answer

CONN_ID = "guarded"
INTERVAL = 0.1
WELL = {
    ("POST", "/WinCCRestService/tagManagement/Values"): [
        {"variableName": name, "value": "7", "qualitycode": "128", "timestamp": "2026-03-02T08:15:30Z"}
        for name in ("A", "B")
    ],
    ("GET", "/WinCCRestService/alarmLogging/MessageList/All"): [
        {"MsgNr": 1, "State": 1, "DateTime": "2026-03-02T08:15:30Z", "Text1": "Level high"}
    ],
}
# By what they answer, these statuses are a refusal for good, which ends the reading for all: nobody may be asked again.
FOR_GOOD = {"another protocol", "redirect with a bomb"}


class Waiting:
    """A waiter for tags and messages that counts what it is told."""

    recheck_at = 0.0  # tell me each reading

    def __init__(self, *sources: Any) -> None:
        self.tags = sources
        self.readings: list[dict[Any, Any]] = []
        self.errors: list[WinCCError] = []

    def observe(self, readings: dict[Any, Any], now: float) -> None:
        self.readings.append(dict(readings))

    def observe_failure(self, error: WinCCError, now: float) -> None:
        self.errors.append(error)


async def until(condition: Any, *, seconds: float = 20.0) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not happen in time"
        await asyncio.sleep(0.01)


def hostile_at_first(hostile: bytes | Answer, count: int) -> Answer:
    """Answer so many requests in a hostile way, and then as a station does."""
    well, left = answering(WELL), [count]

    def answer(request: Request, wire: Wire) -> None:
        left[0] -= 1
        if left[0] < 0:
            well(request, wire)
        elif isinstance(hostile, bytes):
            wire.send(hostile)
        else:
            hostile(request, wire)

    return answer


def connect(server: HostileServer, monkeypatch: pytest.MonkeyPatch, *, read_timeout: float = 0.1) -> None:
    Target(server.url, {"read_timeout": read_timeout, "max_answer_mb": 1}).connect(monkeypatch)


@pytest.mark.asyncio
@pytest.mark.parametrize("case", [case for case in {**UNREADABLE, **ODD, **SLOW} if case not in FOR_GOOD])
async def test_waiting_goes_on_when_the_station_answers_properly_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, case: str
) -> None:
    tags, messages = Waiting("A", "B"), Waiting(MessageQuery("All"))
    with HostileServer(hostile_at_first({**UNREADABLE, **ODD, **SLOW}[case], 3)) as server:
        connect(server, monkeypatch)
        poller = TagPoller.of_running_loop()
        with poller.subscribe(CONN_ID, INTERVAL, tags), poller.subscribe(CONN_ID, INTERVAL, messages):
            await until(lambda: len(server.requests) >= 3)
            await until(lambda: tags.readings and getattr(tags.readings[-1]["A"], "value", None) == 7)
            await until(
                lambda: messages.readings and getattr(messages.readings[-1][MessageQuery("All")], "messages", ())
            )

    assert all(error.retryable for error in tags.errors + messages.errors)
    assert "This is a bug" not in caplog.text
    assert all(record.getMessage().isprintable() for record in caplog.records if "wincc" in record.name)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "case", ["endless", "gzip bomb", "markup of a login page", "900 levels of lists", "nothing at all"]
)
async def test_a_station_that_answers_like_this_is_asked_less_and_less_often(
    monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    waiters = [Waiting("A", "B") for _ in range(20)]
    with HostileServer(UNREADABLE[case]) as server:
        connect(server, monkeypatch)
        poller = TagPoller.of_running_loop()
        started = time.monotonic()
        subscriptions = [poller.subscribe(CONN_ID, INTERVAL, waiter) for waiter in waiters]
        for subscription in subscriptions:
            subscription.__enter__()
        await until(lambda: len(server.requests) >= 4)
        seconds = time.monotonic() - started
        for subscription in subscriptions:
            subscription.__exit__(None, None, None)

    # Pauses of at least 0.1, 0.2 and 0.4 s stand between the first four requests.
    assert seconds >= 0.1 + 0.2 + 0.4 - 0.05
    assert all(len(waiter.errors) >= 1 for waiter in waiters)


@pytest.mark.asyncio
@pytest.mark.parametrize("case", sorted(FOR_GOOD))
async def test_a_refusal_for_good_is_told_to_everybody_and_asked_for_once(
    monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    waiters = [Waiting("A"), Waiting("B")]
    with HostileServer(UNREADABLE[case]) as server:
        connect(server, monkeypatch, read_timeout=5)
        poller = TagPoller.of_running_loop()
        with poller.subscribe(CONN_ID, INTERVAL, waiters[0]), poller.subscribe(CONN_ID, INTERVAL, waiters[1]):
            await until(lambda: all(waiter.errors for waiter in waiters))

    assert len(server.requests) == 1
    assert not any(error.retryable for waiter in waiters for error in waiter.errors)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
def test_no_mutation_of_an_answer_ends_the_reading_for_others(seed: int) -> None:
    told = asyncio.run(_read_with(mutated(WELL, Random(seed))))

    assert all(error.retryable for error in told)


async def _read_with(answers: dict[Any, Any]) -> list[WinCCError]:
    waiter = Waiting("A", "B", MessageQuery("All"))
    with pytest.MonkeyPatch.context() as patch, HostileServer(answering(answers)) as server:
        connect(server, patch)
        with TagPoller.of_running_loop().subscribe(CONN_ID, INTERVAL, waiter):
            await until(lambda: len(server.requests) >= 2)
            server.answer = answering(WELL)
            since = len(waiter.readings)
            await until(lambda: any(getattr(each.get("A"), "value", None) == 7 for each in waiter.readings[since:]))
    assert json.dumps([str(error) for error in waiter.errors])
    return waiter.errors
