"""Windows of archived rows, made by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from airflow_provider_wincc.archive_export.facts import ArchiveFacts
from airflow_provider_wincc.client.archives.values import ArchiveColumns, ArchiveWindow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from airflow_provider_wincc.archive_export.aggregates import Aggregate
    from airflow_provider_wincc.client.archives.values import Archived

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
GOOD, UNCERTAIN, BAD = 0x80, 0x40, 0x00


class ArchiveRow(NamedTuple):
    """One row, as a test writes it down."""

    tag: str
    timestamp: datetime
    value: Archived | None
    quality: int
    flags: int | None


def at(seconds: float) -> datetime:
    return MORNING + timedelta(seconds=seconds)


def row(
    seconds: float, value: Archived | None = 1.0, *, tag: str = "A", quality: int = GOOD, flags: int | None = None
) -> ArchiveRow:
    return ArchiveRow(tag, at(seconds), value, quality, flags)


def window(
    rows: Iterable[ArchiveRow],
    *,
    start: datetime = MORNING,
    end: datetime = NINE,
    tags: Sequence[str] = ("A", "B", "C"),
    with_texts: bool = False,
) -> ArchiveWindow:
    """Make a window of the rows that lie in it; those of one tag must be in order."""
    inside = [each for each in rows if start <= each.timestamp < end]
    columns = (columns_of(tag, [each for each in inside if each.tag == tag], with_texts=with_texts) for tag in tags)
    return ArchiveWindow(start, end, tuple(filter(None, columns)))


def columns_of(tag: str, rows: Sequence[ArchiveRow], *, with_texts: bool) -> ArchiveColumns | None:
    if not rows:
        return None
    flags = [each.flags for each in rows]
    return ArchiveColumns(
        tag,
        [each.timestamp for each in rows],
        [each.value for each in rows],
        [each.quality for each in rows],
        None if set(flags) == {None} else flags,
        [f"{each.timestamp:%Y-%m-%dT%H:%M:%S.%f}Z" for each in rows] if with_texts else None,
    )


def windows_between(
    rows: Sequence[ArchiveRow], edges: Sequence[datetime], *, with_texts: bool = False
) -> list[ArchiveWindow]:
    """Make windows that follow each other without a hole."""
    return [window(rows, start=start, end=end, with_texts=with_texts) for start, end in pairwise(edges)]


def facts(*, aggregates: Sequence[Aggregate] = (), tags: Sequence[str] = ("A", "B", "C")) -> ArchiveFacts:
    return ArchiveFacts(
        archive="ProcessData",
        station="https://plant.example:34568",
        tags=tags,
        start=MORNING,
        end=NINE,
        every=timedelta(minutes=1) if aggregates else None,
        aggregates=aggregates,
    )
