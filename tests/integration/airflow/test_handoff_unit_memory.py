"""The unit restarts, with its memory or without: an order is joined, offered again, or left to a person."""

from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from handoff_runs import ORDER_ID, PAYLOAD, at_write, run_handoff, tags_of, wait_until, when, writes_of
from simulated_units import UNIT, finish, lasting_unit, simulated_unit
from task_context import new_context

pytestmark = pytest.mark.usefixtures("connect")

LASTING = lasting_unit()


@pytest.fixture
def units():
    return [simulated_unit(run_seconds=1.0)]


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


def restart(unit, memory, **how):
    unit.restart(memory=memory, seconds=0.2, **how)


def has_restarted(unit):
    return any(event.event == "restarted" for event in unit.timeline) and unit.is_settled


@pytest.mark.parametrize("units", [[LASTING]], ids=["an order that lasts"])
@pytest.mark.parametrize(("state", "command"), [("stored", "Order.Sequence"), ("running", "Order.Start")])
def test_a_unit_that_kept_its_memory_is_joined(station, unit, context, state, command):
    def restart_it():
        wait_until(lambda: unit.state == state)
        restart(unit, "kept")

    with (
        at_write(command, after=restart_it),
        when(lambda: has_restarted(unit) and unit.state == "running", lambda: finish(station)),
    ):
        result = run_handoff("poke", context)

    assert result["outcome"] == "successful"
    assert [(start.order_id, start.payload) for start in unit.starts] == [(ORDER_ID, PAYLOAD)]


@pytest.mark.parametrize("units", [[LASTING]], ids=["an order that lasts"])
@pytest.mark.parametrize("memory", ["lost", "one_order_old"])
def test_an_order_that_the_unit_forgot_after_its_start_is_left_to_a_person(station, unit, context, erp, memory):
    erp.release(ORDER_ID)

    with (
        when(lambda: unit.state == "running" and unit.is_settled, lambda: restart(unit, memory)),
        pytest.raises(AirflowFailException, match=r"was about to be started at .*Find out at the unit"),
    ):
        run_handoff("poke", context, erp_conn_id="erp")

    assert erp.order(ORDER_ID)["status"] == "needs_decision"
    assert "was about to be started" in erp.order(ORDER_ID)["reason"]
    assert erp.results() == {}
    before = station.writes
    with pytest.raises(AirflowFailException, match="A person decides"):
        run_handoff("poke", new_context(try_number=2), erp_conn_id="erp")
    assert station.writes == before
    assert len(unit.starts) == 1


@pytest.mark.parametrize("units", [[LASTING]], ids=["an order that lasts"])
def test_without_an_erp_a_later_attempt_leaves_it_to_a_person_as_well(station, unit, context):
    run_handoff("poke", context, wait_for="running")
    restart(unit, "lost")
    wait_until(lambda: unit.is_settled)
    before = station.writes

    for try_number in (2, 3):
        context["ti"].try_number = try_number
        with pytest.raises(AirflowFailException, match="was about to be started"):
            run_handoff("poke", context)

    assert station.writes == before
    assert len(unit.starts) == 1


@pytest.mark.parametrize("client_tags", ["kept", "reset"])
def test_an_order_that_the_unit_forgot_before_its_start_is_offered_again(station, unit, context, client_tags):
    def forget_it():
        wait_until(lambda: unit.state == "stored" and unit.is_settled)
        restart(unit, "lost", client_tags=client_tags)

    with at_write("Order.Sequence", after=forget_it):
        result = run_handoff("poke", context)

    assert result["outcome"] == "successful"
    assert len(unit.starts) == 1
    assert len(writes_of(station, "Order.Sequence")) == 2


def test_a_unit_whose_memory_is_one_order_old_starts_nothing_twice(station, unit, erp):
    erp.release(ORDER_ID)
    erp.release("000043")
    run_handoff("poke", new_context(), erp_conn_id="erp")
    restart(unit, "one_order_old")
    before = station.writes

    again = run_handoff("poke", new_context(try_number=2), erp_conn_id="erp")
    assert station.writes == before
    following = run_handoff("poke", new_context(), order_id="000043", erp_conn_id="erp")

    assert (again["outcome"], following["outcome"]) == ("successful", "successful")
    assert [start.order_id for start in unit.starts] == [ORDER_ID, "000043"]


@pytest.mark.parametrize("units", [[simulated_unit(profile="C")]], ids=["a unit with a request bit"])
def test_a_late_request_that_meets_a_memory_one_order_old_starts_nothing_twice(station, unit, erp):
    erp.release(ORDER_ID)
    run_handoff("poke", new_context(), tags=tags_of(profile="C"), erp_conn_id="erp")
    restart(unit, "one_order_old")
    wait_until(lambda: unit.is_settled)

    # What an old attempt that slept just before its commit still sends when it wakes.
    station.set(f"{UNIT}.Order.Request", value=True)
    wait_until(lambda: [event.event for event in unit.timeline].count("accepted") == 2)
    station.set(f"{UNIT}.Order.Request", value=False)
    wait_until(lambda: unit.is_settled)

    assert unit.state == "stored"
    assert [start.order_id for start in unit.starts] == [ORDER_ID]


def show_as_under_way(station, unit):
    """Let the tags show the last order as just committed, as a memory that is one order old does."""
    wait_until(lambda: unit.is_settled)
    sequence = station.get(f"{UNIT}.Order.Sequence").value
    station.set(f"{UNIT}.Order.AckSequence", sequence - 1)


def test_a_done_order_that_is_under_way_again_raises_the_alarm_in_its_own_task(station, unit, erp):
    erp.release(ORDER_ID)
    run_handoff("poke", new_context(), erp_conn_id="erp")
    show_as_under_way(station, unit)
    before = station.writes

    with pytest.raises(AirflowFailException, match=r"has a result in the ledger.*restored from a back-up"):
        run_handoff("poke", new_context(try_number=2), erp_conn_id="erp")

    assert station.writes == before
    assert erp.order(ORDER_ID)["status"] == "confirmed"


def test_a_done_order_that_is_under_way_again_raises_the_alarm_in_the_task_of_the_next(station, unit, erp):
    erp.release(ORDER_ID)
    erp.release("000043")
    run_handoff("poke", new_context(), erp_conn_id="erp")
    show_as_under_way(station, unit)
    before = station.writes

    with pytest.raises(AirflowFailException, match=r"order '000042' as just being handed over.*Look at the unit now"):
        run_handoff("poke", new_context(), order_id="000043", erp_conn_id="erp")

    assert station.writes == before
    assert [start.order_id for start in unit.starts] == [ORDER_ID]


BROKEN = simulated_unit(adopts_after_restore=False, refuses_duplicates=False, setup_seconds=500.0)


@pytest.mark.parametrize("units", [[BROKEN]], ids=["a unit that takes everything"])
def test_a_done_order_that_a_broken_unit_takes_from_an_old_memory_gets_no_command_from_us(station, unit, erp):
    erp.release(ORDER_ID)
    with when(lambda: unit.state == "allowed", unit.stop), pytest.raises(AirflowFailException, match="without success"):
        run_handoff("poke", new_context(), erp_conn_id="erp")
    restart(unit, "one_order_old")
    wait_until(lambda: [event.event for event in unit.timeline].count("accepted") == 2)
    before = station.writes

    with pytest.raises(AirflowFailException, match="without success"):
        run_handoff("poke", new_context(try_number=2), erp_conn_id="erp")

    assert station.writes == before
