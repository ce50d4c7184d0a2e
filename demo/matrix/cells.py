"""The cells of the matrix: which Airflow meets which Python and which dependencies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.environment import AIRFLOW_VERSION, REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One environment that the suite runs in.

    :param airflow: requirement of `apache-airflow`, without its name: `==3.1.8`.
    :param python: version of Python, two numbers: `3.11`.
    :param dependencies: what is special about them, in a few words.
    :param constraints: file with the exact version of each package; None takes the newest that fit.
    :param awaited: the cell is for an Airflow that is not final yet: it may fail until the one in the index is final.
    """

    name: str
    airflow: str
    python: str
    dependencies: str
    constraints: Path | None = None
    awaited: bool = False


LOWEST_CONSTRAINTS = REPOSITORY / "constraints" / "airflow-3.1.8-lowest.txt"
MIDDLE_CONSTRAINTS = REPOSITORY / "constraints" / "airflow-3.2.2.txt"

# `make test` runs the suite on a fifth one: the Airflow of the demo, on Python 3.11, with constraints of its own.
CELLS = (
    Cell(
        name="lowest",
        airflow="==3.1.8",
        python="3.11",
        dependencies="lowest that setup.cfg declares",
        constraints=LOWEST_CONSTRAINTS,
    ),
    Cell(
        name="middle",
        airflow="==3.2.2",
        python="3.12",
        dependencies="newest when that Airflow was",
        constraints=MIDDLE_CONSTRAINTS,
    ),
    Cell(
        name="newest",
        airflow=f"=={AIRFLOW_VERSION}",
        python="3.13",
        dependencies="newest of today",
    ),
    Cell(
        name="prerelease",
        airflow=">=3.4.0b1,<3.5",
        python="3.13",
        dependencies="newest of today",
        awaited=True,
    ),
)


class UnknownCellError(Exception):
    """A cell was asked for that does not exist."""


def choose(names: Sequence[str]) -> list[Cell]:
    """Return the cells of these names, in the order of the matrix; without names, all.

    :raises UnknownCellError: when a name is none of a cell.
    """
    known = {cell.name for cell in CELLS}
    if unknown := [name for name in names if name not in known]:
        raise UnknownCellError(f"No cell is called {', '.join(unknown)}. There are: {', '.join(sorted(known))}.")
    return [cell for cell in CELLS if not names or cell.name in names]
