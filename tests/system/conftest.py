"""A real Airflow with a database of its own, that runs a DAG from end to end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from deprecations import SHOWN, deprecations

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent

RUN = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("dag_under_test", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
run = module.dag.test()
tasks = run.get_task_instances()
states = {f"{ti.task_id}[{ti.map_index}]" if ti.map_index >= 0 else ti.task_id: str(ti.state) for ti in tasks}
results = {
    f"{ti.task_id}[{ti.map_index}]" if ti.map_index >= 0 else ti.task_id:
        ti.xcom_pull(task_ids=ti.task_id, map_indexes=ti.map_index if ti.map_index >= 0 else None)
    for ti in tasks
}
print("RESULT", json.dumps({"state": str(run.state), "states": states, "results": results}))
"""


@dataclass(frozen=True)
class DagRun:
    """What came of a run: its state, each task's state and result by id, and everything that was printed."""

    state: str
    states: dict[str, str]
    results: dict[str, Any]
    output: str


class Airflow:
    """Runs the DAG of a file with ``dag.test()``, triggers included, in a process of its own."""

    def __init__(self, home: Path) -> None:
        self._dags = home / "dags"
        self._dags.mkdir()
        for folder in (ROOT / "example_dags", Path(__file__).parent / "dags"):
            for file in folder.glob("*.py"):
                shutil.copy(file, self._dags)
        self._environment = {
            **os.environ,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self._dags),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            **SHOWN,
        }
        for command in (["db", "migrate"], ["dags", "reserialize"]):
            subprocess.run(
                [BIN / "airflow", *command], env=self._environment, check=True, capture_output=True, timeout=180
            )

    def run(
        self,
        file: str,
        station: Any,
        *,
        settings: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
        patience: float = 180,
        **connections: str,
    ) -> DagRun:
        """Run a DAG.

        :param settings: of Airflow, as variables of the environment.
        :param extra: further options of the connection ``wincc_default``.
        :param patience: seconds that it may take.
        :param connections: further connections by id, in JSON form.
        """
        connection = {
            "conn_type": "wincc",
            "host": station.url,
            "login": "engineer",
            "password": station.users["engineer"].password,
            "extra": {"verify": station.ca_file, **(extra or {})},
        }
        result = subprocess.run(
            [sys.executable, "-c", RUN, str(self._dags / file)],
            env={
                **self._environment,
                **(settings or {}),
                "AIRFLOW_CONN_WINCC_DEFAULT": json.dumps(connection),
                **{f"AIRFLOW_CONN_{name.upper()}": text for name, text in connections.items()},
            },
            capture_output=True,
            text=True,
            timeout=patience,
            check=False,
        )
        output = result.stdout + result.stderr
        lines = [line for line in result.stdout.splitlines() if line.startswith("RESULT ")]
        assert lines, f"it ended with {result.returncode}:\n{output[-4000:]}"
        deprecated = deprecations(output.splitlines(), self._dags)
        assert not deprecated, "\n".join(deprecated)
        return DagRun(**json.loads(lines[0].removeprefix("RESULT ")), output=output)


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """A real Airflow, its database migrated once for all tests."""
    return Airflow(tmp_path_factory.mktemp("airflow"))
