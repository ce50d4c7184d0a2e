"""What came out of the cells, as a table."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from demo.matrix.suite import Counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from demo.matrix.cells import Cell

# Whose versions tell most about an environment; the rest is in the cell's file installed.txt.
_TOLD = {
    "airflow": "apache-airflow",
    "sqlalchemy": "sqlalchemy",
    "requests": "requests",
    "starlette": "starlette",
    "pandas": "pandas",
}
_PRERELEASE = re.compile(r"(a|b|rc|\.dev)\d+")


class Outcome(enum.Enum):
    """How a cell ended."""

    PASSED = "passed"
    FAILED = "FAILED"
    NOT_INSTALLED = "NOT INSTALLED"
    NO_PYTHON = "NO PYTHON"


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came out of one cell.

    :param installed: version of each package, by its name in lower case; empty if nothing was installed.
    :param seconds: that installing and testing took.
    """

    cell: Cell
    outcome: Outcome
    installed: Mapping[str, str] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)
    seconds: float = 0.0

    @property
    def forgiven(self) -> bool:
        """Whether a failure is that of an Airflow that is not final yet."""
        airflow = self.installed.get("apache-airflow")
        return self.cell.awaited and (airflow is None or _PRERELEASE.search(airflow) is not None)


def table(results: Sequence[Result]) -> str:
    """Return a table with one line for each cell."""
    heads = ["cell", "python", *_TOLD, "passed", "failed", "skipped", "seconds", "outcome"]
    rows = [
        [
            result.cell.name,
            result.cell.python,
            *(result.installed.get(package, "-") for package in _TOLD.values()),
            *(str(number) for number in (result.counts.passed, result.counts.failed, result.counts.skipped)),
            f"{result.seconds:.0f}",
            result.outcome.value,
        ]
        for result in results
    ]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in [heads, *rows])


def verdict(results: Iterable[Result], *, in_ci: bool) -> tuple[list[str], int]:
    """Return what is to be said about cells that did not pass, and the exit code: 0 if all that must pass did.

    A Python that is missing is no failure on a user's machine, as long as some cell ran; in CI it is.
    """
    said, code, ran = [], 0, False
    for result in results:
        name = result.cell.name
        ran = ran or result.outcome is not Outcome.NO_PYTHON
        if result.outcome is Outcome.PASSED:
            continue
        if result.outcome is Outcome.NO_PYTHON:
            said.append(f"{name} DID NOT RUN: there is no Python {result.cell.python} on this machine.")
            code = code or int(in_ci)
        elif result.forgiven:
            said.append(f"{name} {result.outcome.value}, WHICH IS ALLOWED while that Airflow is not final. Look at it.")
        else:
            said.append(f"{name} {result.outcome.value}.")
            code = 1
    if not ran:
        said.append("Nothing ran.")
        code = 1
    return said, code
