"""One file per day or hour: where each goes, and which rows and buckets belong into it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING

from airflow_provider_wincc.archive_export.interval import Interval
from airflow_provider_wincc.archive_export.window_parts import part_of
from airflow_provider_wincc.client.errors import WinCCConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from airflow_provider_wincc.archive_export.aggregates import ResampledValue
    from airflow_provider_wincc.client.archives.values import ArchiveWindow


class PartitionBy(StrEnum):
    """Length of a partition; both begin where they do in UTC."""

    DAY = "day"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class Partition:
    """The part of an interval that goes into one file.

    :param start: first moment, in UTC.
    :param end: first moment after it, in UTC.
    :param path: folder of the file as Hive, Spark, DuckDB and pyarrow name it (``date=2026-03-02/hour=07/``): relative,
        with a slash at its end; empty when nothing is partitioned.
    """

    start: datetime
    end: datetime
    path: str


_LENGTHS = {PartitionBy.DAY: timedelta(days=1), PartitionBy.HOUR: timedelta(hours=1)}
_PATHS = {PartitionBy.DAY: "date=%Y-%m-%d/", PartitionBy.HOUR: "date=%Y-%m-%d/hour=%H/"}


def partitions_of(start: datetime, end: datetime, by: PartitionBy | str | None) -> list[Partition]:
    """Return the partitions of an interval in order; the first and the last one can be parts of a day or an hour.

    :param start: first moment, timezone-aware.
    :param end: first moment after the interval, timezone-aware.
    :param by: ``"day"`` or ``"hour"`` in UTC, None for one partition of all.
    :raises WinCCConfigurationError: when an argument is wrong.
    """
    interval = Interval(start, end)
    if by is None:
        return [Partition(interval.start, interval.end, "")]
    try:
        by = PartitionBy(by)
    except ValueError:
        raise WinCCConfigurationError(
            f"The partitions are by {by!r}.", hint=f"Expected {', '.join(map(repr, map(str, PartitionBy)))} or None."
        ) from None
    edge = interval.start.replace(minute=0, second=0, microsecond=0)
    if by is PartitionBy.DAY:
        edge = edge.replace(hour=0)
    partitions = []
    while edge < interval.end:
        following = edge + _LENGTHS[by]
        path = edge.strftime(_PATHS[by])
        partitions.append(Partition(max(edge, interval.start), min(following, interval.end), path))
        edge = following
    return partitions


def cut_window(window: ArchiveWindow, partitions: Sequence[Partition]) -> Iterator[tuple[Partition, ArchiveWindow]]:
    """Yield the window's part of each partition that it touches, with or without rows; the rest is left out.

    :param partitions: in order and without holes, as :func:`partitions_of` gives them.
    """
    for partition in partitions[_index_of(window.start, partitions) :]:
        if partition.start >= window.end:
            return
        if partition.end > window.start:
            yield partition, part_of(window, partition.start, partition.end)


def cut_buckets(
    buckets: Iterable[ResampledValue], partitions: Sequence[Partition]
) -> Iterator[tuple[Partition, list[ResampledValue]]]:
    """Yield the buckets of each partition; a bucket that lies across an edge belongs where it starts.

    :param buckets: in order of their start.
    """
    for index, group in groupby(buckets, key=lambda bucket: _index_of(bucket.start, partitions)):
        yield partitions[index], list(group)


def _index_of(moment: datetime, partitions: Sequence[Partition]) -> int:
    return max(bisect_right(partitions, moment, key=lambda partition: partition.start) - 1, 0)
