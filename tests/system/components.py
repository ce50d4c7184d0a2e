"""The parts of a real Airflow, started one by one, so that a test can kill one of them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from demo.airflow_server import prepare_airflow
from demo.processes import Service, tail

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.simulator import Simulator

AIRFLOW = str(Path(sys.executable).with_name("airflow"))
DAGS = Path(__file__).parent / "dags"
SETTINGS = {
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "AIRFLOW__CORE__FERNET_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "AIRFLOW__API_AUTH__JWT_SECRET": "a secret of the tests alone, which is long enough for every algorithm, really",
    "AIRFLOW__TRIGGERER__JOB_HEARTBEAT_SEC": "1",
    # So long after its last heartbeat a triggerer's triggers go to another one.
    "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "5",
}


class Components:
    """An Airflow with SQLite, whose parts run as processes of their own. Use it as a context manager.

    :param home: empty folder for all of it.
    :param dag_file: name of the one file with DAGs, in the folder ``dags`` beside this.
    """

    def __init__(self, home: Path, dag_file: str, station: Simulator, **settings: str) -> None:
        dags = home / "dags"
        dags.mkdir()
        shutil.copy(DAGS / dag_file, dags)
        server = prepare_airflow(
            home / "airflow", dags_folder=dags, connections={"wincc_default": _connection(station)}
        )
        self._server = replace(server, environment={**server.environment, **SETTINGS, **settings})
        self._home = home
        self._database = home / "airflow" / "airflow.db"
        self._parts: dict[str, Service] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.run("db", "migrate")
        self.run("dags", "reserialize")
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self, *command: str) -> None:
        """Run a command of Airflow to its end."""
        done = subprocess.run(
            [AIRFLOW, *command], env=self._server.environment, capture_output=True, text=True, timeout=180, check=False
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    def start(self, *parts: str) -> None:
        """Start parts: ``scheduler``, ``triggerer``, ``api-server``."""
        for part in parts:
            log = self._home / f"{part}-{len(list(self._home.glob(f'{part}-*.log')))}.log"
            service = Service(part, [AIRFLOW, part], environment=self._server.environment, log=log)
            self._parts[part] = self._stack.enter_context(service)

    def kill(self, part: str) -> None:
        """End a part and its children by SIGKILL, as a machine does that has no memory left."""
        service = self._parts.pop(part)
        os.killpg(service.pid, signal.SIGKILL)
        service.stop()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask Airflow's database."""
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=30)) as database:
            return database.execute(query).fetchall()

    def wait(self, what: str, is_so: Callable[[], bool], *, seconds: float = 90) -> None:
        """Wait until something is so; fail with the logs when it takes too long, or when a part ends by itself."""
        deadline = time.monotonic() + seconds
        while not is_so():
            for service in self._parts.values():
                service.check()
            assert time.monotonic() < deadline, f"{what} took longer than {seconds} s\n{self.logs()}"
            time.sleep(0.1)

    def logs(self) -> str:
        """Return the ends of all logs."""
        logs = sorted(self._home.glob("*.log"))
        return "\n".join(f"== {log.name}\n" + "\n".join(tail(log, lines=40)) for log in logs)


def _connection(station: Simulator) -> str:
    return json.dumps(
        {
            "conn_type": "wincc",
            "host": station.url,
            "login": "engineer",
            "password": station.users["engineer"].password,
            "extra": {"verify": station.ca_file},
        }
    )
