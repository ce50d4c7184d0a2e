"""Two attempts at one order, each with its store: an older one cannot hide what the newer one has done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_provider_wincc.operators.order_stores import StagingStore
from airflow_provider_wincc.orders.errors import OrderTakenOverError
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
