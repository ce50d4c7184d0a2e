"""Series of archived rows: rows of a span are found at once, however long the series is, and made when needed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, Protocol

from airflow_provider_wincc.simulator.archive_moments import HOUR, MINUTE, first_millisecond_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from airflow_provider_wincc.simulator.archive_settings import Archived, HandMadeRow


class Chunk(NamedTuple):
    """Rows of one hour in time order, by column; all values are of one type.

    :param hour: hours since 1970.
    :param offsets: milliseconds of each row in the hour.
    """

    hour: int
    offsets: Sequence[int]
    values: Sequence[Archived | None]
    qualities: Sequence[int]

    def part(self, start: int, stop: int) -> Chunk:
        """Give some of the rows, by their places."""
        return Chunk(self.hour, self.offsets[start:stop], self.values[start:stop], self.qualities[start:stop])


class Series(Protocol):
    """The rows that an archive has of a tag; times are in milliseconds since 1970."""

    def since(self) -> int:
        """Give the millisecond of the first row that there can be."""
        ...

    def until(self) -> int:
        """Give the millisecond after the last row that there can be now."""
        ...

    def chunks(self, start: int, end: int) -> Iterator[Chunk]:
        """Make the rows from ``start`` up to, but not including, ``end``."""
        ...

    def count(self, start: int, end: int) -> int:
        """Count the rows of a span without making them."""
        ...


class HandMadeSeries:
    """Rows that were given by hand; rows of the same millisecond keep their order."""

    def __init__(self, rows: Sequence[HandMadeRow]) -> None:
        timed = [(first_millisecond_from(timestamp), value, quality) for timestamp, value, quality in rows]
        self._rows = sorted(timed, key=lambda row: row[0])
        self._times = [row[0] for row in self._rows]

    def since(self) -> int:
        """Give the millisecond of the first row."""
        return self._times[0] if self._times else 0

    def until(self) -> int:
        """Give the millisecond after the last row."""
        return self._times[-1] + 1 if self._times else 0

    def chunks(self, start: int, end: int) -> Iterator[Chunk]:
        """Give the rows of a span."""
        rows = self._rows[bisect_left(self._times, start) : bisect_left(self._times, end)]
        for (hour, _), group in groupby(rows, key=lambda row: (row[0] // HOUR, type(row[1]))):
            times, values, qualities = zip(*group, strict=True)
            yield Chunk(hour, [time - hour * HOUR for time in times], values, qualities)

    def count(self, start: int, end: int) -> int:
        """Count the rows of a span."""
        return max(0, bisect_left(self._times, end) - bisect_left(self._times, start))


def earliest_rows(series: Series, start: int, end: int, limit: int | None) -> Iterator[Chunk]:
    """Make the rows of a span, or as many of them, from its start, as the limit says."""
    left = limit
    for chunk in series.chunks(start, end):
        if left is None:
            yield chunk
            continue
        if left <= 0:
            return
        yield chunk if len(chunk.offsets) <= left else chunk.part(0, left)
        left -= len(chunk.offsets)


def latest_rows(series: Series, start: int, end: int, limit: int) -> Iterator[Chunk]:
    """Make as many rows as the limit says, from the end of a span, in time order."""
    if limit <= 0 or start >= end:
        return
    begin = _start_of_latest(series, start, end, limit)
    # What is too much stands at the first millisecond, which can have several rows.
    surplus = max(0, series.count(begin, end) - limit)
    for chunk in series.chunks(begin, end):
        size = len(chunk.offsets)
        if surplus < size:
            yield chunk.part(surplus, size) if surplus else chunk
        surplus = max(0, surplus - size)


def _start_of_latest(series: Series, start: int, end: int, limit: int) -> int:
    width = MINUTE
    while end - width > start and series.count(end - width, end) < limit:
        width *= 4
    earliest = max(start, end - width)
    # The first start from which on there are too few rows; the one before it is the latest that gives enough.
    too_late = bisect_right(range(earliest, end), -limit, key=lambda begin: -series.count(begin, end))
    return max(earliest, earliest + too_late - 1)
