"""The bucket of one tag that is not finished yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.archive_export.aggregates import Aggregate, ResampledValue
from airflow_provider_wincc.archive_export.bucket_figures import BucketFigures
from airflow_provider_wincc.archive_export.good_numbers import good_number, good_numbers
from airflow_provider_wincc.archive_export.moments import from_microseconds, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Collection

    from airflow_provider_wincc.client.archives.values import ArchiveColumns


class OpenBucket:
    """What is known so far of one tag's bucket, and the value that holds on into the next one.

    Times are microseconds since 1970.

    :param longest_hold: after this long a value without a following row is in force no more; None for never.
    """

    def __init__(self, tag: str, aggregates: Collection[Aggregate], *, longest_hold: int | None) -> None:
        self.tag = tag
        self._aggregates = tuple(aggregates)
        self._weighs = Aggregate.TIME_WEIGHTED_MEAN in aggregates
        self._with_total = Aggregate.MEAN in aggregates
        self._longest_hold = longest_hold
        self._in_force: float | None = None
        self._holds_until: int | None = None
        self._weighed_until = 0
        self._figures = BucketFigures()

    def carry_in(self, columns: ArchiveColumns, index: int, start: int) -> None:
        """Have the row's value in force from ``start`` on; the row itself counts nowhere."""
        if self._weighs:
            self._put_in_force(columns, index, to_microseconds(columns.timestamps[index]))
            self._weighed_until = start

    def take(self, columns: ArchiveColumns, first: int, last: int) -> None:
        """Take the rows from ``first`` up to, but without, ``last``: all of them lie in this bucket."""
        self._figures.count += last - first
        good = good_numbers(columns.values[first:last], columns.qualities[first:last])
        if good:
            self._figures.take(good, with_total=self._with_total)
        if self._weighs:
            for index in range(first, last):
                moment = to_microseconds(columns.timestamps[index])
                self._weigh_until(moment)
                self._put_in_force(columns, index, moment)

    def holds_at(self, moment: int) -> bool:
        """Whether a value is in force just after the moment, when no row comes."""
        return self._in_force is not None and (self._holds_until is None or moment < self._holds_until)

    def close(self, start: int, end: int, *, with_empty: bool) -> ResampledValue | None:
        """End the bucket and begin the next one; None when there is nothing to say of it."""
        self._weigh_until(end)
        figures = self._figures
        if not (figures.count or figures.known_time or with_empty):
            return None
        self._figures = BucketFigures()
        return ResampledValue(
            self.tag,
            from_microseconds(start),
            from_microseconds(end),
            figures.count,
            **{aggregate.value: figures.result(aggregate) for aggregate in self._aggregates},  # type: ignore[arg-type]
        )

    def _put_in_force(self, columns: ArchiveColumns, index: int, moment: int) -> None:
        self._in_force = good_number(columns.values[index], columns.qualities[index])
        self._holds_until = None if self._longest_hold is None else moment + self._longest_hold

    def _weigh_until(self, moment: int) -> None:
        if self._in_force is not None:
            until = moment if self._holds_until is None else min(moment, self._holds_until)
            if until > self._weighed_until:
                self._figures.weigh(self._in_force, until - self._weighed_until)
        self._weighed_until = moment
