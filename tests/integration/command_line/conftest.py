from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_provider_wincc.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def shared_plant() -> Iterator[Simulator]:
    """A simulated station over HTTPS for all tests of a module: starting one costs more than a test."""
    with Simulator(plant="still") as simulator:
        yield simulator


@pytest.fixture
def plant(shared_plant: Simulator) -> Simulator:
    """The station without faults, and without a memory of requests."""
    shared_plant.clear_faults()
    shared_plant.clear_requests()
    return shared_plant
