"""Messages in a table of any database: an interval is replaced as a whole, in one transaction."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Float, Integer, String, Text

from airflow_provider_wincc.archive_export.replaced_table import NAME_LENGTH, ReplacedTable, moment_column
from airflow_provider_wincc.message_export.columns import COLUMNS, ColumnKind, cells_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Engine

    from airflow_provider_wincc.message_export.exported import ExportedMessages
    from airflow_provider_wincc.messages import MessagePattern

_KINDS: dict[ColumnKind, Callable[[], Any]] = {
    ColumnKind.TEXT: Text,
    ColumnKind.WHOLE_NUMBER: BigInteger,
    ColumnKind.NUMBER: lambda: Float(53),
    ColumnKind.MOMENT: moment_column,
}
# In PostgreSQL and others, "user" without quotes is who asks.
_OTHERWISE_CALLED = {"user": "user_name"}
_KEY: dict[str, Callable[[], Any]] = {
    "station": lambda: String(NAME_LENGTH),
    "message_list": lambda: String(NAME_LENGTH),
    "rest_filter": lambda: String(NAME_LENGTH),
    "pattern": lambda: String(NAME_LENGTH),
    "time": moment_column,
    "occurrence": Integer,
}
_ROW = {**_KEY, **{_OTHERWISE_CALLED.get(name, name): _KINDS[kind] for name, kind in COLUMNS.items() if name != "time"}}


class MessageTable(ReplacedTable):
    """A table of messages.

    Columns: ``station``, ``message_list``, ``rest_filter``, ``pattern`` (as Python, or ``*`` for all messages of the
    filter), ``time`` (in UTC, with a zone where the database has such a type) and ``occurrence`` (0, 1, ... for
    messages of the same time), which are the primary key; then those of a file, with ``user`` called ``user_name``.
    Nothing of a message itself is in the key but its time, since a station may leave out any of the others, and a key
    has no nulls.

    :param engine: SQLAlchemy's engine of the database.
    :param name: the table, with its schema in front where it has one: ``plant.messages``.
    :param columns: other names for columns, by the names above.
    :raises WinCCConfigurationError: for a name that cannot be one.
    """

    def __init__(self, engine: Engine, name: str, *, columns: Mapping[str, str] | None = None) -> None:
        super().__init__(engine, name, _ROW, key=_KEY, renamed=columns)

    def replace(self, exported: ExportedMessages, *, station: str) -> tuple[int, int]:
        """Put messages in place of those of the interval, in one transaction; return how many went and how many came.

        Rows of other stations, lists, filters and patterns are left alone, and those of a time to which the answer does
        not reach back. It may have only some of the moment at which it begins: the rows of that are left alone as well
        when more of them stand there than have come.

        :param station: the name under which the station's messages are kept.
        :raises ArchiveTargetError: when the database cannot be reached, or another task writes the same rows; nothing
            was changed.
        :raises WinCCConfigurationError: when it refuses the statements; nothing was changed.
        """
        own = {
            "station": station,
            "message_list": exported.query.message_list.value,
            "rest_filter": exported.query.rest_filter,
            "pattern": name_of_pattern(exported.pattern),
        }
        time, since = self._column("time"), self._time(exported.known_since)
        ours = (
            *(self._column(name) == value for name, value in own.items()),
            time < self._time(exported.interval.end),
        )
        rows = [{**own, **row} for row in _rows(exported)]
        later = [row for row in rows if row["time"] > exported.known_since]
        at_first = (*ours, time == since)
        is_cut = exported.may_lack_messages or exported.known_since > exported.interval.start
        with self._transaction() as connection:
            # This comes first: in SQLite a transaction begins with what writes, and not with what counts.
            went = self._delete(connection, (*ours, time > since))
            if is_cut and self._count(connection, at_first) > len(rows) - len(later):
                rows = later
            else:
                went += self._delete(connection, at_first)
            came = self._insert(connection, rows)
        return went, came


def name_of_pattern(pattern: MessagePattern | None) -> str:
    """Return what stands in the column ``pattern``; the end of one that is too long is told apart by a checksum."""
    if pattern is None:
        return "*"
    text = repr(pattern)
    if len(text) <= NAME_LENGTH:
        return text
    checksum = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]
    return f"{text[: NAME_LENGTH - len(checksum) - 1]} {checksum}"


def _rows(exported: ExportedMessages) -> Iterator[dict[str, Any]]:
    occurrence, before = 0, None
    for message in exported.messages:
        occurrence = occurrence + 1 if message.time == before else 0
        before = message.time
        cells = {_OTHERWISE_CALLED.get(name, name): cell for name, cell in cells_of(message).items()}
        yield {**cells, "occurrence": occurrence}
