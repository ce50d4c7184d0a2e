"""What the demo prints, in aligned columns."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from demo.waiting import Stopwatch

_INDENT = " " * 11
_NAME_WIDTH = 24


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


def tag_table(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Lines of a table of tags before and after the run; a changed value is marked.

    :param before: value by tag, as the station wrote it; a tag that could not be read is missing.
    """
    names = sorted({*before, *after})
    rows = [("Tag", "before", "after", "")]
    for name in names:
        old, new = before.get(name, "-"), after.get(name, "-")
        rows.append((name, old, new, "changed" if old != new else ""))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return [
        f"{tag:<{widths[0]}}   {old:>{widths[1]}}   {new:>{widths[2]}}   {mark}".rstrip()
        for tag, old, new, mark in rows
    ]
