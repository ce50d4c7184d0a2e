"""An order that the unit refuses: nothing starts, the ERP is told, and the next order goes through."""

from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from handoff_runs import ORDER_ID, PAYLOAD, at_write, run_handoff, tags_of, when, writes_of
from simulated_units import UNIT, simulated_unit
from task_context import new_context

pytestmark = pytest.mark.usefixtures("connect")

UNKNOWN_RECIPE = {**PAYLOAD, "WorkMaster": "R-999"}
REFUSED = r"'000042' at unit 'U1' \(revision 0\) was refused: return status 32 \(bit 5\)\. Nothing was started"


@pytest.fixture
def units():
    return [simulated_unit(run_seconds=1.0)]


@pytest.fixture
def unit(station):
    return station.unit(UNIT)


def test_the_erp_gets_the_reason_and_a_refused_result(unit, context, erp):
    erp.release(ORDER_ID)

    with pytest.raises(AirflowFailException, match=REFUSED):
        run_handoff("poke", context, payload=UNKNOWN_RECIPE, erp_conn_id="erp")

    row, results = erp.order(ORDER_ID), erp.results()
    assert row["status"] == "failed"
    assert "return status 32" in row["reason"]
    assert list(results) == [ORDER_ID]
    assert (results[ORDER_ID]["outcome"], results[ORDER_ID]["unit"]) == ("refused", UNIT)
    assert "return status 32" in results[ORDER_ID]["result"]["reason"]
    assert unit.starts == []


@pytest.mark.parametrize("erp_conn_id", [None, "erp"], ids=["with the task state store", "with the ERP"])
def test_the_same_revision_is_not_offered_again(station, unit, context, erp, erp_conn_id):
    erp.release(ORDER_ID)
    how = {"payload": UNKNOWN_RECIPE, "erp_conn_id": erp_conn_id}
    with pytest.raises(AirflowFailException, match="refused"):
        run_handoff("poke", context, **how)
    before = station.writes
    context["ti"].try_number = 2

    with pytest.raises(AirflowFailException, match=r"refused.*return status 32"):
        run_handoff("poke", context, **how)

    assert station.writes == before
    assert unit.starts == []


@pytest.mark.parametrize(
    ("units", "profile"),
    [([simulated_unit(profile=profile, run_seconds=1.0)], profile) for profile in "ABCD"],
    ids=["A", "B", "C", "D"],
)
def test_the_next_order_goes_through(unit, profile):
    tags = tags_of(profile=profile)
    with pytest.raises(AirflowFailException, match="return status 32"):
        run_handoff("poke", new_context(), payload=UNKNOWN_RECIPE, tags=tags)

    result = run_handoff("poke", new_context(), order_id="000043", tags=tags)

    assert result["outcome"] == "successful"
    assert [start.order_id for start in unit.starts] == ["000043"]


def test_a_higher_revision_of_it_goes_through(unit, context, erp):
    erp.release(ORDER_ID)
    with pytest.raises(AirflowFailException, match="refused"):
        run_handoff("poke", context, payload=UNKNOWN_RECIPE, erp_conn_id="erp")
    erp.change(ORDER_ID, revision=1, status="released", claimed_by=None)

    result = run_handoff("poke", new_context(run_id="manual__2"), revision=1, erp_conn_id="erp")

    assert (result["outcome"], result["revision"]) == ("successful", 1)
    assert [(start.order_id, start.revision) for start in unit.starts] == [(ORDER_ID, 1)]
    assert erp.order(ORDER_ID)["status"] == "confirmed"
    assert erp.results()[ORDER_ID]["outcome"] == "successful"


def test_an_order_that_the_unit_has_executed_before_asks_a_person(unit, erp):
    run_handoff("poke", new_context())
    erp.release(ORDER_ID)

    with pytest.raises(AirflowFailException, match=r"accepted before, not by this handoff.*Find out at the unit"):
        run_handoff("poke", new_context(), erp_conn_id="erp")

    assert len(unit.starts) == 1
    assert erp.order(ORDER_ID)["status"] == "needs_decision"


def test_an_order_that_the_unit_cannot_take_just_now_is_offered_again(station, unit, context):
    def is_refused():
        return any(event.event == "refused" for event in unit.timeline)

    with (
        at_write("Order.Sequence", before=lambda: unit.set_mode(2)),
        when(is_refused, lambda: unit.set_mode(1)),
    ):
        result = run_handoff("poke", context)

    assert result["outcome"] == "successful"
    assert [event.detail for event in unit.timeline if event.event == "refused"] == [
        "not in a state to take an order now"
    ]
    assert [value for _, value in writes_of(station, "Order.Sequence")] == [1, 2]
    assert len(unit.starts) == 1
