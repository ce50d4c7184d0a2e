"""Who wants the next readings even if nothing changed, ordered by time."""

from __future__ import annotations

import heapq
from itertools import count
from typing import Generic, TypeVar

_FEWEST_WORTH_SWEEPING = 64

Key = TypeVar("Key")


class Rechecks(Generic[Key]):
    """A queue of times, at most one for each key.

    Planning, cancelling and taking cost O(log n) each. A time that is moved to later stays in the queue at its old
    place and is looked at again when it comes up, so a heartbeat that moves its limit with each reading costs nothing.
    """

    def __init__(self) -> None:
        self._wanted: dict[Key, float] = {}
        self._queued: dict[Key, float] = {}
        self._heap: list[tuple[float, int, Key]] = []
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._wanted)

    def plan(self, key: Key, at: float | None) -> None:
        """Have a key come up at a time, instead of at the one planned before; None for not at all."""
        if at is None:
            self._wanted.pop(key, None)
            return
        self._wanted[key] = at
        if at < self._queued.get(key, float("inf")):
            self._queue(key, at)

    def cancel(self, key: Key) -> None:
        """Forget a key."""
        self._wanted.pop(key, None)
        self._queued.pop(key, None)
        if len(self._heap) > _FEWEST_WORTH_SWEEPING and len(self._heap) > 2 * len(self._queued):
            self._sweep()

    def take(self, now: float) -> list[Key]:
        """Take out and return the keys whose time has come, the earliest first."""
        taken = []
        while self._heap and self._heap[0][0] <= now:
            at, _, key = heapq.heappop(self._heap)
            if self._queued.get(key) != at:
                continue
            del self._queued[key]
            wanted = self._wanted.get(key)
            if wanted is None:
                continue
            if wanted > now:
                self._queue(key, wanted)
                continue
            del self._wanted[key]
            taken.append(key)
        return taken

    def _queue(self, key: Key, at: float) -> None:
        self._queued[key] = at
        heapq.heappush(self._heap, (at, next(self._numbers), key))

    def _sweep(self) -> None:
        self._heap = [entry for entry in self._heap if self._queued.get(entry[2]) == entry[0]]
        heapq.heapify(self._heap)
