"""Real databases for the staging tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from erp_databases import DRIVERS, ErpDatabase, postgresql_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from airflow_provider_wincc.erp import StagingTables


@pytest.fixture(scope="session")
def postgresql() -> Iterator[dict[str, str]]:
    """Where a PostgreSQL database for these tests is, as keyword arguments of its driver."""
    with postgresql_database() as place:
        yield place


@pytest.fixture(params=DRIVERS)
def erp(request: pytest.FixtureRequest, tmp_path: Path) -> ErpDatabase:
    """A database with empty staging tables, of each kind and driver in turn."""
    if request.param == "sqlite":
        database = ErpDatabase("sqlite", str(tmp_path / "erp.db"))
    else:
        pytest.importorskip(request.param, reason="Airflow's provider of PostgreSQL brings this driver later on")
        place = request.getfixturevalue("postgresql")
        database = ErpDatabase(request.param, " ".join(f"{name}={value}" for name, value in place.items()))
        database.run("DROP TABLE IF EXISTS production_orders, production_results")
    database.tables().create()
    return database


@pytest.fixture
def tables(erp: ErpDatabase) -> StagingTables:
    """The staging tables under test."""
    return erp.tables()
