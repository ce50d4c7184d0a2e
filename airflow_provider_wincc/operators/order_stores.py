"""Where the handoff operator keeps its note and the result: Airflow's task state store, or the ERP's staging tables."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.orders.errors import (
    OrderError,
    OrderOutcomeUnknownError,
    OrderPayloadMismatchError,
    OrderTakenOverError,
)
from airflow_provider_wincc.orders.results import refused_result
from airflow_provider_wincc.orders.store import Remembered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.erp.staging import StagingTables
    from airflow_provider_wincc.orders.order import ProductionOrder

KEY = "wincc_orders"
"""The key in the task state store: order id to what is remembered of it. Do not delete it while an order is out."""


class TaskStateStore:
    """Keeps one order in Airflow's task state store (3.3 and later), which outlives the tries of a task.

    It knows this task's orders only, so it can neither collect other orders nor say whether they are done. What it
    keeps does not expire: without it, a task that is cleared would hand its order over again.

    :param store: ``context["task_state_store"]``.
    :param order: the order.
    """

    keeps_other_results = False

    def __init__(self, store: Any, order: ProductionOrder) -> None:
        self._store = store
        self._order = order
        self._attempt = uuid.uuid4().hex

    def begin(self) -> Remembered:
        """Become the newest attempt; return what is remembered.

        :raises OrderError: when another version of this provider wrote it; then nothing is changed.
        """
        entry = self._entries().get(self._order.order_id, {})
        remembered = _remembered(entry)
        self._put({**entry, "attempt": self._attempt})
        return remembered

    def recall(self) -> Remembered:
        """Return what is remembered now.

        :raises OrderTakenOverError: when a newer attempt has begun.
        """
        return _remembered(self._own_entry())

    def save(self, document: Mapping[str, Any]) -> None:
        """Save a document.

        :raises OrderTakenOverError: when a newer attempt has begun.
        """
        self._put({**self._own_entry(), "document": dict(document)})

    def record_result(self, result: Mapping[str, Any]) -> Mapping[str, Any]:
        """Record the result, unless there is one; return the one that stands."""
        entry = self._entries().get(self._order.order_id, {})
        if "result" not in entry:
            entry = {**entry, "result": dict(result)}
            self._put(entry)
        stands: dict[str, Any] = entry["result"]
        return stands

    def record_other_result(self, order_id: str, result: Mapping[str, Any]) -> None:  # noqa: ARG002  the protocol's
        """Refuse: this store keeps its own order alone.

        :raises WinCCConfigurationError: always.
        """
        raise WinCCConfigurationError(
            f"The result of order {order_id!r} cannot be kept without the ERP's staging tables.",
            hint="Give the task an erp_conn_id, or leave foreign_results at 'wait'.",
        )

    def knows_done(self, order_id: str) -> bool:  # noqa: ARG002  the protocol's
        """Return False: nothing is known of other orders."""
        return False

    def report(self, reason: str, *, ends: bool, needs_decision: bool = False) -> None:
        """Do nothing: the task's log and state say it."""

    def _own_entry(self) -> dict[str, Any]:
        entry = self._entries().get(self._order.order_id, {})
        if entry.get("attempt") != self._attempt:
            raise OrderTakenOverError(f"Another attempt at order {self._order.order_id!r} has begun meanwhile.")
        return entry

    def _entries(self) -> dict[str, dict[str, Any]]:
        entries = self._store.get(KEY)
        return {} if entries is None else dict(entries)

    def _put(self, entry: Mapping[str, Any]) -> None:
        from airflow.sdk.execution_time.context import NEVER_EXPIRE  # from Airflow 3.3 on, as the store itself

        self._store.set(KEY, {**self._entries(), self._order.order_id: dict(entry)}, retention=NEVER_EXPIRE)


class StagingStore:
    """Keeps one order in its row of the ERP's staging tables, and records results there.

    :param tables: the tables.
    :param order: the order.
    :param unit: the unit's name, for the results.
    :param owner: who has claimed the order, such as ``dag_id/run_id``.
    """

    keeps_other_results = True

    def __init__(self, tables: StagingTables, order: ProductionOrder, *, unit: str, owner: str) -> None:
        self._tables = tables
        self._order = order
        self._unit = unit
        self._owner = owner
        self._attempt = uuid.uuid4().hex
        self._has_begun = False
        self._was_done = False

    def begin(self) -> Remembered:
        """Become the newest attempt; return what is remembered.

        :raises OrderTakenOverError: when another owner has claimed the order.
        :raises OrderOutcomeUnknownError: when the order waits for a person's decision.
        :raises OrderPayloadMismatchError: when the ERP lists another revision than the one to hand over.
        :raises WinCCConfigurationError: when the ERP does not list the order, or has not released it.
        """
        row = self._tables.begin(
            self._order.order_id, owner=self._owner, attempt=self._attempt, revision=self._order.revision
        )
        if row.attempt != self._attempt:
            raise OrderOutcomeUnknownError(
                f"Order {self._order.order_id!r} is {row.status!r} in the ERP, without a result: {row.reason}",
                hint="A person decides: confirm it by hand, or, once it is certain that it did not run, release what "
                "is to be made under a new order id.",
            )
        self._has_begun = True
        self._was_done = row.status != "claimed"
        return self._remembered(row.note)

    def recall(self) -> Remembered:
        """Return what is remembered now.

        :raises OrderTakenOverError: when a newer attempt has begun.
        :raises OrderPayloadMismatchError: when the ERP has corrected the order since its refusal was read.
        """
        self.check()
        row = self._tables.load(self._order.order_id)
        return self._remembered({} if row is None else row.note)

    def check(self) -> None:
        """Return when no newer attempt has begun.

        :raises OrderTakenOverError: when one has.
        """
        self._tables.check(self._order.order_id, attempt=self._attempt)

    def save(self, document: Mapping[str, Any]) -> None:
        """Save a document.

        :raises OrderTakenOverError: when a newer attempt has begun.
        """
        self._tables.save_note(self._order.order_id, document, attempt=self._attempt)

    def record_result(self, result: Mapping[str, Any]) -> Mapping[str, Any]:
        """Record the result and confirm the order in one transaction; return the result that stands."""
        return self._record(self._order.order_id, result)

    def record_other_result(self, order_id: str, result: Mapping[str, Any]) -> None:
        """Record the result of another order that this unit still held."""
        self._record(order_id, result)

    def knows_done(self, order_id: str) -> bool:
        """Whether the result of an order is recorded."""
        return self._tables.result_of(order_id) is not None

    def report(self, reason: str, *, ends: bool, needs_decision: bool = False) -> None:
        """Write the reason into the order's row; a refusal is recorded as the result of its revision.

        :raises OrderTakenOverError: when a newer attempt has begun, which may run it.
        """
        if ends and not needs_decision:
            refused = refused_result(self._order, self._unit, reason)
            self._record(self._order.order_id, refused, reason=reason, attempt=self._attempt)
        else:
            # What only holds the order up may be told before this attempt has begun.
            self._tables.report(
                self._order.order_id,
                reason=reason,
                status="needs_decision" if needs_decision else None,
                attempt=self._attempt if needs_decision or self._has_begun else None,
            )

    def _remembered(self, note: Mapping[str, Any]) -> Remembered:
        result = self._tables.result_of(self._order.order_id)
        if self._was_done and result is None:
            raise OrderPayloadMismatchError(
                f"The ERP has corrected order {self._order.order_id!r} since the refusal of revision "
                f"{self._order.revision} was read. Nothing was sent.",
                hint="Claim the order again.",
            )
        return Remembered(note, result)

    def _record(
        self, order_id: str, result: Mapping[str, Any], *, reason: str = "", attempt: str | None = None
    ) -> Mapping[str, Any]:
        return self._tables.record_result(
            order_id,
            result,
            outcome=result["outcome"],
            revision=result["revision"],
            unit=self._unit,
            reason=reason or f"{result['outcome']}, job result {result['job_result_name']}",
            attempt=attempt,
        )


def _remembered(entry: Mapping[str, Any]) -> Remembered:
    if unknown := entry.keys() - {"attempt", "document", "result"}:
        raise OrderError(
            f"The entry of an order in the task state store has {', '.join(sorted(unknown))}, which this provider does "
            "not know.",
            hint="Another version of this provider wrote it: let a worker with that version hand the order over. "
            "Before you remove it, find out at the unit whether the order ran.",
        )
    return Remembered(entry.get("document", {}), entry.get("result"))
