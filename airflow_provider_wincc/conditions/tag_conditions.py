"""The forms of conditions that look at tags. Each checks itself, however it was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.models import QualityLevel
from airflow_provider_wincc.conditions.condition import Condition
from airflow_provider_wincc.conditions.durations import checked_duration
from airflow_provider_wincc.conditions.errors import WinCCConditionError
from airflow_provider_wincc.conditions.literals import Number, NumberTemplate
from airflow_provider_wincc.conditions.sources import TagSource

if TYPE_CHECKING:
    from datetime import timedelta

    from airflow_provider_wincc.conditions.literals import Literal, Regex

ORDERING = ("<", "<=", ">", ">=")
OPERATORS = ("==", "!=", *ORDERING)
HIGHEST_BIT = 63


@dataclass(frozen=True, slots=True, repr=False)
class Comparison(Condition):
    """A tag compared with a literal or with another tag."""

    form = "compare"

    tag: TagSource
    operator: str
    value: Literal | TagSource

    def __post_init__(self) -> None:
        if self.operator not in OPERATORS:
            raise WinCCConditionError(f"unknown operator {self.operator!r}; known are {' '.join(OPERATORS)}")
        if self.operator in ORDERING and not isinstance(self.value, Number | NumberTemplate | TagSource):
            raise WinCCConditionError(
                f"{self.operator} compares numbers, and the right side is {self.value}",
                hint="Write a number without quotes, or compare with == or !=.",
            )


@dataclass(frozen=True, slots=True, repr=False)
class Between(Condition):
    """The value lies in the range, both ends included."""

    form = "between"

    tag: TagSource
    low: Number | NumberTemplate
    high: Number | NumberTemplate

    def __post_init__(self) -> None:
        _check_range("between", self.low, self.high)


@dataclass(frozen=True, slots=True, repr=False)
class Outside(Condition):
    """The value lies below or above the range; at its ends it does not."""

    form = "outside"

    tag: TagSource
    low: Number | NumberTemplate
    high: Number | NumberTemplate

    def __post_init__(self) -> None:
        _check_range("outside", self.low, self.high)


@dataclass(frozen=True, slots=True, repr=False)
class CloseTo(Condition):
    """The value differs from the target by no more than the tolerance."""

    form = "close_to"

    tag: TagSource
    target: Number | NumberTemplate
    tolerance: Number | NumberTemplate

    def __post_init__(self) -> None:
        if isinstance(self.tolerance, Number) and self.tolerance.value < 0:
            raise WinCCConditionError(f"close_to: the tolerance must be zero or more, not {self.tolerance.value}")


@dataclass(frozen=True, slots=True, repr=False)
class IsIn(Condition):
    """The value equals one of the literals, each compared in its own way."""

    form = "is_in"

    tag: TagSource
    values: tuple[Literal, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise WinCCConditionError(
                "is_in: the list of values is empty, so the condition could never be true",
                hint="Give at least one value.",
            )


@dataclass(frozen=True, slots=True, repr=False)
class Matches(Condition):
    """The whole text of the value matches the regular expression."""

    form = "matches"

    tag: TagSource
    regex: Regex


@dataclass(frozen=True, slots=True, repr=False)
class Bit(Condition):
    """One bit of an integer tag is set."""

    form = "bit"

    tag: TagSource
    index: int

    def __post_init__(self) -> None:
        index = self.index
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index <= HIGHEST_BIT:
            raise WinCCConditionError(
                f"bit: expected a whole number from 0 (lowest bit) to {HIGHEST_BIT}, not {index!r}"
            )


@dataclass(frozen=True, slots=True, repr=False)
class Changed(Condition):
    """The value differs from the first reading that counts, by at least ``by`` where that is given."""

    form = "changed"

    tag: TagSource
    by: Number | NumberTemplate | None

    def __post_init__(self) -> None:
        if isinstance(self.by, Number) and self.by.value <= 0:
            raise WinCCConditionError(
                f"changed: by must be greater than zero, not {self.by.value}",
                hint="Leave it out to see every change.",
            )


@dataclass(frozen=True, slots=True, repr=False)
class QualityIs(Condition):
    """The quality of the reading is of this level. It looks at bad and uncertain readings too."""

    form = "quality_is"

    tag: TagSource
    level: QualityLevel

    def __post_init__(self) -> None:
        try:
            level = QualityLevel(self.level)
        except ValueError:
            known = ", ".join(repr(member.value) for member in QualityLevel)
            raise WinCCConditionError(f"quality_is: expected one of {known}, not {self.level!r}") from None
        object.__setattr__(self, "level", level)


@dataclass(frozen=True, slots=True, repr=False)
class Alive(Condition):
    """The value of the tag has been seen to change within the time."""

    form = "alive"

    tag: TagSource
    within: timedelta

    def __post_init__(self) -> None:
        checked_duration(self.within, where="alive")


def _check_range(where: str, low: Number | NumberTemplate, high: Number | NumberTemplate) -> None:
    if isinstance(low, Number) and isinstance(high, Number) and low.value > high.value:
        raise WinCCConditionError(
            f"{where}: low ({low.value}) is greater than high ({high.value})",
            hint="Give the lower limit first.",
        )
