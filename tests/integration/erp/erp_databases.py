"""The databases that the staging tables are tested on, reachable from several processes."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.erp import StagingTables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow_provider_wincc.erp.database import DbApiConnection

DRIVERS = ["sqlite", "psycopg2", "psycopg"]


@dataclass(frozen=True)
class ErpDatabase:
    """A database of one test.

    ``address`` is a file of SQLite, or a connection string of PostgreSQL.
    """

    driver: str
    address: str

    @property
    def dialect(self) -> Any:
        return "sqlite" if self.driver == "sqlite" else "postgresql"

    def connect(self, **kwargs: Any) -> Any:
        return connect_with(self.driver, self.address, **kwargs)

    def tables(self, connect: Callable[[], DbApiConnection] | None = None, **names: str) -> StagingTables:
        return StagingTables(connect or self.connect, dialect=self.dialect, **names)

    def run(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Run a statement as the ERP does, past the code under test, and commit."""
        with closing(self.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(statement if self.driver == "sqlite" else statement.replace("?", "%s"), parameters)
            rows = [tuple(row) for row in cursor.fetchall()] if cursor.description else []
            connection.commit()
        return rows

    def release(self, *order_ids: str, status: str = "released", **columns: object) -> None:
        """Write orders as the ERP does."""
        for order_id in order_ids:
            row = {"unit": "Mixer1", "payload": '{"Quantity": 10}', "status": status} | columns
            names, marks = ", ".join(row), ", ".join("?" * (len(row) + 1))
            self.run(f"INSERT INTO production_orders (order_id, {names}) VALUES ({marks})", order_id, *row.values())

    def statuses(self) -> dict[str, str]:
        return dict(self.run("SELECT order_id, status FROM production_orders ORDER BY order_id"))


def connect_with(driver: str, address: str, **kwargs: Any) -> Any:
    """Return a new connection of a driver."""
    if driver == "sqlite":
        return sqlite3.connect(address, **kwargs)
    if driver == "psycopg2":
        import psycopg2

        return psycopg2.connect(address, **kwargs)
    import psycopg

    return psycopg.connect(address, **kwargs)


@contextmanager
def postgresql_database() -> Iterator[dict[str, str]]:
    """Make a database of its own on this machine's PostgreSQL and drop it afterwards; give where it is.

    A machine without one skips, and the continuous integration, which has one, fails.
    """
    server = {"host": "127.0.0.1", "port": "5432", "user": "postgres"}
    name = f"wincc_erp_{uuid.uuid4().hex[:12]}"
    with closing(_administrator(server)) as administrator, administrator.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            yield server | {"dbname": name}
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _administrator(server: dict[str, str]) -> Any:
    import psycopg2

    # Here and not above: the processes that a test starts do not know where the tests are.
    from tests.required_services import POSTGRESQL, missing

    try:
        connection = psycopg2.connect(**server, dbname="postgres", connect_timeout=3)
    except psycopg2.OperationalError:
        missing(POSTGRESQL)
    connection.autocommit = True
    return connection
