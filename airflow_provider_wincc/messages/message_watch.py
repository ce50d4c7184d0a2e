"""What a watcher makes of the readings of a message list: each message once, in parcels, over restarts."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.messages.arrivals import LATEST, Arrivals
from airflow_provider_wincc.messages.outbox import Outbox
from airflow_provider_wincc.messages.pattern import MessagePattern
from airflow_provider_wincc.messages.payloads import tell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_provider_wincc.client.messages.query import MessageQuery
    from airflow_provider_wincc.client.messages.values import Message, MessageReading
    from airflow_provider_wincc.messages.outbox import Parcel

log = logging.getLogger(__name__)

_VERSION = 1
_PATIENCE = 30.0
"""Seconds that new messages wait for those that came before them but are not in the answer."""


class MessageWatch:
    """Judges one reading after the other, and remembers what it gives out until it is confirmed that others have it.

    A message is given out when it is new and fits the pattern. When more came than one answer holds, the pending
    messages are wanted too (``wants_pending``); what came before them waits up to half a minute, so that all are given
    out in their order. When it cannot be proven that nothing is missing then, the parcels say so.

    :param query: what is read.
    :param pattern: which messages are meant.
    :param most_messages: in one parcel.
    :param window: seconds that messages are gathered, from the first one on, before they are given out.
    """

    def __init__(
        self, query: MessageQuery, pattern: MessagePattern | None = None, *, most_messages: int, window: float = 0.0
    ) -> None:
        self._query = query
        self._pattern = pattern or MessagePattern()
        self._arrivals = Arrivals(is_history=query.message_list.is_history)
        self._outbox = Outbox(most_messages=most_messages, window=window)
        self._gap_since: float | None = None
        self._told_gap = False
        self._told_unclear = False

    @property
    def wants_pending(self) -> bool:
        """Whether the pending messages are wanted, to fill a gap."""
        return bool(self._arrivals.gaps)

    @property
    def unconfirmed(self) -> tuple[Parcel, ...]:
        """The parcels that were given out and not confirmed, oldest first."""
        return self._outbox.unconfirmed

    def observe(self, reading: MessageReading, *, at: datetime) -> None:
        """Judge a reading of the query.

        :param at: the time of day, timezone-aware.
        """
        had_gap = self.wants_pending
        arrived = self._arrivals.take(reading, at=at)
        if arrived.dismissed:
            log.warning(
                "%d messages have shown up in the %s by filter %r that are too old to be new (more than %g hours, or "
                "less after very many): they are left out. That is so when somebody has changed the filter, or when "
                "the clock of the station or the time zone of the connection is wrong.",
                arrived.dismissed,
                self._query.message_list.value,
                self._query.rest_filter,
                LATEST.total_seconds() / 3600,
            )
        if self.wants_pending and not had_gap:
            self._gap_since, self._told_gap = at.timestamp(), False
        self._hold(arrived.messages, at)

    def observe_pending(self, pending: MessageReading | None, *, at: datetime) -> None:
        """Fill the gap with the messages that are pending; None when they cannot be had.

        :param at: the time of day, timezone-aware.
        """
        if not self.wants_pending:
            return
        if pending is None:
            self._arrivals.give_up_gaps()
            self._note_lack(0)
            return
        filled = self._arrivals.fill(pending)
        if not filled.is_certain:
            self._note_lack(len(filled.messages))
        self._hold(filled.messages, at)

    def give_out(self, *, at: datetime) -> list[Parcel]:
        """Return the parcels whose time has come; from now on they wait to be confirmed.

        :param at: the time of day, timezone-aware.
        """
        now = at.timestamp()
        if self.wants_pending:
            self._gap_since = now if self._gap_since is None else self._gap_since
            if 0 <= now - self._gap_since < _PATIENCE:
                return []
            self._note_lack(0)
        return self._outbox.give_out(now=now)

    def confirm(self, sequences: Iterable[int]) -> None:
        """Forget parcels that were given out, by their numbers."""
        for sequence in sequences:
            self._outbox.confirm(sequence)

    def to_json(self) -> dict[str, Any]:
        """Return what another process must know to go on, as plain JSON types; the same for the same state."""
        return {"version": _VERSION, "seen": self._arrivals.to_json(), "outbox": self._outbox.to_json()}

    def resume(self, data: object) -> None:
        """Go on where another process left off.

        :raises ValueError: when the data is not what :meth:`to_json` gave; nothing is changed then.
        """
        match data:
            case {"version": 1, "seen": seen, "outbox": outbox}:
                arrivals = Arrivals(is_history=self._query.message_list.is_history)
                arrivals.resume(seen)
                self._outbox.resume(outbox)
                self._arrivals = arrivals
            case _:
                raise ValueError(f"expected the state of a watcher, version {_VERSION}, not {data!r:.200}")

    def _hold(self, messages: Iterable[Message], at: datetime) -> None:
        seen_at = at.astimezone(UTC).isoformat()
        verdicts = [(message, self._pattern.judge(message)) for message in messages]
        if not self._told_unclear and any(verdict is None for _, verdict in verdicts):
            self._told_unclear = True
            log.warning(
                "The station does not say of every message by filter %r what %r asks for. Such messages are left out.",
                self._query.rest_filter,
                self._pattern,
            )
        self._outbox.hold([tell(message, seen_at) for message, verdict in verdicts if verdict], now=at.timestamp())

    def _note_lack(self, found: int) -> None:
        self._outbox.note_lack()
        if self._told_gap:
            return
        self._told_gap = True
        log.warning(
            "More messages came in the %s by filter %r since the last reading than one answer holds. %d of the others "
            "are still pending and were found there; what came and went again may be missing, and the next events say "
            "so. Read more often, or with a narrower filter.",
            self._query.message_list.value,
            self._query.rest_filter,
            found,
        )
