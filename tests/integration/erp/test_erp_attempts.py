"""Attempts: only the newest one of the right owner may write, and what it remembers stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.orders.errors import OrderPayloadMismatchError, OrderTakenOverError

if TYPE_CHECKING:
    from erp_databases import ErpDatabase

    from airflow_provider_wincc.erp import StagingTables


def test_an_attempt_at_a_released_order_claims_it(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1")

    order = tables.begin("1", owner="run", attempt="a")

    assert (order.status, order.claimed_by, order.attempt) == ("claimed", "run", "a")
    tables.check("1", attempt="a")


def test_a_note_outlives_the_attempt_that_wrote_it(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1")
    tables.begin("1", owner="run", attempt="a")
    tables.save_note("1", {"sequence": 7}, attempt="a")
    tables.save_note("1", {"sequence": 8, "about_to": "start"}, attempt="a")

    order = tables.begin("1", owner="run", attempt="b")

    assert order.note == {"sequence": 8, "about_to": "start"}


def test_an_old_attempt_can_neither_write_a_note_nor_go_on(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1")
    tables.begin("1", owner="run", attempt="old")
    tables.begin("1", owner="run", attempt="new")

    with pytest.raises(OrderTakenOverError, match=r"'1' belongs to attempt 'new' now, no longer to 'old'"):
        tables.save_note("1", {"sequence": 9}, attempt="old")
    with pytest.raises(OrderTakenOverError):
        tables.check("1", attempt="old")

    assert tables.begin("1", owner="run", attempt="newest").note == {}


def test_an_order_that_another_run_has_claimed_is_not_begun(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1")
    tables.claim(owner="theirs")

    with pytest.raises(OrderTakenOverError, match=r"claimed by 'theirs'.*not by 'ours'") as caught:
        tables.begin("1", owner="ours", attempt="a")

    assert not caught.value.retryable
    assert tables.begin("1", owner="theirs", attempt="b").attempt == "b"


@pytest.mark.parametrize("status", ["confirmed", "failed", "needs_decision"])
def test_an_order_that_is_done_is_shown_and_stays_as_it_is(
    erp: ErpDatabase, tables: StagingTables, status: str
) -> None:
    erp.release("1", status=status)

    order = tables.begin("1", owner="run", attempt="a")

    assert (order.status, order.attempt) == (status, None)
    assert erp.statuses() == {"1": status}


def test_a_planned_order_is_not_begun(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1", status="planned")

    with pytest.raises(WinCCConfigurationError, match=r"only planned.*'released'"):
        tables.begin("1", owner="run", attempt="a")

    assert erp.statuses() == {"1": "planned"}


def test_an_order_that_the_erp_does_not_list_is_named_with_its_table(tables: StagingTables) -> None:
    expected = r"no order '0042' in table production_orders.*leading zeros"

    assert tables.load("0042") is None
    with pytest.raises(WinCCConfigurationError, match=expected):
        tables.begin("0042", owner="run", attempt="a")
    with pytest.raises(WinCCConfigurationError, match=expected):
        tables.save_note("0042", {}, attempt="a")
    with pytest.raises(WinCCConfigurationError, match=expected):
        tables.check("0042", attempt="a")


def test_an_attempt_at_an_order_that_has_its_result_is_the_only_one_that_may_write(
    erp: ErpDatabase, tables: StagingTables
) -> None:
    erp.release("1")
    tables.begin("1", owner="run", attempt="old")
    tables.record_result("1", {}, outcome="successful", revision=0, unit="Mixer1", attempt="old")

    order = tables.begin("1", owner="another run", attempt="new")
    tables.save_note("1", {"waits_for": "clear"}, attempt="new")

    assert (order.status, order.claimed_by, order.attempt) == ("confirmed", "run", "new")
    assert tables.begin("1", owner="run", attempt="newest").note == {"waits_for": "clear"}
    with pytest.raises(OrderTakenOverError):
        tables.save_note("1", {}, attempt="old")
    assert erp.statuses() == {"1": "confirmed"}


def test_another_revision_than_the_one_that_was_claimed_is_not_begun(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1")
    tables.claim(owner="run")
    erp.run("UPDATE production_orders SET revision = 2")

    with pytest.raises(OrderPayloadMismatchError, match=r"revision 2 \(claimed\), and revision 0 was.*Claim"):
        tables.begin("1", owner="run", attempt="a", revision=0)

    order = tables.load("1")
    assert order is not None
    assert (order.status, order.attempt) == ("claimed", None)
    assert order.reason is not None
    assert order.reason.startswith("The ERP lists order '1' in revision 2")
    assert tables.begin("1", owner="run", attempt="a", revision=2).attempt == "a"


def test_an_order_that_was_released_in_another_revision_is_left_to_the_next_claim(
    erp: ErpDatabase, tables: StagingTables
) -> None:
    erp.release("1")
    tables.claim(owner="run")
    erp.run("UPDATE production_orders SET revision = 2, status = 'released'")
    before = erp.run("SELECT * FROM production_orders")

    with pytest.raises(OrderPayloadMismatchError):
        tables.begin("1", owner="run", attempt="a", revision=0)

    assert erp.run("SELECT * FROM production_orders") == before
    assert [order.revision for order in tables.claim(owner="next run")] == [2]


def test_the_refused_revision_of_an_order_that_was_corrected_is_left_to_the_next_claim(
    erp: ErpDatabase, tables: StagingTables
) -> None:
    erp.release("1")
    tables.begin("1", owner="run", attempt="a", revision=0)
    tables.save_note("1", {"note": {"revision": 0}}, attempt="a")
    tables.record_result("1", {}, outcome="refused", revision=0, unit="Mixer1", attempt="a")
    erp.run("UPDATE production_orders SET revision = 1, status = 'released', reason = NULL")
    before = erp.run("SELECT * FROM production_orders")

    with pytest.raises(OrderPayloadMismatchError, match=r"revision 1 \(released\), and revision 0 was"):
        tables.begin("1", owner="run", attempt="b", revision=0)

    assert erp.run("SELECT * FROM production_orders") == before
    assert [order.revision for order in tables.claim(owner="next run")] == [1]


def test_why_an_attempt_failed_is_gone_when_the_next_one_begins(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1")
    tables.begin("1", owner="run", attempt="a")
    tables.report("1", reason="The station was away.", attempt="a")

    assert tables.begin("1", owner="run", attempt="b").reason is None


@pytest.mark.parametrize(("attempt", "status"), [(None, "failed"), ("earlier", "needs_decision")])
def test_an_order_whose_payload_was_damaged_after_the_claim_is_set_aside_with_the_reason(
    erp: ErpDatabase, tables: StagingTables, attempt: str | None, status: str
) -> None:
    erp.release("1")
    tables.claim(owner="run")
    erp.run("UPDATE production_orders SET payload = '[1]', attempt = ?", attempt)

    with pytest.raises(WinCCConfigurationError, match="The payload of order '1'"):
        tables.begin("1", owner="run", attempt="a")

    ((shown, reason),) = erp.run("SELECT status, reason FROM production_orders")
    assert shown == status
    assert "The payload of order '1'" in reason


@pytest.mark.parametrize("status", ["planned", "confirmed", "failed", "needs_decision"])
def test_an_unreadable_order_that_is_not_to_be_begun_stays_as_it_is(
    erp: ErpDatabase, tables: StagingTables, status: str
) -> None:
    erp.release("1", status=status, payload="[1]")
    before = erp.run("SELECT * FROM production_orders")

    with pytest.raises(WinCCConfigurationError):
        tables.begin("1", owner="run", attempt="a")

    assert erp.run("SELECT * FROM production_orders") == before
