"""Results: the first one stands, together with the status of its order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.orders.errors import OrderTakenOverError

if TYPE_CHECKING:
    from erp_databases import ErpDatabase

    from airflow_provider_wincc.erp import StagingTables

RESULT = {"actuals": {"ActualQuantity": 99.5}, "text": "fertig \u00fc"}


def standing(
    result: dict[str, Any] = RESULT, *, order_id: str = "1", outcome: str = "successful", revision: int = 0
) -> dict[str, Any]:
    """Return a result as it comes back, with what stands in columns of its own."""
    return {**result, "order_id": order_id, "revision": revision, "unit": "Mixer1", "outcome": outcome}


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("successful", "confirmed"), ("unsuccessful", "failed"), ("aborted", "failed"), ("refused", "failed")],
)
def test_a_result_sets_the_status_of_its_order(
    erp: ErpDatabase, tables: StagingTables, outcome: Any, status: str
) -> None:
    erp.release("1", revision=2)
    tables.claim(owner="run")

    returned = tables.record_result("1", RESULT, outcome=outcome, revision=2, unit="Mixer1", reason="as the unit said")

    order = tables.load("1")
    assert order is not None
    assert returned == tables.result_of("1") == standing(outcome=outcome, revision=2)
    assert (order.status, order.reason) == (status, "as the unit said")
    ((revision, unit, recorded),) = erp.run("SELECT revision, unit, outcome FROM production_results")
    assert (revision, unit, recorded) == (2, "Mixer1", outcome)


def test_confirming_twice_changes_nothing_and_returns_the_first_result(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1")
    tables.record_result("1", RESULT, outcome="successful", revision=0, unit="Mixer1")
    before = erp.run("SELECT * FROM production_orders"), erp.run("SELECT * FROM production_results")

    again = tables.record_result("1", {"other": 1}, outcome="aborted", revision=1, unit="Mixer2", reason="late")

    assert again == standing()
    assert (erp.run("SELECT * FROM production_orders"), erp.run("SELECT * FROM production_results")) == before


def test_many_at_once_agree_on_one_result(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1")

    def record(number: int) -> dict[str, Any]:
        return tables.record_result("1", {"by": number}, outcome="successful", revision=0, unit="Mixer1")

    with ThreadPoolExecutor(8) as pool:
        returned = list(pool.map(record, range(16)))

    assert returned == [tables.result_of("1")] * 16
    assert erp.statuses() == {"1": "confirmed"}


def test_the_result_of_an_order_that_the_erp_does_not_list_is_kept(erp: ErpDatabase, tables: StagingTables) -> None:
    tables.record_result("foreign", RESULT, outcome="successful", revision=0, unit="Mixer1")

    assert tables.result_of("foreign") == standing(order_id="foreign")
    assert erp.statuses() == {}


def test_an_order_that_the_erp_lists_later_gets_the_status_of_the_result_that_stands(
    erp: ErpDatabase, tables: StagingTables
) -> None:
    tables.record_result("1", RESULT, outcome="successful", revision=0, unit="Mixer1")
    erp.release("1")
    tables.claim(owner="run")

    tables.record_result("1", {"other": 1}, outcome="unsuccessful", revision=0, unit="Mixer1")

    assert erp.statuses() == {"1": "confirmed"}


def test_a_refused_order_may_be_released_again_under_a_higher_revision(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1")
    tables.record_result("1", {"said": "unknown recipe"}, outcome="refused", revision=0, unit="Mixer1")
    assert tables.result_of("1") == standing({"said": "unknown recipe"}, outcome="refused")

    erp.run("UPDATE production_orders SET status = 'released', revision = 1 WHERE order_id = '1'")

    assert tables.result_of("1") is None
    assert tables.record_result("1", RESULT, outcome="successful", revision=1, unit="Mixer1") == standing(revision=1)
    assert tables.result_of("1") == standing(revision=1)
    assert erp.statuses() == {"1": "confirmed"}


def test_a_late_refusal_of_the_old_revision_does_not_fail_the_new_one(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1", revision=1)

    tables.record_result("1", {"said": "unknown recipe"}, outcome="refused", revision=0, unit="Mixer1")

    assert erp.statuses() == {"1": "released"}
    assert tables.result_of("1") is None


@pytest.mark.parametrize("outcome", ["successful", "unsuccessful", "aborted"])
def test_an_order_that_ran_has_its_result_whatever_revision_is_released_afterwards(
    erp: ErpDatabase, tables: StagingTables, outcome: Any
) -> None:
    tables.record_result("1", RESULT, outcome=outcome, revision=0, unit="Mixer1")
    erp.release("1", revision=5)

    first = standing(outcome=outcome)
    assert tables.result_of("1") == first
    assert tables.record_result("1", {"other": 1}, outcome="successful", revision=5, unit="Mixer1") == first


def test_a_person_is_asked_and_the_result_that_comes_after_all_settles_it(
    erp: ErpDatabase, tables: StagingTables
) -> None:
    erp.release("1")
    tables.claim(owner="run")

    tables.report("1", reason="The unit lost its memory.", status="needs_decision")
    asked = tables.load("1")
    tables.record_result("1", RESULT, outcome="successful", revision=0, unit="Mixer1")

    assert asked is not None
    assert (asked.status, asked.reason) == ("needs_decision", "The unit lost its memory.")
    assert erp.statuses() == {"1": "confirmed"}


def test_a_report_without_a_status_only_tells(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1")
    tables.claim(owner="run")

    tables.report("1", reason="The unit is in \x00 local mode.")

    order = tables.load("1")
    assert order is not None
    assert (order.status, order.reason) == ("claimed", "The unit is in \ufffd local mode.")


def test_a_report_never_touches_a_confirmed_order(
    erp: ErpDatabase, tables: StagingTables, caplog: pytest.LogCaptureFixture
) -> None:
    erp.release("1")
    tables.record_result("1", RESULT, outcome="successful", revision=0, unit="Mixer1")
    before = erp.run("SELECT * FROM production_orders")

    tables.report("1", reason="too late", status="failed")

    assert erp.run("SELECT * FROM production_orders") == before
    assert "'1' is not open in production_orders: too late" in caplog.text


def test_a_recorded_result_that_was_damaged_by_hand_is_an_error_and_not_a_second_run(
    erp: ErpDatabase, tables: StagingTables
) -> None:
    tables.record_result("1", RESULT, outcome="successful", revision=0, unit="Mixer1")
    erp.run("UPDATE production_results SET result = '[]'")

    with pytest.raises(WinCCConfigurationError, match=r"result of order '1' is not a JSON object"):
        tables.result_of("1")


def test_result_and_status_come_together_or_not_at_all(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1")
    # A table that cannot hold the status makes the second statement of the transaction fail.
    erp.run("DROP TABLE production_orders")
    columns = "released_at, claimed_by, claimed_at, attempt, note, reason, updated_at, payload, unit"
    erp.run(
        "CREATE TABLE production_orders (order_id text, revision integer DEFAULT 0, priority integer DEFAULT 0, "
        f"status text CHECK (status <> 'confirmed'), {columns.replace(',', ' text,')} text)"
    )
    erp.release("1")

    with pytest.raises(WinCCConfigurationError, match=r"(?i)check constraint"):
        tables.record_result("1", RESULT, outcome="successful", revision=0, unit="Mixer1")

    assert erp.run("SELECT * FROM production_results") == []
    assert erp.statuses() == {"1": "released"}


@pytest.mark.parametrize("revision", [2, None], ids=["the same revision", "a unit that tells no revision"])
@pytest.mark.parametrize(
    ("outcome", "status"), [("successful", "confirmed"), ("unsuccessful", "failed"), ("aborted", "failed")]
)
def test_a_result_takes_the_place_of_a_refusal(
    erp: ErpDatabase, tables: StagingTables, outcome: Any, status: str, revision: int | None
) -> None:
    erp.release("1", revision=2)
    tables.claim(owner="run")
    tables.record_result("1", {"said": "no material"}, outcome="refused", revision=2, unit="Mixer1")

    returned = tables.record_result("1", RESULT, outcome=outcome, revision=revision, unit="Mixer1")

    assert returned == tables.result_of("1") == standing(outcome=outcome, revision=2)
    assert erp.statuses() == {"1": status}


@pytest.mark.parametrize("outcome", ["successful", "unsuccessful", "aborted", "refused"])
def test_a_refusal_takes_the_place_of_nothing_of_its_revision(
    erp: ErpDatabase, tables: StagingTables, outcome: Any
) -> None:
    erp.release("1")
    tables.record_result("1", RESULT, outcome=outcome, revision=0, unit="Mixer1")

    tables.record_result("1", {"said": "no material"}, outcome="refused", revision=0, unit="Mixer1")

    assert tables.result_of("1") == standing(outcome=outcome)


def test_what_an_older_attempt_is_told_is_not_recorded(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1")
    tables.begin("1", owner="run", attempt="old")
    tables.begin("1", owner="run", attempt="new")

    with pytest.raises(OrderTakenOverError, match="belongs to attempt 'new' now, no longer to 'old'"):
        tables.record_result("1", RESULT, outcome="refused", revision=0, unit="Mixer1", attempt="old")
    assert tables.result_of("1") is None
    assert erp.statuses() == {"1": "claimed"}

    tables.record_result("1", RESULT, outcome="refused", revision=0, unit="Mixer1", attempt="new")
    assert erp.statuses() == {"1": "failed"}


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("successful", "confirmed"), ("unsuccessful", "failed"), ("aborted", "failed"), ("refused", "failed")],
)
def test_an_order_that_is_released_again_gets_the_status_of_its_result_when_it_is_begun(
    erp: ErpDatabase, tables: StagingTables, outcome: Any, status: str
) -> None:
    erp.release("1")
    tables.record_result("1", RESULT, outcome=outcome, revision=0, unit="Mixer1")
    erp.run("UPDATE production_orders SET status = 'released', reason = NULL")
    tables.claim(owner="run")

    order = tables.begin("1", owner="run", attempt="a")

    assert (order.status, order.attempt) == (status, "a")
    assert order.reason is not None
    assert order.reason.startswith(f"The result of revision 0 stands ({outcome}).")
    assert tables.result_of("1") == standing(outcome=outcome)


@pytest.mark.parametrize("outcome", ["successful", "unsuccessful", "aborted"])
def test_an_order_that_ran_and_is_released_under_a_higher_revision_fails_when_it_is_begun(
    erp: ErpDatabase, tables: StagingTables, outcome: Any
) -> None:
    erp.release("1")
    tables.record_result("1", RESULT, outcome=outcome, revision=0, unit="Mixer1")
    erp.run("UPDATE production_orders SET status = 'released', revision = 3")
    tables.claim(owner="run")

    order = tables.begin("1", owner="run", attempt="a")
    # Another handoff may find the old result at the unit once more.
    tables.record_result("1", RESULT, outcome=outcome, revision=0, unit="Mixer1")

    assert erp.statuses() == {"1": "failed"}
    assert order.reason == (
        f"The result of revision 0 stands ({outcome}). Revision 3 was released after it and not handed over."
    )


def test_a_refused_order_of_a_higher_revision_is_begun(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1")
    tables.record_result("1", RESULT, outcome="refused", revision=0, unit="Mixer1")
    erp.run("UPDATE production_orders SET status = 'released', revision = 1")

    order = tables.begin("1", owner="run", attempt="a")

    assert (order.status, order.attempt) == ("claimed", "a")


def test_what_another_handoff_finds_of_an_earlier_revision_does_not_confirm_what_is_listed_now(
    erp: ErpDatabase, tables: StagingTables
) -> None:
    erp.release("1", revision=1)

    tables.record_result("1", RESULT, outcome="successful", revision=0, unit="Mixer1")

    assert erp.run("SELECT status, reason FROM production_orders") == [
        (
            "failed",
            "The result of revision 0 stands (successful). Revision 1 was released after it and not handed over.",
        )
    ]


def test_a_result_without_a_revision_is_of_the_revision_that_is_listed(erp: ErpDatabase, tables: StagingTables) -> None:
    erp.release("1", revision=3)

    stands = tables.record_result("1", RESULT, outcome="successful", revision=None, unit="Mixer1")
    unlisted = tables.record_result("2", RESULT, outcome="successful", revision=None, unit="Mixer1")

    assert (stands["revision"], unlisted["revision"]) == (3, 0)
    assert erp.statuses() == {"1": "confirmed"}


@pytest.mark.parametrize(
    ("note", "made", "status"),
    [('{"note": {"revision": 0}}', 0, "failed"), ('{"note": null}', 1, "confirmed"), ("[1]", 1, "confirmed")],
    ids=["committed before it was corrected", "not committed", "unreadable"],
)
def test_a_result_without_a_revision_is_of_the_revision_that_was_committed(
    erp: ErpDatabase, tables: StagingTables, note: str, made: int, status: str
) -> None:
    erp.release("1", revision=1)
    erp.run("UPDATE production_orders SET note = ?", note)

    stands = tables.record_result("1", RESULT, outcome="successful", revision=None, unit="Mixer1")

    assert stands["revision"] == made
    assert erp.statuses() == {"1": status}


@pytest.mark.parametrize("status", ["failed", "needs_decision"])
def test_what_only_tells_does_not_hide_why_an_order_has_ended_or_waits_for_a_person(
    erp: ErpDatabase, tables: StagingTables, status: Any
) -> None:
    erp.release("1")
    tables.report("1", reason="It may have run.", status=status)

    tables.report("1", reason="The station was away.")

    assert erp.run("SELECT status, reason FROM production_orders") == [(status, "It may have run.")]
