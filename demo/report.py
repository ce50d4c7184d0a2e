"""What the demo prints, in aligned columns."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from demo.waiting import Stopwatch

_INDENT = " " * 11
_NAME_WIDTH = 20


class Report:
    """Prints the story of the demo line by line, each with the time since the start."""

    def __init__(self, stopwatch: Stopwatch) -> None:
        self._stopwatch = stopwatch

    def step(self, text: str) -> None:
        """Say what happens now."""
        self._line(f"{self._stopwatch.elapsed:6.1f} s  {text}")

    def task(self, name: str, state: str) -> None:
        """Say that a task is in a new state."""
        self.step(f"{name:<{_NAME_WIDTH}} {state}")

    def quote(self, lines: Sequence[str]) -> None:
        """Repeat lines of a log below the last step."""
        for line in lines:
            self._line(f"{_INDENT}| {line}")

    def section(self, lines: Sequence[str]) -> None:
        """Print lines that belong together, set apart by an empty line before them."""
        for line in ("", *lines):
            self._line(line)

    def _line(self, text: str) -> None:
        # Flushed, so that a log shows where the demo is while it runs.
        print(text, flush=True)


def print_error(message: str, details: Sequence[str] = ()) -> None:
    """Tell the user on standard error what went wrong, with the lines that show the cause."""
    for line in ("", f"demo: {message}", *(f"  {line}" for line in details)):
        print(line, file=sys.stderr, flush=True)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Lines of a table: its title, the names of its columns, and the rows below them."""
    cells = [tuple(columns), *(tuple(map(str, row)) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(columns))]
    lines = ["   ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in cells]
    return [title, *(f"  {line}".rstrip() for line in lines)]
