"""A unit's tags as a station shows them, set by role instead of by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.models import Quality, Scalar, TagFailure, TagValue, read_value
from airflow_provider_wincc.orders import (
    HandoffRules,
    NoteStage,
    OrderHandoffTags,
    OrderMemory,
    OrderNote,
    ProductionOrder,
    SnapshotTaker,
    next_step,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.orders import Snapshot, Step

GOOD = 0x80
TEXT_ROLES = ("id", "ack_id", "current_id")
OURS = ProductionOrder("000012", {"WorkMaster": "R-001", "Quantity": 120.5}, 1)
THEIRS = ProductionOrder("000077", {"WorkMaster": "R-002", "Quantity": 7.0})
NO_MEMORY = OrderMemory()
WHEN = "2026-01-01T06:00:00+00:00"
COMMITTING = OrderNote(NoteStage.COMMITTING, OURS.revision, None, WHEN)
STARTING = OrderNote(NoteStage.STARTING, OURS.revision, 5, WHEN)
ACCEPTED, UNABLE_NOW, TAKEN, UNACCEPTABLE = 1, 8, 16, 32
# How the tags of each handshake stand when nothing is under way, and when a payload was just committed.
REST: Mapping[str, Mapping[str, Any]] = {
    "A": {"sequence": 5, "ack_sequence": 5},
    "B": {"sequence": 5, "ack_sequence": 5},
    "C": {"request": False, "acknowledge": False},
    "D": {"client_status": 0, "unit_status": 0},
}
UNDER_WAY: Mapping[str, Mapping[str, Any]] = {
    "A": {"sequence": 6, "ack_sequence": 5},
    "B": {"sequence": 6, "ack_sequence": 5},
    "C": {"request": True, "acknowledge": False},
    "D": {"client_status": 1, "unit_status": 0},
}


def unit_tags(profile: str = "A", **changes: Any) -> OrderHandoffTags:
    """The tag map of a mixer with the standard names and without a heartbeat, which has tests of its own."""
    without = [*changes.pop("without", ()), "heartbeat"]
    return OrderHandoffTags(
        **{
            "prefix": "Mixer1.",
            "payload": ["WorkMaster", "Quantity"],
            "results": ["ActualQuantity"],
            "profile": profile,
            "without": without,
            **changes,
        }
    )


class Board:
    """The image of one unit: free, ready, in production, no order ever, until :meth:`show` says otherwise."""

    def __init__(self, tags: OrderHandoffTags) -> None:
        self.tags = tags
        self.values: dict[str, Scalar] = {}
        self.failures: dict[str, TagFailure] = {}
        self.qualities: dict[str, int] = {}
        self.values.update({tag: "" if role in TEXT_ROLES else 0 for role, tag in tags.roles.items()})
        for named in (tags.payload_tags, tags.echo_tags, tags.result_tags):
            self.values.update(dict.fromkeys(named.values(), 0))
        self.show(ready=True, mode=1, **REST[tags.profile])

    def show(
        self,
        *,
        payload: Mapping[str, Scalar] | None = None,
        echo: Mapping[str, Scalar] | None = None,
        results: Mapping[str, Scalar] | None = None,
        **roles: Scalar,
    ) -> Board:
        """Set tags by role, parameter and result; roles that the unit does not have are left out."""
        self.values.update({self.tags.roles[role]: value for role, value in roles.items() if role in self.tags.roles})
        for names, values in (
            (self.tags.payload_tags, payload),
            (self.tags.echo_tags, echo),
            (self.tags.result_tags, results),
        ):
            self.values.update({names[name]: value for name, value in (values or {}).items() if name in names})
        return self

    def offer(self, order: ProductionOrder) -> Board:
        """Let an order's payload stand in the client's tags."""
        return self.show(id=order.order_id, revision=order.revision, payload=order.payload)

    def hold(self, order: ProductionOrder, *, state: int, number: int = 5) -> Board:
        """Let the unit hold an order with an echo that is equal."""
        return self.show(
            current_id=order.order_id,
            current_sequence=number,
            current_revision=order.revision,
            echo=order.payload,
            state=state,
        )

    def answer(self, order_id: str, status: int) -> Board:
        """Let the unit have answered an order."""
        return self.show(ack_id=order_id, return_status=status)

    def write(self, writes: Mapping[str, Scalar]) -> None:
        """Take a client's write by tag."""
        self.values.update(writes)

    def decide(
        self,
        memory: OrderMemory = NO_MEMORY,
        rules: HandoffRules = HandoffRules(),  # noqa: B008  immutable
        order: ProductionOrder = OURS,
    ) -> Step:
        """The next step for an order, by default ours."""
        return next_step(order, self.snapshot(), memory, self.tags, rules)

    def role(self, role: str) -> Scalar:
        """The value of a role."""
        return self.values[self.tags.roles[role]]

    def readings(self) -> dict[str, TagValue | TagFailure]:
        """One answer of the station to a request for all tags."""
        values = {name: reading(name, value, self.qualities.get(name, GOOD)) for name, value in self.values.items()}
        return {**values, **self.failures}

    def snapshot(self) -> Snapshot:
        """What one reading says, taken as settled."""
        snapshot = SnapshotTaker(self.tags, settle=0.0).take(self.readings(), asked_at=0.0, answered_at=0.0)
        assert snapshot is not None
        return snapshot


def free_unit(profile: str = "A", **tags: Any) -> Board:
    """A unit that waits for an order."""
    return Board(unit_tags(profile, **tags))


def reading(name: str, value: Scalar, quality: int = GOOD) -> TagValue:
    """A reading of one tag, as the client makes it out of a station's answer."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return TagValue(name, read_value(text), Quality(quality), None, text, raw={"value": text})
