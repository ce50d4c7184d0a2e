"""One order as the ERP's table holds it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.erp.json_columns import read_json_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.erp.outcomes import ReportedStatus

_FIND_OUT = (
    "Find out at the unit whether the order ran. If it did, confirm it by hand; if it did not, release it under a new "
    "order id."
)


@dataclass(frozen=True)
class StagedOrder:
    """A row of the orders table.

    ``status`` is one of ``planned``, ``released``, ``claimed``, ``confirmed``, ``failed``, ``needs_decision``;
    ``claimed_at`` is ISO 8601 in UTC; ``attempt`` names the one attempt that may write to the unit; ``note`` is what
    the handoff remembered, empty before the first note; ``reason`` is the last refusal or error in words.
    """

    order_id: str
    revision: int
    unit: str
    payload: dict[str, Any]
    priority: int = 0
    status: str = "released"
    claimed_by: str | None = None
    claimed_at: str | None = None
    attempt: str | None = None
    note: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the order as a JSON object, field by field."""
        return asdict(self)


def read_row(row: Mapping[str, Any]) -> StagedOrder:
    """Make a row of the orders table, by column name, into an order.

    :raises WinCCConfigurationError: when the payload or the note cannot be read; it names the order.
    """
    order_id = str(row["order_id"])
    note = _note(order_id, row["note"])
    return StagedOrder(
        order_id=order_id,
        revision=row["revision"],
        unit=row["unit"],
        payload=_payload(order_id, row["payload"], has_begun=_has_begun(row, note)),
        priority=row["priority"],
        status=row["status"],
        claimed_by=row["claimed_by"],
        claimed_at=when_claimed(row),
        attempt=row["attempt"],
        note=note,
        reason=row["reason"],
    )


def when_claimed(row: Mapping[str, Any]) -> str | None:
    """Return when an order was claimed, ISO 8601 in UTC; None when it is not claimed."""
    at: datetime | str | None = row["claimed_at"]
    if isinstance(at, datetime):
        return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return at


def status_of_unreadable(row: Mapping[str, Any]) -> ReportedStatus:
    """Return the status for a row that :func:`read_row` refuses.

    Once an attempt has begun, or without its note, nobody knows whether the order was started, so a person decides;
    otherwise it is failed.
    """
    try:
        note = _note(str(row["order_id"]), row["note"])
    except WinCCConfigurationError:
        return "needs_decision"
    return "needs_decision" if _has_begun(row, note) else "failed"


def _has_begun(row: Mapping[str, Any], note: Mapping[str, Any]) -> bool:
    return bool(note or row["attempt"])


def _payload(order_id: str, column: object, *, has_begun: bool) -> dict[str, Any]:
    try:
        return read_json_object(column)
    except ValueError as error:
        expected = 'Expected parameters and their values, such as {"WorkMaster": "R-001", "Quantity": 100}.'
        what_to_do = (
            f"An attempt at it has begun, so the order may have run. {_FIND_OUT}"
            if has_begun
            else "Correct the row and release it again; nothing was sent to the unit for it."
        )
        raise WinCCConfigurationError(
            f"The payload of order {order_id!r} {error}.", hint=f"{expected} {what_to_do}"
        ) from None


def _note(order_id: str, column: object) -> dict[str, Any]:
    try:
        return {} if column is None else read_json_object(column)
    except ValueError as error:
        raise WinCCConfigurationError(
            f"The note of order {order_id!r} {error}.",
            hint=f"The note says what was sent to the unit, and only the handoff writes it. {_FIND_OUT}",
        ) from None
