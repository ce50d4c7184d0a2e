"""Gaps between two readings of a message archive: more messages came than one answer holds."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_provider_wincc.client.messages.values import Message


@dataclass(frozen=True, slots=True)
class Gap:
    """A span of which it is not known what happened in it.

    :param start: time of the newest row that was known before, in milliseconds since 1970.
    :param end: time of the oldest row that came then, in milliseconds since 1970.
    :param before: running number of the last row that was known before; None when the station does not say.
    :param after: running number of the first row that came then; None when the station does not say, or leaves out
        numbers even among the rows that it shows.
    """

    start: int
    end: int
    before: int | None = None
    after: int | None = None

    def is_filled_by(self, messages: Sequence[Message]) -> bool:
        """Whether these messages are certain to be all that is missing.

        Certain it is when their running numbers go from the last one before the gap to the first one after it,
        without one being left out: the message archive counts its rows (the column ``Counter``, Siemens' documentation
        of the OLE DB provider). With a filter that leaves rows out, or where the interface does not tell the number,
        nothing is certain.
        """
        if self.before is None or self.after is None:
            return False
        numbers = [message.counter for message in messages]
        # First the cheap look: the numbers may be far apart.
        return len(numbers) == self.after - self.before - 1 and set(numbers) == set(range(self.before + 1, self.after))

    def to_json(self) -> list[int | None]:
        """Return it as a list of its parts."""
        return list(astuple(self))

    @classmethod
    def from_json(cls, told: Any) -> Self:
        """Return the gap that :meth:`to_json` has told.

        :raises ValueError: when it is something else.
        """
        match told:
            case [int(start), int(end), int() | None as before, int() | None as after]:
                return cls(start, end, before, after)
        raise ValueError(f"expected a gap, not {told!r:.200}")


def last_counter(messages: Sequence[Message]) -> int | None:
    """Return the highest running number; None when they are no running numbers of rows."""
    numbers = _numbers(messages)
    return max(numbers) if numbers else None


def first_counter(messages: Sequence[Message]) -> int | None:
    """Return the lowest running number, when none is left out up to the highest; None otherwise."""
    numbers = _numbers(messages)
    return min(numbers) if numbers and max(numbers) - min(numbers) + 1 == len(numbers) else None


def _numbers(messages: Sequence[Message]) -> set[int]:
    """Return the running numbers; empty unless each message has one of its own."""
    numbers = {message.counter for message in messages if message.counter is not None}
    return numbers if len(numbers) == len(messages) else set()
