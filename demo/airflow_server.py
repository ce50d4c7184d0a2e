"""A real Airflow in a folder of its own: `airflow standalone` on free ports, with SQLite."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from demo.errors import DemoError
from demo.processes import Service

if TYPE_CHECKING:
    from collections.abc import Mapping

USER = "admin"
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class AirflowServer:
    """An Airflow that is not started yet: where it will answer, and its environment.

    :param url: address of the API server and the web pages.
    :param environment: whole environment for the `airflow` command.
    """

    url: str
    user: str
    password: str
    home: Path
    environment: Mapping[str, str]

    def __repr__(self) -> str:
        return f"AirflowServer({self.url!r}, user={self.user!r})"

    def start(self, *, log: Path) -> Service:
        """Start all parts of Airflow; they write to one log."""
        command = str(Path(sys.executable).with_name("airflow"))
        return Service("Airflow", [command, "standalone"], environment=self.environment, log=log)


def prepare_airflow(home: Path, *, dags_folder: Path, connections: Mapping[str, str]) -> AirflowServer:
    """Make an empty `AIRFLOW_HOME` with a new admin password, and the settings to go with it.

    :param home: is emptied first: the demo always starts from nothing.
    :param connections: Airflow connections by id, in JSON form.
    :raises DemoError: when the folder cannot be emptied.
    """
    _empty(home)
    password = secrets.token_urlsafe(9)
    passwords_file = home / "passwords.json"
    passwords_file.touch(mode=0o600)
    passwords_file.write_text(json.dumps({USER: password}), encoding="utf-8")

    api_port, worker_log_port, trigger_log_port = free_ports(3)
    url = f"http://{_LOOPBACK}:{api_port}"
    settings = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags_folder),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords_file),
        "AIRFLOW__API__HOST": _LOOPBACK,
        "AIRFLOW__API__PORT": str(api_port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(worker_log_port),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(trigger_log_port),
        # A person who edits the DAG while the demo stays up sees the change after some seconds.
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "5",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "5",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
    }
    settings |= {f"AIRFLOW_CONN_{name.upper()}": connection for name, connection in connections.items()}
    return AirflowServer(url, USER, password, home, {**child_environment(os.environ), **settings})


def child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Make the environment for programs of the demo from the user's.

    Settings of another Airflow are left out, so that the demo can never touch its database or connections,
    and what the programs say to each other on this machine goes past any proxy.
    """
    kept = {name: value for name, value in environment.items() if not name.startswith("AIRFLOW")}
    programs = str(Path(sys.executable).parent)
    no_proxy = ",".join(filter(None, [environment.get("NO_PROXY") or environment.get("no_proxy"), _LOOPBACK]))
    return kept | {
        # `airflow standalone` starts its parts as `airflow`, found on the path.
        "PATH": os.pathsep.join(filter(None, [programs, environment.get("PATH")])),
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
        "PYTHONUNBUFFERED": "1",
    }


def free_ports(count: int) -> list[int]:
    """So many different TCP ports that nobody listens on now, on any address of this machine."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            # Airflow's log servers listen on all addresses, so the port must be free on all.
            one.bind(("", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def _empty(folder: Path) -> None:
    try:
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
    except OSError as error:
        raise DemoError(f"Cannot empty {folder}: {error.strerror or error}. Delete it and try again.") from error
