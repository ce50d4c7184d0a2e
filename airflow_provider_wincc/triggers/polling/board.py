"""The newest reading of every tag that somebody waits for, and when it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airflow_provider_wincc.triggers.polling.waiter import Reading


class Board:
    """Readings by tag. The time of a reading is when its request was sent, so a reading is never older than it says."""

    def __init__(self) -> None:
        self._readings: dict[str, Reading] = {}
        self._read_at: dict[str, float] = {}

    def older_than(self, moment: float, tags: Iterable[str]) -> list[str]:
        """Return the tags that have no reading since a monotonic time, in the order given."""
        read_at = self._read_at
        return [tag for tag in tags if read_at.get(tag, -1.0) < moment]

    def known(self, tags: Iterable[str]) -> dict[str, Reading]:
        """Return what is known of these tags, however old."""
        readings = self._readings
        return {tag: readings[tag] for tag in tags if tag in readings}

    def since(self, moment: float, tags: Iterable[str]) -> dict[str, Reading] | None:
        """Return the readings of all these tags; None when one of them was not read since a monotonic time."""
        read_at = self._read_at
        readings = {}
        for tag in tags:
            if read_at.get(tag, -1.0) < moment:
                return None
            readings[tag] = self._readings[tag]
        return readings

    def record(self, readings: Mapping[str, Reading], at: float) -> None:
        """Take readings whose request was sent at a monotonic time."""
        self._readings.update(readings)
        self._read_at.update(dict.fromkeys(readings, at))

    def forget(self, tags: Iterable[str]) -> None:
        """Forget tags that nobody waits for."""
        for tag in tags:
            self._readings.pop(tag, None)
            self._read_at.pop(tag, None)
