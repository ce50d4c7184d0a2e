"""Looks for planted secrets wherever an Airflow keeps, shows or sends something."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import psutil
from components import SETTINGS
from cryptography.fernet import Fernet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from components import Components
    from planted_secrets import KeyFile, PlantedSecret

    from demo.airflow_api import AirflowApi

_FERNET = Fernet(SETTINGS["AIRFLOW__CORE__FERNET_KEY"])
_IN_ONE_ANSWER = 1000
_LISTS = (
    "assets",
    "assets/events",
    "connections",
    "dagSources/{dag}",
    "dagWarnings",
    "dags",
    "dags/~/dagRuns",
    "dags/~/dagRuns/~/taskInstances",
    "eventLogs",
    "importErrors",
    "jobs",
    "variables",
)


class SecretSearch:
    """Says in which places each secret was seen.

    :param secrets: what to look for.
    """

    def __init__(self, secrets: Iterable[PlantedSecret | KeyFile]) -> None:
        self._needles = {secret.name: secret.needles for secret in secrets}
        self.places: dict[str, set[str]] = defaultdict(set)
        self.looked_at: set[str] = set()

    def look(self, place: str, text: str | bytes) -> None:
        """Look at what stands in a place."""
        self.looked_at.add(place)
        content = text.encode(errors="surrogatepass") if isinstance(text, str) else text
        for name, needles in self._needles.items():
            if any(needle in content for needle in needles):
                self.places[name].add(place)

    def look_at_files(self, folder: Path) -> None:
        """Look at every file below a folder, and at its name."""
        for path in folder.rglob("*"):
            place = f"file {path.relative_to(folder)}"
            self.look(place, str(path.relative_to(folder)))
            if path.is_file() and not path.is_symlink():
                self.look(place, path.read_bytes())

    def look_at_processes(self) -> None:
        """Look at the command lines of all processes of this machine."""
        for process in psutil.process_iter(["cmdline"]):
            self.look("process", "\0".join(process.info["cmdline"] or []))

    def look_at_tables(self, airflow: Components) -> None:
        """Look at every column of every table of Airflow's database; what is encrypted is looked at decrypted.

        But for the connections: there, secrets are meant to be, encrypted.
        """
        for table in airflow.tables():
            self.look_at_table(airflow, table)

    def look_at_table(self, airflow: Components, table: str) -> None:
        """Look at every column of one table."""
        for row in airflow.rows(f'SELECT * FROM "{table}"'):
            for value in row:
                for text in _readings(value, decrypt=table != "connection"):
                    self.look(f"table {table}", text)

    def look_at_api(self, api: AirflowApi, dag_ids: Iterable[str]) -> None:
        """Look at what the API server tells a user with all rights about these DAGs' runs, and about everything."""
        for name in _LISTS:
            for dag_id in dag_ids if "{dag}" in name else [""]:
                self._ask(api, name.format(dag=dag_id), f"api {name}")
        for dag_id in dag_ids:
            for run in api._call("GET", f"/api/v2/dags/{dag_id}/dagRuns")["dag_runs"]:
                for task in api.tasks(dag_id, run["dag_run_id"]):
                    where = f"dags/{dag_id}/dagRuns/{run['dag_run_id']}/taskInstances/{task.task_id}"
                    entries = self._ask(api, f"{where}/xcomEntries", "api xcom")
                    for entry in entries["xcom_entries"]:
                        self._ask(api, f"{where}/xcomEntries/{entry['key']}", "api xcom")
                    for attempt in range(1, task.try_number + 1):
                        self._ask(api, f"{where}/logs/{attempt}?full_content=true", "api logs")

    def _ask(self, api: AirflowApi, path: str, place: str) -> Any:
        separator = "&" if "?" in path else "?"
        answer = api._call("GET", f"/api/v2/{path}{separator}limit={_IN_ONE_ANSWER}")
        self.look(place, json.dumps(answer, ensure_ascii=False))
        return answer


def _readings(value: Any, *, decrypt: bool) -> Iterator[str | bytes]:
    if isinstance(value, memoryview):
        value = bytes(value)
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str | bytes):
        yield value
        token = value.encode() if isinstance(value, str) else value
        if decrypt and token.strip(b'"').startswith(b"gAAAA"):
            yield _FERNET.decrypt(token.strip(b'"'))
