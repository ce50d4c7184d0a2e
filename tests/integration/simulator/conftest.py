from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest
from rest_caller import RestCaller

from airflow_provider_wincc.simulator import Dialect, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def shared_station() -> Iterator[Simulator]:
    with Simulator(plant="still") as station:
        yield station


@pytest.fixture
def station(shared_station: Simulator) -> Iterator[Simulator]:
    """A running station as good as new, but for values that other tests left in tags."""
    shared_station.clear_faults()
    shared_station.clear_requests()
    shared_station.start_service()
    shared_station.set_dialect(**asdict(Dialect()))
    for name in shared_station.tag_names:
        if name.startswith("T."):
            shared_station.remove(name)
    yield shared_station
    shared_station.freeze()


@pytest.fixture
def message_station(station: Simulator) -> Simulator:
    """The station with its plant as at the start, and no messages but those that it has then: 2001 and 3001."""
    start: dict[str, float | str | bool] = {
        "Tank1.Level": 40.0,
        "Tank1.Setpoint": 40.0,
        "Tank2.Level": 40.0,
        "Mixer1.State": "IDLE",
        "Line3.Running": True,
        "@CurrentUser": "operator",
    }
    for name, value in start.items():
        station.set(name, value)
    station.reset_messages()
    return station


@pytest.fixture
def rest(station: Simulator) -> Iterator[RestCaller]:
    caller = RestCaller(station)
    with closing(caller.session):
        yield caller
