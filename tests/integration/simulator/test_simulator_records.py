"""What the station remembers of requests and writes."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rest_caller import RestCaller
from simulator_waiting import wait_until

from airflow_provider_wincc.simulator.connections import Connections
from airflow_provider_wincc.simulator.journal import KEPT, Arrival, Journal

if TYPE_CHECKING:
    import pytest

    from airflow_provider_wincc.simulator import Simulator


def test_a_request_is_recorded_with_everything_about_it(station: Simulator, rest: RestCaller) -> None:
    before = datetime.now(UTC)
    rest.call("PUT", "/TagManagement/value/Tank1.Setpoint?x=1&X=%C3%BC", json={"value": 40})

    record = station.requests[-1]

    assert (record.method, record.path) == ("PUT", "/TagManagement/value/Tank1.Setpoint")
    assert record.raw_path == "/WinCCRestService/TagManagement/value/Tank1.Setpoint"
    assert record.query == {"x": "1", "X": "ü"}
    assert (record.body, record.user, record.status) == ({"value": 40}, "engineer", 200)
    assert before <= record.at <= datetime.now(UTC)


def test_names_are_recorded_decoded_and_as_they_were_on_the_wire(station: Simulator, rest: RestCaller) -> None:
    rest.get("/tagManagement/Value/a%2Fb%20%E5%90%8D")

    record = station.requests[-1]

    assert record.path == "/tagManagement/Value/a/b 名"
    assert record.raw_path == "/WinCCRestService/tagManagement/Value/a%2Fb%20%E5%90%8D"


def test_a_body_that_is_no_json_is_recorded_as_text(station: Simulator, rest: RestCaller) -> None:
    rest.call("POST", "/tagManagement/Values", data=b"{oops")
    rest.get("/tagManagement/Groups")

    assert [record.body for record in station.requests] == ["{oops", None]


def test_numbers_go_on_when_requests_are_cleared(station: Simulator, rest: RestCaller) -> None:
    rest.read("Tank1.Level")
    number = station.requests[-1].number
    station.clear_requests()
    rest.read("Tank1.Level")

    assert [record.number for record in station.requests] == [number + 1]


def test_one_session_keeps_one_connection_and_another_has_its_own(station: Simulator, rest: RestCaller) -> None:
    other = RestCaller(station)
    with closing(other.session):
        for caller in (rest, rest, other):
            caller.read("Tank1.Level")

    first, second, third = [record.connection for record in station.requests]
    assert first == second != third
    assert first.startswith("127.0.0.1:")


def test_requests_one_after_the_other_are_never_in_flight_together(station: Simulator, rest: RestCaller) -> None:
    names = [f"Unknown{number}" for number in range(2000)]
    for _ in range(20):
        rest.read(*names)

    assert {record.in_flight for record in station.requests} == {1}


def hold_delays(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let delayed requests wait for the event that is returned, instead of for a time."""
    over = threading.Event()

    async def wait(*_: object) -> None:
        await asyncio.to_thread(over.wait, 60)

    monkeypatch.setattr(Connections, "wait", wait)
    return over


def test_requests_at_the_same_time_are_counted(station: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    over = hold_delays(monkeypatch)
    callers = [RestCaller(station) for _ in range(3)]
    for caller in callers:
        caller.read("Tank1.Level")
    station.clear_requests()
    station.fail_next("delay", count=3, seconds=60)
    with ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(caller.read, "Tank1.Level") for caller in callers]
        wait_until(lambda: len(station.requests) == 3, what="all requests to arrive")
        over.set()
        assert [answer.result().status_code for answer in answers] == [200] * 3
    for caller in callers:
        caller.session.close()

    assert sorted(record.in_flight for record in station.requests) == [1, 2, 3]


def test_writes_that_took_effect_are_recorded_with_their_request(station: Simulator, rest: RestCaller) -> None:
    station.set("T.A", 1.0)
    before = len(station.writes)
    rest.write_many({"t.a": "2.5", "T.Typo": 1})

    (write,) = station.writes[before:]

    assert (write.tag, write.value, write.user) == ("T.A", 2.5, "engineer")
    assert write.request == station.requests[-1].number
    assert write.at.tzinfo is UTC


def test_values_set_by_the_test_itself_are_no_writes(station: Simulator) -> None:
    before = len(station.writes)
    station.set("T.A", 1.0)

    assert len(station.writes) == before


def test_the_oldest_requests_are_forgotten_in_the_end() -> None:
    journal = Journal()
    arrival = Arrival("GET", "/x", "/x", "other paths", None, "127.0.0.1:1")
    for _ in range(KEPT + 5):
        journal.finish(journal.begin(arrival), 200)

    assert [journal.requests[0].number, len(journal.requests)] == [6, KEPT]
    assert journal.counts == {"GET other paths": KEPT + 5}
