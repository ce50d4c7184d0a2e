"""How far an export is: a bar on a terminal, elsewhere a line now and then; always on stderr."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from airflow_provider_wincc.command_line.endings import tell
from airflow_provider_wincc.command_line.screen import standard_error

if TYPE_CHECKING:
    from collections.abc import Iterator


class ExportProgress:
    """Tells how far an export is.

    :param command: name of the command.
    :param bar: the bar; None where there is no terminal.
    """

    def __init__(self, command: str, bar: Progress | None) -> None:
        self._command = command
        self._bar = bar
        self._task = None if bar is None else bar.add_task("asking", total=None)

    def advance(self, part: float, rows: int) -> None:
        """Show which part (0 to 1) of the work is done, and how many rows that are."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, total=1.0, completed=part, description=f"{rows:,} rows")

    def tell(self, line: str) -> None:
        """Tell a line of progress, where there is no bar that shows the same."""
        if self._bar is None:
            tell(self._command, line)


@contextmanager
def progress_of(command: str) -> Iterator[ExportProgress]:
    """Show progress while the block runs; a bar is gone afterwards."""
    screen = standard_error()
    if not screen.is_alive:
        yield ExportProgress(command, None)
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(None), TaskProgressColumn())
    with Progress(*columns, console=screen, transient=True) as bar:
        yield ExportProgress(command, bar)
