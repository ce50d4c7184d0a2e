"""Watched tags on a screen: a table that stays in its place, or a line for each change."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, Self

from rich.console import Group
from rich.live import Live

from airflow_provider_wincc.client.models import TagFailure
from airflow_provider_wincc.command_line.endings import tell
from airflow_provider_wincc.command_line.readings import HEADINGS, row_of, time_of
from airflow_provider_wincc.command_line.screen import cell, table_of
from airflow_provider_wincc.command_line.shown_text import shown

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import RenderableType

    from airflow_provider_wincc.client.models import TagValue
    from airflow_provider_wincc.command_line.screen import Screen
    from airflow_provider_wincc.command_line.watching import Watch


class Display(Protocol):
    """Shows what a watch has found; a context manager."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self) -> None:
        """Show what the last look has found."""


def display_on(screen: Screen, watched: Watch) -> Display:
    """Return the display that fits the screen."""
    return _LiveTable(screen, watched) if screen.is_alive else _Lines(screen, watched)


class _LiveTable:
    def __init__(self, screen: Screen, watched: Watch) -> None:
        self._screen = screen
        self._watched = watched
        self._live = Live(console=screen, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self) -> None:
        rows = [row_of(name, reading) for name, reading in self._watched.readings.items()]
        self._live.update(Group(table_of(self._screen, HEADINGS, rows), *self._remarks()), refresh=True)

    def _remarks(self) -> list[RenderableType]:
        watched = self._watched
        now = time_of(datetime.now(UTC))
        seen = cell(f"read {now}", "dim")
        if watched.trouble is not None:
            seen = cell(f"no reading at {now}: {watched.trouble.message}", "bold red")
        return [seen] if watched.condition is None else [cell(f"until {watched.condition!r}", "dim"), seen]


class _Lines:
    """A line for each change: time of the reading by this machine's clock, tag, value, quality, between tabs."""

    def __init__(self, screen: Screen, watched: Watch) -> None:
        self._file = screen.file
        self._watched = watched
        self._was_in_trouble = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def show(self) -> None:
        watched = self._watched
        now = time_of(datetime.now(UTC))
        for name in watched.changed:
            self._file.write("\t".join((now, shown(name), *_told(watched.readings[name]))) + "\n")
        self._file.flush()
        self._tell_trouble()

    def _tell_trouble(self) -> None:
        trouble = self._watched.trouble
        if trouble is not None and not self._was_in_trouble:
            tell("watch", f"warning: no reading: {trouble.message}")
        elif trouble is None and self._was_in_trouble:
            tell("watch", "The station answers again.")
        self._was_in_trouble = trouble is not None


def _told(reading: TagValue | TagFailure) -> tuple[str, str]:
    if isinstance(reading, TagFailure):
        return "-", shown(str(reading))
    return shown(reading.text) or "''", str(reading.quality)
