"""What a database driver raises, in our words, and without secrets."""

from __future__ import annotations

import pickle
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.erp import ErpUnavailableError, StagingTables, database

if TYPE_CHECKING:
    from pathlib import Path


class Error(Exception):
    """As every driver has it."""


class DatabaseError(Error):
    """As every driver has it."""


class OperationalError(DatabaseError):
    """As every driver has it."""


class ProgrammingError(DatabaseError):
    """As every driver has it."""


def tables_that_fail_with(error: Exception) -> StagingTables:
    def connect() -> Any:
        raise error

    return StagingTables(connect, dialect="postgresql")


def test_a_database_that_is_away_is_worth_another_try() -> None:
    tables = tables_that_fail_with(OperationalError("connection refused"))

    with pytest.raises(ErpUnavailableError, match="connection refused") as caught:
        tables.load("1")

    assert caught.value.retryable
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "cannot reach postgresql://erp:s3cret@db.example/erp",
        "host=db.example password=s3cret user=erp",
        "host=db.example password = 's3cret word' user=erp",
    ],
)
def test_a_password_in_the_drivers_words_is_not_shown(text: str) -> None:
    with pytest.raises(ErpUnavailableError, match=r"db\.example") as caught:
        tables_that_fail_with(OperationalError(text)).load("1")

    assert "s3cret" not in str(caught.value)


def test_a_connection_string_that_the_driver_cannot_read_is_not_quoted() -> None:
    tables = tables_that_fail_with(ProgrammingError('missing "=" after "s3cret"'))

    with pytest.raises(WinCCConfigurationError, match="does not understand the connection") as caught:
        tables.load("1")

    assert "s3cret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_an_error_that_is_not_the_drivers_passes_as_it_is() -> None:
    with pytest.raises(LookupError, match="no such connection"):
        tables_that_fail_with(LookupError("no such connection")).load("1")


def test_missing_tables_are_no_passing_trouble(tmp_path: Path) -> None:
    tables = StagingTables(lambda: sqlite3.connect(tmp_path / "erp.db"), dialect="sqlite")

    with pytest.raises(WinCCConfigurationError, match=r"no such table: production_orders.*create\(\)"):
        tables.claim(owner="run")


def test_a_file_that_is_no_database_is_no_passing_trouble(tmp_path: Path) -> None:
    file = tmp_path / "erp.db"
    file.write_text("order;quantity\n" * 100)
    tables = StagingTables(lambda: sqlite3.connect(file), dialect="sqlite")

    with pytest.raises(WinCCConfigurationError, match="not a database"):
        tables.load("1")


def test_a_file_that_another_program_keeps_locked_is_worth_another_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCK_SECONDS", 0)
    tables = StagingTables(lambda: sqlite3.connect(tmp_path / "erp.db"), dialect="sqlite")
    tables.create()
    other = sqlite3.connect(tmp_path / "erp.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(ErpUnavailableError, match="locked"):
        tables.claim(owner="run")

    other.close()
    assert tables.claim(owner="run") == []
