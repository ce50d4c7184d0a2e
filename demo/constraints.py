"""Remake the constraints file: `python -m demo.constraints` (or `make constraints`).

Installs everything that the demo, the tests and the benchmarks need into an empty environment, lets pip choose the
newest versions that go with the pinned Airflow, and writes them down.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from demo.environment import (
    AIRFLOW_VERSION,
    CONSTRAINTS,
    REPOSITORY,
    InstallationError,
    install,
    make_environment,
    stage,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADER = f"""\
# Exact versions of every package that the demo, the tests and the benchmarks install, with Airflow {AIRFLOW_VERSION}.
# Made by `make constraints`, in an empty environment; edit by remaking, not by hand.
"""


def main() -> int:
    """Write the constraints file anew."""
    try:
        with tempfile.TemporaryDirectory(prefix="constraints-") as folder:
            environment = Path(folder) / "environment"
            make_environment(environment)
            with stage("installing the newest versions that fit"):
                install(environment, "dev,benchmark,system,docs", constraints=None)
            frozen = subprocess.run(
                [str(environment / "bin" / "python"), "-m", "pip", "freeze"],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
    except InstallationError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    CONSTRAINTS.write_text(HEADER + "".join(f"{pin}\n" for pin in pins(frozen.splitlines())), encoding="utf-8")
    print(f"wrote {CONSTRAINTS.relative_to(REPOSITORY)}")
    return 0


def pins(frozen: Iterable[str]) -> list[str]:
    """Select the lines of `pip freeze` that pin a version, sorted; the project itself is left out.

    :raises InstallationError: when a package came from a file or an address, which no one else can install.
    """
    lines = [line.strip() for line in frozen if line.strip() and not line.startswith(("#", "-e "))]
    if foreign := [line for line in lines if "==" not in line]:
        raise InstallationError(f"These packages have no plain version, so they cannot be pinned: {foreign}")
    return sorted(lines, key=str.lower)


if __name__ == "__main__":
    sys.exit(main())
