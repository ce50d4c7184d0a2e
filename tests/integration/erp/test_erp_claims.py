"""Claims: the right orders, in order, to one owner each."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from erp_databases import ErpDatabase

    from airflow_provider_wincc.erp import StagedOrder, StagingTables


def ids(orders: list[StagedOrder]) -> list[str]:
    return [order.order_id for order in orders]


def test_making_the_tables_again_keeps_what_is_in_them(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1")

    tables.create()

    assert erp.statuses() == {"1": "released"}


def test_only_released_orders_are_claimed(erp: ErpDatabase, tables: StagingTables) -> None:
    for status in ("planned", "released", "confirmed", "failed", "needs_decision"):
        erp.release(f"is_{status}", status=status)

    assert ids(tables.claim(owner="run")) == ["is_released"]
    assert erp.statuses()["is_released"] == "claimed"
    assert erp.statuses()["is_planned"] == "planned"


def test_a_claimed_order_has_all_that_the_erp_wrote(erp: ErpDatabase, tables: StagingTables) -> None:
    payload = '{"WorkMaster": "R-\u00e9", "Quantity": 100.5, "Urgent": true, "Comment": null}'
    erp.release("000042", payload=payload, revision=3, priority=7)

    (order,) = tables.claim(owner="line/run")

    assert (order.order_id, order.revision, order.unit, order.priority) == ("000042", 3, "Mixer1", 7)
    assert order.payload == {"WorkMaster": "R-\u00e9", "Quantity": 100.5, "Urgent": True, "Comment": None}
    assert (order.status, order.claimed_by, order.attempt, order.note) == ("claimed", "line/run", None, {})
    assert order.claimed_at is not None
    assert order.claimed_at.endswith("Z")
    assert tables.load("000042") == order


def test_the_highest_priority_comes_first_and_then_what_was_released_first(
    erp: ErpDatabase, tables: StagingTables
) -> None:
    erp.release("never_said", priority=1)
    erp.release("late", priority=1, released_at="2026-03-01T08:00:00.000Z")
    erp.release("early_b", "early_a", priority=1, released_at="2026-03-01T06:00:00.000Z")
    erp.release("urgent", priority=9, released_at="2026-03-01T09:00:00.000Z")

    assert ids(tables.claim(owner="run", limit=2)) == ["urgent", "early_a"]
    assert ids(tables.claim(owner="run")) == ["urgent", "early_a", "early_b", "late", "never_said"]


def test_two_owners_never_get_the_same_order(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1", "2", "3")

    assert ids(tables.claim(owner="a", limit=2)) == ["1", "2"]
    assert ids(tables.claim(owner="b")) == ["3"]


def test_an_owner_gets_again_what_it_holds_and_nothing_above_the_limit(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1", "2", "3")
    tables.claim(owner="run", limit=2)

    assert ids(tables.claim(owner="run", limit=2)) == ["1", "2"]
    assert ids(tables.claim(owner="run", limit=1)) == ["1", "2"]
    assert erp.statuses()["3"] == "released"


def test_a_finished_order_is_not_claimed_again(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1", "2")
    tables.claim(owner="run")
    tables.record_result("1", {}, outcome="successful", revision=0, unit="Mixer1")

    assert ids(tables.claim(owner="run")) == ["2"]


def test_a_claim_for_a_unit_leaves_the_orders_of_others(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1", unit="Mixer1")
    erp.release("2", unit="Mixer2")

    assert ids(tables.claim(owner="run", unit="Mixer2")) == ["2"]
    assert ids(tables.claim(owner="run", unit="Mixer1")) == ["1"]


def test_a_claim_that_nobody_finished_is_taken_over_with_its_note_after_the_time_is_up(
    erp: ErpDatabase, tables: StagingTables
) -> None:
    erp.release("1")
    tables.begin("1", owner="dead", attempt="old")
    tables.save_note("1", {"about_to": "start"}, attempt="old")

    assert tables.claim(owner="next", reclaim_after=timedelta(hours=1)) == []
    (order,) = tables.claim(owner="next", reclaim_after=timedelta(0))

    assert (order.claimed_by, order.note) == ("next", {"about_to": "start"})
    assert tables.claim(owner="dead", reclaim_after=timedelta(hours=1)) == []


def test_asking_again_renews_the_claim(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1")
    tables.claim(owner="run")
    erp.run("UPDATE production_orders SET claimed_at = '2020-01-01T00:00:00.000Z'")

    tables.claim(owner="run")

    assert tables.claim(owner="other", reclaim_after=timedelta(hours=1)) == []


def test_an_order_that_cannot_be_read_is_failed_with_the_reason_and_stops_no_other(
    erp: ErpDatabase, tables: StagingTables, caplog: pytest.LogCaptureFixture
) -> None:
    erp.release("broken", payload="[1, 2]", priority=9)
    erp.release("good")

    orders = tables.claim(owner="run", limit=1)

    assert ids(orders) == ["good"]
    assert erp.statuses() == {"broken": "failed", "good": "claimed"}
    ((reason,),) = erp.run("SELECT reason FROM production_orders WHERE order_id = 'broken'")
    assert "payload of order 'broken' is not a JSON object" in reason
    assert reason in caplog.text


def test_an_order_that_became_unreadable_after_its_claim_is_set_aside(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1", "2")
    tables.claim(owner="run")
    erp.run("UPDATE production_orders SET note = '[]' WHERE order_id = '1'")

    assert ids(tables.claim(owner="run")) == ["2"]
    assert erp.statuses()["1"] == "needs_decision"


@pytest.mark.parametrize("owner", ["run", "next"], ids=["claimed again", "taken over"])
@pytest.mark.parametrize("note", [{}, {"about_to": "start"}], ids=["before its note", "with a note"])
def test_a_person_decides_about_an_order_that_has_begun_and_whose_payload_was_broken_then(
    erp: ErpDatabase, tables: StagingTables, owner: str, note: dict[str, str]
) -> None:
    erp.release("1")
    tables.begin("1", owner="run", attempt="a")
    if note:
        tables.save_note("1", note, attempt="a")
    erp.run("UPDATE production_orders SET payload = '[]'")

    assert tables.claim(owner=owner, reclaim_after=timedelta(0)) == []

    ((status, reason),) = erp.run("SELECT status, reason FROM production_orders")
    assert status == "needs_decision"
    assert "payload of order '1' is not a JSON object" in reason
    assert "may have run. Find out at the unit" in reason
    assert "nothing was sent" not in reason


def test_a_person_decides_about_an_order_with_a_note_of_no_attempt_and_a_broken_payload(
    erp: ErpDatabase, tables: StagingTables
) -> None:
    erp.release("1", payload="[]", note='{"about_to": "start"}')

    tables.claim(owner="run")

    ((status, reason),) = erp.run("SELECT status, reason FROM production_orders")
    assert status == "needs_decision"
    assert "nothing was sent" not in reason


def test_nothing_was_sent_for_an_order_that_no_attempt_has_begun(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1")
    tables.claim(owner="run")
    erp.run("UPDATE production_orders SET payload = '[]'")

    tables.claim(owner="run")

    ((status, reason),) = erp.run("SELECT status, reason FROM production_orders")
    assert status == "failed"
    assert "release it again; nothing was sent" in reason
