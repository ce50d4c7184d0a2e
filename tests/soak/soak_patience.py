"""Waiting on the event loop for something to come true."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LOOK_EVERY = 0.05


async def comes_true(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Wait until it is true; False when it is not within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(_LOOK_EVERY)
    return True
