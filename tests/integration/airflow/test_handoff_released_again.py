"""An order that has a result is released again: nothing is sent, and its row says what became of it."""

from __future__ import annotations

import sqlite3

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from handoff_runs import ORDER_ID, PAYLOAD, at_write, run_handoff, wait_until
from simulated_units import UNIT, simulated_unit
from task_context import new_context

from airflow_provider_wincc.erp import StagingTables
from airflow_provider_wincc.operators.order_stores import StagingStore
from airflow_provider_wincc.orders import OrderTakenOverError

pytestmark = pytest.mark.usefixtures("connect")

UNKNOWN_RECIPE = {**PAYLOAD, "WorkMaster": "R-999"}


@pytest.fixture
def units():
    return [simulated_unit(run_seconds=1.0)]


@pytest.fixture
def unit(station):
    return station.unit(UNIT)


@pytest.fixture
def tables(erp):
    return StagingTables(lambda: sqlite3.connect(erp.file), dialect="sqlite")


def release_again(erp, tables, **columns):
    """Release the order once more, and let a later run claim it."""
    erp.change(ORDER_ID, status="released", claimed_by=None, reason=None, **columns)
    assert [order.order_id for order in tables.claim(owner="line3/manual__2")] == [ORDER_ID]
    return new_context(run_id="manual__2")


def test_a_refused_order_fails_again_when_its_revision_was_not_raised(station, unit, erp, tables):
    erp.release(ORDER_ID)
    with pytest.raises(AirflowFailException, match="was refused"):
        run_handoff("poke", new_context(), payload=UNKNOWN_RECIPE, erp_conn_id="erp")
    before = station.writes
    context = release_again(erp, tables)

    with pytest.raises(AirflowFailException, match="was refused before"):
        run_handoff("poke", context, erp_conn_id="erp")

    row = erp.order(ORDER_ID)
    assert row["status"] == "failed"
    assert row["reason"].startswith("The result of revision 0 stands (refused).")
    assert station.writes == before
    assert unit.starts == []


def test_a_successful_order_is_confirmed_again(station, unit, erp, tables):
    erp.release(ORDER_ID)
    run_handoff("poke", new_context(), erp_conn_id="erp")
    before = station.writes
    context = release_again(erp, tables)

    result = run_handoff("poke", context, erp_conn_id="erp")

    row = erp.order(ORDER_ID)
    assert result["outcome"] == "successful"
    assert row["status"] == "confirmed"
    assert row["reason"].startswith("The result of revision 0 stands (successful).")
    assert station.writes == before
    assert len(unit.starts) == 1


def test_an_order_that_ran_fails_under_a_higher_revision(station, unit, erp, tables):
    erp.release(ORDER_ID)
    run_handoff("poke", new_context(), erp_conn_id="erp")
    before = station.writes
    context = release_again(erp, tables, revision=1)

    with pytest.raises(AirflowFailException, match="is done in revision 0, and revision 1 was to be handed over"):
        run_handoff("poke", context, revision=1, erp_conn_id="erp")

    row = erp.order(ORDER_ID)
    assert row["status"] == "failed"
    assert row["reason"].startswith("The result of revision 0 stands (successful). Revision 1 was released after it")
    assert erp.results()[ORDER_ID]["revision"] == 0
    assert station.writes == before
    assert len(unit.starts) == 1


def test_a_person_decides_about_a_refused_order_that_the_unit_holds(station, unit, erp, tables):
    erp.release(ORDER_ID)
    run_handoff("poke", new_context(), wait_for="stored", erp_conn_id="erp")
    tables.record_result(ORDER_ID, {}, outcome="refused", revision=0, unit=UNIT)
    before = station.writes
    context = release_again(erp, tables)

    with pytest.raises(AirflowFailException, match="refused by the ledger's result, and the unit holds it"):
        run_handoff("poke", context, erp_conn_id="erp")

    row = erp.order(ORDER_ID)
    assert row["status"] == "needs_decision"
    assert "the unit holds it" in row["reason"]
    assert station.writes == before
    assert unit.starts == []


def test_a_refusal_is_not_recorded_once_a_newer_attempt_has_begun(erp, tables, monkeypatch):
    erp.release(ORDER_ID)
    report = StagingStore.report

    def report_too_late(store, *arguments, **how):
        tables.begin(ORDER_ID, owner="line3/manual__1", attempt="newer")
        report(store, *arguments, **how)

    monkeypatch.setattr(StagingStore, "report", report_too_late)

    with pytest.raises(OrderTakenOverError, match=r"belongs to attempt 'newer' now.*was refused: return status 32"):
        run_handoff("poke", new_context(), payload=UNKNOWN_RECIPE, erp_conn_id="erp")

    row = erp.order(ORDER_ID)
    assert (row["status"], row["attempt"]) == ("claimed", "newer")
    assert erp.results() == {}


@pytest.mark.parametrize("mode", ["poke", "reschedule"])
def test_an_order_that_the_erp_changes_while_it_runs_is_brought_to_its_end(unit, erp, mode):
    erp.release(ORDER_ID)

    def change_it_once_it_runs():
        wait_until(lambda: unit.starts)
        erp.change(ORDER_ID, revision=1)

    with at_write("Order.Start", after=change_it_once_it_runs):
        result = run_handoff(mode, new_context(), erp_conn_id="erp")

    row = erp.order(ORDER_ID)
    assert (result["outcome"], result["revision"]) == ("successful", 0)
    assert row["status"] == "failed"
    assert row["reason"].startswith("The result of revision 0 stands (successful). Revision 1 was released after it")
    assert len(unit.starts) == 1
    assert unit.state == "none"


@pytest.mark.parametrize("units", [[simulated_unit(store_and_start=True)]], ids=["one phase"])
def test_an_order_that_a_unit_of_one_phase_has_refused_can_be_corrected(unit, erp, tables):
    erp.release(ORDER_ID)
    with pytest.raises(AirflowFailException, match="was refused"):
        run_handoff("poke", new_context(), payload=UNKNOWN_RECIPE, erp_conn_id="erp", one_phase=True)
    erp.release("000043")
    run_handoff("poke", new_context(), order_id="000043", erp_conn_id="erp", one_phase=True)
    context = release_again(erp, tables, revision=1)

    result = run_handoff("poke", context, revision=1, erp_conn_id="erp", one_phase=True)

    assert (result["outcome"], result["revision"]) == ("successful", 1)
    assert erp.order(ORDER_ID)["status"] == "confirmed"
    assert [(start.order_id, start.revision) for start in unit.starts] == [("000043", 0), (ORDER_ID, 1)]
