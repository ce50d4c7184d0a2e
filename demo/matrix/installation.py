"""Make the environment of a cell, with uv: it finds out in seconds which versions fit, and installs them in as many."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from demo.environment import REPOSITORY, make_environment, run_logged, stage
from demo.matrix.declared import requirements

if TYPE_CHECKING:
    from pathlib import Path

    from demo.matrix.cells import Cell

FOLDER = REPOSITORY / ".matrix"
EXTRA = "test"
_TOOLS = FOLDER / "tools"


def install_uv() -> Path:
    """Install uv into an environment of its own, and return its path.

    :raises InstallationError: when that fails; with the end of its log.
    """
    make_environment(_TOOLS)
    with stage("installing uv"):
        pip = (str(_TOOLS / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--no-input")
        run_logged([*pip, *requirements("matrix")], _TOOLS / "install.log")
    # What is not here is said, not fetched: which Python a cell has is part of the matrix.
    os.environ["UV_PYTHON_DOWNLOADS"] = "never"
    return _TOOLS / "bin" / "uv"


def folder_of(cell: Cell) -> Path:
    """Return the folder of all that a cell makes."""
    return FOLDER / cell.name


def install_cell(cell: Cell, *, uv: Path, python: Path) -> dict[str, str]:
    """Make the environment of a cell anew; return the version of each package in it, by its name in lower case.

    :raises InstallationError: when something cannot be installed; with the end of the log, which says why.
    """
    folder = folder_of(cell)
    folder.mkdir(parents=True, exist_ok=True)
    environment = folder / "environment"
    run_logged([str(uv), "venv", "--clear", "--seed", "--python", str(python), str(environment)], folder / "venv.log")
    command = [
        *(str(uv), "pip", "install", "--python", str(environment / "bin" / "python")),
        *("--editable", f"{REPOSITORY}[{EXTRA}]", f"apache-airflow{cell.airflow}"),
    ]
    if cell.constraints is not None:
        command += ["--constraint", str(cell.constraints)]
    run_logged(command, folder / "install.log")
    return _installed(uv, environment, folder / "installed.txt")


def _installed(uv: Path, environment: Path, file: Path) -> dict[str, str]:
    frozen = subprocess.run(
        [str(uv), "pip", "freeze", "--python", str(environment / "bin" / "python")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    file.write_text(frozen, encoding="utf-8")
    pairs = (line.split("==", 1) for line in frozen.splitlines() if "==" in line)
    return {name.lower(): version for name, version in pairs}
