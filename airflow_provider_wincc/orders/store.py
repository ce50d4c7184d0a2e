"""Where a handoff keeps what must survive its process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a store holds of one order.

    :param document: what the handoff saved, JSON types only; empty when it saved nothing.
    :param result: the result that was recorded; None when there is none.
    """

    document: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] | None = None


class HandoffStore(Protocol):
    """Keeps the durable note, the progress and the result of one order.

    Only the newest attempt may write: :meth:`begin` makes the caller the newest, and from then on :meth:`recall` and
    :meth:`save` of every older attempt raise :class:`OrderTakenOverError`.
    """

    @property
    def keeps_other_results(self) -> bool:
        """Whether it can record the result of another order than its own."""

    def begin(self) -> Remembered:
        """Become the newest attempt; return what is remembered.

        :raises OrderError: when this order must not be handed over by this caller.
        """

    def recall(self) -> Remembered:
        """Return what is remembered now.

        :raises OrderTakenOverError: when a newer attempt has begun.
        """

    def save(self, document: Mapping[str, Any]) -> None:
        """Save a document, durably: when this returns, it survives the death of this process.

        :raises OrderTakenOverError: when a newer attempt has begun.
        """

    def record_result(self, result: Mapping[str, Any]) -> Mapping[str, Any]:
        """Record the result of the order, in one transaction; return the one that stands.

        A result that is there already stays: recording twice changes nothing.
        """

    def record_other_result(self, order_id: str, result: Mapping[str, Any]) -> None:
        """Record the result of another order that this unit still held."""

    def knows_done(self, order_id: str) -> bool:
        """Whether the result of an order is recorded."""

    def report(self, reason: str, *, ends: bool, needs_decision: bool = False) -> None:
        """Say in words where the order stands after a failure.

        :param ends: the order will not be offered again by itself.
        :param needs_decision: nobody knows whether it ran; a person has to find out.
        """
