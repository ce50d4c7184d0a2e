"""A table of any database in which the rows of an interval are replaced as a whole, in one transaction."""

from __future__ import annotations

import re
import sqlite3
from contextlib import contextmanager
from datetime import UTC
from typing import TYPE_CHECKING, Any

import sqlalchemy
from sqlalchemy import Column, DateTime, MetaData, Table
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, SQLAlchemyError

from airflow_provider_wincc.archive_export.errors import ArchiveTargetError
from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.passwords import without_passwords
from airflow_provider_wincc.client.storable import storable_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Engine

NAME_LENGTH = 128
"""Of columns of names in a key: as long as WinCC's names are, and short enough for the keys of MySQL."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
# SQLite has one class for a locked file and for a statement that cannot work.
_LASTING_IN_SQLITE = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_READONLY}


def moment_column() -> DateTime:
    """Return the type of a column of times in UTC: with a zone where the database has such a type."""
    return DateTime(timezone=True).with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


class ReplacedTable:
    """A table that is made unless it is there; see the subclasses for the columns.

    :param engine: SQLAlchemy's engine of the database.
    :param name: the table, with its schema in front where it has one: ``plant.history``.
    :param kinds: column to what makes its type, in order.
    :param key: the columns of the primary key.
    :param renamed: other names for columns, by those of ``kinds``.
    :raises WinCCConfigurationError: for a name that cannot be one.
    """

    def __init__(
        self,
        engine: Engine,
        name: str,
        kinds: Mapping[str, Callable[[], Any]],
        *,
        key: Iterable[str],
        renamed: Mapping[str, str] | None = None,
    ) -> None:
        self._engine = engine
        self.name = name
        self._as_naive = engine.dialect.name in {"sqlite", "mysql", "mariadb"}
        self._names = _column_names(list(kinds), renamed or {})
        self._moments = {column for column, kind in kinds.items() if kind is moment_column}
        *schema, table = _checked_table_name(name).split(".")
        in_key = set(key)
        self._table = Table(
            table,
            MetaData(schema=schema[0] if schema else None),
            *(
                Column(self._names[column], kind(), primary_key=column in in_key, autoincrement=False)
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

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._clear_errors(), self._engine.begin() as connection:
            yield connection

    def _delete(self, connection: Connection, conditions: Sequence[ColumnElement[bool]]) -> int:
        return connection.execute(self._table.delete().where(*conditions)).rowcount

    def _count(self, connection: Connection, conditions: Sequence[ColumnElement[bool]]) -> int:
        counted = sqlalchemy.select(sqlalchemy.func.count()).select_from(self._table).where(*conditions)
        return int(connection.execute(counted).scalar_one())

    def _insert(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
        if rows:
            connection.execute(self._table.insert(), [self._row(row) for row in rows])
        return len(rows)

    def _column(self, name: str) -> Column[Any]:
        return self._table.c[self._names[name]]

    def _row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {self._names[name]: self._cell(name, value) for name, value in row.items()}

    def _cell(self, name: str, value: Any) -> Any:
        if isinstance(value, str):
            return storable_text(value)
        return self._time(value) if name in self._moments else value

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
