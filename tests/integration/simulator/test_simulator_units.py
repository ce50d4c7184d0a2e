"""Production units over REST and over HTTP control, in real time."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import requests
from rest_caller import RestCaller
from simulator_waiting import wait_until

from airflow_provider_wincc.simulator import SimulatedUnit, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIVELY = {"speed": 20.0, "scan_seconds": 0.01, "runs_when_frozen": True}


@pytest.fixture
def runs_when_frozen() -> bool:
    """Whether the unit runs in a frozen plant; a test that thaws the plant itself says that it does not."""
    return True


@pytest.fixture
def lively(*, runs_when_frozen: bool) -> Iterator[Simulator]:
    """A station whose tanks stand still, with a unit that works twenty times as fast as real time, and with skew."""
    settings = {**LIVELY, "runs_when_frozen": runs_when_frozen}
    unit = SimulatedUnit(name="Mixer1", skew=0.05, **settings)  # type: ignore[arg-type]
    with Simulator(tls=False, plant="still", units=[unit]) as station:
        yield station


@pytest.fixture
def caller(lively: Simulator) -> Iterator[RestCaller]:
    caller = RestCaller(lively)
    with closing(caller.session):
        yield caller


@pytest.fixture
def control(lively: Simulator) -> Iterator[Callable[..., requests.Response]]:
    """Calls a path of the station's origin without a login."""
    with requests.Session() as session:
        session.trust_env = False

        def call(method: str, path: str, **options: Any) -> requests.Response:
            return session.request(method, lively.url + path, timeout=10, **options)

        yield call


def payload(order_id: str, quantity: float = 10.0) -> dict[str, object]:
    return {"Mixer1.Order.Id": order_id, "Mixer1.Order.WorkMaster": "R-001", "Mixer1.Order.Quantity": quantity}


def shown(caller: RestCaller, *names: str) -> list[str]:
    rows = caller.read(*(f"Mixer1.Order.{name}" for name in names)).json()
    return [row["value"] for row in rows]


def hand_over(caller: RestCaller, order_id: str, number: int) -> None:
    caller.write_many(payload(order_id))
    caller.write("Mixer1.Order.Sequence", number)
    wait_until(lambda: shown(caller, "AckSequence") == [str(number)], what="the answer")


def test_an_order_goes_through_a_unit_over_rest(lively: Simulator, caller: RestCaller) -> None:
    hand_over(caller, "000042", 1)
    wait_until(lambda: shown(caller, "State", "CurrentId") == ["1", "000042"], what="the order to be stored")
    caller.write("Mixer1.Order.Start", 1)
    wait_until(lambda: shown(caller, "State", "Result") == ["5", "1"], what="the order to end")
    caller.write("Mixer1.Order.Clear", 1)
    wait_until(lambda: shown(caller, "State", "CurrentId") == ["0", ""], what="the order to be cleared")

    assert [start.order_id for start in lively.unit("Mixer1").starts] == ["000042"]


def test_writes_of_one_request_over_rest_can_arrive_torn() -> None:
    unit = SimulatedUnit(name="Mixer1", skew=2.0)
    with Simulator(tls=False, plant="still", units=[unit]) as station:
        caller = RestCaller(station)
        with closing(caller.session):
            caller.write_many(payload("A", 55.0))
        pictures = []
        while not station.unit("Mixer1").is_settled:
            station.step(0.05)
            inputs = station.unit("Mixer1").inputs
            pictures.append((inputs["Order.Id"], inputs["Order.Quantity"]))

    assert len(set(pictures)) == 3


def test_a_unit_stands_still_with_the_plant_and_moves_with_it() -> None:
    with Simulator(tls=False) as station:
        unit = station.unit("Mixer1")
        wait_until(lambda: unit.picture["Unit.Heartbeat"] != 0, what="the heart to beat")
        station.freeze()
        frozen = unit.picture
        station.step(0.2)
        station.step(60)
        moved = unit.picture["Unit.Heartbeat"]

    assert int(moved) - int(frozen["Unit.Heartbeat"]) in {120, 121}


def test_a_unit_that_is_not_asked_to_run_stands_still_in_a_frozen_plant(station: Simulator) -> None:
    before = station.unit("Mixer1").picture
    lively_unit = SimulatedUnit(name="Other", **LIVELY)  # type: ignore[arg-type]
    with Simulator(tls=False, plant="still", units=[lively_unit]) as other:
        wait_until(lambda: int(other.unit("Other").picture["Unit.Heartbeat"]) > 10, what="the heart to beat")

    assert station.unit("Mixer1").picture == before


def test_the_thread_of_the_units_ends_with_the_station() -> None:
    def running() -> list[str]:
        return [thread.name for thread in threading.enumerate() if thread.name == "wincc-simulator-units"]

    before = len(running())
    with Simulator(tls=False, plant="still"):
        during = len(running())

    assert (during - before, len(running()) - before) == (1, 0)


@pytest.mark.parametrize("runs_when_frozen", [False])
def test_a_restart_is_seen_over_rest_as_bad_then_uncertain_then_good(lively: Simulator, caller: RestCaller) -> None:
    unit = lively.unit("Mixer1")
    unit.restart(seconds=0.1)
    at_once = caller.read("Mixer1.Order.State").json()[0]["qualitycode"]
    lively.thaw()
    seen: list[str] = []

    def is_back() -> bool:
        seen.append(caller.read("Mixer1.Order.State").json()[0]["qualitycode"])
        return seen[-1] == "128"

    wait_until(is_back, what="the unit to come back")
    assert at_once == "24"
    assert set(seen) <= {"24", "68", "128"}
    wait_until(lambda: unit.is_settled, what="all tags to come back")


def test_units_are_shown_with_their_starts_and_timeline(
    caller: RestCaller, control: Callable[..., requests.Response]
) -> None:
    hand_over(caller, "000042", 1)
    wait_until(lambda: shown(caller, "CurrentSequence") == ["1"], what="the order to be stored")
    caller.write("Mixer1.Order.Start", 1)
    wait_until(lambda: shown(caller, "State") == ["5"], what="the order to end")

    unit = control("GET", "/simulator/units").json()["Mixer1"]

    assert (unit["profile"], unit["state"]) == ("A", "ended")
    assert (unit["shows"]["Order.CurrentId"], unit["has_received"]["Order.Quantity"]) == ("000042", 10.0)
    start = unit["starts"][0]
    assert (start["order_id"], start["payload"]) == ("000042", {"WorkMaster": "R-001", "Quantity": 10.0})
    assert [event["event"] for event in unit["timeline"]] == [
        "offered", "accepted", "started", "running", "ended",
    ]  # fmt: skip


def test_people_and_faults_reach_a_unit_over_http(lively: Simulator, control: Callable[..., requests.Response]) -> None:
    wishes: list[dict[str, Any]] = [
        {"do": "hold"},
        {"do": "set_mode", "mode": 2},
        {"do": "set_local", "local": True},
        {"do": "set_local", "local": False},
        {"do": "stop_heartbeat"},
        {"do": "start_heartbeat"},
        {"do": "fail_next_order"},
        {"do": "show_state", "number": 77},
        {"do": "show_state", "number": None},
        {"do": "restart", "memory": "lost", "seconds": 0.05, "client_tags": "reset"},
    ]
    answers = [control("POST", "/simulator/units/mixer1", json=wish) for wish in wishes]

    assert [answer.status_code for answer in answers] == [200] * len(wishes)
    assert [answer.json()["done"] for answer in answers] == [False, *[True] * (len(wishes) - 1)]
    unit = lively.unit("Mixer1")
    wait_until(lambda: unit.timeline[-1].event == "restarted", what="the unit to come back")
    assert [event.detail for event in unit.timeline] == ["maintenance", "local", "maintenance", "memory lost", ""]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"{}", 'expected {"do": action}, the action one of hold, unhold'),
        (b'{"do": "explode"}', "not 'explode'"),
        (b'{"do": ["hold"]}', 'expected {"do": action}'),
        (b'{"do": "hold", "seconds": 1}', "unknown beside 'hold': seconds; allowed: nothing"),
        (b'{"do": "set_mode"}', "'set_mode' needs mode beside it"),
        (b'{"do": "set_mode", "mode": [1]}', "mode is 1 (production), 2 (maintenance) or 3 (manual), not [1]"),
        (b'{"do": "set_local", "local": "yes"}', "local is True or False, not 'yes'"),
        (b'{"do": "show_state", "number": "x"}', "a state is a whole number"),
        (b'{"do": "restart", "memory": "half"}', "memory is kept, lost or one_order_old, not 'half'"),
        (b'{"do": "restart", "seconds": "long"}', "seconds is a number from 0, not 'long'"),
        (b'{"do": "restart", "how": 1}', "unknown beside 'restart': how; allowed: memory, seconds, client_tags"),
        (b"[]", "expected a JSON object, not list"),
    ],
)
def test_a_wish_that_makes_no_sense_gets_400_saying_what_was_expected(
    control: Callable[..., requests.Response], body: bytes, text: str
) -> None:
    answer = control("POST", "/simulator/units/Mixer1", data=body)

    assert answer.status_code == 400
    assert text in answer.json()["error"]


def test_an_unknown_unit_gets_404_naming_those_that_there_are(control: Callable[..., requests.Response]) -> None:
    answer = control("POST", "/simulator/units/Mixer9", json={"do": "hold"})

    assert answer.status_code == 404
    assert "no unit 'Mixer9'; it has 'Mixer1'" in answer.json()["error"]
