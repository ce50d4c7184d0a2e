"""When a station may be asked: the beat of each interval, the pause after failures, and a refusal that lasts."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from airflow_provider_wincc.client.errors import WinCCError
    from airflow_provider_wincc.client.settings import StationSettings

FRESH_SHARE = 0.1
"""A reading younger than this share of the interval is at hand for a waiter of that interval."""
# A station that needs longer than the interval for one cycle still gets this share of it as a pause.
_PAUSE_SHARE = 0.2
_LONGEST_BACK_OFF = 60.0
_MOST_DOUBLINGS = 16
# Due times that are the same on paper differ by the rounding of floating-point numbers.
_ROUNDING = 1e-3


class Pace:
    """The pace of one connection. It outlives the loop that reads it, so that leaving and coming back changes nothing.

    All intervals beat on one grid that starts with the connection: intervals of 5 and 10 seconds are due together
    every 10 seconds. Times are monotonic.

    :param now: where the grid starts.
    """

    def __init__(self, now: float) -> None:
        self.failures = 0
        self._grid_start = now
        self._due_at: dict[float, float] = {}
        self._not_before = now
        self._refusal: tuple[WinCCError, float, StationSettings | None] | None = None

    def due_at(self, interval: float) -> float:
        """Return when an interval is due; one that was not seen lately is due at once."""
        return max(self._not_before, self._due_at.get(interval, self._grid_start))

    def is_due(self, interval: float, now: float) -> bool:
        """Whether an interval is due."""
        return self.due_at(interval) <= now + _ROUNDING

    def cycle_ended(self, intervals: Collection[float], *, started: float, ended: float) -> None:
        """Set the next due times of the intervals that a cycle has served."""
        self._due_at = {interval: due for interval, due in self._due_at.items() if due > ended}
        for interval in intervals:
            self._due_at[interval] = max(
                self._beat_after(started + FRESH_SHARE * interval, interval), ended + _PAUSE_SHARE * interval
            )

    def answered(self) -> None:
        """Note that the station has answered something: what it has refused before counts no more."""
        self._refusal = None

    def succeeded(self) -> int:
        """Note that the station has answered everything; return how many failures there were before."""
        failures, self.failures = self.failures, 0
        return failures

    def failed(
        self,
        error: WinCCError,
        now: float,
        *,
        shortest: float,
        partly_answered: bool,
        settings: StationSettings | None = None,
    ) -> None:
        """Note that a cycle failed: the next one waits, about twice as long with each failure, up to a minute.

        A failure that does not pass by itself ends the loop, so there is nothing to wait for; if it is the station's
        answer, it is kept as its :meth:`refusal`.

        :param shortest: the shortest interval that anybody reads at; the pause is not below it, unless that is more
            than a minute: who waits long must not make the others wait.
        :param partly_answered: the station answered a part, so it is not away: the pause starts from its shortest.
        :param settings: with which the station was asked.
        """
        if not error.retryable:
            self.failures = 0
            self._refusal = (error, now, settings) if error.status is not None else None
            return
        self.failures = 1 if partly_answered else self.failures + 1
        back_off = min(_LONGEST_BACK_OFF, shortest * 2 ** min(self.failures, _MOST_DOUBLINGS))
        jitter = random.uniform(0.5, 1.0)  # nosec B311 # noqa: S311  jitter needs no cryptography
        self._not_before = now + max(min(shortest, _LONGEST_BACK_OFF), back_off * jitter)

    @property
    def has_refusal(self) -> bool:
        """Whether the station has refused for good, and has answered nothing since."""
        return self._refusal is not None

    def refusal(self, settings: StationSettings | None, interval: float, now: float) -> WinCCError | None:
        """Return the station's refusal for good that counts for who would ask it now with these settings.

        It is one of the last ``interval`` seconds, and of the same settings, for example of the login: asking again
        could lock the account.
        """
        if self._refusal is None:
            return None
        error, refused_at, refused = self._refusal
        return error if refused == settings and now - refused_at < interval else None

    def _beat_after(self, moment: float, interval: float) -> float:
        beats = math.floor((moment - self._grid_start) / interval) + 1
        return self._grid_start + beats * interval
