"""The newest reading of every source that somebody waits for, and when it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airflow_provider_wincc.triggers.polling.waiter import Source, SourceReading


class Board:
    """Readings by source. The time of one is when its request was sent, so a reading is never older than it says."""

    def __init__(self) -> None:
        self._readings: dict[Source, SourceReading] = {}
        self._read_at: dict[Source, float] = {}

    def older_than(self, moment: float, sources: Iterable[Source]) -> list[Source]:
        """Return the sources that have no reading since a monotonic time, in the order given."""
        read_at = self._read_at
        return [source for source in sources if read_at.get(source, -1.0) < moment]

    def known(self, sources: Iterable[Source]) -> dict[Source, SourceReading]:
        """Return what is known of these sources, however old."""
        readings = self._readings
        return {source: readings[source] for source in sources if source in readings}

    def since(self, moment: float, sources: Iterable[Source]) -> dict[Source, SourceReading] | None:
        """Return the readings of all these sources; None when one of them was not read since a monotonic time."""
        read_at = self._read_at
        readings = {}
        for source in sources:
            if read_at.get(source, -1.0) < moment:
                return None
            readings[source] = self._readings[source]
        return readings

    def record(self, readings: Mapping[Source, SourceReading], at: float) -> None:
        """Take readings whose request was sent at a monotonic time."""
        self._readings.update(readings)
        self._read_at.update(dict.fromkeys(readings, at))

    def forget(self, sources: Iterable[Source]) -> None:
        """Forget sources that nobody waits for."""
        for source in sources:
            self._readings.pop(source, None)
            self._read_at.pop(source, None)
