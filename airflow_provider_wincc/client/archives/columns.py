"""Rows of an archive made into columns, and parts of columns."""

from __future__ import annotations

from itertools import islice
from operator import ge, le
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.archives import raw_columns
from airflow_provider_wincc.client.archives.learned_rows import LearnedRow
from airflow_provider_wincc.client.archives.row_forms import GOOD, raw_columns_of
from airflow_provider_wincc.client.archives.sent_columns import sent_columns
from airflow_provider_wincc.client.archives.values import ArchiveColumns

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime, tzinfo

    from airflow_provider_wincc.client.archives.raw_columns import UnreadableEntryError

    Row = Mapping[str, Any]


def columns_of(
    tag: str, rows: list[Any], timezone: tzinfo, explain: Callable[[UnreadableEntryError, Row], Exception]
) -> ArchiveColumns:
    """Turn the rows of one tag, of which there is at least one, into columns in the order in which they were sent.

    Of an ordinary form they are read only when they are asked for, and so is a row that cannot be read found out: one
    without a time has no place, and is never dropped.

    :param rows: objects, or of :class:`LearnedRow`.
    :param timezone: of timestamps that carry none.
    :param explain: makes the error that is raised for a row that cannot be read.
    """
    unread = sent_columns(tag, rows, explain)
    if unread is not None:
        return unread
    rows = [row.to_dict() if isinstance(row, LearnedRow) else row for row in rows]
    moments, values, qualities, flags = raw_columns_of(rows)
    try:
        timestamps, texts = raw_columns.read_moments(moments or [None] * len(rows), timezone)
        return ArchiveColumns(
            tag,
            timestamps,
            [None] * len(rows) if values is None else raw_columns.read_values(values),
            [GOOD] * len(rows) if qualities is None else raw_columns.read_qualities(qualities),
            None if flags is None else raw_columns.read_flags(flags),
            texts,
        )
    except raw_columns.UnreadableEntryError as error:
        raise explain(error, rows[error.position]) from None


def in_time_order(columns: ArchiveColumns, *, newest_first: bool) -> ArchiveColumns:
    """Return columns as sent in time order; rows of the same timestamp stay in the station's order.

    :param newest_first: whether the station sends the newest rows first, as far as is known: then that order runs
        backwards, and is turned round with the rest.
    """
    places = columns.places
    is_one_moment = places[0] == places[-1]
    if all(map(le, places, islice(places, 1, None))) and not (newest_first and is_one_moment):
        return columns
    if all(map(ge, places, islice(places, 1, None))):
        return columns.picked(lambda column: column[::-1])
    order = sorted(range(len(places)), key=places.__getitem__)
    return columns.picked(lambda column: list(map(column.__getitem__, order)))


def trimmed(columns: ArchiveColumns, start: datetime, end: datetime) -> ArchiveColumns | None:
    """Return what of the columns lies in ``start <= timestamp < end``; None when nothing does."""
    first = columns.position_of(start)
    last = columns.position_of(end, from_position=first)
    if first == last:
        return None
    if last - first == len(columns):
        return columns
    return columns.picked(lambda column: column[first:last])
