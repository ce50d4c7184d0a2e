"""Two attempts at one order, each with its store: an older one cannot hide what the newer one has done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_wincc.operators.order_stores import StagingStore
from airflow_provider_wincc.orders.errors import OrderPayloadMismatchError, OrderTakenOverError
from airflow_provider_wincc.orders.order import ProductionOrder

if TYPE_CHECKING:
    from erp_databases import ErpDatabase

    from airflow_provider_wincc.erp import StagingTables

MADE = {"order_id": "1", "revision": 0, "outcome": "successful", "job_result_name": "successful"}


def store_of_attempt(tables: StagingTables) -> StagingStore:
    return StagingStore(tables, ProductionOrder("1", {"Quantity": 10}), unit="Mixer1", owner="run")


@pytest.mark.parametrize("has_run", [False, True], ids=["while the newer one runs it", "after the newer one ran it"])
def test_a_refusal_of_an_older_attempt_hides_nothing(erp: ErpDatabase, tables: StagingTables, has_run: bool) -> None:
    erp.release("1")
    older, newer = store_of_attempt(tables), store_of_attempt(tables)
    older.begin()
    older.recall()
    newer.begin()
    if has_run:
        newer.record_result(MADE)

    with pytest.raises(OrderTakenOverError):
        older.report("refused: no material", ends=True)

    assert newer.record_result(MADE)["outcome"] == "successful"
    assert erp.statuses() == {"1": "confirmed"}
    assert erp.run("SELECT outcome FROM production_results") == [("successful",)]


def test_the_newest_attempt_records_a_refusal(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1")
    store = store_of_attempt(tables)
    store.begin()

    store.report("refused: no material", ends=True)

    assert erp.run("SELECT status, reason FROM production_orders") == [("failed", "refused: no material")]
    assert erp.run("SELECT outcome FROM production_results") == [("refused",)]


def test_an_older_attempt_cannot_ask_a_person_about_what_the_newer_one_runs(
    erp: ErpDatabase, tables: StagingTables
) -> None:
    erp.release("1")
    older, newer = store_of_attempt(tables), store_of_attempt(tables)
    older.begin()
    newer.begin()

    with pytest.raises(OrderTakenOverError):
        older.report("nobody knows whether it ran", ends=True, needs_decision=True)
    before = erp.run("SELECT status, reason FROM production_orders")
    newer.report("nobody knows whether it ran", ends=True, needs_decision=True)

    assert before == [("claimed", None)]
    assert erp.run("SELECT status, reason FROM production_orders") == [
        ("needs_decision", "nobody knows whether it ran")
    ]


def test_an_older_attempt_does_not_tell_why_it_failed_in_the_row_of_the_newer_one(
    erp: ErpDatabase, tables: StagingTables
) -> None:
    erp.release("1")
    older, newer = store_of_attempt(tables), store_of_attempt(tables)
    older.report("the connection is wrong", ends=False)
    older.begin()
    newer.begin()

    with pytest.raises(OrderTakenOverError):
        older.report("the task was ended", ends=False)

    assert erp.run("SELECT status, reason FROM production_orders") == [("claimed", None)]


@pytest.mark.parametrize("is_read", [True, False], ids=["after it was read", "while it is read"])
def test_a_refusal_that_the_erp_has_corrected_does_not_let_the_refused_revision_go_on(
    erp: ErpDatabase, tables: StagingTables, monkeypatch: pytest.MonkeyPatch, is_read: bool
) -> None:
    erp.release("1")
    first, cleared = store_of_attempt(tables), store_of_attempt(tables)
    first.begin()
    first.report("refused: no material", ends=True)
    result_of = tables.result_of

    def correct() -> None:
        erp.run("UPDATE production_orders SET revision = 1, status = 'released', reason = NULL")

    def corrected_just_before(order_id: str) -> dict[str, Any] | None:
        correct()
        return result_of(order_id)

    if is_read:
        assert cleared.begin().result is not None
        correct()
    else:
        monkeypatch.setattr(tables, "result_of", corrected_just_before)

    with pytest.raises(OrderPayloadMismatchError, match="has corrected order '1' since the refusal of revision 0"):
        cleared.recall() if is_read else cleared.begin()

    assert erp.run("SELECT status, reason FROM production_orders") == [("released", None)]
