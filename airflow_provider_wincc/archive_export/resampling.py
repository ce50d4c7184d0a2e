"""Archived rows into buckets of time, in one pass and bounded memory."""

from __future__ import annotations

from bisect import bisect_left
from itertools import islice
from typing import TYPE_CHECKING

from airflow_provider_wincc.archive_export.aggregates import Aggregate, ResampledValue, check_aggregates
from airflow_provider_wincc.archive_export.interval import Interval
from airflow_provider_wincc.archive_export.moments import MICROSECOND, check_span, from_microseconds, to_microseconds
from airflow_provider_wincc.archive_export.open_bucket import OpenBucket
from airflow_provider_wincc.client.arguments import check_names
from airflow_provider_wincc.client.errors import WinCCConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime, timedelta

    from airflow_provider_wincc.client.archives.values import ArchiveColumns, ArchiveWindow

__all__ = ["Aggregate", "ResampledValue", "Resampler"]


class Resampler:
    """Makes one :class:`ResampledValue` per tag and bucket out of windows of rows.

    Buckets begin at whole multiples of ``every`` since 1970 in UTC, whatever ``start`` is: five minutes begin at :00,
    :05, :10; one day begins at midnight in UTC. The first bucket is cut at ``start`` and the last one at ``end``
    where these are no edges, so both can be shorter than ``every``.

    Only rows of good quality that hold a number enter the aggregates (true and false count as 1 and 0); ``count`` is
    the number of all rows. The time-weighted mean takes each value as in force until the tag's next row, of whatever
    quality, and on into the following buckets. Time for which no good value is in force does not count: before
    the first row, after a bad row until the next good one, and after ``longest_hold``. Of rows of the same timestamp
    the last one is in force. After the last row its value holds until ``end``.

    Rows before ``start`` are no part of any bucket; the last one of each tag gives the value in force at ``start``.
    Rows at or after ``end`` are left out.

    A bucket without any row is handed out when a value is in force in it and the time-weighted mean was asked for,
    or when ``with_empty`` asks for every bucket of every tag.

    State is kept for the open bucket of each tag only. Where the edges of the windows lie makes no difference.

    :param every: length of the buckets.
    :param aggregates: which aggregates to work out.
    :param start: first moment, timezone-aware.
    :param end: first moment after the interval, timezone-aware.
    :param tags: all tags that may come, in the order in which buckets of the same start are handed out.
    :param longest_hold: how long a value is taken as in force when no other row follows; None for without limit.
    :param with_empty: hand out buckets of which nothing is known too.
    :raises WinCCConfigurationError: when an argument is wrong.
    """

    def __init__(
        self,
        every: timedelta,
        aggregates: Iterable[Aggregate | str],
        *,
        start: datetime,
        end: datetime,
        tags: Iterable[str],
        longest_hold: timedelta | None = None,
        with_empty: bool = False,
    ) -> None:
        self.aggregates = check_aggregates(aggregates)
        self._every = check_span("every", every) // MICROSECOND
        interval = Interval(start, end)
        self._start, self._end = to_microseconds(interval.start), to_microseconds(interval.end)
        hold = None if longest_hold is None else check_span("longest_hold", longest_hold) // MICROSECOND
        self._with_empty = with_empty
        self._buckets = {tag: OpenBucket(tag, self.aggregates, longest_hold=hold) for tag in check_names(tags)}
        self._number = self._start // self._every
        self._read_until: datetime | None = None

    def add(self, window: ArchiveWindow) -> list[ResampledValue]:
        """Take a window's rows, and return the buckets that end in it, in order of their start, then tag.

        :raises WinCCConfigurationError: when the window begins before the last one ended, or has an unknown tag.
        """
        return list(self._add(window))

    def finish(self) -> list[ResampledValue]:
        """Return the buckets that were still open, up to the end of the interval."""
        return list(self._advance({}, self._end))

    def batches(self, windows: Iterable[ArchiveWindow], *, at_most: int = 10_000) -> Iterator[list[ResampledValue]]:
        """Yield the buckets of all windows and those left at the end, at most so many at a time.

        This is for long windows and short buckets: :meth:`add` and :meth:`finish` return all in one list.
        """

        def buckets() -> Iterator[ResampledValue]:
            for window in windows:
                yield from self._add(window)
            yield from self._advance({}, self._end)

        every_bucket = buckets()
        while batch := list(islice(every_bucket, at_most)):
            yield batch

    def _add(self, window: ArchiveWindow) -> Iterator[ResampledValue]:
        if self._read_until is not None and window.start < self._read_until:
            raise WinCCConfigurationError(
                f"A window from {window.start.isoformat()} came after one that ends at {self._read_until.isoformat()}.",
                hint="Give the windows in order of time, each once.",
            )
        unknown = [columns.tag for columns in window.columns if columns.tag not in self._buckets]
        if unknown:
            raise WinCCConfigurationError(
                f"A window has rows of {', '.join(map(repr, unknown))}, which is none of the tags.",
                hint="Name all tags that are read in 'tags'.",
            )
        self._read_until = window.end
        columns = {columns.tag: columns for columns in window.columns}
        return self._advance(columns, min(to_microseconds(window.end), self._end))

    def _advance(self, columns: dict[str, ArchiveColumns], until: int) -> Iterator[ResampledValue]:
        """Take the rows before ``until``, and yield the buckets that end by then."""
        positions = self._carry_in(columns)
        while self._bucket_start < min(until, self._end):
            edge = min(self._bucket_end, until)
            self._take(columns, positions, edge)
            if edge < self._bucket_end:
                return
            for bucket in self._buckets.values():
                finished = bucket.close(self._bucket_start, edge, with_empty=self._with_empty)
                if finished is not None:
                    yield finished
            self._number = self._following_bucket(columns, positions, until)

    @property
    def _bucket_start(self) -> int:
        return max(self._number * self._every, self._start)

    @property
    def _bucket_end(self) -> int:
        return min((self._number + 1) * self._every, self._end)

    def _carry_in(self, columns: dict[str, ArchiveColumns]) -> dict[str, int]:
        start = from_microseconds(self._start)
        positions = {}
        for tag, rows in columns.items():
            positions[tag] = bisect_left(rows.timestamps, start)
            if positions[tag]:
                self._buckets[tag].carry_in(rows, positions[tag] - 1, self._start)
        return positions

    def _take(self, columns: dict[str, ArchiveColumns], positions: dict[str, int], edge: int) -> None:
        moment = from_microseconds(edge)
        for tag, rows in columns.items():
            first = positions[tag]
            last = bisect_left(rows.timestamps, moment, first)
            if last > first:
                self._buckets[tag].take(rows, first, last)
                positions[tag] = last

    def _following_bucket(self, columns: dict[str, ArchiveColumns], positions: dict[str, int], until: int) -> int:
        following = self._number + 1
        edge = following * self._every
        if self._with_empty or any(bucket.holds_at(edge) for bucket in self._buckets.values()):
            return following
        # Nothing can be said of the buckets up to the next row: an archive that stood still for a year costs nothing.
        moments = [
            to_microseconds(rows.timestamps[positions[tag]])
            for tag, rows in columns.items()
            if positions[tag] < len(rows)
        ]
        return max(following, min([*moments, until]) // self._every)
