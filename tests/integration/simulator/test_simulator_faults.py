"""Faults on demand."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import requests
from rest_caller import RestCaller
from simulator_waiting import wait_until

from airflow_provider_wincc.simulator import Fault
from airflow_provider_wincc.simulator.faults import make_fault

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator import Simulator

STATUSES = {
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "server_error": 500,
    "unavailable": 503,
    "bad_gateway": 502,
    "gateway_timeout": 504,
    "too_large": 413,
}


@pytest.fixture(autouse=True)
def tag(station: Simulator) -> None:
    station.set("T.A", 1.0)


@pytest.mark.parametrize(("fault", "status"), STATUSES.items())
def test_a_status_fault_answers_once_and_keeps_a_write_from_taking_effect(
    station: Simulator, rest: RestCaller, fault: str, status: int
) -> None:
    station.fail_next(fault)

    failed = rest.write("T.A", 2.0)
    value_then = station.get("T.A").value
    good = rest.write("T.A", 3.0)

    assert (failed.status_code, value_then) == (status, 1.0)
    assert (good.status_code, station.get("T.A").value) == (200, 3.0)


@pytest.mark.parametrize("fault", ["not_found", "unavailable", "bad_gateway", "gateway_timeout", "too_large"])
def test_faults_of_the_layers_below_have_an_html_body(station: Simulator, rest: RestCaller, fault: str) -> None:
    station.fail_next(fault)

    answer = rest.read("T.A")

    assert answer.headers["Content-Type"].startswith("text/html")
    assert f"HTTP Error {STATUSES[fault]}" in answer.text


def test_an_unauthorized_fault_asks_for_a_login(station: Simulator, rest: RestCaller) -> None:
    station.fail_next("unauthorized")

    assert "Basic realm=" in rest.read("T.A").headers["WWW-Authenticate"]


def test_a_drop_before_leaves_the_write_undone(station: Simulator, rest: RestCaller) -> None:
    station.fail_next("drop_before")

    with pytest.raises(requests.ConnectionError):
        rest.write("T.A", 2.0)

    assert station.get("T.A").value == 1.0
    assert [(record.method, record.status) for record in station.requests] == [("PUT", None)]


def test_a_drop_after_leaves_the_write_done(station: Simulator, rest: RestCaller) -> None:
    station.fail_next("drop_after")

    with pytest.raises(requests.ConnectionError):
        rest.write("T.A", 2.0)

    assert station.get("T.A").value == 2.0
    assert (station.writes[-1].tag, station.writes[-1].value) == ("T.A", 2.0)
    assert [record.status for record in station.requests] == [None]


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_after_a_drop_the_next_request_comes_on_a_new_connection(
    station: Simulator, rest: RestCaller, fault: str
) -> None:
    rest.read("T.A")
    station.fail_next(fault)

    with pytest.raises(requests.ConnectionError):
        rest.read("T.A")
    rest.read("T.A")

    first, dropped, last = station.requests
    assert first.connection == dropped.connection != last.connection


def test_a_delay_takes_effect_at_once_and_answers_late(station: Simulator, rest: RestCaller) -> None:
    station.fail_next("delay", seconds=0.3)

    began = time.monotonic()
    answer = rest.write("T.A", 2.0)

    assert time.monotonic() - began >= 0.3
    assert answer.json()["errorcode"] == 0


def test_a_write_whose_answer_is_late_has_taken_effect_when_the_client_gives_up(
    station: Simulator, rest: RestCaller
) -> None:
    station.fail_next("delay", seconds=30)

    with pytest.raises(requests.ReadTimeout):
        rest.write("T.A", 2.0, timeout=0.2)

    wait_until(lambda: station.get("T.A").value == 2.0, what="the write to take effect, before its answer is due")


def test_a_stall_sends_nothing_takes_no_effect_and_closes(station: Simulator, rest: RestCaller) -> None:
    station.fail_next("stall", seconds=0.3)

    began = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        rest.write("T.A", 2.0)

    assert time.monotonic() - began >= 0.3
    assert station.get("T.A").value == 1.0


def test_a_stalled_request_is_no_longer_in_flight_when_its_client_has_gone(
    station: Simulator, rest: RestCaller
) -> None:
    station.fail_next("stall", seconds=30)
    with pytest.raises(requests.ReadTimeout):
        rest.read("T.A", timeout=0.2)

    patience = time.monotonic() + 5
    in_flight = 2
    while in_flight > 1 and time.monotonic() < patience:
        rest.read("T.A")
        in_flight = station.requests[-1].in_flight

    assert in_flight == 1


@pytest.mark.parametrize("fault", ["empty_body", "html_body", "garbage"])
def test_a_spoilt_answer_says_200_and_the_write_has_taken_effect(
    station: Simulator, rest: RestCaller, fault: str
) -> None:
    station.fail_next(fault)

    answer = rest.write("T.A", 2.0)

    assert (answer.status_code, station.get("T.A").value) == (200, 2.0)
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert (answer.content == b"") == (fault == "empty_body")
    assert answer.headers["Content-Type"].startswith("text/html" if fault == "html_body" else "application/json")


@pytest.mark.parametrize("fault", ["empty_body", "html_body", "garbage", "delay"])
def test_a_spoilt_answer_does_not_hide_a_wrong_login(station: Simulator, fault: str) -> None:
    station.fail_next(fault, seconds=0.01 if fault == "delay" else None)
    caller = RestCaller(station, user=None)
    with closing(caller.session):
        assert caller.read("T.A").status_code == 401


def test_bad_quality_spoils_the_items_of_one_read(station: Simulator, rest: RestCaller) -> None:
    station.fail_next("bad_quality")

    rows = [rest.get("/tagManagement/Value/T.A").json() for _ in range(2)]

    assert [(row["value"], row["qualitycode"]) for row in rows] == [("1", "24"), ("1", "128")]


def test_initial_quality_gives_start_values(station: Simulator, rest: RestCaller) -> None:
    station.set("T.B", True)
    station.set("T.T", "text")
    station.fail_next("initial_quality")

    first, second = [rest.read("T.A", "T.B", "T.T").json() for _ in range(2)]

    assert [(row["value"], row["qualitycode"]) for row in first] == [("0", "76"), ("false", "76"), ("", "76")]
    assert [(row["value"], row["qualitycode"]) for row in second] == [
        ("1", "128"),
        ("true", "128"),
        ("text", "128"),
    ]


def test_a_quality_fault_for_a_tag_waits_for_it_and_spoils_it_alone(station: Simulator, rest: RestCaller) -> None:
    station.set("T.B", 2.0)
    station.fail_next("bad_quality", tag="t.b")

    other = rest.read("T.A").json()
    both = rest.read("T.A", "T.B").json()

    assert [row["qualitycode"] for row in other] == ["128"]
    assert [row["qualitycode"] for row in both] == ["128", "24"]


def test_quality_faults_wait_for_reads_of_values(station: Simulator, rest: RestCaller) -> None:
    station.fail_next("bad_quality")

    rest.write("T.A", 2.0)
    rest.get("/tagManagement/variables")

    assert rest.read("T.A").json()[0]["qualitycode"] == "24"


def test_missing_rows_leaves_out_the_last_row_of_a_list(station: Simulator, rest: RestCaller) -> None:
    station.set("T.B", 2.0)
    station.fail_next("missing_rows", count=2)

    read = rest.read("T.A", "T.B").json()
    written = rest.write_many({"T.A": 3.0, "T.B": 4.0}).json()

    assert [row["variableName"] for row in read] == ["T.A"]
    assert [row["variableName"] for row in written] == ["T.A"]
    assert station.get("T.B").value == 4.0


def test_a_fault_meets_as_many_requests_as_asked(station: Simulator, rest: RestCaller) -> None:
    station.fail_next("server_error", count=2)

    assert [rest.read("T.A").status_code for _ in range(3)] == [500, 500, 200]


def test_faults_come_in_the_order_asked(station: Simulator, rest: RestCaller) -> None:
    station.fail_next("server_error")
    station.fail_next(Fault.UNAVAILABLE)

    assert [rest.read("T.A").status_code for _ in range(3)] == [500, 503, 200]


def test_a_fault_waits_for_its_method(station: Simulator, rest: RestCaller) -> None:
    station.fail_next("server_error", method="put")

    assert [rest.read("T.A").status_code, rest.write("T.A", 2.0).status_code] == [200, 500]


@pytest.mark.parametrize(
    "pattern", ["/tagManagement/Value/T.*", "TAGMANAGEMENT/value/t.a", "*/T.A", "/tagManagement/Value/*"]
)
def test_a_fault_waits_for_its_path(station: Simulator, rest: RestCaller, pattern: str) -> None:
    station.fail_next("server_error", path=pattern)

    statuses = [rest.read("T.A").status_code, rest.get("/tagManagement/Value/T.A").status_code]

    assert statuses == [200, 500]


def test_cleared_faults_do_not_come(station: Simulator, rest: RestCaller) -> None:
    station.fail_next("server_error", count=5)
    station.clear_faults()

    assert rest.read("T.A").status_code == 200


def test_a_delay_lasts_a_second_and_a_stall_thirty_if_nothing_is_said() -> None:
    assert [make_fault("delay").seconds, make_fault("stall").seconds] == [1.0, 30.0]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ({"fault": "explode"}, "unknown fault 'explode'; known are unauthorized, forbidden"),
        ({"fault": "stall", "count": 0}, "count is a whole number from 1, not 0"),
        ({"fault": "stall", "count": True}, "count is a whole number from 1, not True"),
        ({"fault": "stall", "seconds": -1}, "seconds is a number above 0, not -1"),
        ({"fault": "delay", "seconds": float("nan")}, "seconds is a number above 0, not nan"),
        ({"fault": "stall", "seconds": "1"}, "seconds is a number above 0, not '1'"),
        ({"fault": "drop_after", "seconds": 1}, "seconds goes with delay and stall only, not with drop_after"),
        ({"fault": "stall", "tag": "T.A"}, "tag goes with bad_quality and initial_quality only"),
        ({"fault": "stall", "method": ""}, "method is a text that is not empty"),
        ({"fault": "stall", "path": 1}, "path is a text that is not empty, not 1"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(station: Simulator, words: dict[str, object], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        station.fail_next(**words)  # type: ignore[arg-type]
