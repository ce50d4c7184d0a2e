"""What can go wrong in the demo and is told to the user without a traceback."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class DemoError(Exception):
    """An expected failure: a sentence for the user, and lines that show the cause.

    :param message: what failed and what to do about it.
    :param details: lines to print below the message, such as the end of a log file.
    """

    def __init__(self, message: str, *, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.details = tuple(details)


class DemoTimeoutError(DemoError):
    """The demo's time limit is over."""


class InterruptedBySignalError(Exception):
    """The user, or the system, asked the demo to stop before it was done."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(signal_number).name}")
        self.signal_number = signal_number
