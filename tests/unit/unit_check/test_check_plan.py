"""What is checked, with which orders."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.orders import OrderHandoffTags
from airflow_provider_wincc.unit_check import CHECKLIST, CheckPlan

GOOD = {"WorkMaster": "R-001", "Quantity": 10}


def tags(**changes: Any) -> OrderHandoffTags:
    return OrderHandoffTags(**{"prefix": "U1.", "payload": ["WorkMaster", "Quantity"], **changes})


def test_two_runs_have_no_order_id_in_common() -> None:
    first = CheckPlan(tags=tags(), payload=GOOD, run="260302081500")
    second = CheckPlan(tags=tags(), payload=GOOD, run="260302081501")

    assert first.order_ids[0] == "CHECK-260302081500-1"
    assert not set(first.order_ids) & set(second.order_ids)


@pytest.mark.parametrize("length", range(8, 21))
def test_order_ids_fit_a_short_tag_and_stay_apart(length: int) -> None:
    plan = CheckPlan(tags=tags(id_length=length), payload=GOOD, run="260302081500")

    assert max(map(len, plan.order_ids)) <= length
    assert len(set(plan.order_ids)) == 4


def test_nothing_is_watched_for_longer_than_two_settle_windows_unless_somebody_says_so() -> None:
    assert CheckPlan(tags=tags(), payload=GOOD, settle=2).watch_seconds == 4
    assert CheckPlan(tags=tags(), payload=GOOD, settle=2, watch=9).watch_seconds == 9


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"payload": {"WorkMaster": "R-001"}}, "payload lacks 'Quantity'"),
        ({"payload": {**GOOD, "Speed": 1}}, "payload has 'Speed'"),
        ({"bad": {"Speed": 1}}, "bad has 'Speed'"),
        ({"settle": 0}, "settle is 0"),
        ({"watch": -1}, "watch is -1"),
        ({"run_timeout": float("nan")}, "run_timeout is nan"),
        ({"tags": tags(id_length=7)}, "holds 7 characters"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_says_why(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(WinCCConfigurationError, match=word):
        CheckPlan(**{"tags": tags(), "payload": GOOD, **changes})


def test_every_check_has_a_name_of_its_own() -> None:
    names = [check.name for check in CHECKLIST]

    assert len(set(names)) == len(names)
