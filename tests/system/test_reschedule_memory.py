"""Reschedule mode with memory in a real Airflow: a scheduler, a process for each reading, the real task state store."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from airflow_provider_wincc.simulator import Simulator
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS
from demo.airflow_api import AirflowApi
from demo.airflow_server import prepare_airflow

pytestmark = [
    pytest.mark.system,
    pytest.mark.long,
    pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="Airflow keeps the state of tasks from 3.3 on"),
]

DAG_ID = "wincc_reschedule"
PATIENCE = 120.0


class Database:
    """Airflow's database, read only."""

    def __init__(self, home: Path) -> None:
        self._uri = f"file:{home / 'airflow.db'}?mode=ro"

    def entries(self):
        """Return what the tasks have in the task state store now: task id to value."""
        rows = self._rows("SELECT task_id, value FROM task_state_store")
        return {task_id: json.loads(value) for task_id, value in rows}

    def reschedules(self):
        """Return how often each task was rescheduled in its present try."""
        query = (
            "SELECT task_id, count(*) FROM task_reschedule JOIN task_instance ON ti_id = task_instance.id "
            "GROUP BY task_id"
        )
        return dict(self._rows(query))

    def _rows(self, query):
        with closing(sqlite3.connect(self._uri, uri=True, timeout=30)) as connection:
            return connection.execute(query).fetchall()


class Run:
    """A run of the DAG in an Airflow that works."""

    def __init__(self, api, database, run_id, service):
        self._api, self.database, self._run_id, self._service = api, database, run_id, service

    def states(self):
        return {task.task_id: task.state for task in self._api.tasks(DAG_ID, self._run_id)}

    def clear(self, task_id):
        self._api._call(
            "POST",
            f"/api/v2/dags/{DAG_ID}/clearTaskInstances",
            {"dry_run": False, "dag_run_id": self._run_id, "task_ids": [task_id], "only_failed": False},
        )

    def wait_until(self, what, look):
        wait_until(what, look, self._service)


def wait_until(what, look, service):
    deadline = time.monotonic() + PATIENCE
    while not look():
        service.check()
        assert time.monotonic() < deadline, "\n".join([f"Not in time: {what}.", *service.log_tail()])
        time.sleep(0.2)


@pytest.fixture(scope="module")
def station():
    with Simulator(plant="still") as simulator:
        simulator.set("Line3.Running", True)
        simulator.set("Line3.Count", 100)
        simulator.set("Unit.Heartbeat", 1)
        yield simulator


@pytest.fixture(scope="module")
def run(station, tmp_path_factory):
    connection = {
        "conn_type": "wincc",
        "host": station.url,
        "login": "engineer",
        "password": station.users["engineer"].password,
        "extra": {"verify": station.ca_file},
    }
    folder = tmp_path_factory.mktemp("reschedule")
    dags = folder / "dags"
    dags.mkdir()
    (dags / "wincc_reschedule.py").write_text((Path(__file__).parent / "dags" / "wincc_reschedule.py").read_text())
    server = prepare_airflow(folder / "home", dags_folder=dags, connections={"wincc_default": json.dumps(connection)})
    with (
        server.start(log=folder / "airflow.log") as service,
        closing(AirflowApi(server.url, user=server.user, password=server.password)) as api,
    ):
        wait_until("Airflow works", lambda: not api.unhealthy_parts(), service)
        api.log_in()
        wait_until("the DAG is there", lambda: api.has_dag(DAG_ID), service)
        api.unpause(DAG_ID)
        yield Run(api, Database(server.home), api.trigger(DAG_ID), service)


def test_what_a_sensor_remembers_goes_from_process_to_process_and_is_gone_at_the_end(run, station):
    run.wait_until("all tasks wait", lambda: {"changed", "beating", "held_for_long"} <= run.database.entries().keys())
    station.set("Line3.Count", 101)
    station.set("Unit.Heartbeat", 2)

    run.wait_until(
        "three waits are over", lambda: list(run.states().values()).count("success") == 3 or "failed" in run.states()
    )

    assert run.states().pop("held_for_long") != "success"
    assert run.database.entries().keys() == {"held_for_long"}
    assert all(run.database.reschedules()[task_id] >= 1 for task_id in ("held", "changed", "beating"))


def test_a_cleared_task_does_not_take_over_the_hold_time_of_the_try_before(run):
    def held():
        entry = run.database.entries()["held_for_long"]
        return entry["try_number"], entry["memory"]["true_for"][0]["seconds"]

    run.wait_until("the condition was held for some seconds", lambda: held()[1] > 8)
    assert held()[0] == 1

    run.clear("held_for_long")
    run.wait_until("the second try waits", lambda: held()[0] == 2)

    assert held()[1] < 8
