"""A reading of an archive into a table."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.archive_export.rows import split_value
from airflow_provider_wincc.archive_export.spool import Spool
from airflow_provider_wincc.archive_export.table import TableInterval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from airflow_provider_wincc.archive_export.aggregates import Aggregate
    from airflow_provider_wincc.archive_export.reading import ArchiveReading
    from airflow_provider_wincc.archive_export.table import ArchiveTable
    from airflow_provider_wincc.client.archives.values import ArchiveColumns

_ROWS_AT_ONCE = 5_000


def write_table(reading: ArchiveReading, table: ArchiveTable, *, station: str) -> dict[str, Any]:
    """Read all of the interval, and then put it into the table in place of what stood there for it.

    :param station: the name under which the station's rows are kept.
    :raises ArchiveTargetError: when the database or the temporary folder refuses, or no rows came where some stand;
        the table is unchanged.
    :raises WinCCError: when reading failed; the table is unchanged.
    """
    # Whatever is wrong with the database is better known before the plant is asked for a million rows.
    table.create()
    interval = TableInterval(
        station=station,
        archive=reading.archive,
        tags=reading.tags,
        start=reading.interval.start,
        end=reading.interval.end,
    )
    resampling = reading.resampling
    rows = _rows(reading) if resampling is None else _buckets(reading, resampling.aggregates)
    with Spool() as spool:
        while batch := list(islice(rows, _ROWS_AT_ONCE)):
            spool.write(batch)
        replaced, written = table.replace(interval, spool.batches())
    return {"table": table.name, "written": written, "replaced": replaced}


def _rows(reading: ArchiveReading) -> Iterator[dict[str, Any]]:
    for window in reading.windows():
        for columns in window.columns:
            yield from _rows_of_tag(columns)


def _rows_of_tag(columns: ArchiveColumns) -> Iterator[dict[str, Any]]:
    flags = columns.flags or [None] * len(columns)
    occurrence, before = 0, None
    # Rows of one timestamp always come in one window.
    for timestamp, value, quality, flag in zip(
        columns.timestamps, columns.values, columns.qualities, flags, strict=True
    ):
        occurrence = occurrence + 1 if timestamp == before else 0
        before = timestamp
        number, text = split_value(value)
        yield {
            "tag": columns.tag,
            "timestamp": timestamp,
            "occurrence": occurrence,
            "value": number,
            "text": text,
            "quality": quality,
            "flags": flag,
        }


def _buckets(reading: ArchiveReading, aggregates: Sequence[Aggregate]) -> Iterator[dict[str, Any]]:
    for buckets in reading.buckets():
        for bucket in buckets:
            yield {
                "tag": bucket.tag,
                "timestamp": bucket.start,
                "bucket_end": bucket.end,
                "row_count": bucket.count,
                **{aggregate.value: bucket.value_of(aggregate) for aggregate in aggregates},
            }
