"""Rows of an archive made into columns, and parts of columns."""

from __future__ import annotations

from bisect import bisect_left
from itertools import islice
from operator import ge, le
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.archives import raw_columns
from airflow_provider_wincc.client.archives.values import ArchiveColumns
from airflow_provider_wincc.client.wire import normalised

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime, tzinfo

_GOOD = 0x80
_NAMES = (("timestamp", "time", "datetime", "ts"), ("value", "realvalue"), ("qualitycode", "quality"), ("flags",))
_Keys = tuple[str | None, ...]


def columns_of(tag: str, rows: Sequence[Mapping[str, Any]], timezone: tzinfo) -> ArchiveColumns:
    """Turn the rows of one tag, of which there is at least one, into columns in the order in which they were sent.

    :param timezone: of timestamps that carry none.
    :raises UnreadableEntryError: for a row that cannot be read. One without a time has no place, and is never dropped.
    """
    moments, values, qualities, flags = _raw_columns(rows)
    timestamps, texts = raw_columns.read_moments(moments or [None] * len(rows), timezone)
    return ArchiveColumns(
        tag,
        timestamps,
        [None] * len(rows) if values is None else raw_columns.read_values(values),
        [_GOOD] * len(rows) if qualities is None else raw_columns.read_qualities(qualities),
        None if flags is None else raw_columns.read_flags(flags),
        texts,
    )


def in_time_order(columns: ArchiveColumns, *, newest_first: bool) -> ArchiveColumns:
    """Return columns as sent in time order; rows of the same timestamp stay in the station's order.

    :param newest_first: whether the station sends the newest rows first, as far as is known: then that order runs
        backwards, and is turned round with the rest.
    """
    timestamps = columns.timestamps
    is_one_moment = timestamps[0] == timestamps[-1]
    if all(map(le, timestamps, islice(timestamps, 1, None))) and not (newest_first and is_one_moment):
        return columns
    if all(map(ge, timestamps, islice(timestamps, 1, None))):
        return _picked(columns, lambda column: column[::-1])
    order = sorted(range(len(timestamps)), key=timestamps.__getitem__)
    return _picked(columns, lambda column: list(map(column.__getitem__, order)))


def trimmed(columns: ArchiveColumns, start: datetime, end: datetime) -> ArchiveColumns | None:
    """Return what of the columns lies in ``start <= timestamp < end``; None when nothing does."""
    first = bisect_left(columns.timestamps, start)
    last = bisect_left(columns.timestamps, end, lo=first)
    if first == last:
        return None
    if last - first == len(columns):
        return columns
    return _picked(columns, lambda column: column[first:last])


def _picked(columns: ArchiveColumns, pick: Callable[[list[Any]], list[Any]]) -> ArchiveColumns:
    return ArchiveColumns(
        columns.tag,
        pick(columns.timestamps),
        pick(columns.values),
        pick(columns.qualities),
        None if columns.flags is None else pick(columns.flags),
        None if columns.timestamp_texts is None else pick(columns.timestamp_texts),
    )


def _raw_columns(rows: Sequence[Mapping[str, Any]]) -> tuple[list[Any] | None, ...]:
    """Return times, values, qualities and flags as sent; None for a column that no row has."""
    form = rows[0]
    if sum(map(len, rows)) == len(form) * len(rows):
        keys = _keys_of(tuple(form))
        others = form.keys() - set(keys)
        try:
            columns = tuple(None if key is None else [row[key] for row in rows] for key in keys)
        except KeyError:
            pass
        else:
            # As many keys as the first row on average, and all keys of the first row: all rows are of its form.
            if all(key in row for key in others for row in rows):
                return columns
    forms = {form: _keys_of(form) for form in set(map(tuple, rows))}
    places = [forms[tuple(row)] for row in rows]
    return tuple(
        None
        if all(keys[part] is None for keys in forms.values())
        else [None if (key := keys[part]) is None else row[key] for row, keys in zip(rows, places, strict=True)]
        for part in range(len(_NAMES))
    )


def _keys_of(form: tuple[str, ...]) -> _Keys:
    spelled = {normalised(key): key for key in reversed(form)}
    return tuple(next((spelled[name] for name in names if name in spelled), None) for names in _NAMES)
