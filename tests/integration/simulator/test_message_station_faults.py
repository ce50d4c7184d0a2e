"""Faults that requests for messages meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

if TYPE_CHECKING:
    from rest_caller import RestCaller

    from airflow_provider_wincc.simulator import Simulator

PENDING = "/alarmLogging/MessageList/All"


@pytest.fixture
def station(message_station: Simulator) -> Simulator:
    return message_station


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("unauthorized", 401),
        ("forbidden", 403),
        ("not_found", 404),
        ("too_large", 413),
        ("server_error", 500),
        ("bad_gateway", 502),
        ("unavailable", 503),
        ("gateway_timeout", 504),
    ],
)
def test_a_status_is_met_on_the_paths_of_messages_alone(
    station: Simulator, rest: RestCaller, fault: str, status: int
) -> None:
    station.fail_next(fault, path="/alarmLogging/*", method="GET")

    tag = rest.get("/tagManagement/Value/Tank1.Level").status_code
    assert (tag, rest.get(PENDING).status_code, rest.get(PENDING).status_code) == (200, status, 200)


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "stall"])
def test_a_connection_is_cut(station: Simulator, rest: RestCaller, fault: str) -> None:
    words = {"seconds": 0.01} if fault == "stall" else {}
    station.fail_next(fault, path="/alarmlogging/messagelist/*", **words)  # type: ignore[arg-type]

    with pytest.raises(requests.ConnectionError):
        rest.get(PENDING)
    assert rest.get(PENDING).status_code == 200


def test_an_answer_is_delayed(station: Simulator, rest: RestCaller) -> None:
    station.fail_next("delay", path="/alarmLogging/RestFilters", seconds=0.3)

    with pytest.raises(requests.ReadTimeout):
        rest.get("/alarmLogging/RestFilters", timeout=0.1)


@pytest.mark.parametrize(("fault", "start"), [("empty_body", b""), ("html_body", b"<!DOCTYPE"), ("garbage", b'{"mess')])
def test_a_body_is_spoilt(station: Simulator, rest: RestCaller, fault: str, start: bytes) -> None:
    station.fail_next(fault, path="/alarmLogging/*")
    spoilt = rest.get(PENDING)

    assert spoilt.status_code == 200
    assert spoilt.content.startswith(start)
    with pytest.raises(requests.JSONDecodeError):
        spoilt.json()


@pytest.mark.parametrize(
    ("path", "whole", "left"),
    [(PENDING, [2001, 3001], [2001]), ("/alarmLogging/HitList/All", [2001, 3001], [2001])],
)
def test_the_newest_row_is_missing(
    station: Simulator, rest: RestCaller, path: str, whole: list[int], left: list[int]
) -> None:
    station.fail_next("missing_rows", path="/alarmLogging/*")
    rest.get("/alarmLogging/RestFilters")

    found = [[row["msgNo"] for row in rest.get(path).json()["messages"]] for _ in range(2)]

    assert found == [left, whole]


def test_a_service_that_is_off_has_no_messages(station: Simulator, rest: RestCaller) -> None:
    station.stop_service()

    assert rest.get(PENDING).status_code == 503


def test_requests_for_messages_are_recorded_by_kind(station: Simulator, rest: RestCaller) -> None:
    rest.get("/alarmLogging/ShortTermArchive/Errors?maxValues=10")

    (record,) = station.requests
    assert (record.path, record.query) == ("/alarmLogging/ShortTermArchive/Errors", {"maxValues": "10"})
