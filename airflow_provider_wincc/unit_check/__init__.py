"""A checklist for units: does a unit keep the promises of the order handoff? It imports nothing of Airflow.

``airflow-wincc check-unit`` is its command, and ``docs/order-handoff-unit.md`` says what the promises are.
"""

from __future__ import annotations

from airflow_provider_wincc.unit_check.checklist import CHECKLIST
from airflow_provider_wincc.unit_check.plan import CheckPlan
from airflow_provider_wincc.unit_check.promises import PROMISES
from airflow_provider_wincc.unit_check.report import CheckResult, UnitReport
from airflow_provider_wincc.unit_check.runner import check_unit
from airflow_provider_wincc.unit_check.verdicts import Check, Outcome, Verdict

__all__ = [
    "CHECKLIST",
    "PROMISES",
    "Check",
    "CheckPlan",
    "CheckResult",
    "Outcome",
    "UnitReport",
    "Verdict",
    "check_unit",
]
