"""What the process value archives hand out: rows, windows of rows by column, and the archives themselves."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from airflow_provider_wincc.client.models import Quality

Archived = float | bool | str
"""A value as an archive keeps it: WinCC stores numbers as real values; binary tags come as true and false."""


class ArchiveValue(NamedTuple):
    """One archived row of one tag.

    :param tag: the archive tag as it was asked for, without the archive's name.
    :param timestamp: when the value was archived, timezone-aware in UTC.
    :param value: float, bool, or the text where it is neither; None for "not a number" and no value.
    :param quality: the quality code.
    :param flags: the archive's own flags; None where the station sends none. Opaque: no public table of them exists.
    """

    tag: str
    timestamp: datetime
    value: Archived | None
    quality: Quality
    flags: int | None = None


@dataclass(slots=True)
class ArchiveColumns:
    """The rows of one tag in one window, by column and in time order; rows of the same timestamp keep their order.

    All lists have the same length, which is at least 1.

    :param tag: the archive tag as it was asked for.
    :param timestamps: timezone-aware, in UTC.
    :param values: as in :class:`ArchiveValue`.
    :param qualities: quality codes, 0 to 255.
    :param flags: the archive's flags; None where the station sends none.
    :param timestamp_texts: the same timestamps as the station's texts, only when all of them are ISO 8601 with a
        ``Z``: Arrow reads those many times faster than it reads datetimes.
    """

    tag: str
    timestamps: list[datetime]
    values: list[Archived | None]
    qualities: list[int]
    flags: list[int | None] | None = None
    timestamp_texts: list[str] | None = None

    def __len__(self) -> int:
        return len(self.timestamps)

    @property
    def places(self) -> Sequence[Any]:
        """What says where each row stands in time; comparable with each other."""
        return self.timestamps

    def moments_at(self, positions: slice) -> list[datetime]:
        """Return some of the timestamps."""
        return self.timestamps[positions]

    def position_of(self, moment: datetime, *, from_position: int = 0) -> int:
        """Return the position of the first row at or after a moment, of rows in time order."""
        return bisect_left(self.timestamps, moment, from_position)

    def picked(self, pick: Callable[[list[Any]], list[Any]]) -> ArchiveColumns:
        """Return columns with what ``pick`` makes of each list, the same of all."""
        return ArchiveColumns(
            self.tag,
            pick(self.timestamps),
            pick(self.values),
            pick(self.qualities),
            None if self.flags is None else pick(self.flags),
            None if self.timestamp_texts is None else pick(self.timestamp_texts),
        )


@dataclass(frozen=True, slots=True)
class ArchiveWindow:
    """All rows of a span of time.

    :param start: first moment, timezone-aware in UTC.
    :param end: first moment after the window.
    :param columns: the rows of each tag that has any, in the order in which the tags were asked for.
    """

    start: datetime
    end: datetime
    columns: tuple[ArchiveColumns, ...]

    @property
    def row_count(self) -> int:
        """Number of rows of all tags."""
        return sum(map(len, self.columns))


@dataclass(frozen=True, slots=True)
class ArchiveInfo:
    """A process value archive as tag logging lists it.

    :param name: name of the archive.
    :param raw: everything the station said of it, keys unchanged; which keys there are differs by version.
    """

    name: str
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class ArchiveTagInfo:
    """A tag of an archive as tag logging lists it; ``raw`` as of :class:`ArchiveInfo`."""

    name: str
    archive: str
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class TimerInfo:
    """A timer of tag logging (acquisition or archiving cycle); ``raw`` as of :class:`ArchiveInfo`."""

    name: str
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
