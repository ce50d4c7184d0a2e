"""Conditions: what to wait for, written as expressions over tags, and judged with three values.

``ready = (tag("Mixer1.State") == "IDLE") & tag("Tank1.Level").between(40, 90)`` describes; ``ready.evaluate(...)``
judges readings, and says true, false or unknown. Nothing here needs Airflow or a station.
"""

from __future__ import annotations

from airflow_provider_wincc.conditions.condition import Condition, all_of, any_of, at_least
from airflow_provider_wincc.conditions.errors import FloatEqualityWarning, WinCCConditionError
from airflow_provider_wincc.conditions.evaluation import Evaluation
from airflow_provider_wincc.conditions.expressions import TagExpression, alive, tag
from airflow_provider_wincc.conditions.literals import number
from airflow_provider_wincc.conditions.memory import Memory

__all__ = [
    "Condition",
    "Evaluation",
    "FloatEqualityWarning",
    "Memory",
    "TagExpression",
    "WinCCConditionError",
    "alive",
    "all_of",
    "any_of",
    "at_least",
    "number",
    "tag",
]
