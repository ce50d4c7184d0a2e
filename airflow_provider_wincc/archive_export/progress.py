"""What is told of a long export while it runs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow_provider_wincc.archive_export.window_parts import part_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.archive_export.interval import Interval
    from airflow_provider_wincc.client.archives.values import ArchiveWindow

_SECONDS_BETWEEN = 10.0


class Progress:
    """Tells rows, rate and what remains, every ten seconds and at the end.

    :param tell: takes a line.
    :param clock: seconds that only go on.
    """

    def __init__(
        self, interval: Interval, tell: Callable[[str], None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._interval = interval
        self._tell = tell
        self._clock = clock
        self._started = self._told = clock()
        self.row_count = 0

    def note(self, window: ArchiveWindow) -> None:
        """Take a window that has been read, and tell when it is time."""
        self.row_count += part_of(window, self._interval.start, self._interval.end).row_count
        now = self._clock()
        if now - self._told >= _SECONDS_BETWEEN:
            self._told = now
            self._tell(self._line(window, now))

    def finish(self) -> None:
        """Tell what it came to."""
        seconds = self._clock() - self._started
        self._tell(f"{self.row_count:,} rows in {seconds:.1f} s ({self._rate(seconds):,.0f} rows/s)")

    def _line(self, window: ArchiveWindow, now: float) -> str:
        seconds = now - self._started
        done = max((window.end - self._interval.start) / self._interval.length, 0.0)
        left = f", about {_in_words(seconds * (1 - done) / done)} left" if done > 0 else ""
        return f"{self.row_count:,} rows, {done:.0%} of the interval, {self._rate(seconds):,.0f} rows/s{left}"

    def _rate(self, seconds: float) -> float:
        return self.row_count / seconds if seconds > 0 else 0.0


def _in_words(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
