"""A stand-in for the context that Airflow hands to a task, and a station with the units that a test asks for."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from erp_rows import Erp
from task_context import new_context

from airflow_provider_wincc.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from airflow_provider_wincc.simulator import SimulatedUnit


@pytest.fixture
def context() -> dict[str, Any]:
    """A task's context, without a database behind it."""
    return new_context()


@pytest.fixture
def units() -> list[SimulatedUnit] | None:
    """The units of the station; a test or a module that needs others gives its own."""
    return None


@pytest.fixture
def station(units: list[SimulatedUnit] | None, stop_later: Callable[[Simulator], None]) -> Iterator[Simulator]:
    """A simulated WinCC station over HTTPS whose plant stands still."""
    simulator = Simulator(plant="still", units=units)
    simulator.start()
    yield simulator
    if units is None:
        simulator.stop()
    else:
        stop_later(simulator)


@pytest.fixture(scope="session")
def stop_later() -> Iterator[Callable[[Simulator], None]]:
    """Stop stations while other tests run: there are many, and the web server takes its time to end."""
    with ThreadPoolExecutor() as pool:
        stops = []
        yield lambda simulator: stops.append(pool.submit(simulator.stop))
        for stop in stops:
            stop.result()


@pytest.fixture
def erp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Erp:
    """The ERP's staging tables in a file of SQLite, behind the connection ``erp``."""
    tables = Erp(tmp_path / "erp.db")
    monkeypatch.setenv("AIRFLOW_CONN_ERP", json.dumps(tables.connection))
    return tables
