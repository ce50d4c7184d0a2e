"""Waiting with a time limit, for something that has a name, until a signal says stop."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, TypeVar

from demo.errors import DemoTimeoutError, InterruptedBySignalError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

Found = TypeVar("Found")

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# One sleep is never longer, so that a signal is obeyed at once.
_LONGEST_SLEEP = 0.25


class StopRequest:
    """Remembers that a signal asked the demo to stop.

    A signal only sets a flag here. It never raises in the middle of a statement, so no process can be
    started and forgotten because the signal came between starting and noting it.
    """

    def __init__(self) -> None:
        self.signal_number: int | None = None

    def listen(self) -> None:
        """Take over SIGINT, SIGTERM and SIGHUP for the rest of the process."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._note)

    def check(self) -> None:
        """Raise :class:`InterruptedBySignalError` if a signal has come."""
        if self.signal_number is not None:
            raise InterruptedBySignalError(self.signal_number)

    def _note(self, signal_number: int, _frame: FrameType | None) -> None:
        self.signal_number = signal_number


class Stopwatch:
    """Time since the demo started, and the limit for all of it.

    :param limit: seconds after which every wait gives up.
    :param stop: is asked between two looks.
    """

    def __init__(self, limit: float, *, stop: StopRequest) -> None:
        self._limit = limit
        self._stop = stop
        self._started = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the demo started."""
        return time.monotonic() - self._started

    def wait_for(self, what: str, look: Callable[[], Found | None], *, every: float = 0.3) -> Found:
        """Call `look` until it returns something other than None, and return that.

        :param what: names the awaited thing in the message when time runs out.
        :param every: seconds between two looks.
        :raises DemoTimeoutError: when the demo's time limit is over.
        :raises InterruptedBySignalError: when a signal came.
        """
        while True:
            self._stop.check()
            found = look()
            if found is not None:
                return found
            if self.elapsed >= self._limit:
                raise DemoTimeoutError(
                    f"Gave up after {self._limit:g} s, waiting for {what}. "
                    "On a slow machine set DEMO_TIMEOUT to more seconds."
                )
            self.sleep(every)

    def sleep(self, seconds: float) -> None:
        """Sleep, but wake up and raise :class:`InterruptedBySignalError` when a signal comes."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._stop.check()
            time.sleep(min(left, _LONGEST_SLEEP))
        self._stop.check()
