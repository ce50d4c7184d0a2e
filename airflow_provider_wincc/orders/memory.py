"""What a handoff remembers: durably, in a note and in the ledger, and within one attempt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from airflow_provider_wincc.orders.errors import OrderError

if TYPE_CHECKING:
    from collections.abc import Mapping


class NoteStage(StrEnum):
    """What was about to happen when the note was written."""

    COMMITTING = "committing"
    """The payload was about to be committed: it may be stored in the unit."""
    STARTING = "starting"
    """The order was about to be started: it may have run."""


@dataclass(frozen=True, slots=True)
class OrderNote:
    """The durable note, written ahead of the write that it speaks of.

    :param stage: what was about to happen.
    :param revision: revision of the order.
    :param sequence: the number that was about to be written, where the profile has one.
    :param at: when, ISO 8601 in UTC.
    """

    stage: NoteStage
    revision: int
    sequence: int | None
    at: str

    def to_json(self) -> dict[str, Any]:
        """Return the note as plain JSON types."""
        return {"stage": self.stage.value, "revision": self.revision, "sequence": self.sequence, "at": self.at}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read a note.

        :raises OrderError: when it cannot be understood; acting without it could start an order twice.
        """
        match data:
            case {
                "stage": str(stage),
                "revision": int(revision),
                "sequence": int() | None as sequence,
                "at": str(at),
            } if stage in set(NoteStage):
                return cls(NoteStage(stage), revision, sequence, at)
        raise OrderError(
            f"The durable note of an order cannot be understood: {data!r:.200}.",
            hint="Somebody edited it, or it is of another version of this provider. Find out at the unit whether the "
            "order ran before you remove the note.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMemory:
    """What is known of an order besides what the tags show.

    :param result: the result that the ledger holds for this order; None when there is none.
    :param note: the durable note; None when nothing was committed yet.
    :param was_offered: whether any attempt may have written the payload; remembered ahead of the write.
    :param committed: whether this attempt has committed the order.
    :param number_before: the unit's current number just before that commit.
    :param accepted_sequence: the number under which this attempt saw the order accepted.
    :param offered: whether this attempt has written the payload, and the station has confirmed it.
    :param known_done: other order ids that the ledger knows as done.
    """

    result: Mapping[str, Any] | None = None
    note: OrderNote | None = None
    was_offered: bool = False
    committed: bool = False
    number_before: int | None = None
    accepted_sequence: int | None = None
    offered: bool = False
    known_done: frozenset[str] = frozenset()

    def attempt_to_json(self) -> dict[str, Any]:
        """Return what belongs to the attempt alone, so that it can go on in another process."""
        return {
            "committed": self.committed,
            "number_before": self.number_before,
            "accepted_sequence": self.accepted_sequence,
            "offered": self.offered,
        }
