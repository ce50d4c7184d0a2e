"""Short transactions over DB-API 2 connections, on SQLite and PostgreSQL, with errors that say what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCError
from airflow_provider_wincc.client.passwords import without_passwords
from airflow_provider_wincc.erp.dialects import LOCK_SECONDS, Dialect
from airflow_provider_wincc.erp.errors import ErpUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class DbApiCursor(Protocol):
    """What we use of a DB-API 2 cursor."""

    @property
    def description(self) -> Any: ...  # noqa: D102  the standard's
    @property
    def rowcount(self) -> int: ...  # noqa: D102  the standard's

    def execute(self, operation: str, parameters: Any, /) -> Any: ...  # noqa: D102  the standard's
    def fetchall(self) -> list[Any]: ...  # noqa: D102  the standard's


class DbApiConnection(Protocol):
    """What we use of a DB-API 2 connection, as ``sqlite3``, ``psycopg2`` and ``psycopg`` make them."""

    def cursor(self) -> Any: ...  # noqa: D102  the standard's
    def commit(self) -> None: ...  # noqa: D102  the standard's
    def close(self) -> None: ...  # noqa: D102  the standard's


class Transaction:
    """Runs statements inside one transaction.

    Statements are written with ``?`` for each parameter and in braces with what differs: ``{orders}``, ``{results}``
    and the pieces of the :class:`Dialect`.
    """

    def __init__(self, cursor: DbApiCursor, dialect: Dialect, names: Mapping[str, str]) -> None:
        self._cursor = cursor
        self._dialect = dialect
        self._pieces = {
            "now": dialect.now,
            "ago": dialect.ago,
            "json": dialect.json,
            "lock_rows": dialect.lock_rows,
            "skip_locked": dialect.skip_locked,
            **names,
        }

    def select(self, statement: str, *parameters: object) -> list[dict[str, Any]]:
        """Return the rows, each as column name → value."""
        self._execute(statement, parameters)
        columns = [column[0] for column in self._cursor.description]
        # An Airflow connection may choose a cursor whose rows are dicts.
        rows = (row.values() if isinstance(row, Mapping) else row for row in self._cursor.fetchall())
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def change(self, statement: str, *parameters: object) -> int:
        """Run a statement that returns no rows; return how many rows it changed."""
        self._execute(statement, parameters)
        return self._cursor.rowcount

    def _execute(self, statement: str, parameters: Sequence[object]) -> None:
        written = statement.format(**self._pieces).replace("?", self._dialect.placeholder)
        self._cursor.execute(written, tuple(parameters))


class Database:
    """Opens a connection for each transaction and closes it, so that none is held over a wait.

    A transaction that is left by an exception changes nothing.

    :param connect: makes a new connection each time.
    :param names: what ``{orders}``, ``{results}`` ... stand for in statements.
    """

    def __init__(self, connect: Callable[[], DbApiConnection], dialect: Dialect, names: Mapping[str, str]) -> None:
        self._connect = connect
        self._dialect = dialect
        self._names = dict(names)

    def reading(self) -> AbstractContextManager[Transaction]:
        """Return a transaction that changes nothing."""
        return self._transaction(self._dialect.begin_reading)

    def writing(self) -> AbstractContextManager[Transaction]:
        """Return a transaction whose first lock waits up to 30 seconds for others."""
        return self._transaction(self._dialect.begin_writing)

    def creating(self) -> AbstractContextManager[Transaction]:
        """Return a transaction that makes tables while nobody else does."""
        return self._transaction(self._dialect.begin_creating)

    @contextmanager
    def _transaction(self, begin: Sequence[str]) -> Iterator[Transaction]:
        with closing(self._open()) as connection, clear_errors():
            transaction = Transaction(connection.cursor(), self._dialect, self._names)
            for statement in begin:
                transaction.change(statement)
            yield transaction
            # Closing without this rolls back, in both databases.
            connection.commit()

    def _open(self) -> Any:
        with clear_errors(connecting=True):
            connection: Any = self._connect()
            if self._dialect.name == "sqlite":
                # We begin by ourselves: Python's own BEGIN takes the write lock too late.
                connection.isolation_level = None
                connection.execute(f"PRAGMA busy_timeout = {1000 * LOCK_SECONDS}")
            else:
                connection.autocommit = False
            return connection


@contextmanager
def clear_errors(*, connecting: bool = False) -> Iterator[None]:
    """Turn the errors of a database driver into ours; leave all others as they are.

    :param connecting: whether the errors may speak of the connection string.
    """
    try:
        yield
    except Exception as error:
        kinds = {kind.__name__ for kind in type(error).__mro__}
        if not kinds & {"DatabaseError", "InterfaceError"}:
            raise
        if connecting:
            # Kept out of the traceback too: the driver's error may quote the connection string.
            raise _connection_error(error, kinds) from None
        raise _statement_error(error, kinds) from error


# DB-API 2 gives every driver these classes; they are known by name, so that no driver needs to be installed.
_PASSING = {"OperationalError", "InterfaceError", "InternalError"}
# SQLite has one class for a locked file and for a statement that cannot work.
_LASTING_IN_SQLITE = {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_READONLY}


def _connection_error(error: Exception, kinds: set[str]) -> WinCCError:
    if kinds & _PASSING:
        return ErpUnavailableError(f"The ERP's database cannot be reached: {_words(error)}.")
    return WinCCConfigurationError(
        f"The driver does not understand the connection to the ERP's database ({type(error).__name__}).",
        hint="Check the fields and the extra of the connection. The driver's words are left out, because they may "
        "quote the password.",
    )


def _statement_error(error: Exception, kinds: set[str]) -> WinCCError:
    if kinds & _PASSING and getattr(error, "sqlite_errorcode", None) not in _LASTING_IN_SQLITE:
        return ErpUnavailableError(f"The ERP's database did not finish the transaction: {_words(error)}.")
    return WinCCConfigurationError(
        f"The ERP's database refuses the statement: {_words(error)}.",
        hint="Do both tables exist there, with the columns that staging_ddl() gives them, and may this user read and "
        "write them? StagingTables.create() makes them.",
    )


def _words(error: Exception) -> str:
    return without_passwords(" ".join(str(error).split())).rstrip(".")
