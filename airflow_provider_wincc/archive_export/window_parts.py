"""Windows cut in time."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.archives.values import ArchiveColumns, ArchiveWindow

if TYPE_CHECKING:
    from datetime import datetime


def part_of(window: ArchiveWindow, start: datetime, end: datetime) -> ArchiveWindow:
    """Return the part of a window from ``start`` up to, but without, ``end``; the window itself when that is all of it.

    A window that lies outside becomes one without rows and without length.
    """
    if start <= window.start and window.end <= end:
        return window
    parts = (_part_of(columns, start, end) for columns in window.columns)
    first = max(window.start, start)
    return ArchiveWindow(first, max(min(window.end, end), first), tuple(part for part in parts if part is not None))


def _part_of(columns: ArchiveColumns, start: datetime, end: datetime) -> ArchiveColumns | None:
    first = bisect_left(columns.timestamps, start)
    last = bisect_left(columns.timestamps, end, first)
    if first == last:
        return None
    return ArchiveColumns(
        columns.tag,
        columns.timestamps[first:last],
        columns.values[first:last],
        columns.qualities[first:last],
        None if columns.flags is None else columns.flags[first:last],
        None if columns.timestamp_texts is None else columns.timestamp_texts[first:last],
    )
