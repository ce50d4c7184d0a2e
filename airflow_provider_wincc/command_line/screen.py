"""What the commands print: tables that fit the terminal, with colours only there.

Nothing that is shown is read as markup. Off a terminal lines are as long as they need to be, so that other programs
can take them apart.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from airflow_provider_wincc.command_line.shown_text import shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from rich.console import RenderableType

_UNLIMITED = 100_000
"""Columns of an output that is no terminal."""


class Screen(Console):
    """One of the two outputs of this process."""

    def __init__(self, file: TextIO) -> None:
        width = None if file.isatty() else _UNLIMITED
        super().__init__(file=file, width=width, highlight=False, markup=False, emoji=False)

    @property
    def is_alive(self) -> bool:
        """Whether what was printed can be replaced by something newer."""
        return self.file.isatty() and self.is_terminal and not self.is_dumb_terminal

    def on_broken_pipe(self) -> None:
        """Leave it to the end of the command, which knows what to do."""
        raise BrokenPipeError


def standard_output() -> Screen:
    """Return the screen of what a command is asked for."""
    return Screen(sys.stdout)


def standard_error() -> Screen:
    """Return the screen of what is told besides."""
    return Screen(sys.stderr)


def cell(text: str, style: str = "") -> Text:
    """Return a text for a table; an empty one is shown as two quotes."""
    return Text(shown(text) or "''", style, overflow="fold")


def table_of(screen: Screen, headings: Sequence[str], rows: Sequence[Sequence[Text]]) -> RenderableType:
    """Return a table; where it is wider than the screen, each row becomes some lines, one for each column."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    for row in rows:
        table.add_row(*row)
    natural = Measurement.get(screen, screen.options.update(width=_UNLIMITED), table)
    if natural.maximum <= screen.width:
        return table
    return Group(*(part for row in rows for part in _lines_of(headings, row)))


def _lines_of(headings: Sequence[str], row: Sequence[Text]) -> tuple[RenderableType, RenderableType]:
    title = row[0].copy()
    title.stylize("bold")
    lines = Table.grid(padding=(0, 1))
    lines.add_column(no_wrap=True)
    lines.add_column(overflow="fold")
    for heading, text in zip(headings[1:], row[1:], strict=True):
        if text.plain:
            lines.add_row(f"  {heading}", text)
    return title, lines
