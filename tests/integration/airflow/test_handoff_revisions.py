"""The ERP changes an order after it was handed over, or two tasks hand over one id with different content."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from handoff_runs import ORDER_ID, PAYLOAD, run_handoff, writes_of
from simulated_units import UNIT, simulated_unit
from task_context import new_context

from airflow_provider_wincc.client import WinCCError

pytestmark = pytest.mark.usefixtures("connect")

CHANGED = {**PAYLOAD, "Quantity": 30.0}
LONG = simulated_unit(run_seconds=500.0)


@pytest.fixture
def units():
    return [simulated_unit(run_seconds=1.0)]


@pytest.fixture
def unit(station):
    return station.unit(UNIT)


def started(unit):
    return [(start.order_id, start.revision, start.payload) for start in unit.starts]


def events(unit):
    return [event.event for event in unit.timeline]


def test_a_stored_order_of_a_lower_revision_is_replaced_when_the_task_allows_that(unit):
    run_handoff("poke", new_context(), wait_for="stored")

    result = run_handoff("poke", new_context(), revision=1, payload=CHANGED, update_stored=True)

    assert (result["outcome"], result["revision"]) == ("successful", 1)
    assert "updated" in events(unit)
    assert started(unit) == [(ORDER_ID, 1, CHANGED)]


def test_a_stored_order_of_a_lower_revision_by_somebody_else_is_left_alone_otherwise(station, unit, erp):
    run_handoff("poke", new_context(), wait_for="stored")
    erp.release(ORDER_ID, revision=1)
    before = station.writes

    with pytest.raises(
        AirflowFailException, match=r"stored with other content, and not by us: .*revision is 0"
    ) as told:
        run_handoff("poke", new_context(), revision=1, payload=CHANGED, erp_conn_id="erp")

    assert "Quantity is '12.5', expected 30.0" in str(told.value)
    assert station.writes == before
    assert (unit.state, started(unit)) == ("stored", [])
    assert erp.order(ORDER_ID)["status"] == "needs_decision"


def test_a_stored_order_of_a_lower_revision_of_ours_is_cancelled_and_the_new_one_is_started(station, unit, erp):
    erp.release(ORDER_ID)
    run_handoff("poke", new_context(), wait_for="stored", erp_conn_id="erp")
    erp.change(ORDER_ID, revision=1)

    result = run_handoff("poke", new_context(try_number=2), revision=1, payload=CHANGED, erp_conn_id="erp")

    assert result["outcome"] == "successful"
    assert events(unit).count("cancelled") == 1
    assert started(unit) == [(ORDER_ID, 1, CHANGED)]


@pytest.mark.parametrize("update_stored", [False, True])
def test_a_stored_order_of_a_higher_revision_fails_and_is_left_alone(station, unit, update_stored):
    run_handoff("poke", new_context(), revision=2, payload=CHANGED, wait_for="stored")
    before = station.writes

    with pytest.raises(AirflowFailException, match=r"stored in a newer revision.*revision is 2, expected 1"):
        run_handoff("poke", new_context(), revision=1, update_stored=update_stored)

    assert station.writes == before
    assert (unit.state, started(unit)) == ("stored", [])


@pytest.mark.parametrize("units", [[LONG]], ids=["a long order"])
@pytest.mark.parametrize(("in_the_unit", "ours"), [(0, 1), (2, 1)], ids=["lower", "higher"])
def test_an_order_that_runs_in_another_revision_fails_and_is_left_alone(station, unit, in_the_unit, ours):
    run_handoff("poke", new_context(), revision=in_the_unit, wait_for="running")
    before = station.writes

    with pytest.raises(AirflowFailException, match=rf"running with other content: .*revision is {in_the_unit}"):
        run_handoff("poke", new_context(), revision=ours, payload=CHANGED, update_stored=True)

    assert station.writes == before
    assert unit.state == "running"
    assert started(unit) == [(ORDER_ID, in_the_unit, PAYLOAD)]


@pytest.mark.parametrize("units", [[LONG]], ids=["a long order"])
def test_a_second_task_with_the_same_id_and_other_content_fails_and_starts_nothing(station, unit):
    run_handoff("poke", new_context(), wait_for="running")
    before = station.writes

    with pytest.raises(AirflowFailException, match=r"running with other content: Quantity is '12\.5', expected 30\.0"):
        run_handoff("poke", new_context(task_id="another"), payload=CHANGED)

    assert station.writes == before
    assert started(unit) == [(ORDER_ID, 0, PAYLOAD)]


def test_two_tasks_with_one_id_and_different_content_at_the_same_time_start_it_once(unit):
    def run(payload):
        context = new_context(task_id=f"of {payload['Quantity']}")
        try:
            return run_handoff("poke", context, payload=payload, timeouts={"verify": 2.0}, unit_timeout=4)["outcome"]
        except (AirflowFailException, WinCCError) as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(run, (PAYLOAD, CHANGED)))

    assert len(unit.starts) == 1
    assert unit.starts[0].payload in (PAYLOAD, CHANGED)
    assert any(isinstance(end, Exception) for end in ends)
    for payload, end in zip((PAYLOAD, CHANGED), ends, strict=True):
        assert isinstance(end, Exception) or unit.starts[0].payload == payload


def test_the_erp_changed_the_order_after_it_was_claimed(station, erp):
    erp.release(ORDER_ID, revision=1)

    with pytest.raises(AirflowFailException, match=r"in revision 1 \(released\), and revision 0 was to be .*Claim"):
        run_handoff("poke", new_context(), erp_conn_id="erp")

    assert writes_of(station) == []


def test_a_task_that_is_done_in_another_revision_does_not_run_again(station, unit, context):
    run_handoff("poke", context)
    before = station.writes

    with pytest.raises(AirflowFailException, match="is done in revision 0, and revision 1 was to be handed over"):
        run_handoff("poke", context, revision=1)

    assert station.writes == before
    assert len(unit.starts) == 1
