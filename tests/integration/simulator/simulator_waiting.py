"""Waits for a condition, not for a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def wait_until(condition: Callable[[], bool], *, what: str) -> None:
    """Wait up to 10 seconds; fails with what it was waiting for."""
    patience = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < patience, f"waited 10 seconds for {what}"
        time.sleep(0.01)
