"""What the value of a reading is in a comparison: a number, a bool, bits, or a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.models import DataType, read_as, read_number, read_value
from airflow_provider_wincc.conditions.errors import WinCCConditionError
from airflow_provider_wincc.conditions.literals import Bool, Number, is_finite

if TYPE_CHECKING:
    from airflow_provider_wincc.client.models import Scalar, TagValue
    from airflow_provider_wincc.conditions.condition import Condition
    from airflow_provider_wincc.conditions.literals import Literal, Regex

LONGEST_MATCHED = 4096
"""Characters of a text that a regular expression is tried on. WinCC's own texts are far shorter."""


def same_kind(reading: TagValue, literal: Literal, condition: Condition) -> Scalar | None:
    """Return the value of the reading as the kind that the literal is; None for "not a number".

    :raises WinCCConditionError: when it cannot be read that way.
    """
    match literal:
        case Number():
            return as_number(reading, condition)
        case Bool():
            return _as_bool(reading, condition)
        case _:
            return reading.text


def as_number(reading: TagValue, condition: Condition, *, what: str = "a number") -> int | float | None:
    """Return the value of the reading as a number; None for "not a number".

    :raises WinCCConditionError: when it cannot be read as one.
    """
    try:
        value = read_number(reading.text)
    except ValueError:
        raise _misfit(
            reading, condition, what, hint="Is it the right tag? A text is compared in quotes, a bool with True."
        ) from None
    if value is not None and not is_finite(value):
        raise _misfit(reading, condition, what, hint="The number is too large to be compared.")
    return value


def as_bits(reading: TagValue, condition: Condition) -> int | None:
    """Return the value of the reading as a whole number; None for "not a number".

    :raises WinCCConditionError: when it is no whole number, or a float that no longer holds every bit.
    """
    value = as_number(reading, condition, what="a whole number")
    if value is None or isinstance(value, int):
        return value
    if not value.is_integer() or abs(value) > _LARGEST_EXACT_FLOAT:
        raise _misfit(reading, condition, "a whole number", hint="Only integer tags have bits.")
    return int(value)


def matches(reading: TagValue, regex: Regex, condition: Condition) -> bool:
    """Whether the regular expression matches the whole text of the reading.

    :raises WinCCConditionError: when the text is longer than 4096 characters.
    """
    if len(reading.text) > LONGEST_MATCHED:
        raise WinCCConditionError(
            f"the value of tag {reading.name!r} has {len(reading.text)} characters; {condition!r} looks at no "
            f"more than {LONGEST_MATCHED}"
        )
    return re.fullmatch(regex.pattern, reading.text) is not None


def common_kind(left: TagValue, right: TagValue) -> tuple[Scalar, Scalar]:
    """Return the values of two readings as they are compared for equality: as numbers, as bools, else as texts."""
    pair = (left.value, right.value)
    both_bool = isinstance(pair[0], bool) and isinstance(pair[1], bool)
    if both_bool or (_is_number(pair[0]) and _is_number(pair[1])):
        return pair  # type: ignore[return-value]  # neither is None here
    return left.text, right.text


def is_same_value(text: str, other: str) -> bool:
    """Whether two texts of values are the same value, however they are written: ``71.5`` and ``71.50``."""
    return text == other or read_value(text) == read_value(other)


_LARGEST_EXACT_FLOAT = 2**53


def _as_bool(reading: TagValue, condition: Condition) -> Scalar | None:
    try:
        return read_as(reading.text, DataType.BOOL)
    except ValueError:
        raise _misfit(
            reading, condition, "a bool", hint="A bool reads true, false, 1 or 0. Is it the right tag?"
        ) from None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _misfit(reading: TagValue, condition: Condition, what: str, *, hint: str) -> WinCCConditionError:
    shown = repr(reading.text[:_LONGEST_SHOWN])
    return WinCCConditionError(
        f"tag {reading.name!r} has the value {shown}, which cannot be read as {what}, as {condition!r} asks", hint=hint
    )


_LONGEST_SHOWN = 100
