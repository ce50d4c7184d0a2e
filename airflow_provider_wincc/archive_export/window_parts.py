"""Windows cut in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.client.archives.columns import trimmed
from airflow_provider_wincc.client.archives.values import ArchiveWindow

if TYPE_CHECKING:
    from datetime import datetime


def part_of(window: ArchiveWindow, start: datetime, end: datetime) -> ArchiveWindow:
    """Return the part of a window from ``start`` up to, but without, ``end``; the window itself when that is all of it.

    A window that lies outside becomes one without rows and without length.
    """
    if start <= window.start and window.end <= end:
        return window
    parts = (trimmed(columns, start, end) for columns in window.columns)
    first = max(window.start, start)
    return ArchiveWindow(first, max(min(window.end, end), first), tuple(part for part in parts if part is not None))
