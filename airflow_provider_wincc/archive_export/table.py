"""Archived rows in a table of any database: an interval is replaced as a whole, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import sqlalchemy
from sqlalchemy import BigInteger, Float, Integer, SmallInteger, String, Text

from airflow_provider_wincc.archive_export.errors import nothing_for_rows
from airflow_provider_wincc.archive_export.replaced_table import NAME_LENGTH, ReplacedTable, moment_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Engine

_MOST_TAGS_IN_A_STATEMENT = 500

_KEY: dict[str, Callable[[], Any]] = {
    "station": lambda: String(NAME_LENGTH),
    "archive": lambda: String(NAME_LENGTH),
    "tag": lambda: String(NAME_LENGTH),
    "timestamp": moment_column,
}
# Rows of one tag may share a timestamp; numbered, none can come in twice.
_ROW = {
    **_KEY,
    "occurrence": Integer,
    "value": lambda: Float(53),
    "text": Text,
    "quality": SmallInteger,
    "flags": BigInteger,
}
_KEY_LENGTH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class TableInterval:
    """Whose rows of which time are replaced.

    :param station: the name under which the station's rows are kept.
    :param archive: the archive.
    :param tags: the tags, in any case of letters; rows of others are left alone.
    :param start: first moment.
    :param end: first moment after the interval.
    """

    station: str
    archive: str
    tags: Sequence[str]
    start: datetime
    end: datetime


class ArchiveTable(ReplacedTable):
    """A table of archived rows, or of buckets of them.

    Columns of rows: ``station``, ``archive``, ``tag``, ``timestamp``, ``occurrence`` (0, 1, ... for rows of one tag
    with the same timestamp), which are the primary key; ``value`` (a number; true is 1, false is 0), ``text`` (where
    the value is neither), ``quality``, ``flags``. Columns of buckets: ``station``, ``archive``, ``tag``,
    ``timestamp`` (start of the bucket), ``bucket_end``, ``row_count``, and one for each aggregate. Times are in UTC:
    with a zone where the database has such a type, without one elsewhere.

    :param engine: SQLAlchemy's engine of the database.
    :param name: the table, with its schema in front where it has one: ``plant.history``.
    :param aggregates: names of the aggregates, for a table of buckets; None for one of rows.
    :param columns: other names for columns, by the names above.
    :raises WinCCConfigurationError: for a name that cannot be one.
    """

    def __init__(
        self,
        engine: Engine,
        name: str,
        *,
        aggregates: Sequence[str] | None = None,
        columns: Mapping[str, str] | None = None,
    ) -> None:
        kinds = _ROW if aggregates is None else _bucket_columns(aggregates)
        key = list(kinds)[: _KEY_LENGTH if aggregates is None else _KEY_LENGTH - 1]
        super().__init__(engine, name, kinds, key=key, renamed=columns)

    def replace(self, interval: TableInterval, batches: Iterable[Sequence[Mapping[str, Any]]]) -> tuple[int, int]:
        """Put rows in place of those of the interval, in one transaction; return how many went and how many came.

        Rows are never replaced by none at all: an archive deletes its old rows, and this may be their last copy.

        :param batches: rows by the names of the columns above, without ``station`` and ``archive``.
        :raises ArchiveTargetError: when the database cannot be reached, another task writes the same rows, or none came
            where some stand; nothing was changed.
        :raises WinCCConfigurationError: when it refuses the statements; nothing was changed.
        """
        own = {"station": interval.station, "archive": interval.archive}
        with_rows = filter(None, batches)
        first = next(with_rows, None)
        with self._transaction() as connection:
            if first is None:
                self._check_that_none_stand(connection, interval)
                return 0, 0
            went = sum(self._delete(connection, those) for those in self._parts(connection, interval))
            came = 0
            for batch in chain([first], with_rows):
                came += self._insert(connection, [{**own, **row} for row in batch])
        return went, came

    def _check_that_none_stand(self, connection: Connection, interval: TableInterval) -> None:
        standing = sum(self._count(connection, those) for those in self._parts(connection, interval))
        if standing:
            raise nothing_for_rows(
                interval.archive,
                interval.start,
                interval.end,
                standing=f"{standing:,} rows of station {interval.station!r} stand in table {self.name!r}",
                to_delete="these rows",
            )

    def _parts(self, connection: Connection, interval: TableInterval) -> Iterator[Sequence[ColumnElement[bool]]]:
        tags = self._spellings(connection, interval)
        for first in range(0, len(tags), _MOST_TAGS_IN_A_STATEMENT):
            yield (
                *self._own(interval),
                self._column("tag").in_(tags[first : first + _MOST_TAGS_IN_A_STATEMENT]),
                self._column("timestamp") >= self._time(interval.start),
                self._column("timestamp") < self._time(interval.end),
            )

    def _spellings(self, connection: Connection, interval: TableInterval) -> Sequence[str]:
        """Return the tags of the interval, and those of the table that differ from one in the case of letters only.

        WinCC takes them for the same. With lower() in the deletion, a database could not use the key and would go
        through all rows of the archive; from one tag to the next it takes a look at the key for each.
        """
        wanted = {tag.lower() for tag in interval.tags}
        column = self._column("tag")
        tags, after = dict.fromkeys(interval.tags), None
        while True:
            further = () if after is None else (column > after,)
            following = sqlalchemy.select(column).where(*self._own(interval), *further).order_by(column).limit(1)
            after = connection.execute(following).scalar()
            if after is None:
                return list(tags)
            if after.lower() in wanted:
                tags[after] = None

    def _own(self, interval: TableInterval) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return self._column("station") == interval.station, self._column("archive") == interval.archive


def _bucket_columns(aggregates: Sequence[str]) -> dict[str, Callable[[], Any]]:
    counts = {"good_count"}
    return {
        **_KEY,
        "bucket_end": moment_column,
        "row_count": BigInteger,
        **{name: BigInteger if name in counts else lambda: Float(53) for name in aggregates},
    }
