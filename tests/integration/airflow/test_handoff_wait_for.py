"""How far a handoff goes: to stored, running or ended, and in one phase or two."""

from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from handoff_runs import ORDER_ID, PAYLOAD, run_handoff, wait_until, when, writes_of
from simulated_units import UNIT, finish, lasting_unit, simulated_unit
from task_context import new_context

from airflow_provider_wincc.orders import OrderTimeoutError

pytestmark = pytest.mark.usefixtures("connect")


@pytest.fixture
def units():
    return [simulated_unit(run_seconds=1.0)]


@pytest.fixture
def unit(station):
    station.thaw()
    return station.unit(UNIT)


def started(unit):
    return [(start.order_id, start.payload) for start in unit.starts]


def starts_given(station):
    return [value for _, value in writes_of(station, "Order.Start") if value]


def test_an_order_that_is_to_be_stored_is_never_started(station, unit, context):
    result = run_handoff("poke", context, wait_for="stored")

    assert (result["outcome"], result["state_name"]) == (None, "stored, not started")
    assert unit.state == "stored"
    assert starts_given(station) == []


def test_asking_for_stored_twice_offers_it_once(station, unit, context):
    run_handoff("poke", context, wait_for="stored")
    before = station.writes

    run_handoff("poke", context, wait_for="stored")

    assert station.writes == before
    assert unit.state == "stored"


def test_a_stored_order_is_started_by_a_later_task(station, unit):
    run_handoff("poke", new_context(), wait_for="stored")

    result = run_handoff("poke", new_context(task_id="finish"))

    assert result["outcome"] == "successful"
    assert started(unit) == [(ORDER_ID, PAYLOAD)]
    assert [value for _, value in writes_of(station, "Order.Sequence")] == [1]


def test_a_stored_order_that_somebody_else_started_is_joined_by_a_later_task(station, unit):
    sequence = run_handoff("poke", new_context(), wait_for="stored")["sequence"]
    station.set(f"{UNIT}.Order.Start", sequence)
    wait_until(lambda: unit.starts)

    result = run_handoff("poke", new_context(task_id="finish"))

    assert result["outcome"] == "successful"
    assert started(unit) == [(ORDER_ID, PAYLOAD)]
    assert starts_given(station) == []


@pytest.mark.parametrize("units", [[lasting_unit()]], ids=["a lasting order"])
def test_an_order_that_is_to_be_running_is_joined_by_a_later_task(station, unit):
    result = run_handoff("poke", new_context(), wait_for="running")
    assert (result["outcome"], result["state_name"], unit.state) == (None, "running", "running")
    station.clear_requests()

    # Two readings show the later task that the order runs; then it ends.
    with when(lambda: len(station.requests) >= 4, lambda: finish(station)):
        result = run_handoff("poke", new_context(task_id="finish"))

    assert result["outcome"] == "successful"
    assert started(unit) == [(ORDER_ID, PAYLOAD)]


@pytest.mark.parametrize("mode", ["poke", "reschedule", "deferrable"])
@pytest.mark.parametrize("units", [[simulated_unit(store_and_start=True)]], ids=["a unit that starts what it accepts"])
def test_one_phase_leaves_the_start_to_the_unit(station, unit, context, mode):
    result = run_handoff(mode, context, one_phase=True)

    assert result["outcome"] == "successful"
    assert started(unit) == [(ORDER_ID, PAYLOAD)]
    assert starts_given(station) == []


@pytest.mark.parametrize("units", [[simulated_unit(store_and_start=True)]], ids=["a unit that starts what it accepts"])
def test_two_phases_with_a_unit_that_starts_by_itself_report_what_happened(station, unit, context):
    result = run_handoff("poke", context)

    assert result["outcome"] == "successful"
    assert started(unit) == [(ORDER_ID, PAYLOAD)]
    assert starts_given(station) == []


@pytest.mark.parametrize("units", [[lasting_unit(store_and_start=True)]], ids=["a unit that starts what it accepts"])
def test_asking_for_stored_at_a_unit_that_starts_by_itself_does_not_say_stored(unit, context):
    result = run_handoff("poke", context, wait_for="stored")

    assert result["state_name"] in {"allowed to start", "running"}
    assert result["outcome"] is None
    wait_until(lambda: started(unit) == [(ORDER_ID, PAYLOAD)])


def test_one_phase_with_a_unit_that_waits_for_start_says_so_and_starts_nothing(unit, context):
    with pytest.raises(OrderTimeoutError, match=r"\(start\).*is to start it by itself \(one phase\)") as caught:
        run_handoff("poke", context, one_phase=True, timeouts={"start": 0.4})

    assert caught.value.step == "start"
    assert unit.starts == []
    assert unit.state == "stored"


@pytest.mark.parametrize("units", [[lasting_unit(store_and_start=True)]], ids=["a unit that starts what it accepts"])
def test_one_phase_asks_a_person_when_the_unit_has_lost_the_order(unit, context):
    run_handoff("poke", context, one_phase=True, clear=False, wait_for="running")
    unit.restart(memory="lost", seconds=0.0)
    wait_until(lambda: unit.is_settled)
    context["ti"].try_number = 2

    with pytest.raises(AirflowFailException, match=r"was about to be started.*Find out at the unit"):
        run_handoff("poke", context, one_phase=True)

    assert len(unit.starts) == 1
