"""The parts of a real Airflow, started one by one, so that a test can kill one of them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from deprecations import SHOWN, deprecations
from metadata_database import SqliteMetadata

from demo.airflow_api import AirflowApi
from demo.airflow_server import prepare_airflow
from demo.processes import Service, tail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from metadata_database import PostgresqlMetadata

    from airflow_provider_wincc.simulator import Simulator

AIRFLOW = str(Path(sys.executable).with_name("airflow"))
DAGS = Path(__file__).parent / "dags"
SETTINGS = {
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "AIRFLOW__CORE__FERNET_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "AIRFLOW__API_AUTH__JWT_SECRET": "a secret of the tests alone, which is long enough for every algorithm, really",
    # So long it takes at most (default 5 s) to notice the end of a process. A task that is queued again by then fails.
    "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
    "AIRFLOW__TRIGGERER__JOB_HEARTBEAT_SEC": "1",
    # So long after its last heartbeat a triggerer's triggers go to another one.
    "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "5",
    **SHOWN,
}


class Components:
    """An Airflow whose parts run as processes of their own. Use it as a context manager.

    :param home: empty folder for all of it.
    :param dag_file: name of a file with DAGs, in the folder ``dags`` beside this.
    :param station: what the connection ``wincc_default`` leads to.
    :param more_dags: further files with DAGs.
    :param connections: further connections by id, in JSON form.
    :param metadata: Airflow's own database; None for SQLite.
    """

    def __init__(
        self,
        home: Path,
        dag_file: str,
        station: Simulator,
        *,
        more_dags: Iterable[Path] = (),
        connections: Mapping[str, str] | None = None,
        metadata: PostgresqlMetadata | None = None,
        **settings: str,
    ) -> None:
        dags = home / "dags"
        dags.mkdir()
        for file in (DAGS / dag_file, *more_dags):
            shutil.copy(file, dags)
        server = prepare_airflow(
            home / "airflow",
            dags_folder=dags,
            connections={"wincc_default": station_connection(station), **(connections or {})},
        )
        self._metadata = metadata or SqliteMetadata(home / "airflow" / "airflow.db")
        self._server = replace(
            server, environment={**server.environment, **SETTINGS, **self._metadata.settings, **settings}
        )
        self._home = home
        self._parts: dict[str, Service] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.run("db", "migrate")
        self.run("dags", "reserialize")
        refused = self.rows("SELECT filename, stacktrace FROM import_error")
        assert not refused, "\n".join(f"{file}:\n{trace}" for file, trace in refused)
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        self._stack.close()
        if failure is None:
            assert not self._deprecations(), "\n".join(self._deprecations())

    def run(self, *command: str) -> None:
        """Run a command of Airflow to its end."""
        done = subprocess.run(
            [AIRFLOW, *command], env=self._server.environment, capture_output=True, text=True, timeout=180, check=False
        )
        self._log(command[0]).write_text(done.stdout + done.stderr)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    def start(self, *parts: str) -> None:
        """Start parts: ``scheduler``, ``triggerer``, ``api-server``."""
        for part in parts:
            self.start_as(part, part)

    def start_as(self, part: str, *command: str, settings: Mapping[str, str] | None = None) -> None:
        """Start a part under a name of its own, of which there may be several.

        :param command: what the ``airflow`` command is told.
        :param settings: what only this part is told.
        """
        environment = {**self._server.environment, **(settings or {})}
        service = Service(part, [AIRFLOW, *command], environment=environment, log=self._log(part))
        self._parts[part] = self._stack.enter_context(service)

    def kill(self, part: str) -> None:
        """End a part and all that it started by SIGKILL, as a machine does that loses its power."""
        self._parts.pop(part).kill()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask Airflow's database."""
        return self._metadata.rows(query)

    def tables(self) -> list[str]:
        """Names of all tables of Airflow's database."""
        return self._metadata.tables()

    def api(self) -> AirflowApi:
        """Return a logged-in user of the API server, once that answers."""
        api = self._stack.enter_context(
            closing(AirflowApi(self._server.url, user=self._server.user, password=self._server.password))
        )
        self.wait("answering", lambda: "api_server" not in api.unhealthy_parts(), seconds=180)
        api.log_in()
        return api

    def wait(self, what: str, is_so: Callable[[], bool], *, seconds: float = 90, pause: float = 0.1) -> None:
        """Wait until something is so; fail with the logs when it takes too long, or when a part ends by itself.

        :param pause: seconds between two looks.
        """
        deadline = time.monotonic() + seconds
        while not is_so():
            for service in self._parts.values():
                service.check()
            assert time.monotonic() < deadline, f"{what} took longer than {seconds} s\n{self.logs()}"
            time.sleep(pause)

    def _log(self, part: str) -> Path:
        """Return the file of one more log of a part."""
        return self._home / f"{part}-{len(list(self._home.glob(f'{part}-[0-9]*.log')))}.log"

    def _deprecations(self) -> list[str]:
        logs = self._home.rglob("*.log")
        lines = (line for log in logs for line in log.read_text(errors="replace").splitlines())
        return deprecations(lines, self._home / "dags")

    def logs(self) -> str:
        """Return the ends of all logs."""
        logs = sorted(self._home.glob("*.log"))
        return "\n".join(f"== {log.name}\n" + "\n".join(tail(log, lines=40)) for log in logs)


def station_connection(station: Simulator) -> str:
    """Describe a station as Airflow connection, in JSON form."""
    return json.dumps(
        {
            "conn_type": "wincc",
            "host": station.url,
            "login": "engineer",
            "password": station.users["engineer"].password,
            "extra": {"verify": station.ca_file},
        }
    )
