"""Run the test suite in the cells of the matrix: `python -m demo.matrix` (or `make matrix`)."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from demo.environment import InstallationError, stage
from demo.matrix.cells import UnknownCellError, choose
from demo.matrix.installation import folder_of, install_cell, install_uv
from demo.matrix.pythons import find_python
from demo.matrix.suite import PARTS, Counts, SuiteError, run_part
from demo.matrix.summary import Outcome, Result, table, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from demo.matrix.cells import Cell

DESCRIPTION = """\
Run the test suite on every Airflow, every Python and both ends of the dependencies that are supported.

Everything is made in .matrix/CELL: the environment, the logs of installing and testing, and installed.txt with all
versions. Tests that need services (PostgreSQL, Redis, network namespaces) are not run; `make test-system` does that.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 if all cells that must pass did, 1 if one did not, 2 if there is no such cell, 130 on Ctrl-C."""
    options = _parser().parse_args(arguments)
    # SIGTERM ends what runs as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        cells = choose(options.cells)
        if options.list:
            _list(cells)
            return 0
        uv = install_uv()
        results = [_run(cell, uv=uv, quick=options.quick) for cell in cells]
    except (UnknownCellError, InstallationError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 2 if isinstance(error, UnknownCellError) else 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    said, code = verdict(results, in_ci=os.environ.get("CI", "").lower() in {"1", "true"})
    print("", table(results), *said, sep="\n", flush=True)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m demo.matrix", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cells", nargs="*", metavar="CELL", help="cells to run; all, if none is named")
    parser.add_argument("--list", action="store_true", help="say what the cells are, and run nothing")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="leave out the walk under faults and the long tests (whole Airflows that wait, watch and are killed)",
    )
    return parser


def _list(cells: Sequence[Cell]) -> None:
    for cell in cells:
        path = find_python(cell.python)
        python = f"Python {cell.python}{'' if path else ' (not on this machine)'}"
        awaited = "; may fail until that Airflow is final" if cell.awaited else ""
        print(f"{cell.name:<11} Airflow {cell.airflow:<14} {python}; dependencies: {cell.dependencies}{awaited}")


def _run(cell: Cell, *, uv: Path, quick: bool) -> Result:
    python = find_python(cell.python)
    if python is None:
        print(f"{cell.name}: no Python {cell.python} on the PATH or in pyenv, so it is not run", flush=True)
        return Result(cell=cell, outcome=Outcome.NO_PYTHON)
    started = time.monotonic()
    try:
        with stage(f"{cell.name}: installing Airflow {cell.airflow} for Python {cell.python}"):
            installed = install_cell(cell, uv=uv, python=python)
    except InstallationError as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        return Result(cell=cell, outcome=Outcome.NOT_INSTALLED, seconds=time.monotonic() - started)
    counts, outcome = Counts(), Outcome.PASSED
    for part in PARTS:
        if quick and part.long:
            continue
        print(f"{cell.name}: running the {part.name}", flush=True)
        try:
            found = run_part(part, python=folder_of(cell) / "environment" / "bin" / "python", folder=folder_of(cell))
        except SuiteError as error:
            print(f"\n{error}\n", file=sys.stderr, flush=True)
            found, outcome = error.counts, Outcome.FAILED
        print(f"    {found.passed} passed, {found.failed} failed, {found.skipped} skipped", flush=True)
        counts += found
    return Result(cell=cell, outcome=outcome, installed=installed, counts=counts, seconds=time.monotonic() - started)


if __name__ == "__main__":
    sys.exit(main())
