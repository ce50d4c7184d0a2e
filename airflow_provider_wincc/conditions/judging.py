"""Judge the conditions that look at one reading of each tag and remember nothing."""

from __future__ import annotations

import operator
from functools import singledispatch
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow_provider_wincc.conditions.errors import WinCCConditionError
from airflow_provider_wincc.conditions.literals import Number, NumberTemplate
from airflow_provider_wincc.conditions.observation import NoReading
from airflow_provider_wincc.conditions.sources import TagSource
from airflow_provider_wincc.conditions.tag_conditions import (
    ORDERING,
    Between,
    Bit,
    CloseTo,
    Comparison,
    IsIn,
    Matches,
    Outside,
    QualityIs,
)
from airflow_provider_wincc.conditions.values import as_bits, as_number, common_kind, matches, same_kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.client.models import Scalar, TagValue
    from airflow_provider_wincc.conditions.condition import Condition
    from airflow_provider_wincc.conditions.literals import Literal, Regex
    from airflow_provider_wincc.conditions.observation import Observation


class Outcome(NamedTuple):
    """What became of one condition inside the whole, and why.

    :param result: True, False, or None for unknown.
    :param note: what the readings themselves do not show.
    :param children: what became of the conditions inside.
    """

    condition: Condition
    result: bool | None
    note: str = ""
    children: tuple[Outcome, ...] = ()


NOT_A_NUMBER = "it is not a number"


@singledispatch
def judge_reading(condition: Condition, observation: Observation) -> Outcome:
    """Judge a condition that needs no memory and has no others inside."""
    raise NotImplementedError(f"no way to judge {type(condition).__name__}")


def counted(source: TagSource, condition: Condition, observation: Observation) -> TagValue | NoReading:
    """Return the reading of a tag when it counts.

    :raises WinCCConditionError: when the name of the tag is a template still.
    """
    refuse_template(source, condition)
    return observation.reading(source)


def plain_number(literal: Number | NumberTemplate, condition: Condition) -> int | float:
    """Return the number that a literal is.

    :raises WinCCConditionError: when it is a template still.
    """
    if isinstance(literal, NumberTemplate):
        raise _not_rendered(condition)
    return literal.value


def unknown(condition: Condition, *readings: TagValue | NoReading) -> Outcome:
    """Return the outcome of a condition for which a reading is lacking."""
    reasons = [
        reading.reason if len(readings) == 1 else f"{source.name}: {reading.reason}"
        for source, reading in zip(condition.sources, readings, strict=True)
        if isinstance(reading, NoReading) and reading.reason
    ]
    return Outcome(condition, None, "; ".join(reasons))


def refuse_template(part: TagSource | Literal | Regex, condition: Condition) -> None:
    """Raise when a part of the condition is a template still.

    :raises WinCCConditionError: naming the condition.
    """
    if part.is_templated:
        raise _not_rendered(condition)


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@judge_reading.register(Comparison)
def _comparison(condition: Comparison, observation: Observation) -> Outcome:
    reading = counted(condition.tag, condition, observation)
    right: Scalar | None
    if isinstance(condition.value, TagSource):
        other = counted(condition.value, condition, observation)
        if isinstance(reading, NoReading) or isinstance(other, NoReading):
            return unknown(condition, reading, other)
        left, right = _pair(condition, reading, other)
    else:
        right = _value(condition.value, condition)
        if isinstance(reading, NoReading):
            return unknown(condition, reading)
        left = same_kind(reading, condition.value, condition)
    if left is None or right is None:
        return Outcome(condition, None, NOT_A_NUMBER)
    return Outcome(condition, _OPERATORS[condition.operator](left, right))


def _pair(condition: Comparison, left: TagValue, right: TagValue) -> tuple[Scalar | None, Scalar | None]:
    if condition.operator in ORDERING:
        return as_number(left, condition), as_number(right, condition)
    return common_kind(left, right)


@judge_reading.register(Between)
def _between(condition: Between, observation: Observation) -> Outcome:
    low, high = plain_number(condition.low, condition), plain_number(condition.high, condition)
    return _judge_number(condition, observation, lambda value: low <= value <= high)


@judge_reading.register(Outside)
def _outside(condition: Outside, observation: Observation) -> Outcome:
    low, high = plain_number(condition.low, condition), plain_number(condition.high, condition)
    return _judge_number(condition, observation, lambda value: value < low or value > high)


@judge_reading.register(CloseTo)
def _close_to(condition: CloseTo, observation: Observation) -> Outcome:
    target, tolerance = plain_number(condition.target, condition), plain_number(condition.tolerance, condition)
    return _judge_number(condition, observation, lambda value: abs(value - target) <= tolerance)


def _judge_number(
    condition: Between | Outside | CloseTo, observation: Observation, test: Callable[[int | float], bool]
) -> Outcome:
    reading = counted(condition.tag, condition, observation)
    if isinstance(reading, NoReading):
        return unknown(condition, reading)
    value = as_number(reading, condition)
    return Outcome(condition, None, NOT_A_NUMBER) if value is None else Outcome(condition, test(value))


@judge_reading.register(IsIn)
def _is_in(condition: IsIn, observation: Observation) -> Outcome:
    values = [_value(literal, condition) for literal in condition.values]
    reading = counted(condition.tag, condition, observation)
    if isinstance(reading, NoReading):
        return unknown(condition, reading)
    found = [same_kind(reading, literal, condition) for literal in condition.values]
    if any(value is not None and value == wanted for value, wanted in zip(found, values, strict=True)):
        return Outcome(condition, result=True)
    return Outcome(condition, None, NOT_A_NUMBER) if None in found else Outcome(condition, result=False)


@judge_reading.register(Matches)
def _matches(condition: Matches, observation: Observation) -> Outcome:
    refuse_template(condition.regex, condition)
    reading = counted(condition.tag, condition, observation)
    if isinstance(reading, NoReading):
        return unknown(condition, reading)
    return Outcome(condition, matches(reading, condition.regex, condition))


@judge_reading.register(Bit)
def _bit(condition: Bit, observation: Observation) -> Outcome:
    reading = counted(condition.tag, condition, observation)
    if isinstance(reading, NoReading):
        return unknown(condition, reading)
    value = as_bits(reading, condition)
    if value is None:
        return Outcome(condition, None, NOT_A_NUMBER)
    return Outcome(condition, bool(value >> condition.index & 1))


@judge_reading.register(QualityIs)
def _quality_is(condition: QualityIs, observation: Observation) -> Outcome:
    refuse_template(condition.tag, condition)
    level = observation.quality(condition.tag)
    if isinstance(level, NoReading):
        return unknown(condition, level)
    return Outcome(condition, level is condition.level)


def _value(literal: Literal, condition: Condition) -> Scalar:
    if isinstance(literal, NumberTemplate) or literal.is_templated:
        raise _not_rendered(condition)
    return literal.value


def _not_rendered(condition: Condition) -> WinCCConditionError:
    return WinCCConditionError(
        f"{condition!r} holds Jinja that has not been rendered",
        hint="Operators and sensors of this provider render their conditions; elsewhere call condition.render().",
    )
