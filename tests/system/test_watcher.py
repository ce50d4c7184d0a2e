"""A watcher in a real triggerer, which is killed and started again while the plant goes on."""

from __future__ import annotations

import json

import pytest
from components import Components

from airflow_provider_wincc.simulator import Simulator
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

pytestmark = [
    pytest.mark.system,
    pytest.mark.long,
    pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="Airflow keeps state of assets from 3.3"),
]

EDGES = 20
KILLED_BEFORE_EDGE = (6, 14)
KILLED_AFTER_EDGE = (10,)


class Plant:
    """What the plant shows, and what Airflow has made of it."""

    def __init__(self, station, airflow):
        self.station = station
        self.airflow = airflow

    def set_done(self, done):
        self.station.set("Batch.Done", done)

    def wait_until_read(self):
        """Wait until the watcher has taken in what the plant shows, and Airflow has stored what comes of it."""
        done = self.station.get("Batch.Done").value
        self.airflow.wait("noting the state", lambda: self._is_settled(done))

    def _is_settled(self, done):
        states = [json.loads(value) for (value,) in self.airflow.rows("SELECT value FROM asset_state_store")]
        return bool(states) and states[0]["was_true"] is done and not states[0]["unconfirmed"]

    @property
    def events(self):
        rows = self.airflow.rows("SELECT extra FROM asset_event ORDER BY id")
        return [json.loads(extra)["payload"] for (extra,) in rows]

    @property
    def runs(self):
        return len(self.airflow.rows("SELECT id FROM dag_run WHERE dag_id = 'wincc_watched'"))


def test_a_dag_starts_once_per_edge_although_the_triggerer_is_killed_in_between(tmp_path):
    with (
        Simulator(plant="still", tags={"Batch.Done": False}) as station,
        Components(tmp_path, "wincc_watched.py", station) as airflow,
    ):
        plant = Plant(station, airflow)
        airflow.start("scheduler", "triggerer")
        plant.wait_until_read()
        for edge in range(1, EDGES + 1):
            if edge in KILLED_BEFORE_EDGE:
                airflow.kill("triggerer")
                plant.set_done(True)  # while nobody looks
                airflow.start("triggerer")
            plant.set_done(True)
            plant.wait_until_read()
            airflow.wait(f"run {edge}", lambda edge=edge: plant.runs >= edge)
            if edge in KILLED_AFTER_EDGE:
                # A batch that stays done over the restart is no second edge.
                airflow.kill("triggerer")
                station.clear_requests()
                airflow.start("triggerer")
                airflow.wait("reading again", lambda: len(station.requests) >= 2)
            plant.set_done(False)
            plant.wait_until_read()

        assert [event["edge"] for event in plant.events] == list(range(1, EDGES + 1))
        assert not any(event["redelivered"] for event in plant.events)
        assert plant.runs == EDGES
        assert {request.in_flight for request in station.requests} == {1}
