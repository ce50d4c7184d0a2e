"""The commands of the page on the command line, run against a simulated station."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

from documentation import blocks

from airflow_provider_wincc.simulator import Simulator

PAGE = "docs/command-line.md"
LINES = [
    line for block in blocks("console", PAGE) for line in block.code.splitlines() if line.startswith("airflow-wincc ")
]


def output_at_a_station(command: str, folder: Path, *, level: float = 40) -> str:
    """Run a command of the page, with the address and the CA of a station in place of its own; return its output.

    :param level: what the tag of the wait reads.
    """
    program, *arguments = shlex.split(command)
    with Simulator(plant="still") as station:
        station.set("Tank1.Level", level)
        given = {"--url": station.url, "--ca-file": str(station.ca_file)}
        for option, value in given.items():
            arguments[arguments.index(option) + 1] = value
        finished = subprocess.run(
            [str(Path(sys.executable).with_name(program)), *arguments, *(["--yes"] if arguments[0] == "write" else [])],
            env={**os.environ, "WINCC_PASSWORD": station.users["engineer"].password},
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stderr + finished.stdout


def works_at_a_station(command: str, folder: Path) -> None:
    """Check that a command of the page is done, and that an export is there."""
    words = shlex.split(command)

    assert output_at_a_station(command, folder, level=60)
    if "--out" in words:
        assert (folder / words[words.index("--out") + 1]).stat().st_size > 0
