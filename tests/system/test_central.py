"""The central shape of docs/deployment.md: its DAGs over its connection, with the client certificate that it names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from components import Components
from documented_settings import documented_connection, documented_dags

from airflow_provider_wincc.simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.system, pytest.mark.long]

CHAPTER = "C: everything central"


def test_waits_and_watchers_anywhere_reach_a_station_that_asks_for_a_client_certificate(tmp_path: Path) -> None:
    dags = tmp_path / "of_the_page.py"
    dags.write_text(documented_dags(CHAPTER))
    with Simulator(plant="still", client_certificates=True) as station:
        station.set("Tank1.Level", 50.0)
        parts = Components(tmp_path, str(dags), station, connections={"wincc_plant_a": _connection(station)})
        with parts:

            def states_of(dag_id: str) -> list[str]:
                return [state for (state,) in parts.rows(f"SELECT state FROM dag_run WHERE dag_id = '{dag_id}'")]

            parts.start("api-server", "scheduler", "triggerer")
            # The first run of its schedule comes with the next full hour, which may be now: then there are two.
            parts.api().trigger("waits_centrally")
            running = (
                "SELECT DISTINCT classpath FROM trigger WHERE triggerer_id IS NOT NULL AND classpath LIKE '%.WinCCTag%'"
            )
            parts.wait("waiting and watching", lambda: len(parts.rows(running)) == 2, seconds=300)
            parts.wait("looking at the station", lambda: bool(station.requests))
            before = states_of("after_filling"), states_of("waits_centrally")
            station.set("Tank1.Level", 95.0)
            for dag_id in ("after_filling", "waits_centrally"):
                parts.wait(f"ending {dag_id}", lambda dag_id=dag_id: set(states_of(dag_id)) == {"success"}, seconds=120)
            assert states_of("after_filling") == ["success"]

        assert before[0] == []
        assert "running" in before[1]
        assert "success" not in before[1]
        assert {request.status for request in station.requests} == {200}


def _connection(station: Simulator) -> str:
    certificate, key = station.issue_client_certificate()
    user = station.users["engineer"]
    replaced = {
        "/etc/ssl/plant-ca.pem": str(station.ca_file),
        "/etc/airflow/client.pem": certificate,
        "/etc/airflow/client.key": key,
        "wincc-gateway.plant.example": "127.0.0.1",
        "an example, not a password": user.password,
    }
    connection = documented_connection(CHAPTER, replaced)
    return json.dumps({**connection, "port": station.port, "login": "engineer"})
