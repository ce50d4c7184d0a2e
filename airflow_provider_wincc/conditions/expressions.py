"""Where a condition begins: ``tag("Tank1.Level")`` and ``alive("Unit.Heartbeat", within=...)``."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from airflow_provider_wincc.conditions.condition import Condition
from airflow_provider_wincc.conditions.durations import read_duration
from airflow_provider_wincc.conditions.errors import FloatEqualityWarning, WinCCConditionError
from airflow_provider_wincc.conditions.literals import Number, Regex, read_literal, read_number_literal
from airflow_provider_wincc.conditions.sources import TagSource
from airflow_provider_wincc.conditions.tag_conditions import (
    Alive,
    Between,
    Bit,
    Changed,
    CloseTo,
    Comparison,
    IsIn,
    Matches,
    Outside,
    QualityIs,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import timedelta

    from airflow_provider_wincc.client.models import QualityLevel
    from airflow_provider_wincc.conditions.literals import Literal, NumberTemplate

    NumberLike = int | float | str | Number | NumberTemplate


def tag(name: str) -> TagExpression:
    """Return the tag of that name, to be compared: ``tag("Tank1.Level") >= 40``.

    :param name: name of the tag as the station knows it; may hold Jinja.
    :raises WinCCConditionError: when the name is no text or empty.
    """
    return TagExpression(TagSource(name))


def alive(name: str, *, within: timedelta) -> Condition:
    """Return the condition that the value of a tag, such as a heartbeat, has changed within that time.

    The change must be seen: until two readings differ, it is unknown, and once the time has passed without a
    change, false. It counts on the observer's own clock, so the clock of the station does not matter.

    :raises WinCCConditionError: when the name is empty, or the time no positive ``timedelta``.
    """
    return Alive(TagSource(name), within)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TagExpression:
    """A tag whose comparisons are conditions; made by :func:`tag`.

    Numbers may be given as int, as float, or as a Jinja template in a text. Every method raises
    :class:`WinCCConditionError` for an argument that does not fit.
    """

    source: TagSource

    def __eq__(self, other: object) -> Condition:  # type: ignore[override]  # == builds a condition here
        return self._equality("==", other)

    def __ne__(self, other: object) -> Condition:  # type: ignore[override]  # != builds a condition here
        return self._equality("!=", other)

    def __lt__(self, other: TagExpression | NumberLike) -> Condition:
        return self._ordering("<", other)

    def __le__(self, other: TagExpression | NumberLike) -> Condition:
        return self._ordering("<=", other)

    def __gt__(self, other: TagExpression | NumberLike) -> Condition:
        return self._ordering(">", other)

    def __ge__(self, other: TagExpression | NumberLike) -> Condition:
        return self._ordering(">=", other)

    def between(self, low: NumberLike, high: NumberLike) -> Condition:
        """Return the condition that the value lies from low to high, both included."""
        return Between(self.source, read_number_literal(low), read_number_literal(high))

    def outside(self, low: NumberLike, high: NumberLike) -> Condition:
        """Return the condition that the value lies below low or above high."""
        return Outside(self.source, read_number_literal(low), read_number_literal(high))

    def close_to(self, target: NumberLike, *, tolerance: NumberLike) -> Condition:
        """Return the condition that the value differs from the target by no more than the tolerance."""
        return CloseTo(self.source, read_number_literal(target), read_number_literal(tolerance))

    def is_in(self, values: Sequence[bool | int | float | str | Number | NumberTemplate]) -> Condition:
        """Return the condition that the value equals one of these, each compared as with ``==``."""
        if not isinstance(values, list | tuple | range):
            raise WinCCConditionError(
                f"is_in: expected a list of values, not {values!r}",
                hint='Write .is_in(["IDLE", "READY"]). A set has no fixed order, so it would be another condition '
                "in every process.",
            )
        literals = tuple(read_literal(value) for value in values)
        _warn_of_floats(literals, stacklevel=3)
        return IsIn(self.source, literals)

    def matches(self, regex: str) -> Condition:
        """Return the condition that the regular expression matches the whole text of the value."""
        return Matches(self.source, Regex(regex))

    def bit(self, index: int) -> Condition:
        """Return the condition that a bit of an integer tag is set; 0 is the lowest, 63 the highest."""
        return Bit(self.source, index)

    def changed(self, *, by: NumberLike | None = None) -> Condition:
        """Return the condition that the value differs from the first reading that counts.

        :param by: how much the number must differ at least; by default any difference counts.
        """
        return Changed(self.source, None if by is None else read_number_literal(by))

    def quality_is(self, level: QualityLevel | str) -> Condition:
        """Return the condition that the quality is ``"good"``, ``"uncertain"`` or ``"bad"``."""
        return QualityIs(self.source, level)  # type: ignore[arg-type]  # QualityIs reads the text

    def accept_uncertain(self) -> TagExpression:
        """Return the tag with readings of uncertain quality counted too."""
        return TagExpression(self.source.accepting_uncertain())

    def not_older_than(
        self,
        duration: timedelta | None = None,
        /,
        *,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> TagExpression:
        """Return the tag with an age limit: a reading whose timestamp is older is unknown.

        Timestamps mark the last *change* of a value: to see whether something still runs, use :func:`alive`.
        """
        age = read_duration(duration, hours=hours, minutes=minutes, seconds=seconds, where="not_older_than")
        return TagExpression(self.source.limited_to(age))

    def __hash__(self) -> int:
        return hash((TagExpression, self.source))

    def __repr__(self) -> str:
        from airflow_provider_wincc.conditions.representation import source_as_python

        return source_as_python(self.source)

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"{self!r} stands for a tag, which is neither true nor false before it is read. Compare it, as in "
            f"{self!r} == True; combine comparisons with &, | and ~ (not with and, or, not); write a range such "
            f"as a < {self!r} < b as {self!r}.between(a, b)."
        )

    def __contains__(self, item: object) -> NoReturn:
        raise TypeError(f"'in' cannot look into a tag. Write {self!r} == {item!r}, or {self!r}.matches(...).")

    def __and__(self, other: object) -> NoReturn:
        self._refuse_operator("&")

    def __or__(self, other: object) -> NoReturn:
        self._refuse_operator("|")

    def __rand__(self, other: object) -> NoReturn:
        self._refuse_operator("&")

    def __ror__(self, other: object) -> NoReturn:
        self._refuse_operator("|")

    def __invert__(self) -> NoReturn:
        raise TypeError(f"~ turns a condition round, and {self!r} is a tag. Write {self!r} == False.")

    def _equality(self, operator: str, other: object) -> Condition:
        if isinstance(other, TagExpression):
            return Comparison(self.source, operator, other.source)
        _refuse_condition(operator, other)
        literal = read_literal(other)
        _warn_of_floats((literal,), stacklevel=4)
        return Comparison(self.source, operator, literal)

    def _ordering(self, operator: str, other: TagExpression | NumberLike) -> Condition:
        if isinstance(other, TagExpression):
            return Comparison(self.source, operator, other.source)
        _refuse_condition(operator, other)
        return Comparison(self.source, operator, read_number_literal(other))

    def _refuse_operator(self, operator: str) -> NoReturn:
        raise TypeError(
            f"{operator} joins two conditions, and {self!r} is a tag. Compare the tag first, and put each "
            f"comparison in parentheses, because {operator} binds tighter than a comparison: "
            f'(tag("A") == 1) {operator} (tag("B") == 2).'
        )


def _refuse_condition(operator: str, other: object) -> None:
    if isinstance(other, Condition):
        raise WinCCConditionError(
            f"a tag cannot be compared by {operator} with the condition {other!r}",
            hint="Combine conditions with &, | and ~, each comparison in parentheses.",
        )


def _warn_of_floats(literals: Iterable[Literal], *, stacklevel: int) -> None:
    for literal in literals:
        if isinstance(literal, Number) and isinstance(literal.value, float):
            warnings.warn(
                f"a measured value hardly ever equals {literal.value!r} exactly; "
                f"write .close_to({literal.value!r}, tolerance=...)",
                FloatEqualityWarning,
                stacklevel=stacklevel,
            )
            return
