"""Moments of archived rows as whole milliseconds since 1970, and the spans of time between them."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def first_millisecond_from(moment: datetime) -> int:
    """Give the first whole millisecond that is not before a moment."""
    return -((_EPOCH - moment) // _MILLISECOND)


def first_millisecond_after(moment: datetime) -> int:
    """Give the first whole millisecond that is later than a moment."""
    return (moment - _EPOCH) // _MILLISECOND + 1


def moment_of(milliseconds: int) -> datetime:
    """Give the moment, aware, in UTC."""
    return _EPOCH + milliseconds * _MILLISECOND


def is_aware(moment: Any) -> bool:
    """Whether something is a datetime with a zone."""
    return isinstance(moment, datetime) and moment.utcoffset() is not None


@dataclass(frozen=True, slots=True)
class DailySpan:
    """A span of time that comes every day.

    :param at: when it begins, a time of day in UTC, without a zone.
    :param minutes: how long it lasts; up to a day.
    :raises ValueError: naming the parameter that is wrong and what was expected.
    """

    at: time
    minutes: float

    def __post_init__(self) -> None:
        if not isinstance(self.at, time) or self.at.tzinfo is not None:
            raise ValueError(f"at is a time of day in UTC, without a zone, such as time(2, 30), not {self.at!r}")
        is_number = isinstance(self.minutes, int | float) and not isinstance(self.minutes, bool)
        if not is_number or not math.isfinite(self.minutes) or not 0 < self.minutes <= 1440:
            raise ValueError(f"minutes is a number above 0, up to 1440, not {self.minutes!r}")


Span = tuple[datetime, datetime] | DailySpan
"""From the first moment up to, but not including, the last one; or every day."""


def checked_spans(name: str, spans: Any) -> tuple[Span, ...]:
    """Give spans as a tuple.

    :raises ValueError: naming the parameter and the span that is none.
    """
    if isinstance(spans, str) or not hasattr(spans, "__iter__"):
        raise ValueError(f"{name} is a list of (start, end) and DailySpan, not {spans!r}")
    return tuple(_checked_span(name, span) for span in spans)


def _checked_span(name: str, span: Any) -> Span:
    if isinstance(span, DailySpan):
        return span
    if isinstance(span, tuple | list) and len(span) == 2 and all(map(is_aware, span)) and span[0] < span[1]:
        return (span[0], span[1])
    raise ValueError(f"{name} has (start, end), two datetimes with a zone, or DailySpan in it, not {span!r}")


class Spans:
    """Spans of time that may overlap, to be asked for what of them lies in a range of milliseconds."""

    def __init__(self, spans: Iterable[Span]) -> None:
        spans = list(spans)
        fixed = [span for span in spans if not isinstance(span, DailySpan)]
        self._fixed = _merged((first_millisecond_from(start), first_millisecond_from(end)) for start, end in fixed)
        self._daily = [span for span in spans if isinstance(span, DailySpan)]

    def __bool__(self) -> bool:
        return bool(self._fixed or self._daily)

    def overlapping(self, start: int, end: int) -> list[tuple[int, int]]:
        """Give what of the spans lies in a range, earliest first, without overlaps."""
        # The one before the first that begins later may still reach into the range.
        place = max(0, bisect_right(self._fixed, (start, start)) - 1)
        found = []
        while place < len(self._fixed) and self._fixed[place][0] < end:
            found.append(self._fixed[place])
            place += 1
        for span in self._daily:
            found += _days_of(span, start, end)
        cut = ((max(begins, start), min(ends, end)) for begins, ends in found)
        return _merged((begins, ends) for begins, ends in cut if begins < ends)


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _days_of(span: DailySpan, start: int, end: int) -> list[tuple[int, int]]:
    at = (span.at.hour * 60 + span.at.minute) * MINUTE + span.at.second * 1000 + span.at.microsecond // 1000
    length = round(span.minutes * MINUTE)
    first_day = (start - at - length) // DAY
    return [(day * DAY + at, day * DAY + at + length) for day in range(first_day, (end - at) // DAY + 1)]
