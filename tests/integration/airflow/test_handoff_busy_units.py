"""A unit that cannot take an order now: the handoff waits, sends nothing, and goes on when that ends."""

from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from handoff_runs import ORDER_ID, PAYLOAD, run_handoff, tags_of, wait_until, when, writes_of
from simulated_units import UNIT, finish, lasting_unit, simulated_unit
from task_context import new_context

from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.orders import OrderTimeoutError

pytestmark = pytest.mark.usefixtures("connect")

OTHER = "000007"
OBSTACLES = {
    "not in production": (lambda unit: unit.set_mode(2), lambda unit: unit.set_mode(1), "in mode 2, not in production"),
    "in local mode": (lambda unit: unit.set_local(True), lambda unit: unit.set_local(False), "local override"),
    "without a heartbeat": (
        lambda unit: unit.stop_heartbeat(),
        lambda unit: unit.start_heartbeat(),
        "heartbeat has not changed",
    ),
}


@pytest.fixture
def units():
    return [simulated_unit()]


@pytest.fixture
def station(station, units):
    """A station whose plant moves, and with it the units that last.

    The units are named, because older versions of pytest do not see them behind a fixture that is overridden.
    """
    station.thaw()
    return station


@pytest.fixture
def unit(station):
    return station.unit(UNIT)


def wait_for_looks(station):
    """Wait until the handoff has looked at the unit a few times more."""
    count = len(station.requests)
    wait_until(lambda: len(station.requests) >= count + 4)


def finish_start(station, number):
    """Bring the order that is started as this one, counted from 1, to its end at once."""
    return when(lambda: len(station.unit(UNIT).starts) == number, lambda: finish(station))


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_the_handoff_waits_for_a_unit_that_is(station, unit, context, obstacle):
    begin, end, _ = OBSTACLES[obstacle]
    begin(unit)
    seen = []

    def stop_waiting():
        seen.extend(station.writes)
        end(unit)

    with when(lambda: len(station.requests) >= 6, stop_waiting):
        result = run_handoff("poke", context)

    assert seen == []
    assert result["outcome"] == "successful"
    assert [(start.order_id, start.payload) for start in unit.starts] == [(ORDER_ID, PAYLOAD)]


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_the_error_of_a_wait_that_was_too_long_says_that_the_unit_was(station, unit, context, obstacle):
    begin, _, told = OBSTACLES[obstacle]
    begin(unit)

    with pytest.raises(OrderTimeoutError, match=told) as caught:
        run_handoff("poke", context, unit_timeout=0.4)

    assert caught.value.step == "admit"
    assert station.writes == []


def test_the_handoff_waits_for_a_unit_that_is_not_ready(station, unit, context):
    station.set(f"{UNIT}.Order.Free", False)
    seen = []

    def become_ready():
        seen.extend(station.writes)
        station.set(f"{UNIT}.Order.Free", True)

    with when(lambda: len(station.requests) >= 6, become_ready):
        result = run_handoff("poke", context, tags=tags_of(names={"ready": "Order.Free"}))

    assert seen == []
    assert result["outcome"] == "successful"


@pytest.mark.parametrize("units", [[lasting_unit()]], ids=["orders that last"])
def test_a_unit_that_runs_another_order_is_waited_for(station, unit, context):
    run_handoff("poke", new_context(), order_id=OTHER, wait_for="running")
    before, before_requests = len(station.writes), len(station.requests)
    seen = []

    def finish_the_other():
        seen.extend(station.writes[before:])
        finish(station)
        # Its own task comes back for it.
        run_handoff("poke", new_context(), order_id=OTHER)

    with (
        when(lambda: len(station.requests) >= before_requests + 6, finish_the_other),
        finish_start(station, 2),
    ):
        result = run_handoff("poke", context)

    assert seen == []
    assert result["outcome"] == "successful"
    assert [start.order_id for start in unit.starts] == [OTHER, ORDER_ID]


@pytest.mark.parametrize("units", [[lasting_unit()]], ids=["an order that lasts"])
@pytest.mark.parametrize("obstacle", ["in local mode", "without a heartbeat"])
def test_an_order_that_runs_is_waited_for_through_a_unit_that_is(station, unit, context, obstacle):
    begin, end, _ = OBSTACLES[obstacle]

    def interfere():
        begin(unit)
        wait_for_looks(station)
        end(unit)
        finish(station)

    with when(lambda: unit.state == "running", interfere):
        result = run_handoff("poke", context)

    assert result["outcome"] == "successful"
    assert len(unit.starts) == 1


@pytest.mark.parametrize("units", [[lasting_unit()]], ids=["an order that lasts"])
def test_an_interrupted_order_is_waited_for(station, unit, context):
    def interrupt():
        unit.hold()
        wait_for_looks(station)
        unit.unhold()
        finish(station)

    with when(lambda: unit.state == "running", interrupt):
        result = run_handoff("poke", context)

    assert result["outcome"] == "successful"
    assert [event.event for event in unit.timeline if event.event in {"held", "unheld"}] == ["held", "unheld"]


def test_an_order_of_another_that_has_ended_is_left_alone_without_an_erp(station, unit, context):
    run_handoff("poke", new_context(), order_id=OTHER, clear=False)
    before = station.writes

    with pytest.raises(OrderTimeoutError, match=r"order '000007' is ended and was not collected yet"):
        run_handoff("poke", context, unit_timeout=0.4)

    assert station.writes == before
    assert unit.state == "ended"


def test_an_order_of_another_that_has_ended_is_waited_for_until_its_owner_collects_it(station, unit, context, erp):
    erp.release(ORDER_ID)
    run_handoff("poke", new_context(), order_id=OTHER, clear=False)
    count = len(station.requests)

    with when(
        lambda: len(station.requests) >= count + 6,
        lambda: run_handoff("poke", new_context(), order_id=OTHER, clear=True),
    ):
        result = run_handoff("poke", context, erp_conn_id="erp", foreign_results="wait")

    assert result["outcome"] == "successful"
    assert list(erp.results()) == [ORDER_ID]
    assert [start.order_id for start in unit.starts] == [OTHER, ORDER_ID]


@pytest.mark.parametrize("is_listed", [True, False], ids=["listed in the ERP", "unknown to the ERP"])
def test_an_order_of_another_that_has_ended_is_collected_into_the_erp_under_its_own_id(
    station, unit, context, erp, is_listed
):
    erp.release(ORDER_ID)
    if is_listed:
        erp.release(OTHER, status="claimed", claimed_by="line3/manual__0")
    run_handoff("poke", new_context(), order_id=OTHER, payload={**PAYLOAD, "Quantity": 7.0}, clear=False)

    result = run_handoff("poke", context, erp_conn_id="erp")

    assert result["order_id"] == ORDER_ID
    results = erp.results()
    assert {order_id: row["outcome"] for order_id, row in results.items()} == {
        OTHER: "successful",
        ORDER_ID: "successful",
    }
    assert results[OTHER]["result"]["results"]["ActualQuantity"]["value"] == 7
    assert [value for _, value in writes_of(station, "Order.Clear") if value] == [1, 2]
    if is_listed:
        assert erp.order(OTHER)["status"] == "confirmed"


@pytest.mark.parametrize("units", [[lasting_unit()]], ids=["orders that last"])
def test_an_aborted_order_of_another_is_collected_as_aborted(station, unit, context, erp):
    erp.release(ORDER_ID)
    erp.release(OTHER, status="claimed", claimed_by="line3/manual__0")
    with when(lambda: unit.state == "running", unit.abort), pytest.raises(AirflowFailException, match="aborted"):
        run_handoff("poke", new_context(), order_id=OTHER, clear=False)

    with finish_start(station, 2):
        run_handoff("poke", context, erp_conn_id="erp")

    assert erp.order(OTHER)["status"] == "failed"
    assert erp.results()[OTHER]["outcome"] == "aborted"


def test_an_order_whose_result_another_task_has_collected_is_returned_without_a_write(station, unit, erp):
    erp.release(OTHER)
    erp.release(ORDER_ID)
    run_handoff("poke", new_context(), order_id=OTHER, erp_conn_id="erp", clear=False)
    run_handoff("poke", new_context(), erp_conn_id="erp")
    before = station.writes

    result = run_handoff("poke", new_context(try_number=2), order_id=OTHER, erp_conn_id="erp")

    assert (result["order_id"], result["outcome"]) == (OTHER, "successful")
    assert station.writes == before
    assert [start.order_id for start in unit.starts] == [OTHER, ORDER_ID]


def test_an_order_of_another_is_judged_by_its_own_job_result_and_not_by_our_condition(unit, context, erp):
    erp.release(ORDER_ID)
    erp.release(OTHER, status="claimed", claimed_by="line3/manual__0")
    run_handoff("poke", new_context(), order_id=OTHER, payload={**PAYLOAD, "Quantity": 7.0}, clear=False)

    run_handoff("poke", context, erp_conn_id="erp", success=tag(f"{UNIT}.Order.ActualQuantity") >= 8)

    assert {order_id: row["outcome"] for order_id, row in erp.results().items()} == {
        OTHER: "successful",
        ORDER_ID: "successful",
    }


def test_the_unit_keeps_a_result_for_somebody_else_however_often_the_task_is_run(station, unit, context):
    first = run_handoff("poke", context, clear=False)
    context["ti"].try_number = 2

    second = run_handoff("poke", context, clear=False)

    assert second["results"] == first["results"]
    assert [value for _, value in writes_of(station, "Order.Clear") if value] == []
    assert unit.state == "ended"
    assert len(unit.starts) == 1
