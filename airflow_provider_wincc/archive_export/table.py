"""Archived rows in a table of any database: an interval is replaced as a whole, in one transaction."""

from __future__ import annotations

import re
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

import sqlalchemy
from sqlalchemy import BigInteger, Column, DateTime, Float, Integer, MetaData, SmallInteger, String, Table, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, SQLAlchemyError

from airflow_provider_wincc.archive_export.errors import ArchiveTargetError
from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.passwords import without_passwords

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_MOST_TAGS_IN_A_STATEMENT = 500
# As long as WinCC's names are, and short enough for the keys of MySQL.
_NAME_LENGTH = 128


def _moment() -> DateTime:
    return DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


_KEY: dict[str, Callable[[], Any]] = {
    "station": lambda: String(_NAME_LENGTH),
    "archive": lambda: String(_NAME_LENGTH),
    "tag": lambda: String(_NAME_LENGTH),
    "timestamp": _moment,
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
# SQLite has one class for a locked file and for a statement that cannot work.
_LASTING_IN_SQLITE = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_READONLY}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableInterval:
    """Whose rows of which time are replaced.

    :param station: the name under which the station's rows are kept.
    :param archive: the archive.
    :param tags: the tags; rows of others are left alone.
    :param start: first moment.
    :param end: first moment after the interval.
    """

    station: str
    archive: str
    tags: Sequence[str]
    start: datetime
    end: datetime


class ArchiveTable:
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
        self._engine = engine
        self.name = name
        self._as_naive = engine.dialect.name in {"sqlite", "mysql", "mariadb"}
        kinds = _ROW if aggregates is None else _bucket_columns(aggregates)
        self._names = _column_names(list(kinds), columns or {})
        *schema, table = _checked_table_name(name).split(".")
        key = set(list(kinds)[: _KEY_LENGTH if aggregates is None else _KEY_LENGTH - 1])
        self._table = Table(
            table,
            MetaData(schema=schema[0] if schema else None),
            *(
                Column(self._names[column], kind(), primary_key=column in key, autoincrement=False)
                for column, kind in kinds.items()
            ),
        )

    def create(self) -> None:
        """Create the table unless it is there.

        :raises ArchiveTargetError: when the database cannot be asked now.
        :raises WinCCConfigurationError: when it refuses.
        """
        with self._clear_errors():
            try:
                self._table.create(self._engine, checkfirst=True)
            except DBAPIError:
                # Two tasks may create it at the same time, and one of them fails.
                if not sqlalchemy.inspect(self._engine).has_table(self._table.name, schema=self._table.schema):
                    raise

    def replace(self, interval: TableInterval, batches: Iterable[Sequence[Mapping[str, Any]]]) -> tuple[int, int]:
        """Put rows in place of those of the interval, in one transaction; return how many went and how many came.

        :param batches: rows by the names of the columns above, without ``station`` and ``archive``.
        :raises ArchiveTargetError: when the database cannot be reached, or another task writes the same rows; nothing
            was changed.
        :raises WinCCConfigurationError: when it refuses the statements; nothing was changed.
        """
        came = 0
        with self._clear_errors(), self._engine.begin() as connection:
            went = self._delete(connection, interval)
            for batch in batches:
                if batch:
                    connection.execute(self._table.insert(), [self._row(interval, row) for row in batch])
                    came += len(batch)
        return went, came

    def _delete(self, connection: Connection, interval: TableInterval) -> int:
        column = {name: self._table.c[named] for name, named in self._names.items()}
        went = 0
        for first in range(0, len(interval.tags), _MOST_TAGS_IN_A_STATEMENT):
            tags = interval.tags[first : first + _MOST_TAGS_IN_A_STATEMENT]
            statement = self._table.delete().where(
                column["station"] == interval.station,
                column["archive"] == interval.archive,
                column["tag"].in_(tags),
                column["timestamp"] >= self._time(interval.start),
                column["timestamp"] < self._time(interval.end),
            )
            went += connection.execute(statement).rowcount
        return went

    def _row(self, interval: TableInterval, row: Mapping[str, Any]) -> dict[str, Any]:
        named: dict[str, Any] = {
            self._names["station"]: interval.station,
            self._names["archive"]: interval.archive,
        }
        for name, value in row.items():
            named[self._names[name]] = self._time(value) if name in {"timestamp", "bucket_end"} else value
        return named

    def _time(self, moment: datetime) -> datetime:
        in_utc = moment.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if self._as_naive else in_utc

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            raise ArchiveTargetError(
                f"The table {self.name!r} has got rows of the same interval meanwhile: {_words(error)}. Nothing was "
                "changed.",
                hint="Another task writes the same interval at the same time. Give the task a pool of one slot, or "
                "max_active_tis_per_dagrun=1.",
            ) from error
        except (OperationalError, InterfaceError) as error:
            if getattr(error.orig, "sqlite_errorcode", None) in _LASTING_IN_SQLITE:
                raise self._refusal(error) from error
            raise ArchiveTargetError(
                f"The database of table {self.name!r} did not finish the transaction: {_words(error)}. Nothing was "
                "changed.",
                hint="Is it reachable, not locked by others, and is the table there with the columns "
                f"{', '.join(self._names.values())}?",
            ) from error
        except SQLAlchemyError as error:
            raise self._refusal(error) from error

    def _refusal(self, error: SQLAlchemyError) -> WinCCConfigurationError:
        return WinCCConfigurationError(
            f"The database refuses what was to be done with table {self.name!r}: {_words(error)}. Nothing was changed.",
            hint=f"Does the table have the columns {', '.join(self._names.values())}, and may this user create, read "
            "and write it?",
        )


def _bucket_columns(aggregates: Sequence[str]) -> dict[str, Callable[[], Any]]:
    counts = {"good_count"}
    return {
        **_KEY,
        "bucket_end": _moment,
        "row_count": BigInteger,
        **{name: BigInteger if name in counts else lambda: Float(53) for name in aggregates},
    }


def _checked_table_name(name: str) -> str:
    parts = name.split(".") if isinstance(name, str) else []
    if len(parts) not in {1, 2} or not all(_NAME.fullmatch(part) for part in parts):
        raise WinCCConfigurationError(
            f"{name!r} is not the name of a table.",
            hint="Expected letters, digits and underscores: plant_history, or with its schema plant.history.",
        )
    return name


def _column_names(known: Sequence[str], renamed: Mapping[str, str]) -> dict[str, str]:
    unknown = [name for name in renamed if name not in known]
    if unknown:
        raise WinCCConfigurationError(
            f"There is no column {unknown[0]!r} to be renamed.", hint=f"Known are {', '.join(known)}."
        )
    names = {name: renamed.get(name, name) for name in known}
    wrong = [name for name in names.values() if not isinstance(name, str) or not _NAME.fullmatch(name)]
    if wrong or len(set(names.values())) < len(names):
        raise WinCCConfigurationError(
            f"The columns are {list(names.values())}.",
            hint="Expected names of letters, digits and underscores, each once.",
        )
    return names


def _words(error: SQLAlchemyError) -> str:
    # SQLAlchemy's own text holds the statement and all of its rows.
    said = getattr(error, "orig", None) or error
    return without_passwords(" ".join(str(said).split())).rstrip(".")
