"""What one evaluation looks at: readings, clocks and memory, and which readings count."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.models import FailureKind, QualityLevel, TagFailure, TagValue
from airflow_provider_wincc.conditions.durations import in_words
from airflow_provider_wincc.conditions.errors import WinCCConditionError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from airflow_provider_wincc.client.models import Quality
    from airflow_provider_wincc.conditions.memory import Memory
    from airflow_provider_wincc.conditions.sources import TagSource

_JUST_AFTER = 0.001
"""Seconds after an age limit at which to look again, so that the reading is surely older by then."""


@dataclass(frozen=True, slots=True)
class NoReading:
    """There is no reading that counts.

    :param reason: why, where the reading itself does not say it.
    """

    reason: str = ""


@dataclass(slots=True)
class Observation:
    """What one evaluation looks at; it collects the time at which the result may change by itself.

    :param now: the observer's monotonic clock, in seconds.
    :param wall_time: the time of day that ages count from.
    :param recheck_at: the earliest time, on the monotonic clock, at which to look again without a new reading.
    :param seen: the readings that were looked at.
    """

    readings: Mapping[str, TagValue | TagFailure]
    memory: Memory
    now: float
    wall_time: datetime
    refuse_overridden: bool
    recheck_at: float | None = None
    seen: dict[str, TagValue | TagFailure] = field(default_factory=dict)

    def look_again_at(self, time: float) -> None:
        """Note that the result may change at that time without a new reading."""
        if self.recheck_at is None or time < self.recheck_at:
            self.recheck_at = time

    def reading(self, source: TagSource) -> TagValue | NoReading:
        """Return the reading of the tag when it counts: good or accepted, a number where it is one, not too old."""
        reading = self._found(source)
        if not isinstance(reading, TagValue):
            return NoReading()
        quality = reading.quality
        if not quality.is_good and not (source.accept_uncertain and quality.is_uncertain):
            return NoReading(f"{quality.level.value} quality does not count")
        if reading.value is None:
            return NoReading("it is not a number")
        return self._overridden(quality) or self._too_old(source, reading) or reading

    def quality(self, source: TagSource) -> QualityLevel | NoReading:
        """Return the level of the tag's quality, good or not.

        A station without connection to the controller may say so by a bad quality or by an error for the tag;
        both mean bad.
        """
        reading = self._found(source)
        if isinstance(reading, TagFailure) and reading.kind is FailureKind.NOT_CONNECTED:
            return QualityLevel.BAD
        if not isinstance(reading, TagValue):
            return NoReading()
        quality = reading.quality
        return self._overridden(quality) or self._too_old(source, reading) or quality.level

    def _found(self, source: TagSource) -> TagValue | TagFailure | None:
        reading = self.readings.get(source.name)
        if reading is not None and not isinstance(reading, TagValue | TagFailure):
            raise WinCCConditionError(
                f"the reading of tag {source.name!r} must be a TagValue or a TagFailure, not {reading!r}"
            )
        if reading is not None:
            self.seen[source.name] = reading
        return reading

    def _overridden(self, quality: Quality) -> NoReading | None:
        if self.refuse_overridden and (quality.is_simulated or quality.is_local_override):
            return NoReading("a simulated or overridden value does not count here")
        return None

    def _too_old(self, source: TagSource, reading: TagValue) -> NoReading | None:
        if source.not_older_than is None:
            return None
        if reading.timestamp is None:
            return NoReading("it has no timestamp, so its age is not known")
        limit = source.not_older_than.total_seconds()
        age = self.wall_time.timestamp() - reading.timestamp.timestamp()
        if age > limit:
            return NoReading(f"it is {in_words(age)} old, and {in_words(limit)} are allowed")
        self.look_again_at(self.now + (limit - age) + _JUST_AFTER)
        return None
