"""Tells each step of a handoff once, with the seconds since it began."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from airflow_provider_wincc.orders.progress import Progress


class StepLog(Protocol):
    """Takes one line for each step; a logger of the standard library or Airflow's."""

    def info(self, text: str, /, *values: object) -> object:
        """Tell a step."""

    def warning(self, text: str, /, *values: object) -> object:
        """Tell what went wrong on the way."""


def tell_once(log: StepLog, progress: Progress, subject: str, step: str, text: str) -> None:
    """Log a step, unless this attempt has told it before.

    :param subject: the order and the unit.
    :param step: names the step.
    :param text: what is told.
    """
    if step in progress.told:
        return
    progress.told.append(step)
    first = min(map(datetime.fromisoformat, progress.times.values()), default=None)
    seconds = 0.0 if first is None else (datetime.now(UTC) - first).total_seconds()
    log.info("WinCC %s, %.1f s: %s", subject, seconds, text)
