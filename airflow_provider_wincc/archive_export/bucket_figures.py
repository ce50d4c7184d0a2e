"""What the rows of one bucket come to."""

from __future__ import annotations

from dataclasses import dataclass, field

from airflow_provider_wincc.archive_export.aggregates import Aggregate
from airflow_provider_wincc.archive_export.running_sum import RunningSum


@dataclass(slots=True)
class BucketFigures:
    """Figures of one bucket of one tag that go on with every row; nothing here grows with the number of rows.

    :param count: all rows.
    :param good_count: rows of good quality that hold a number; all figures below are of those.
    :param total: their sum, kept only for the mean.
    :param weighted_total: sum of each value times the microseconds for which it was in force.
    :param known_time: microseconds for which any good value was in force.
    """

    count: int = 0
    good_count: int = 0
    lowest: float | None = None
    highest: float | None = None
    last: float | None = None
    total: RunningSum = field(default_factory=RunningSum)
    weighted_total: RunningSum = field(default_factory=RunningSum)
    known_time: int = 0

    def take(self, good: list[float], *, with_total: bool) -> None:
        """Take at least one good number, in order."""
        self.good_count += len(good)
        self.last = good[-1]
        lowest, highest = min(good), max(good)
        self.lowest = lowest if self.lowest is None else min(self.lowest, lowest)
        self.highest = highest if self.highest is None else max(self.highest, highest)
        if with_total:
            self.total.add(good)

    def weigh(self, value: float, span: int) -> None:
        """Note that the value was in force for so many microseconds."""
        self.weighted_total.add((value * span,))
        self.known_time += span

    def result(self, aggregate: Aggregate) -> float | int | None:
        """Return one aggregate; None when there was no good row, or for the time-weighted mean no known time."""
        match aggregate:
            case Aggregate.MIN:
                return _as_float(self.lowest)
            case Aggregate.MAX:
                return _as_float(self.highest)
            case Aggregate.MEAN:
                return self.total.value / self.good_count if self.good_count else None
            case Aggregate.TIME_WEIGHTED_MEAN:
                return self.weighted_total.value / self.known_time if self.known_time else None
            case Aggregate.LAST:
                return _as_float(self.last)
            case Aggregate.GOOD_COUNT:
                return self.good_count


def _as_float(number: float | None) -> float | None:
    return None if number is None else float(number)
