"""The rows of a window one by one, for what is written row by row."""

from __future__ import annotations

from itertools import repeat
from operator import itemgetter
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.storable import storable_text

if TYPE_CHECKING:
    from datetime import datetime

    from airflow_provider_wincc.client.archives.values import Archived, ArchiveWindow

    Row = tuple[str, datetime, Archived | None, int, int | None]


def merged_rows(window: ArchiveWindow) -> list[Row]:
    """Return tag, timestamp, value, quality and flags of all rows in time order.

    Rows of one timestamp come in the order of the tags, and those of one tag as the station had them.
    """
    rows = [
        row
        for columns in window.columns
        for row in zip(
            repeat(columns.tag, len(columns)),
            columns.timestamps,
            columns.values,
            columns.qualities,
            columns.flags or repeat(None, len(columns)),
            strict=True,
        )
    ]
    if len(window.columns) > 1:
        rows.sort(key=itemgetter(1))
    return rows


def split_value(value: Archived | None) -> tuple[float | None, str | None]:
    """Return the number and the text of a value, at most one of which is not None; true is 1.0, false is 0.0.

    What no database takes of a text is replaced, see :mod:`~airflow_provider_wincc.client.storable`.
    """
    if isinstance(value, str):
        return None, storable_text(value)
    # The second half is true of everything but "not a number".
    return (float(value) if value is not None and value == value else None), None  # noqa: PLR0124
