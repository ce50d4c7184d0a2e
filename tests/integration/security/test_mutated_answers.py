"""Real answers with something else in a place of them: a result or an error of ours, and few requests."""

from __future__ import annotations

import time
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest
from client_operations import OPERATIONS, WRITES
from hostile_server import HostileServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorded_answers import Recording, answering, mutated, record

from airflow_provider_wincc.client import (
    StationSettings,
    WinCCClient,
    WinCCError,
    WinCCTagError,
    WinCCWriteOutcomeUnknownError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_wincc.simulator import Simulator

EXAMPLES = 15
MOST_REQUESTS = 100
LONGEST_LINE = 5000
SECONDS_AT_MOST = 20.0
PASSWORD = "Kiln-7-secret"


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    with HostileServer(b"") as running:
        yield running


@pytest.fixture(scope="module")
def recordings(plain_station: Simulator) -> dict[str, Recording]:
    return {operation: record(plain_station, operation) for operation in OPERATIONS}


def client_of(server: HostileServer) -> WinCCClient:
    made = StationSettings.from_url(server.url, username="engineer", password=PASSWORD, read_timeout=5)
    return WinCCClient(replace(made, retry_wait=0.001))


def error_of(server: HostileServer, operation: str) -> WinCCError | None:
    try:
        with client_of(server) as client:
            OPERATIONS[operation](client)
    except WinCCError as error:
        return error
    return None


@pytest.mark.parametrize("operation", OPERATIONS)
def test_recorded_answers_are_read_as_they_were(
    server: HostileServer, recordings: dict[str, Recording], operation: str
) -> None:
    server.answer = answering(recordings[operation].answers)

    assert error_of(server, operation) is None


@pytest.mark.parametrize("operation", OPERATIONS)
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_whatever_stands_in_an_answer_the_outcome_is_a_result_or_an_error_of_ours(
    server: HostileServer, recordings: dict[str, Recording], operation: str, seed: int
) -> None:
    answers = mutated(recordings[operation].answers, Random(seed))
    server.answer, server.requests = answering(answers), []
    started = time.monotonic()

    error = error_of(server, operation)

    assert time.monotonic() - started < SECONDS_AT_MOST
    assert len(server.requests) <= MOST_REQUESTS
    if error is not None:
        assert str(error).isprintable()
        assert len(str(error)) <= LONGEST_LINE
    if operation in WRITES:
        assert error is None or isinstance(error, WinCCTagError | WinCCWriteOutcomeUnknownError)
        assert len(server.requests) == 1
