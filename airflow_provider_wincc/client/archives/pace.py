"""How long the next window is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.archives.moments import MILLISECOND, SECOND, floor_to

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from airflow_provider_wincc.client.archives.limits import RowCount, StationLimits
    from airflow_provider_wincc.client.archives.moments import RequestTimes

_FIRST_SPAN = timedelta(minutes=10)
_LONGEST_SPAN = timedelta(days=366)
_LEAST_FACTOR, _MOST_FACTOR = 0.25, 4.0
_SETTLED = 1.25
_TARGET_LOAD = 0.75
_TARGET_ROWS = 50_000
# A record costs a proof: worth it for a good deal more rows, and otherwise avoided by a small distance.
_WORTH_A_PROOF = 1.25
_BELOW_THE_RECORD = 0.95


class Pace:
    """Chooses the ends of windows so that answers are well filled but not full, and windows bounded in memory.

    :param limits: of the station.
    :param times: how moments are written.
    :param max_values: most rows that are asked for.
    """

    def __init__(self, limits: StationLimits, times: RequestTimes, max_values: int) -> None:
        self._limits = limits
        self._times = times
        self._max_values = max_values
        self._span = _FIRST_SPAN
        self._span_with_rows = _FIRST_SPAN
        self._crowded_until: datetime | None = None
        self.is_settled = False
        """Whether the last window was about as long as it should have been, so that the next one will be, too."""

    def end_of(self, start: datetime, end: datetime) -> datetime:
        """Return the end of the window that begins at ``start``, at most ``end``."""
        span = self._span
        if self._crowded_until is not None and start < self._crowded_until:
            # Behind a gap are more rows than fit: halfway to them, and so on, until their density is known.
            span = min(span, max((self._crowded_until - start) / 2, self._span_with_rows))
        return end if end - start <= span else min(end, self._aligned(start, span))

    def shorter(self, start: datetime, end: datetime) -> datetime | None:
        """Return an earlier end for a window whose answer was full; None when there is none."""
        half = self._aligned(start, (end - start) / 2)
        if half >= end:
            return None
        self._crowded_until = end
        return half

    def note(self, span: timedelta, answers: Sequence[RowCount]) -> None:
        """Adapt to the answers of a window."""
        factor = _MOST_FACTOR
        rows = sum(count.total for count in answers)
        if rows:
            load = max(self._limits.load_of(count, self._max_values) for count in answers)
            factor = min(factor, _TARGET_LOAD / load, _TARGET_ROWS / rows)
            most = self._limits.most
            to_record = min(
                min(most.total / count.total, most.fullest / count.fullest) for count in answers if count.total
            )
            if _BELOW_THE_RECORD * to_record < factor < _WORTH_A_PROOF * to_record:
                factor = _BELOW_THE_RECORD * to_record
            self._span_with_rows = span
            self._crowded_until = None
        self.is_settled = 1 / _SETTLED <= factor <= _SETTLED
        self._span = min(span * max(factor, _LEAST_FACTOR), _LONGEST_SPAN)

    def _aligned(self, start: datetime, span: timedelta) -> datetime:
        step = SECOND if span >= SECOND else MILLISECOND
        end = floor_to(step, start + span)
        if end <= start:
            end = floor_to(step, start) + step
        exact = self._times.exact_before(end)
        return exact if exact > start else self._times.exact_after(end)
