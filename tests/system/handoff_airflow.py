"""A real Airflow whose handoffs each have a station, and an ERP, of their own."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components import Components, station_connection
from metadata_database import metadata_database

from airflow_provider_wincc.erp import staging_ddl
from airflow_provider_wincc.simulator import SimulatedUnit, Simulator

if TYPE_CHECKING:
    import signal
    from collections.abc import Iterator, Mapping

    from demo.airflow_api import AirflowApi

EXAMPLE = Path(__file__).parent.parent.parent / "example_dags" / "wincc_order_handoff.py"
ORDER_ID = "000042"
PAYLOAD = {"WorkMaster": "R-001", "Quantity": 12.5}
UNIT = SimulatedUnit(name="Mixer1", setup_seconds=0.5, run_seconds=5.0, runs_when_frozen=True)
SETTINGS = {
    "AIRFLOW__CORE__PARALLELISM": "24",
    # What a killed worker leaves behind is "running" for Airflow until its heartbeat is this old (default 300 s), which
    # Airflow looks for so often (default 10 s). The supervisor of a task sends one as often as "workers" says
    # (default 5 s), which must stay well below.
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "10",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "2",
}


class Erp:
    """The ERP's staging tables in a file of SQLite."""

    def __init__(self, file: Path) -> None:
        self._file = file
        for statement in staging_ddl("sqlite"):
            self.run(statement)

    @property
    def connection(self) -> str:
        return json.dumps({"conn_type": "sqlite", "host": str(self._file)})

    def run(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self._file, timeout=60)) as database, database:
            return database.execute(statement, parameters).fetchall()

    def release(self, order_id: str = ORDER_ID, *, priority: int = 0, **payload: object) -> None:
        self.run(
            "INSERT INTO production_orders (order_id, unit, payload, priority, status) VALUES (?, 'Mixer1', ?, ?,"
            " 'released')",
            order_id,
            json.dumps({**PAYLOAD, **payload}),
            priority,
        )

    def statuses(self) -> dict[str, str]:
        return dict(self.run("SELECT order_id, status FROM production_orders"))

    def outcomes(self) -> dict[str, str]:
        return dict(self.run("SELECT order_id, outcome FROM production_results"))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let nobody read or write for a while."""
        with closing(sqlite3.connect(self._file, isolation_level=None, timeout=60)) as database:
            database.execute("BEGIN EXCLUSIVE")
            yield


class Place:
    """The station and the ERP of one task."""

    def __init__(self, station: Simulator, erp: Erp | None) -> None:
        self.station = station
        self.erp = erp

    @property
    def unit(self) -> Any:
        return self.station.unit("Mixer1")

    @property
    def starts(self) -> list[tuple[str, dict[str, Any]]]:
        return [(start.order_id, start.payload) for start in self.unit.starts]

    @property
    def events(self) -> list[str]:
        return [event.event for event in self.unit.timeline]

    def written(self, name: str) -> list[Any]:
        """What was written to a tag of the order, but for the zeros that come with each payload."""
        return [write.value for write in self.station.writes if write.tag == f"Mixer1.Order.{name}" and write.value]


class HandoffAirflow:
    """An Airflow with places, and with the DAGs of ``wincc_handoffs.py`` and the example."""

    def __init__(self, parts: Components, places: Mapping[str, Place], home: Path) -> None:
        self.parts = parts
        self.places = places
        self.api: AirflowApi = parts.api()
        self._home = home
        self._processes = home / "processes"

    def states(self, dag_id: str) -> dict[str, str | None]:
        """State of each task by id, with the index behind a mapped one."""
        rows = self.parts.rows(f"SELECT task_id, map_index, state FROM task_instance WHERE dag_id = '{dag_id}'")
        return {task if index < 0 else f"{task}[{index}]": state for task, index, state in rows}

    def tries(self, task_id: str) -> int:
        """How many processes have begun to execute a task."""
        return len(list(self._processes.glob(f"{task_id}-[0-9]")))

    def process(self, task_id: str, role: str) -> int:
        """Process id of the first try: of the ``task`` itself, or of the ``worker`` that supervises it."""
        processes: dict[str, int] = json.loads((self._processes / f"{task_id}-1").read_text())
        return processes[role]

    def send(self, what: signal.Signals, task_id: str, *roles: str) -> None:
        """Send a signal to processes of the first try."""
        for role in roles:
            with suppress(ProcessLookupError):
                os.kill(self.process(task_id, role), what)

    def ends_heard(self, task_id: str) -> int:
        """How often the scheduler has heard that a process of a task ended well, which may be later than its state."""
        log = (self._home / "scheduler-0.log").read_text()
        return len(re.findall(rf"Received executor event with state success .*task_id='{re.escape(task_id)}'", log))

    def log(self, task_id: str, *, attempt: int) -> str:
        """Read what a try of a task has logged."""
        (file,) = self._home.glob(f"airflow/logs/*/*/task_id={task_id}/attempt={attempt}.log")
        return file.read_text()


@contextmanager
def handoff_airflow(
    home: Path, cases: Mapping[str, bool], units: Mapping[str, SimulatedUnit]
) -> Iterator[HandoffAirflow]:
    """Start an Airflow with a scheduler, a triggerer and an API server.

    :param cases: the tasks of DAG ``wincc_crash``: id, and whether it has an ERP.
    :param units: the tasks of the other DAGs: id, and what the unit is like; ``default`` is the example's.
    """
    processes = home / "processes"
    processes.mkdir()
    with ExitStack() as stack:
        places, connections = {}, {}
        for name, unit in {**dict.fromkeys(cases, UNIT), **units}.items():
            station = stack.enter_context(Simulator(plant="still", units=[replace(unit, runs_when_frozen=True)]))
            connections[f"wincc_{name}"] = station_connection(station)
            erp = Erp(home / f"erp-{name}.db") if cases.get(name, True) else None
            if erp is not None:
                connections[f"erp_{name}"] = erp.connection
            places[name] = Place(station, erp)
        default = places["default"]
        assert default.erp is not None
        parts = Components(
            home,
            "wincc_handoffs.py",
            default.station,
            more_dags=[EXAMPLE],
            connections={**connections, "erp": default.erp.connection},
            metadata=stack.enter_context(metadata_database()),
            WINCC_CRASH_CASES=json.dumps(dict(cases)),
            WINCC_PROCESSES=str(processes),
            **SETTINGS,
        )
        stack.enter_context(parts)
        parts.start("api-server", "scheduler", "triggerer")
        yield HandoffAirflow(parts, places, home)
