"""The result of an order as plain JSON, for the ledger and for the tasks that follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.models import TagValue
from airflow_provider_wincc.orders.outcome import OrderOutcome, job_result_in_words
from airflow_provider_wincc.orders.states import JobState

if TYPE_CHECKING:
    from airflow_provider_wincc.orders.order import ProductionOrder
    from airflow_provider_wincc.orders.snapshot import Snapshot
    from airflow_provider_wincc.orders.tags import OrderHandoffTags


def order_result(
    order: ProductionOrder,
    snapshot: Snapshot,
    tags: OrderHandoffTags,
    *,
    outcome: OrderOutcome | None,
    times: Mapping[str, str],
) -> dict[str, Any]:
    """Return what is known of an order now.

    The keys: ``order_id``, ``revision``, ``unit``, ``outcome`` (``successful``, ``unsuccessful``, ``aborted``, or None
    while it has not ended), ``state`` and ``state_name``, ``job_result`` and ``job_result_name``, ``sequence`` (the
    unit's number of the order), ``results`` (name → ``value``, ``quality``, ``quality_code``, ``timestamp``) and
    ``times`` (step → ISO 8601 in UTC).
    """
    return {
        "order_id": order.order_id,
        "revision": order.revision,
        "unit": tags.unit,
        "outcome": None if outcome is None else outcome.value,
        "state": int(snapshot.state),
        "state_name": snapshot.state.words,
        "job_result": snapshot.result,
        "job_result_name": job_result_in_words(snapshot.result),
        "sequence": snapshot.current_sequence,
        "results": _results(snapshot),
        "times": dict(times),
    }


def foreign_result(snapshot: Snapshot, tags: OrderHandoffTags, *, outcome: OrderOutcome | None) -> dict[str, Any]:
    """Return the result of an order that the unit holds and that is not ours, with the same keys.

    ``revision`` is None where the unit does not say it.
    """
    return {
        "order_id": snapshot.current_id,
        "revision": snapshot.numbers.get("current_revision"),
        "unit": tags.unit,
        "outcome": None if outcome is None else outcome.value,
        "state": int(snapshot.state),
        "state_name": snapshot.state.words,
        "job_result": snapshot.result,
        "job_result_name": job_result_in_words(snapshot.result),
        "sequence": snapshot.current_sequence,
        "results": _results(snapshot),
        "times": {},
    }


def refused_result(order: ProductionOrder, unit: str, reason: str) -> dict[str, Any]:
    """Return the result of an order that the unit did not accept, with the same keys and the ``reason``."""
    return {
        "order_id": order.order_id,
        "revision": order.revision,
        "unit": unit,
        "outcome": OrderOutcome.REFUSED.value,
        "state": int(JobState.NONE),
        "state_name": JobState.NONE.words,
        "job_result": None,
        "job_result_name": job_result_in_words(None),
        "sequence": 0,
        "results": {},
        "times": {},
        "reason": reason,
    }


def result_in_words(result: Mapping[str, Any]) -> str:
    """Say in a sentence or two what a result holds; one that a person wrote may hold less than ours."""
    if "reason" in result:
        return str(result["reason"])
    values = ", ".join(f"{name} = {_value(reading)!r}" for name, reading in (result.get("results") or {}).items())
    return (
        f"The unit showed: state {result.get('state')} ({result.get('state_name')}), job result "
        f"{result.get('job_result')} ({result.get('job_result_name')}); results: {values or 'none'}."
    )


def _value(reading: object) -> object:
    return reading.get("value") if isinstance(reading, Mapping) else reading


def _results(snapshot: Snapshot) -> dict[str, Any]:
    return {name: reading.to_json() for name, reading in snapshot.results.items() if isinstance(reading, TagValue)}
