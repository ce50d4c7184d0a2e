"""Whether a figure that was taken again and again is flat."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Point = tuple[float, float]
"""Time in seconds, and the figure at that time."""

FEWEST_JUDGED = 3
"""Points after the warm-up; fewer prove nothing."""
WARM_UP_SHARE = 1 / 3
"""Share of the run in which caches fill and pools of threads grow; what it shows is the base line."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A figure of a process, and how much it may grow.

    :param name: of the figure.
    :param unit: of the figure; empty for a plain count.
    :param allowed: how much it may grow from the end of the warm-up to the end of the run.
    :param share: the same as a share of the figure after the warm-up; the larger of both counts.
    :param returns: whether it has to come back, at every quiet point, to no more than ``allowed`` above the highest
        point of the warm-up; otherwise its trend is judged.
    """

    name: str
    allowed: float
    unit: str = ""
    share: float = 0.0
    returns: bool = False


@dataclass(frozen=True, kw_only=True)
class Flatness:
    """What came of a figure.

    :param process: whose it is.
    :param base: highest point of the warm-up where it has to return to that, else the first one after the warm-up.
    :param last: at the last point.
    :param growth: how much it has grown; by the trend, or above the base line.
    :param allowed: how much it might have grown.
    :param points: how many were judged.
    """

    process: str
    measure: str
    unit: str
    base: float
    last: float
    growth: float
    allowed: float
    points: int

    @property
    def is_judged(self) -> bool:
        """Whether there were points enough to tell."""
        return self.points >= FEWEST_JUDGED

    @property
    def is_flat(self) -> bool:
        """Whether it is flat; never when there were too few points to tell."""
        return self.is_judged and self.growth <= self.allowed


def flatness(process: str, measure: Measure, points: Sequence[Point]) -> Flatness:
    """Judge the points of a figure after the warm-up.

    The trend is the median of the slopes of all pairs of points (Theil and Sen), so that a single peak, such as a
    collection of garbage that comes late, does not decide.
    """
    warm_up, judged = _parted(points)
    if not judged:
        return Flatness(
            process=process, measure=measure.name, unit=measure.unit, base=0, last=0, growth=0, allowed=0, points=0
        )
    first, last = judged[0], judged[-1]
    if measure.returns:
        base = max(value for _, value in warm_up or judged[:1])
        growth = max(value for _, value in judged) - base
    else:
        base = first[1]
        growth = trend(judged) * (last[0] - first[0])
    return Flatness(
        process=process,
        measure=measure.name,
        unit=measure.unit,
        base=base,
        last=last[1],
        growth=growth,
        allowed=max(measure.allowed, measure.share * base),
        points=len(judged),
    )


def trend(points: Sequence[Point]) -> float:
    """Return the growth per second: the median of the slopes of all pairs of points; 0 for a single one."""
    slopes = [(right[1] - left[1]) / (right[0] - left[0]) for left, right in combinations(points, 2)]
    return statistics.median(slopes) if slopes else 0.0


def _parted(points: Sequence[Point]) -> tuple[list[Point], list[Point]]:
    if not points:
        return [], []
    end_of_warm_up = points[0][0] + WARM_UP_SHARE * (points[-1][0] - points[0][0])
    return [one for one in points if one[0] < end_of_warm_up], [one for one in points if one[0] >= end_of_warm_up]
