"""A virtual environment that holds the wheel, in a folder that has nothing of the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from demo.environment import AIRFLOW_VERSION, CONSTRAINTS, make_environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# What pip itself obeys is kept: where the packages come from.
_NOT_INHERITED = ("AIRFLOW", "PYTHON", "COV_", "COVERAGE_", "VIRTUAL_ENV")


class CleanEnvironment:
    """Installs the wheel, and runs programs with it; all in one folder.

    :param folder: empty folder, outside the checkout.
    :param wheel: what to install.
    :param dags: folder whose DAG files are copied to a DAGs folder of its own.
    """

    def __init__(self, folder: Path, *, wheel: Path, dags: Path) -> None:
        self.folder = folder
        self.dags = folder / "dags"
        self._wheel = wheel
        self._programs = folder / "environment" / "bin"
        self.dags.mkdir()
        for file in dags.glob("*.py"):
            shutil.copy(file, self.dags)

    @property
    def variables(self) -> dict[str, str]:
        """All variables of the programs that run here."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)}
        return inherited | {
            "PATH": f"{self._programs}{os.pathsep}{os.environ['PATH']}",
            "AIRFLOW_HOME": str(self.folder / "airflow"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags),
        }

    def install(self, extra: str | None = None) -> None:
        """Install the wheel, with an extra of it or none, and the exact Airflow of the constraints."""
        make_environment(self._programs.parent)
        self.run(
            *("python", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"),
            str(self._wheel) if extra is None else f"{self._wheel}[{extra}]",
            f"apache-airflow=={AIRFLOW_VERSION}",
            *("--constraint", str(CONSTRAINTS)),
        )

    def program(self, name: str) -> str:
        """Return the path of a program of this environment."""
        return str(self._programs / name)

    def run(self, program: str, *arguments: str, returns: int = 0, **variables: str) -> str:
        """Run a program to its end, check its exit code, and return what it printed."""
        done = subprocess.run(
            [self.program(program), *arguments],
            env={**self.variables, **variables},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=1500,
            check=False,
        )
        assert done.returncode == returns, done.stdout[-4000:] + done.stderr[-4000:]
        return done.stdout + done.stderr

    def evaluate(self, code: str, variables: Mapping[str, str] | None = None) -> Any:
        """Run Python code, whose last printed line is JSON, and return that."""
        printed = self.run("python", "-c", code, **(variables or {}))
        lines = [line for line in printed.splitlines() if line.startswith(_RESULT)]
        assert lines, printed[-4000:]
        return json.loads(lines[-1].removeprefix(_RESULT))


_RESULT = "RESULT "
