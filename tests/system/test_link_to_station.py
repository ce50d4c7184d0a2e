"""The link to the station's web page, as Airflow's API server hands it to Airflow's web page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from components import Components, station_connection

from airflow_provider_wincc.simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.system

DAG = "wincc_linked"
PAGE = "https://wincc01.plant.example/WebUX?screen=Tank1"
OVER = {"success", "failed", "deferred"}
# On a machine that is busy with seven tasks that start at once, the API server would be too slow for some of them.
SETTINGS = {"AIRFLOW__CORE__PARALLELISM": "2", "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60"}


def are_over(airflow: Components) -> bool:
    """Whether all tasks are, and have left their link, which Airflow stores after their state."""
    states = [state for (state,) in airflow.rows("SELECT state FROM task_instance")]
    # Airflow 3.4 keeps them for each try, in another table.
    table = "xcom_v2" if "xcom_v2" in airflow.tables() else "xcom"
    links = airflow.rows(f"SELECT value FROM {table} WHERE key = '_link_WinCCStationLink'")
    return set(states) == OVER and len(links) == len(states)


def test_a_task_links_to_the_page_of_its_connection_and_shows_no_link_without_one(tmp_path: Path) -> None:
    with Simulator(plant="still") as station:
        connection = json.loads(station_connection(station))
        connection["extra"]["web_page"] = PAGE
        connections = {"with_page": json.dumps(connection)}
        with Components(tmp_path, f"{DAG}.py", station, connections=connections, **SETTINGS) as airflow:
            airflow.start("api-server", "scheduler", "triggerer")
            api = airflow.api()
            run = api.trigger(DAG)
            airflow.wait("the tasks", lambda: are_over(airflow), seconds=300)

            states = {task.name: task.state for task in api.tasks(DAG, run)}
            links = {task.name: api.links(DAG, run, task) for task in api.tasks(DAG, run)}

    with_page = {"WinCC station": PAGE}
    without_page = {"WinCC station": None}
    assert states["deferred"] == "deferred"
    assert links == {
        "linked": with_page,
        "failed": with_page,
        "mapped[0]": with_page,
        "mapped[1]": without_page,
        "deferred": with_page,
        "without_page": without_page,
        "not_defined": without_page,
    }
