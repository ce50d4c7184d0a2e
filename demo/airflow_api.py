"""Airflow's own REST interface (version 2), as far as the demo needs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests

from demo.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT = (3.0, 20.0)
_GET_ATTEMPTS = 4
_PARTS = ("metadatabase", "scheduler", "triggerer", "dag_processor")


@dataclass(frozen=True)
class TaskState:
    """One task instance of a DAG run, as it is now."""

    task_id: str
    map_index: int
    state: str | None
    try_number: int

    @property
    def name(self) -> str:
        """Name for people: a mapped task has its index behind it."""
        return self.task_id if self.map_index < 0 else f"{self.task_id}[{self.map_index}]"


class AirflowApi:
    """A logged-in user of Airflow's REST interface.

    Every method raises :class:`DemoError` when Airflow does not answer or refuses; only the health check
    takes silence for an answer.

    :param url: address of the API server, without path.
    """

    def __init__(self, url: str, *, user: str, password: str) -> None:
        self._url = url
        self._user = user
        self._password = password
        self._session = requests.Session()
        # Neither a proxy nor a .netrc of the user's shell counts here.
        self._session.trust_env = False

    def unhealthy_parts(self) -> list[str]:
        """Parts of Airflow that are not up yet; empty when all are."""
        try:
            answer = self._session.get(f"{self._url}/api/v2/monitor/health", timeout=_TIMEOUT)
            health = answer.json() if answer.ok else {}
        except (requests.ConnectionError, requests.Timeout):
            return ["api_server"]
        return [part for part in _PARTS if health.get(part, {}).get("status") != "healthy"]

    def log_in(self) -> None:
        """Fetch a token; all further requests carry it."""
        answer = self._call("POST", "/auth/token", {"username": self._user, "password": self._password})
        self._session.headers["Authorization"] = f"Bearer {answer['access_token']}"

    def import_errors(self) -> list[tuple[str, str]]:
        """DAG files that failed to load: file name and traceback of each."""
        answer = self._call("GET", "/api/v2/importErrors")
        return [(str(error["filename"]), str(error["stack_trace"])) for error in answer["import_errors"]]

    def has_dag(self, dag_id: str) -> bool:
        """Whether Airflow has loaded this DAG."""
        answer = self._call("GET", f"/api/v2/dags?dag_id_pattern={quote(dag_id, safe='')}")
        return any(dag["dag_id"] == dag_id for dag in answer["dags"])

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run this DAG."""
        self._call("PATCH", f"/api/v2/dags/{quote(dag_id, safe='')}", {"is_paused": False})

    def create_pool(self, name: str, *, slots: int) -> None:
        """Make a pool in which a task keeps its slot while it waits."""
        self._call("POST", "/api/v2/pools", {"name": name, "slots": slots, "include_deferred": True})

    def trigger(self, dag_id: str) -> str:
        """Start one run of the DAG and return its run id."""
        answer = self._call("POST", f"/api/v2/dags/{quote(dag_id, safe='')}/dagRuns", {"logical_date": None})
        return str(answer["dag_run_id"])

    def run_state(self, dag_id: str, run_id: str) -> str:
        """State of a DAG run: queued, running, success or failed."""
        return str(self._call("GET", _run(dag_id, run_id))["state"])

    def tasks(self, dag_id: str, run_id: str) -> list[TaskState]:
        """All task instances of a run."""
        answer = self._call("GET", f"{_run(dag_id, run_id)}/taskInstances")
        return [
            TaskState(
                task_id=item["task_id"],
                map_index=item["map_index"],
                state=item["state"],
                try_number=item["try_number"],
            )
            for item in answer["task_instances"]
        ]

    def log(self, dag_id: str, run_id: str, task: TaskState) -> list[Mapping[str, Any] | str]:
        """Fetch the log of a task's last try: structured entries, or plain lines where Airflow has no more."""
        path = f"{_task(dag_id, run_id, task)}/logs/{task.try_number}"
        answer = self._call("GET", f"{path}?full_content=true&map_index={task.map_index}")
        return list(answer["content"])

    def links(self, dag_id: str, run_id: str, task: TaskState) -> Mapping[str, str | None]:
        """Extra links of a task by their names; None for one that leads nowhere, which the page does not show."""
        answer = self._call("GET", f"{_task(dag_id, run_id, task)}/links?map_index={task.map_index}")
        return dict(answer["extra_links"])

    def close(self) -> None:
        """Give back the connections."""
        self._session.close()

    def _call(self, method: str, path: str, body: object = None) -> Any:
        # A machine that is busy with Airflow's start may need longer for one answer than anybody should wait at once.
        attempts = _GET_ATTEMPTS if method == "GET" else 1
        while True:
            attempts -= 1
            try:
                answer = self._session.request(
                    method,
                    self._url + path,
                    json=body,
                    headers={"Accept": "application/json"},
                    timeout=_TIMEOUT,
                )
                break
            except requests.RequestException as error:
                if not attempts or not isinstance(error, requests.Timeout):
                    raise DemoError(f"Airflow did not answer {method} {path}: {error}") from error
        if not answer.ok:
            raise DemoError(f"Airflow refused {method} {path}: HTTP {answer.status_code}, {answer.text[:300]}")
        return answer.json()


def _run(dag_id: str, run_id: str) -> str:
    return f"/api/v2/dags/{quote(dag_id, safe='')}/dagRuns/{quote(run_id, safe='')}"


def _task(dag_id: str, run_id: str, task: TaskState) -> str:
    return f"{_run(dag_id, run_id)}/taskInstances/{quote(task.task_id, safe='')}"
