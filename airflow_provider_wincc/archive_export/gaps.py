"""What an export covers: rows, first and last timestamp, and the gaps in between."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter, sub
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.archive_export.good_numbers import GOOD_CODES
from airflow_provider_wincc.archive_export.interval import Interval
from airflow_provider_wincc.archive_export.moments import check_span, to_text
from airflow_provider_wincc.archive_export.window_parts import part_of
from airflow_provider_wincc.client.arguments import check_names

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from airflow_provider_wincc.client.archives.values import ArchiveColumns, ArchiveWindow

MOST_REMEMBERED = 100
"""Gaps: what an operator hands on goes through Airflow's database, and must not grow with the archive."""

_STRIDE = 16
_CODES_NOT_GOOD = bytes(set(range(256)) - GOOD_CODES)


@dataclass(frozen=True, slots=True)
class Gap:
    """A span without a row of one tag.

    :param tag: the archive tag.
    :param start: the row before it, or the start of the interval.
    :param end: the row after it, or the end of the interval.
    """

    tag: str
    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON types."""
        return {
            "tag": self.tag,
            "start": to_text(self.start),
            "end": to_text(self.end),
            "seconds": self.length.total_seconds(),
        }


@dataclass(slots=True)
class TagCoverage:
    """What was read of one tag.

    :param first: timestamp of the first row; None when there is none.
    :param last: timestamp of the last row.
    :param rows: all rows.
    :param good_rows: rows of good quality.
    :param gap_count: spans without a row that are longer than what was asked for.
    """

    first: datetime | None = None
    last: datetime | None = None
    rows: int = 0
    good_rows: int = 0
    gap_count: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON types."""
        return {
            "rows": self.rows,
            "good_rows": self.good_rows,
            "first": None if self.first is None else to_text(self.first),
            "last": None if self.last is None else to_text(self.last),
            "gap_count": self.gap_count,
        }


@dataclass(frozen=True, slots=True)
class Coverage:
    """What an export covers.

    :param tags: by tag, in the order in which they were asked for; tags without a row too.
    :param gaps: the longest gaps, at most 100, in order of their start.
    """

    tags: dict[str, TagCoverage]
    gaps: tuple[Gap, ...]

    @property
    def row_count(self) -> int:
        """Rows of all tags."""
        return sum(tag.rows for tag in self.tags.values())

    @property
    def good_row_count(self) -> int:
        """Rows of good quality of all tags."""
        return sum(tag.good_rows for tag in self.tags.values())

    @property
    def gap_count(self) -> int:
        """All gaps of all tags, those that are not remembered too."""
        return sum(tag.gap_count for tag in self.tags.values())

    @property
    def first(self) -> datetime | None:
        """Timestamp of the first row of all."""
        return min((tag.first for tag in self.tags.values() if tag.first is not None), default=None)

    @property
    def last(self) -> datetime | None:
        """Timestamp of the last row of all."""
        return max((tag.last for tag in self.tags.values() if tag.last is not None), default=None)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON types, with timestamps as ISO 8601 in UTC."""
        return {
            "rows": self.row_count,
            "good_rows": self.good_row_count,
            "first": None if self.first is None else to_text(self.first),
            "last": None if self.last is None else to_text(self.last),
            "gap_count": self.gap_count,
            "gaps": [gap.to_json() for gap in self.gaps],
            "tags": {name: tag.to_json() for name, tag in self.tags.items()},
        }


class GapFinder:
    """Is fed with the windows of an export and says what they cover.

    The time from the start of the interval to a tag's first row and from its last row to the end can be gaps too, and
    a tag without any row is one gap. Rows outside the interval count nowhere. State is one small record per tag and
    the 100 longest gaps.

    :param tags: all tags that were asked for.
    :param start: first moment, timezone-aware.
    :param end: first moment after the interval, timezone-aware.
    :param longest_gap: longest time between two rows that is no gap yet; None to look for no gaps.
    :raises WinCCConfigurationError: when an argument is wrong.
    """

    def __init__(
        self, tags: Iterable[str], *, start: datetime, end: datetime, longest_gap: timedelta | None = None
    ) -> None:
        interval = Interval(start, end)
        self._start, self._end = interval.start, interval.end
        self._longest_gap = None if longest_gap is None else check_span("longest_gap", longest_gap)
        self._tags = {tag: TagCoverage() for tag in check_names(tags)}
        self._longest: list[tuple[timedelta, int, Gap]] = []
        self._found = 0

    def add(self, window: ArchiveWindow) -> None:
        """Take the rows of the next window."""
        for columns in part_of(window, self._start, self._end).columns:
            self._add(columns)

    def finish(self) -> Coverage:
        """Look at the time up to the end of the interval, and return what was found; once, after the last window."""
        for name, tag in self._tags.items():
            self._look_at(name, tag, self._start if tag.last is None else tag.last, self._end)
        gaps = sorted((gap for *_, gap in self._longest), key=attrgetter("start", "tag"))
        return Coverage(self._tags, tuple(gaps))

    def _add(self, columns: ArchiveColumns) -> None:
        tag = self._tags.setdefault(columns.tag, TagCoverage())
        # Most columns have no gap at all: where so many rows on end take no longer, no two of them do.
        some = columns.moments_at(slice(None, None, _STRIDE)) + columns.moments_at(slice(-1, None))
        self._look_at(columns.tag, tag, self._start if tag.last is None else tag.last, some[0])
        if self._may_have_gap(some):
            for earlier, later in pairwise(columns.timestamps):
                self._look_at(columns.tag, tag, earlier, later)
        tag.first = some[0] if tag.first is None else tag.first
        tag.last = some[-1]
        tag.rows += len(columns)
        tag.good_rows += len(bytes(columns.qualities).translate(None, _CODES_NOT_GOOD))

    def _may_have_gap(self, moments: list[datetime]) -> bool:
        gap = self._longest_gap
        return gap is not None and max(map(sub, moments[1:], moments)) > gap

    def _look_at(self, name: str, tag: TagCoverage, earlier: datetime, later: datetime) -> None:
        if self._longest_gap is None or later - earlier <= self._longest_gap:
            return
        tag.gap_count += 1
        self._found += 1
        # Of gaps of one length the earlier found one stays.
        entry = (later - earlier, -self._found, Gap(name, earlier, later))
        if len(self._longest) < MOST_REMEMBERED:
            heapq.heappush(self._longest, entry)
        else:
            heapq.heappushpop(self._longest, entry)
