"""Rates of requests as the page shows them, over a real journal and a clock that the test moves."""

from __future__ import annotations

import time

import pytest

from airflow_provider_wincc.simulator.journal import Arrival, Journal
from airflow_provider_wincc.simulator.page_requests import RequestRates


class Clock:
    """Shows the time that it is set to ahead of the real one, in seconds."""

    def __init__(self) -> None:
        self.ahead = 1.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal() -> Journal:
    return Journal()


def arrive(journal: Journal, count: int = 1, *, path: str = "/tagManagement/Value/T", connection: str = "a:1") -> None:
    for _ in range(count):
        arrival = Arrival("GET", path, f"/WinCCRestService{path}", "/tagManagement/Value/{tag}", "anna", connection)
        journal.finish(journal.begin(arrival), 200)


def test_rates_are_means_of_ten_seconds_and_clients_are_connections(journal: Journal, clock: Clock) -> None:
    rates = RequestRates(journal, clock)
    arrive(journal, 20, connection="127.0.0.1:5001")
    arrive(journal, 10, connection="127.0.0.1:5002")

    shown = rates.description()

    assert shown["endpoints"] == [
        {"operation": "GET /tagManagement/Value/{tag}", "per_second": 3.0, "clients": 2, "total": 30}
    ]
    assert (shown["clients"], sum(shown["curve"]), len(shown["curve"])) == (2, 30, 60)


def test_a_request_is_counted_once_however_often_somebody_looks(journal: Journal, clock: Clock) -> None:
    rates = RequestRates(journal, clock)
    for _ in range(3):
        arrive(journal)
        rates.description()

    assert sum(rates.description()["curve"]) == 3


def test_what_is_older_leaves_the_means_and_then_the_curve(journal: Journal, clock: Clock) -> None:
    rates = RequestRates(journal, clock)
    arrive(journal, 5)
    rates.description()

    clock.ahead = 20.0
    after_twenty = rates.description()
    clock.ahead = 90.0
    after_ninety = rates.description()

    assert (after_twenty["endpoints"][0]["per_second"], after_twenty["clients"]) == (0.0, 0)
    assert (sum(after_twenty["curve"]), sum(after_ninety["curve"])) == (5, 0)
    assert after_ninety["endpoints"][0]["total"] == 5


def test_requests_that_are_forgotten_take_their_endpoints_with_them(journal: Journal, clock: Clock) -> None:
    rates = RequestRates(journal, clock)
    arrive(journal, 5)
    rates.description()
    journal.clear_requests()
    arrive(journal, 1)

    assert [endpoint["total"] for endpoint in rates.description()["endpoints"]] == [1]


def test_the_newest_requests_come_first(journal: Journal, clock: Clock) -> None:
    for number in range(20):
        arrive(journal, path=f"/tagManagement/Value/T{number}")

    newest = RequestRates(journal, clock).description()["newest"]

    assert [row["path"] for row in newest] == [f"/tagManagement/Value/T{number}" for number in range(19, 7, -1)]


@pytest.mark.parametrize("path", ["/%ff", "/nothing/here", "", "/tagManagement/Value/a%2Fb/c"])
def test_a_path_that_is_none_does_no_harm(journal: Journal, clock: Clock, path: str) -> None:
    arrive(journal, path=path)

    assert sum(RequestRates(journal, clock).description()["curve"]) == 1
