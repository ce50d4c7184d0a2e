"""Hostile answers to everything that the client asks: an error of ours, in bounded time, that can be shown."""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from client_operations import OPERATIONS, READS, WRITES
from hostile_answers import ODD, SLOW, UNREADABLE
from hostile_server import HostileServer, Request, Wire, ok

from airflow_provider_wincc.client import (
    StationSettings,
    WinCCClient,
    WinCCConnectionError,
    WinCCError,
    WinCCResponseError,
    WinCCTimeoutError,
    WinCCWriteOutcomeUnknownError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

PASSWORD = "Kiln-7-secret"
SECONDS_AT_MOST = 20.0
LONGEST_TEXT = 5000
MOST_REQUESTS = 60


def client_of(server: HostileServer, **extra: object) -> WinCCClient:
    settings = StationSettings.from_url(
        server.url, username="engineer", password=PASSWORD, read_timeout=5, max_answer_mb=1, **extra
    )
    return WinCCClient(replace(settings, retry_wait=0.001))


def error_of(client: WinCCClient, operation: Callable[[WinCCClient], object]) -> WinCCError | None:
    """Return the error of ours that an operation ends with, if any; others pass."""
    try:
        with client:
            operation(client)
    except WinCCError as error:
        return error
    return None


def assert_can_be_shown(error: WinCCError) -> None:
    text = str(error)
    assert len(text) <= LONGEST_TEXT
    assert text.isprintable()
    assert PASSWORD not in text


# Each of them reads answers in another way; what is below that is the same for all.
BY_KIND = ["read_tags", "browse_tags", "read_archive_windows ahead", "read_messages", "check_station", *WRITES]


@pytest.mark.parametrize("operation", BY_KIND)
@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_an_answer_is_an_error_of_ours(case: str, operation: str) -> None:
    with HostileServer(UNREADABLE[case]) as server:
        started = time.monotonic()

        error = error_of(client_of(server), OPERATIONS[operation])

        assert time.monotonic() - started < SECONDS_AT_MOST
        assert error is not None
        assert_can_be_shown(error)
        assert len(server.requests) <= MOST_REQUESTS


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("case", ODD)
def test_what_may_be_an_answer_is_one_or_an_error_of_ours(case: str, operation: str) -> None:
    with HostileServer(ODD[case]) as server:
        started = time.monotonic()

        error = error_of(client_of(server), OPERATIONS[operation])

        assert time.monotonic() - started < SECONDS_AT_MOST
        assert error is None or assert_can_be_shown(error) is None
        assert len(server.requests) <= MOST_REQUESTS


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize("case", [case for case in UNREADABLE if not case.startswith(("redirect", "refused"))])
def test_a_write_that_is_answered_like_this_is_in_doubt_and_sent_once(case: str, operation: str) -> None:
    with HostileServer(UNREADABLE[case]) as server:
        error = error_of(client_of(server), WRITES[operation])

    assert type(error) is WinCCWriteOutcomeUnknownError
    assert "Tank1.Setpoint" in error.unknown
    assert [request.method for request in server.requests] == ["PUT"]


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize("case", ODD)
def test_a_write_is_never_sent_twice_whatever_comes_back(case: str, operation: str) -> None:
    with HostileServer(ODD[case]) as server:
        error_of(client_of(server), WRITES[operation])

    assert [request.method for request in server.requests] == ["PUT"]


@pytest.mark.parametrize("operation", ["read_tags", "read_archive_windows ahead", "write_tags"])
@pytest.mark.parametrize("case", SLOW)
def test_an_answer_that_comes_byte_by_byte_ends_at_the_limit_of_a_whole_answer(
    monkeypatch: pytest.MonkeyPatch, case: str, operation: str
) -> None:
    # Only that limit is shortened: no pause between two pieces must be taken for a read time-out.
    monkeypatch.setattr(StationSettings, "answer_timeout", property(lambda _: 0.5))
    with HostileServer(SLOW[case]) as server:
        started = time.monotonic()

        error = error_of(client_of(server), OPERATIONS[operation])

        assert time.monotonic() - started < SECONDS_AT_MOST
    assert isinstance(error, WinCCTimeoutError if operation in READS else WinCCWriteOutcomeUnknownError)
    assert "was not complete within 0.5 s, although it kept coming" in error.message
    assert len(server.requests) == 1


def test_an_answer_that_is_too_large_names_the_limit_and_the_options() -> None:
    with HostileServer(UNREADABLE["endless"]) as server:
        error = error_of(client_of(server), READS["read_tags"])

    assert type(error) is WinCCResponseError
    assert "larger than 1 MB" in error.message
    assert "max_answer_mb" in error.hint
    assert len(server.requests) == 1


def test_an_answer_just_as_large_as_allowed_is_read() -> None:
    body = b'[{"variableName": "Tank1.Level", "value": "7"}]'

    with HostileServer(ok(body.ljust(1_000_000))) as server, client_of(server) as client:
        assert client.read_tags(["Tank1.Level"])["Tank1.Level"].value == 7


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
@pytest.mark.parametrize("body", ["endless", "gzip bomb", "shorter than its length"])
def test_a_refusal_is_one_whatever_body_comes_with_it(status: str, body: str) -> None:
    """A login that is refused must never look like an error that is tried again: accounts lock."""

    def answer(request: Request, wire: Wire) -> None:
        send = wire.send
        wire.send = lambda data: send(data.replace(b" 200 OK", b" " + status.encode()))  # type: ignore[method-assign]
        content = UNREADABLE[body]
        if isinstance(content, bytes):
            wire.send(content)
        else:
            content(request, wire)

    with HostileServer(answer) as server:
        error = error_of(client_of(server), READS["read_tags"])

    assert error is not None
    assert error.status == int(status[:3])
    assert not error.retryable
    assert len(server.requests) == 1


def test_an_interim_answer_is_not_taken_for_the_answer_nor_the_answer_for_the_next_one() -> None:
    def answer(request: Request, wire: Wire) -> None:
        wire.send(b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
        wire.send(ok(b'{"value": "%d"}' % len(request.path)))

    with HostileServer(answer) as server, client_of(server) as client:
        values = [client.read_tag(name).value for name in ("A", "Longer")]

    assert values[1] - values[0] == len("Longer") - len("A")


@pytest.mark.parametrize("operation", ["read_tags", "list_archives", "read_messages"])
def test_no_cookie_is_kept_or_sent_back(operation: str) -> None:
    with HostileServer(ODD["cookies"]) as server, client_of(server) as client:
        for _ in range(2):
            with contextlib.suppress(WinCCError):
                READS[operation](client)

    assert len(server.requests) >= 2
    assert not any(b"cookie" in request.head.lower() for request in server.requests)


def test_a_line_of_whoever_answers_cannot_write_a_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with HostileServer(UNREADABLE["a line with escapes"]) as server:
        error = error_of(client_of(server), READS["read_tags"])

    assert type(error) is WinCCConnectionError
    assert all(record.getMessage().isprintable() for record in caplog.records if "airflow_provider" in record.name)
