"""Messages on their way into events: gathered, given out, and kept until it is certain that others have them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.messages.payloads import cut, pack, unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_provider_wincc.messages.payloads import ToldMessage


@dataclass(frozen=True)
class Parcel:
    """The messages of one event.

    :param sequence: counts the events of one watcher, from 1.
    :param messages: at least one, oldest first.
    :param may_lack_messages: whether others may have come, that were never seen, since the event before.
    """

    sequence: int
    messages: tuple[ToldMessage, ...]
    may_lack_messages: bool

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON types, packed."""
        return {
            "sequence": self.sequence,
            "messages": self._packed,
            "may_lack_messages": self.may_lack_messages,
        }

    @classmethod
    def from_json(cls, told: object) -> Parcel:
        """Return the parcel that :meth:`to_json` has told.

        :raises ValueError: when it is something else.
        """
        match told:
            case {"sequence": int(sequence), "messages": str(packed), "may_lack_messages": bool(may_lack)}:
                return cls(sequence, tuple(unpack(packed)), may_lack)
        raise ValueError(f"expected the messages of an event, not {told!r:.200}")

    @cached_property
    def _packed(self) -> str:
        return pack(self.messages)


class Outbox:
    """Gathers messages, gives them out in parcels, and keeps each parcel until it is confirmed.

    :param most_messages: in one parcel; there is a bound of bytes beside it, see :func:`cut`.
    :param window: seconds from the first message that is gathered until it is given out. A parcel that is full does
        not wait.
    """

    def __init__(self, *, most_messages: int, window: float) -> None:
        self._most_messages = most_messages
        self._window = window
        self._sequence = 0
        self._held: list[ToldMessage] = []
        self._held_since: float | None = None
        self._packed_held: str | None = None
        self._may_lack = False
        self._unconfirmed: dict[int, Parcel] = {}

    @property
    def unconfirmed(self) -> tuple[Parcel, ...]:
        """The parcels that were given out and not confirmed, oldest first."""
        return tuple(self._unconfirmed.values())

    def hold(self, messages: Sequence[ToldMessage], *, now: float) -> None:
        """Take messages in.

        :param now: the time of day, in seconds since 1970.
        """
        if messages:
            self._held_since = now if self._held_since is None else self._held_since
            self._held += messages
            self._packed_held = None

    def note_lack(self) -> None:
        """Note that messages may have come that nobody has seen; the next parcels say so."""
        self._may_lack = True

    def give_out(self, *, now: float) -> list[Parcel]:
        """Return the parcels whose time has come; from now on they wait to be confirmed.

        :param now: the time of day, in seconds since 1970.
        """
        if self._held_since is None:
            return []
        self._held.sort(key=_time)
        parts = cut(self._held, self._most_messages)
        # A clock that was set back must not hold messages for longer than the window.
        waits = 0 <= now - self._held_since < self._window and len(parts[-1]) < self._most_messages
        rest = parts.pop() if waits else []
        parcels = [self._parcel(part) for part in parts]
        if parcels:
            self._held, self._packed_held = rest, None
            self._held_since = now if rest else None
            self._may_lack = False
        return parcels

    def confirm(self, sequence: int) -> None:
        """Forget a parcel that was given out."""
        self._unconfirmed.pop(sequence, None)

    def to_json(self) -> dict[str, Any]:
        """Return what another process must know to go on, as plain JSON types; the same for the same state."""
        if self._packed_held is None:
            self._packed_held = pack(self._held)
        return {
            "sequence": self._sequence,
            "held": self._packed_held,
            "held_since": self._held_since,
            "may_lack": self._may_lack,
            "unconfirmed": [parcel.to_json() for parcel in self._unconfirmed.values()],
        }

    def resume(self, told: object) -> None:
        """Go on where another process left off.

        :raises ValueError: when it is not what :meth:`to_json` gave; nothing is changed then.
        """
        match told:
            case {
                "sequence": int(sequence),
                "held": str(packed),
                "held_since": int() | float() | None as held_since,
                "may_lack": bool(may_lack),
                "unconfirmed": list(unconfirmed),
            }:
                parcels = [Parcel.from_json(parcel) for parcel in unconfirmed]
                held = unpack(packed)
            case _:
                raise ValueError(f"expected what a watcher has to send, not {told!r:.200}")
        self._sequence, self._held, self._held_since, self._may_lack = sequence, held, held_since, may_lack
        self._packed_held = packed
        self._unconfirmed = {parcel.sequence: parcel for parcel in parcels}

    def _parcel(self, messages: Sequence[ToldMessage]) -> Parcel:
        self._sequence += 1
        parcel = Parcel(self._sequence, tuple(messages), self._may_lack)
        self._unconfirmed[parcel.sequence] = parcel
        return parcel


def _time(message: ToldMessage) -> str:
    # All are in UTC and of the same length, so they sort as texts.
    return message.content.get("time") or ""
