"""What a bucket can say of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


class Aggregate(StrEnum):
    """One number of a bucket. Only rows of good quality that hold a number enter any of them.

    ``mean`` gives every row the same weight; ``time_weighted_mean`` gives a value the weight of the time for which
    it was in force, and is the right one where rows are archived on change.
    """

    MIN = "min"
    MAX = "max"
    MEAN = "mean"
    TIME_WEIGHTED_MEAN = "time_weighted_mean"
    LAST = "last"
    GOOD_COUNT = "good_count"


@dataclass(frozen=True, slots=True)
class ResampledValue:
    """One bucket of one tag.

    Aggregates that were not asked for are None, and so are those (but ``good_count``) of a bucket without any row of
    good quality. ``time_weighted_mean`` needs a value in force in the bucket, and no row.

    :param tag: the archive tag as it was asked for.
    :param start: first moment of the bucket, in UTC.
    :param end: first moment after the bucket, in UTC.
    :param count: all rows in the bucket, of whatever quality.
    """

    tag: str
    start: datetime
    end: datetime
    count: int
    min: float | None = None
    max: float | None = None
    mean: float | None = None
    time_weighted_mean: float | None = None
    last: float | None = None
    good_count: int | None = None

    def value_of(self, aggregate: Aggregate) -> float | int | None:
        """Return the field of an aggregate."""
        value: float | int | None = getattr(self, aggregate.value)
        return value


def check_aggregates(aggregates: Iterable[Aggregate | str]) -> tuple[Aggregate, ...]:
    """Return each of the aggregates once, in the order given.

    :raises WinCCConfigurationError: naming the known ones, when one is unknown or none is given.
    """
    known = f"Give a list with any of {', '.join(Aggregate)}."
    if isinstance(aggregates, str):
        raise WinCCConfigurationError(f"The aggregates are the text {aggregates!r}, not a list.", hint=known)
    try:
        checked = tuple(dict.fromkeys(map(Aggregate, aggregates)))
    except ValueError as error:
        raise WinCCConfigurationError(f"Unknown aggregate: {error}.", hint=known) from None
    except TypeError:
        raise WinCCConfigurationError(f"The aggregates are {aggregates!r}, not a list.", hint=known) from None
    if not checked:
        raise WinCCConfigurationError("The list of aggregates is empty.", hint=known)
    return checked
