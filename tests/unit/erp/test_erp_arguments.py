"""Wrong arguments are refused in words, before the database is asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.erp import StagingTables


@pytest.fixture
def tables() -> StagingTables:
    def never_connect() -> Any:
        raise AssertionError("A wrong argument must not reach the database.")

    return StagingTables(never_connect, dialect="sqlite")


@pytest.mark.parametrize(
    "wrong",
    [
        {"owner": ""},
        {"owner": None},
        {"limit": 0},
        {"limit": True},
        {"limit": "10"},
        {"reclaim_after": timedelta(seconds=-1)},
        {"reclaim_after": 3600},
        {"unit": ""},
    ],
)
def test_a_claim_says_which_argument_is_wrong(tables: StagingTables, wrong: dict[str, Any]) -> None:
    arguments: dict[str, Any] = {"owner": "run"} | wrong

    with pytest.raises(WinCCConfigurationError, match=next(iter(wrong))):
        tables.claim(**arguments)


@pytest.mark.parametrize("order_id", ["", None, 42, "4\x002"])
def test_an_order_id_is_a_text_that_both_databases_can_hold(tables: StagingTables, order_id: Any) -> None:
    for call in (tables.load, tables.result_of):
        with pytest.raises(WinCCConfigurationError, match="order id"):
            call(order_id)


def test_an_outcome_and_a_status_are_one_of_those_that_the_erp_knows(tables: StagingTables) -> None:
    unknown: Any = "fine"

    with pytest.raises(WinCCConfigurationError, match=r"outcome is 'fine'.*successful"):
        tables.record_result("1", {}, outcome=unknown, revision=0, unit="Mixer1")
    with pytest.raises(WinCCConfigurationError, match=r"status is 'fine'.*needs_decision"):
        tables.report("1", reason="why", status=unknown)
