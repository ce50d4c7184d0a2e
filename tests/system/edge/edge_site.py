"""A plant behind an Edge worker: Airflow in the enterprise's zone, the worker in the DMZ, the station in the plant."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import trustme
from components import AIRFLOW, SETTINGS, Components, station_connection
from documented_settings import documented_command, documented_dags, documented_settings
from metadata_database import metadata_database
from zones import zones

from airflow_provider_wincc.simulator import SimulatedUnit, Simulator
from demo.airflow_server import child_environment, free_ports
from demo.processes import Service
from tests.required_services import POSTGRESQL, missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from zones import Zones

UNITS = ("Mixer1", "Mixer2")
SECRET = "one long random text, the same on both sides"
# What the page leaves at Airflow's defaults: a test cannot wait so long for the next job.
OF_THE_TEST = {"AIRFLOW__EDGE__JOB_POLL_INTERVAL": "1", "AIRFLOW__EDGE__HEARTBEAT_INTERVAL": "10"}


class EdgeSite:
    """The site at work.

    :param parts: the enterprise's Airflow.
    :param api_port: where its API server answers.
    """

    def __init__(
        self, net: Zones, parts: Components, worker: Service, station: Simulator, *, api_port: int, archive: Path
    ) -> None:
        self.net = net
        self.parts = parts
        self._worker = worker
        self.station = station
        self.api_port = api_port
        self.archive = archive

    def states(self, dag_id: str) -> dict[str, str | None]:
        """State of each task by id."""
        return dict(self.parts.rows(f"SELECT task_id, state FROM task_instance WHERE dag_id = '{dag_id}'"))

    def queues(self, dag_id: str) -> set[tuple[str, str]]:
        """The queues and executors of a DAG's tasks."""
        return set(self.parts.rows(f"SELECT queue, executor FROM task_instance WHERE dag_id = '{dag_id}'"))

    def result(self, task_id: str) -> Any:
        """What a task has returned."""
        query = f"SELECT value FROM xcom WHERE task_id = '{task_id}' AND key = 'return_value'"
        ((value,),) = self.parts.rows(query)
        return json.loads(value) if isinstance(value, str) else value

    def log(self, task_id: str) -> str:
        """What the worker has sent of a task's log."""
        query = f"SELECT log_chunk_data FROM edge_logs WHERE task_id = '{task_id}' ORDER BY log_chunk_time"
        return "".join(chunk for (chunk,) in self.parts.rows(query))

    def processes(self, task_id: str) -> int:
        """How often a task was rescheduled, and the first process."""
        query = (
            "SELECT count(*) FROM task_reschedule JOIN task_instance ON ti_id = task_instance.id "
            f"WHERE task_id = '{task_id}'"
        )
        ((count,),) = self.parts.rows(query)
        return int(count) + 1

    def run(self, *dag_ids: str) -> None:
        """Have DAGs run once."""
        for dag_id in dag_ids:
            self.parts.run("dags", "trigger", dag_id)

    def wait_for(self, dag_id: str, *, seconds: float = 900) -> str:
        """Wait until the run of a DAG has ended; return its state."""

        def state() -> list[str]:
            query = f"SELECT state FROM dag_run WHERE dag_id = '{dag_id}' AND state IN ('success', 'failed')"
            self._worker.check()
            return [state for (state,) in self.parts.rows(query)]

        self.parts.wait(f"the run of {dag_id}", lambda: bool(state()), seconds=seconds, pause=0.5)
        return state()[0]


@contextmanager
def edge_site(home: Path) -> Iterator[EdgeSite]:
    """Start the site; all of it is gone afterwards."""
    with ExitStack() as stack:
        net = stack.enter_context(zones())
        metadata = stack.enter_context(metadata_database()) or missing(POSTGRESQL)
        with net.inside("plant"):
            units = [
                SimulatedUnit(name=name, setup_seconds=0.5, run_seconds=5.0, runs_when_frozen=True) for name in UNITS
            ]
            station = stack.enter_context(Simulator(host=net.plant, plant="still", units=units))
        (api_port,) = free_ports(1)
        net.allow("dmz", "enterprise", api_port)
        net.allow("dmz", "plant", station.port)
        enterprise = _Enterprise(home, f"{net.enterprise}:{api_port}", authority=trustme.CA())
        parts = Components(
            home,
            "wincc_edge_site.py",
            station,
            connections={"wincc_default": _without_deferring(station)},
            metadata=metadata,
            **enterprise.settings,
        )
        (home / "dags" / "of_the_page.py").write_text(documented_dags("A: an Edge worker in the DMZ"))
        stack.enter_context(parts)
        parts.run(*documented_command("DAGs", {})[1])
        parts.start("api-server", "scheduler", "triggerer")
        parts.wait("answering", lambda: net.reaches("dmz", net.enterprise, api_port), seconds=300, pause=1)
        with net.inside("dmz"):
            worker = stack.enter_context(enterprise.edge_worker(log=home / "edge-worker-0.log"))
        yield EdgeSite(net, parts, worker, station, api_port=api_port, archive=enterprise.archive)


class _Enterprise:
    """The settings of both sides, as the page has them.

    :param address: host and port of the API server.
    :param authority: whose certificate the API server has.
    """

    def __init__(self, home: Path, address: str, *, authority: trustme.CA) -> None:
        self._home = home
        self._host, _, self._port = address.partition(":")
        self._shared = {"airflow.example:8443": address, SECRET: SETTINGS["AIRFLOW__API_AUTH__JWT_SECRET"]}
        self._ca, self._certificate, self._key = (str(home / name) for name in ("ca.pem", "api.pem", "api.key"))
        issued = authority.issue_cert(self._host)
        authority.cert_pem.write_to_path(self._ca)
        issued.cert_chain_pems[0].write_to_path(self._certificate)
        issued.private_key_pem.write_to_path(self._key)
        self.archive = home / "archive"
        self.archive.mkdir()

    @property
    def settings(self) -> dict[str, str]:
        replaced = {
            **self._shared,
            "0.0.0.0": self._host,
            "port = 8443": f"port = {self._port}",
            "/etc/airflow/airflow.example.pem": self._certificate,
            "/etc/airflow/airflow.example.key": self._key,
        }
        of_the_page = documented_settings("The enterprise's Airflow", replaced)
        # The machine of a test is all machines at once, and needs longer to answer.
        patience = {"AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60"}
        return {**self._of_the_test, **patience, "SSL_CERT_FILE": self._ca, **of_the_page}

    def edge_worker(self, *, log: Path) -> Service:
        """Start the worker, which knows nothing of the enterprise but what the page says."""
        ca = {"/etc/airflow/enterprise-ca.pem": self._ca}
        replaced = {**self._shared, **ca, "/opt/airflow/dags": str(self._home / "dags")}
        of_the_page = documented_settings("The Edge worker", replaced)
        variables, command = documented_command("The Edge worker", ca)
        environment = {
            **child_environment(os.environ),
            "AIRFLOW_HOME": str(self._home / "worker"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            **self._of_the_test,
            **of_the_page,
            **variables,
        }
        return Service("Edge worker", [AIRFLOW, *command], environment=environment, log=log)

    @property
    def _of_the_test(self) -> dict[str, str]:
        return {**OF_THE_TEST, "WINCC_EDGE_ARCHIVE": str(self.archive)}


def _without_deferring(station: Simulator) -> str:
    connection = json.loads(station_connection(station))
    connection["extra"]["allow_deferrable"] = False
    return json.dumps(connection)
