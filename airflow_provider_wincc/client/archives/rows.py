"""Columns made into rows."""

from __future__ import annotations

from itertools import repeat
from operator import attrgetter
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.archives.values import ArchiveValue
from airflow_provider_wincc.client.models import Quality

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_wincc.client.archives.values import ArchiveColumns, ArchiveWindow

_QUALITIES = [Quality(code) for code in range(256)]


def rows_of_window(window: ArchiveWindow) -> list[ArchiveValue]:
    """Return the rows of a window in time order; of one moment, in the order of the tags and then of the station."""
    rows = [row for columns in window.columns for row in _rows_of(columns)]
    if len(window.columns) > 1:
        rows.sort(key=attrgetter("timestamp"))
    return rows


def last_row(columns: ArchiveColumns) -> ArchiveValue:
    """Return the latest row."""
    return list(_rows_of(columns))[-1]


def _rows_of(columns: ArchiveColumns) -> Iterator[ArchiveValue]:
    flags = repeat(None) if columns.flags is None else columns.flags
    qualities = map(_QUALITIES.__getitem__, columns.qualities)
    return map(ArchiveValue, repeat(columns.tag), columns.timestamps, columns.values, qualities, flags)
