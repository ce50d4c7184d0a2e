"""The statements that make the staging tables, and the names that may stand in them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.erp import StagingTables, staging_ddl

if TYPE_CHECKING:
    from pathlib import Path

REFUSED_NAMES = [
    "",
    "orders; DROP TABLE x",
    "orders--",
    '"orders"',
    "1orders",
    "a.b.c",
    "a.",
    "orders\n",
    "a" * 64,
    None,
]


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_every_statement_can_be_run_again(dialect: Any) -> None:
    statements = staging_ddl(dialect)

    assert len(statements) == 3
    assert all(" IF NOT EXISTS " in statement and ";" not in statement for statement in statements)


def test_the_tables_get_the_names_that_are_asked_for() -> None:
    statements = staging_ddl("postgresql", orders_table="erp.jobs", results_table="erp.answers")

    assert statements[0].startswith("CREATE TABLE IF NOT EXISTS erp.jobs (")
    assert statements[1] == "CREATE INDEX IF NOT EXISTS jobs_to_claim ON erp.jobs (status, priority, released_at)"
    assert statements[2].startswith("CREATE TABLE IF NOT EXISTS erp.answers (")


@pytest.mark.parametrize("name", REFUSED_NAMES)
@pytest.mark.parametrize("argument", ["orders_table", "results_table"])
def test_a_name_that_is_no_identifier_is_refused_before_anything_is_sent(argument: str, name: Any) -> None:
    names = {argument: name}

    with pytest.raises(WinCCConfigurationError, match=r"table name .* cannot be used"):
        staging_ddl("postgresql", **names)
    with pytest.raises(WinCCConfigurationError, match=r"table name .* cannot be used"):
        StagingTables(_never_connect, dialect="postgresql", **names)


def test_sqlite_has_no_schemas() -> None:
    with pytest.raises(WinCCConfigurationError, match="plain table name"):
        staging_ddl("sqlite", orders_table="erp.orders")


def test_the_two_tables_cannot_be_one() -> None:
    with pytest.raises(WinCCConfigurationError, match="cannot be one table"):
        StagingTables(_never_connect, dialect="sqlite", orders_table="orders", results_table="Orders")


def test_another_database_is_refused_by_name() -> None:
    name: Any = "oracle"

    with pytest.raises(WinCCConfigurationError, match=r"'oracle'.*Expected sqlite or postgresql"):
        staging_ddl(name)


def test_the_file_for_database_administrators_runs_as_it_is(tmp_path: Path) -> None:
    from importlib.resources import files

    script = files("airflow_provider_wincc.erp").joinpath("sqlite.sql").read_text("utf-8")

    with closing(sqlite3.connect(tmp_path / "erp.db")) as connection:
        connection.executescript(script)
        connection.executescript(script)
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]

    assert tables == ["production_orders", "production_results"]


def _never_connect() -> Any:
    raise AssertionError("A wrong argument must not reach the database.")
