"""Where a whole Airflow keeps its state in a test: PostgreSQL where this machine has one, else SQLite."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg2

from tests.required_services import POSTGRESQL, is_ci, missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SERVER = {"host": "127.0.0.1", "port": "5432", "user": "postgres"}


@dataclass(frozen=True)
class SqliteMetadata:
    """Airflow's own choice: a file in its home."""

    file: Path
    settings: ClassVar[dict[str, str]] = {}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=30)) as database:
            return database.execute(query).fetchall()

    def tables(self) -> list[str]:
        """Names of all tables."""
        return [name for (name,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]


@dataclass(frozen=True)
class PostgresqlMetadata:
    """A database of one test."""

    name: str

    @property
    def place(self) -> dict[str, str]:
        """Where it is, as keyword arguments of the driver."""
        return {**_SERVER, "dbname": self.name}

    @property
    def settings(self) -> dict[str, str]:
        """What Airflow has to know of it."""
        address = "postgresql+psycopg2://{user}@{host}:{port}/".format(**_SERVER)
        return {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": address + self.name}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with closing(psycopg2.connect(**self.place)) as database, database.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def tables(self) -> list[str]:
        """Names of all tables."""
        return [name for (name,) in self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]


@contextmanager
def metadata_database(of: str = "airflow") -> Iterator[PostgresqlMetadata | None]:
    """Make a database on this machine's PostgreSQL and drop it afterwards; give None where there is no PostgreSQL.

    In CI, which has one, the test fails without it.

    :param of: whose database it is, for its name.
    """
    try:
        administrator = psycopg2.connect(**_SERVER, dbname="postgres", connect_timeout=3)
    except psycopg2.OperationalError:
        if is_ci():
            missing(POSTGRESQL)
        yield None
        return
    administrator.autocommit = True
    name = f"wincc_{of}_{uuid.uuid4().hex[:12]}"
    with closing(administrator), administrator.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            yield PostgresqlMetadata(name)
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
