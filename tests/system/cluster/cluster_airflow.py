"""An Airflow of several machines: Celery workers and triggerers by plant, a scheduler, an API server."""

from __future__ import annotations

import signal
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cluster_broker import own_broker
from cluster_orders import UNITS, Erp
from components import Components
from documented_settings import documented_dags, documented_settings
from metadata_database import PostgresqlMetadata, metadata_database

from airflow_provider_wincc.simulator import SimulatedUnit, Simulator
from tests.required_services import POSTGRESQL, missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from demo.airflow_api import AirflowApi

COMMANDS = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler",),
    "worker-a": ("celery", "worker", "--queues", "plant_a", "--celery-hostname", "worker-a", "--skip-serve-logs"),
    "worker-b": ("celery", "worker", "--queues", "plant_b", "--celery-hostname", "worker-b", "--skip-serve-logs"),
    # Deferred tasks wait in the triggerer of their queue.
    "triggerer-a": ("triggerer", "--queues", "plant_a", "--skip-serve-logs"),
    # What belongs to no task, such as the watchers of assets, waits in a triggerer without queues.
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
SETTINGS = {
    "AIRFLOW__CORE__PARALLELISM": "24",
    "AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG": "24",
    "AIRFLOW__CELERY__WORKER_CONCURRENCY": "4",
    # In a plant longer than the longest task of a worker takes (default: a day). Here it is so short that the broker
    # sends again what a dead worker has held, and what a living one has executed for long.
    "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": "20",
    # What a killed worker leaves behind is "running" until its heartbeat is this old (default 300 s), which the
    # scheduler looks for so often (default 10 s); a worker sends one so often (default 5 s).
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "15",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "3",
    # An API server that is busy answers late (default 5 s).
    "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "20",
    # What was sent to a worker that died before it began (default 600 s, looked for every 120 s). For so long a task
    # may also begin after it was sent: it is how long its token is valid.
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "60",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
    # What a dead scheduler has sent, another one adopts (default 30 s, looked for every 300 s).
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "8",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "5",
}
# Whatever needs Airflow's database on a worker fails.
OF_WORKERS = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://nobody@127.0.0.1:1/nowhere"}


class Cluster:
    """A cluster at work, the station that all its units belong to, and the ERP."""

    api: AirflowApi

    def __init__(self, home: Path, parts: Components, station: Simulator, erp: Erp) -> None:
        self.home = home
        self.parts = parts
        self.station = station
        self.erp = erp
        self._started: dict[str, datetime] = {}

    def start(self, *parts: str) -> None:
        """Start parts, by their names in :data:`COMMANDS`."""
        for part in parts:
            self._started[part] = datetime.now(UTC)
            settings = OF_WORKERS if part.startswith("worker") else {}
            self.parts.start_as(part, *COMMANDS[part], settings=settings)

    def run_states(self) -> list[str]:
        """State of each run that the plant has set off."""
        return self.states_of("wincc_cluster")

    def states_of(self, dag_id: str) -> list[str]:
        """State of each run of a DAG."""
        return [state for (state,) in self.parts.rows(f"SELECT state FROM dag_run WHERE dag_id = '{dag_id}'")]

    def run_dag_of_the_page(self, dag_id: str) -> None:
        """Give the cluster the DAGs that the page on deployment shows for it, and start a run of one."""
        (self.home / "dags" / "of_the_page.py").write_text(documented_dags("B: a triggerer near the plant"))
        self.parts.run("dags", "reserialize")
        self.api.trigger(dag_id)

    def is_at_work(self, part: str) -> bool:
        """Whether a part that dies now leaves something unfinished, which it has begun itself."""
        queue, since = f"plant_{part[-1]}", self._started[part].isoformat()
        if part.startswith("worker"):
            query = (
                f"SELECT 1 FROM task_instance WHERE state = 'running' AND queue = '{queue}'"
                f" AND last_heartbeat_at > '{since}'"
            )
        elif part == "triggerer-a":
            query = (
                f"SELECT 1 FROM trigger JOIN job ON job.id = triggerer_id WHERE queue = '{queue}'"
                f" AND job.start_date > '{since}'"
            )
        else:
            return True
        return bool(self.parts.rows(query))


@contextmanager
def cluster(home: Path) -> Iterator[Cluster]:
    """Start a cluster with databases and a broker of its own, all of which is gone afterwards."""
    with ExitStack() as stack:
        stack.enter_context(_ended_in_order())
        metadata, erp = (_database(stack, of) for of in ("airflow", "erp"))
        broker = stack.enter_context(own_broker())
        units = [SimulatedUnit(name=name, setup_seconds=0.5, run_seconds=4.0, runs_when_frozen=True) for name in UNITS]
        station = stack.enter_context(Simulator(plant="still", units=units, tags={"Erp.OrdersReleased": False}))
        staging = Erp(erp)
        parts = Components(
            home,
            "wincc_cluster.py",
            station,
            connections={"erp": staging.connection},
            metadata=metadata,
            **SETTINGS,
            **_settings_of_the_page(broker.url),
            **broker.settings,
        )
        stack.enter_context(parts)
        started = Cluster(home, parts, station, staging)
        started.start(*COMMANDS)
        started.api = parts.api()
        for unit in UNITS:
            started.api.create_pool(f"wincc_{unit}", slots=1)
        yield started


def _settings_of_the_page(broker_url: str) -> dict[str, str]:
    settings = documented_settings("Settings of all parts", {"redis://airflow.example:6379/0": broker_url})
    # All parts are on this machine: they speak to the API server over loopback, with the secret that all tests have.
    for option in ("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "AIRFLOW__API_AUTH__JWT_SECRET"):
        del settings[option]
    return settings


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """End all that was started also when the tests are ended by SIGTERM."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _database(stack: ExitStack, of: str) -> PostgresqlMetadata:
    database = stack.enter_context(metadata_database(of))
    return missing(POSTGRESQL) if database is None else database
