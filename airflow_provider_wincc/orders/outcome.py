"""What came of an order that has come to its end."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from airflow_provider_wincc.orders.states import RESULT_WORDS, SUCCESSFUL, UNSUCCESSFUL, JobState

if TYPE_CHECKING:
    from airflow_provider_wincc.conditions import Condition
    from airflow_provider_wincc.orders.snapshot import Snapshot
    from airflow_provider_wincc.orders.tags import OrderHandoffTags


class OrderOutcome(StrEnum):
    """How an order ended."""

    SUCCESSFUL = "successful"
    UNSUCCESSFUL = "unsuccessful"
    ABORTED = "aborted"
    REFUSED = "refused"


def outcome_of(snapshot: Snapshot, tags: OrderHandoffTags, success: Condition | None) -> OrderOutcome | None:
    """Judge an order in state 5 or 6; None while the unit does not say.

    That an order ended is no success: a stopped order ends too. The job result decides, or the given condition.
    """
    if snapshot.state is JobState.ABORTED:
        return OrderOutcome.ABORTED
    if success is None:
        outcomes = {SUCCESSFUL: OrderOutcome.SUCCESSFUL, UNSUCCESSFUL: OrderOutcome.UNSUCCESSFUL}
        return None if snapshot.result is None else outcomes.get(snapshot.result)
    readings = {tag: snapshot.results[name] for name, tag in tags.result_tags.items() if name in snapshot.results}
    evaluation = success.evaluate(readings, refuse_overridden=True)
    if evaluation.is_unknown:
        return None
    return OrderOutcome.SUCCESSFUL if evaluation.is_true else OrderOutcome.UNSUCCESSFUL


def job_result_in_words(result: int | None) -> str:
    """Return a job result in words."""
    return "not told" if result is None else RESULT_WORDS.get(result, f"number {result}")
