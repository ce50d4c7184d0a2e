"""Which rows of a reading are new, and how far a watcher of messages has seen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow_provider_wincc.messages.gaps import Gap, first_counter, last_counter
from airflow_provider_wincc.messages.known_rows import KnownRows, milliseconds, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from airflow_provider_wincc.client.messages.values import Message, MessageReading
    from airflow_provider_wincc.messages.known_rows import Row

LATEST = timedelta(hours=2)
"""How late a row may come and still be new: from a controller that was cut off, or after a clock was set back."""

_LATEST_SECONDS = int(LATEST.total_seconds())


class Arrived(NamedTuple):
    """What is new in a reading.

    :param messages: the new rows, oldest first, those without a time before them.
    :param dismissed: how many rows have shown up that are too old to be new, though the last reading that had any rows
        had them not.
    """

    messages: tuple[Message, ...]
    dismissed: int = 0


class Filled(NamedTuple):
    """What the messages that are pending have told of the gaps.

    :param messages: the rows that lie in a gap, oldest first.
    :param is_certain: whether nothing can be missing any more.
    """

    messages: tuple[Message, ...]
    is_certain: bool


class Arrivals:
    """Finds the rows of each reading that none of the readings before had.

    The first reading has no new rows: they were there before. From then on a row is new when it is not known and not
    older than the horizon, which lies :data:`LATEST` before the newest row, or less when very many rows came since.
    Until a row with a time has come, nobody knows by which clock the station goes; the horizon then lies no later than
    :data:`LATEST` before the newest of the first ones.
    An answer with fewer rows, or with none, forgets nothing, so that the next one doubles nothing.

    A reading of an archive that has nothing in common with what is known opens a gap: rows between them were pushed
    out of the answer. :meth:`fill` looks for them among the messages that are pending.

    :param is_history: whether the readings are of an archive; in other lists rows go when a message does.
    """

    def __init__(self, *, is_history: bool) -> None:
        self._is_history = is_history
        self._known: KnownRows | None = None
        self._newest: int | None = None
        self._last_counter: int | None = None
        self._gaps: list[Gap] = []
        self._had_rows: bool | None = None
        self._last_shown: frozenset[bytes] | None = None

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The gaps that nobody has tried to fill yet."""
        return tuple(self._gaps)

    def take(self, reading: MessageReading, *, at: datetime) -> Arrived:
        """Take a reading, and return what is new in it.

        :param at: the time of day, timezone-aware.
        """
        rows = rows_of(reading.messages)
        known, now = self._known, milliseconds(at)
        moments = [row.moment for row in rows if row.moment is not None]
        arrived = Arrived(())
        if known is None:
            known = self._known = KnownRows(0)
        else:
            if self._newest is None and moments:
                # The clock or the time zone of the station may lag by hours behind the one that the horizon is of.
                known.horizon = min(known.horizon, _latest_before(max(moments)))
            fresh = tuple(row.message for row in rows if row not in known and not known.is_too_old(row))
            arrived = Arrived(fresh, self._count_dismissed(rows, known))
            if fresh and self._is_history and self._is_cut_off(rows, known, is_full=reading.is_full):
                gap = self._gap_before(rows, fresh, known)
                if not gap.is_filled_by(()):
                    self._gaps.append(gap)
        self._newest = max(moments if self._newest is None else [self._newest, *moments], default=None)
        known.add(rows, horizon=self._horizon(now))
        if rows:
            self._last_counter = last_counter(reading.messages)
        self._had_rows = bool(rows)
        if rows or self._last_shown is None:
            self._last_shown = frozenset(row.hash for row in rows)
        return arrived

    def fill(self, pending: MessageReading) -> Filled:
        """Fill the gaps with what is pending; they are closed then, with whatever came to light.

        :param pending: the messages that are pending, by the same filter.
        """
        known, gaps = self._known, self._gaps
        if known is None or not gaps:
            return Filled((), is_certain=True)
        rows = rows_of(pending.messages)
        parts = [[row for row in rows if _lies_in(gap, row, known)] for gap in gaps]
        is_certain = all(gap.is_filled_by([row.message for row in part]) for gap, part in zip(gaps, parts, strict=True))
        found = {row.hash: row for part in parts for row in part}
        known.add(found.values(), horizon=known.horizon)
        self._gaps = []
        return Filled(tuple(row.message for row in found.values()), is_certain)

    def give_up_gaps(self) -> None:
        """Close the gaps as they are."""
        self._gaps = []

    def to_json(self) -> dict[str, Any]:
        """Return what another process must know to go on, as plain JSON types; the same for the same state."""
        return {
            "known": None if self._known is None else self._known.to_json(),
            "newest": self._newest,
            "last_counter": self._last_counter,
            "gaps": [gap.to_json() for gap in self._gaps],
        }

    def resume(self, told: object) -> None:
        """Go on where another process left off.

        :raises ValueError: when it is not what :meth:`to_json` gave; nothing is changed then.
        """
        match told:
            case {
                "known": known,
                "newest": int() | None as newest,
                "last_counter": int() | None as last_counter,
                "gaps": list(gaps),
            }:
                rows = None if known is None else KnownRows.from_json(known)
                self._gaps = [Gap.from_json(gap) for gap in gaps]
                self._known, self._newest, self._last_counter = rows, newest, last_counter
            case _:
                raise ValueError(f"expected what a watcher has seen, not {told!r:.200}")

    def _horizon(self, now: int) -> int:
        # A clock of the station that runs ahead must not make rows of the right time too old, when it is corrected.
        return _latest_before(now if self._newest is None else min(now, self._newest))

    def _count_dismissed(self, rows: Sequence[Row], known: KnownRows) -> int:
        last = self._last_shown
        # Without a reading before, or after one of other rows altogether, nothing can be told.
        if last is None or (last and last.isdisjoint(row.hash for row in rows)):
            return 0
        return sum(known.is_too_old(row) and row.hash not in last for row in rows)

    def _is_cut_off(self, rows: Sequence[Row], known: KnownRows, *, is_full: bool) -> bool:
        """Whether a reading has nothing in common with what is known, so that rows between may have been left out."""
        dated = [row for row in rows if row.moment is not None]
        if not dated:
            return is_full and all(row not in known for row in rows)
        oldest = min(dated, key=_moment)
        if known.is_too_old(oldest):
            return False
        if is_full:
            # Of the rows of the oldest moment, some may have been left out.
            return all(row not in known or row.moment == oldest.moment for row in dated)
        # Stations may have bounds of their own. A list that was empty before has lost nothing.
        had_rows = known.has_dated if self._had_rows is None else self._had_rows
        return had_rows and all(row not in known for row in dated)

    def _gap_before(self, rows: Sequence[Row], fresh: Sequence[Message], known: KnownRows) -> Gap:
        oldest = min((row.moment for row in rows if row.moment is not None), default=known.horizon * 1000 - 1)
        start = self._newest
        if start is None or start > oldest:
            # The clock of the station has been set back, or it tells no times.
            start = known.horizon * 1000
        return Gap(start, oldest, self._last_counter, first_counter(fresh))


def _lies_in(gap: Gap, row: Row, known: KnownRows) -> bool:
    moment = row.moment
    if moment is None or row in known or not gap.start <= moment <= gap.end:
        return False
    # At its ends there are rows that were seen; those before the horizon are forgotten.
    return gap.start < moment < gap.end or not known.is_too_old(row)


def _latest_before(moment: int) -> int:
    """Return the horizon of a moment: milliseconds since 1970 to whole seconds."""
    return moment // 1000 - _LATEST_SECONDS


def _moment(row: Row) -> int:
    return row.moment or 0
