"""What the station of a soak remembers of requests and writes, over hours and in bounded memory."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator.journal import Journal

if TYPE_CHECKING:
    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.simulator.journal import Arrival, WriteRecord


class SoakJournal(Journal):
    """Counts requests by user: how many, how many in one second at most, how many at once at most."""

    def __init__(self) -> None:
        super().__init__()
        self.requests_by_user: Counter[str] = Counter()
        self.most_in_a_second: Counter[str] = Counter()
        self.most_at_once: Counter[str] = Counter()
        self._second = 0
        self._in_this_second: Counter[str] = Counter()
        self._under_way: dict[int, str] = {}
        self._effects: Counter[tuple[str, Scalar]] = Counter()

    def begin(self, arrival: Arrival) -> int:
        """Note a request that has arrived and return its number."""
        number = super().begin(arrival)
        user = arrival.user or "nobody"
        with self._lock:
            second = int(time.monotonic())
            if second != self._second:
                self._second = second
                self._in_this_second.clear()
            self._in_this_second[user] += 1
            self._under_way[number] = user
            self.requests_by_user[user] += 1
            self.most_in_a_second[user] = max(self.most_in_a_second[user], self._in_this_second[user])
            at_once = sum(1 for one in self._under_way.values() if one == user)
            self.most_at_once[user] = max(self.most_at_once[user], at_once)
        return number

    def finish(self, number: int, status: int | None) -> None:
        """Note that a request is done."""
        super().finish(number, status)
        with self._lock:
            self._under_way.pop(number, None)

    def note_write(self, write: WriteRecord) -> None:
        """Note a write that took effect."""
        super().note_write(write)
        with self._lock:
            if write.tag.startswith("Set"):
                self._effects[write.tag, write.value] += 1

    def take_repeated(self) -> list[tuple[str, Scalar, int]]:
        """Return the values that took effect more than once since the last call: tag, value, how often."""
        with self._lock:
            repeated = [(tag, value, times) for (tag, value), times in self._effects.items() if times > 1]
            self._effects.clear()
        return repeated
