"""The functions and methods that the text of a condition may call, and what their arguments are.

The arguments themselves are those of the functions in Python, so that the text form cannot drift from it.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from airflow_provider_wincc.conditions.condition import Condition, all_of, any_of, at_least
from airflow_provider_wincc.conditions.durations import read_duration
from airflow_provider_wincc.conditions.expressions import TagExpression, alive, tag
from airflow_provider_wincc.conditions.literals import (
    Number,
    NumberTemplate,
    Regex,
    number,
    read_literal,
    read_number_literal,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def duration(*, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> timedelta:
    """Return what ``timedelta(...)`` stands for in a text.

    :raises WinCCConditionError: when it is not longer than zero, or longer than 100 years.
    """
    hours_of_days = 24.0 * days if days else 0
    return read_duration(hours=hours + hours_of_days, minutes=minutes, seconds=seconds, where="timedelta")


@dataclass(frozen=True, slots=True)
class Argument:
    """What an argument must be, in words, and how it is read.

    ``read`` raises :class:`WinCCConditionError`, or returns None, for what it is not.
    """

    what: str
    read: Callable[[object], object]


def _of(what: str, *kinds: type) -> Argument:
    def read(value: object) -> object:
        return value if isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool)) else None

    return Argument(what, read)


def _read_regex(value: object) -> object:
    return Regex(value).pattern if isinstance(value, str) else None


def _read_number(value: object) -> object:
    return read_number_literal(value) if isinstance(value, int | float | str | Number | NumberTemplate) else None


def _read_plain_number(value: object) -> object:
    return Number(value).value if isinstance(value, int | float) else None


def _read_literals(value: object) -> object:
    if not isinstance(value, list):
        return None
    for item in value:
        read_literal(item)
    return value


CONDITION = _of("a condition", Condition)
NUMBER = Argument("a number", _read_number)
_TEXT = _of("a text in quotes", str)
_PLAIN_NUMBER = Argument("a number without quotes", _read_plain_number)
_WHOLE_NUMBER = _of("a whole number", int)
_DURATION = _of("a duration such as timedelta(minutes=2)", timedelta)

ARGUMENTS: Mapping[str, Argument] = {
    "name": _TEXT,
    "level": _TEXT,
    "regex": Argument("a regular expression in quotes", _read_regex),
    "value": _of("a number or a template in quotes", int, float, str),
    "values": Argument("a list such as [1, 2, 3]", _read_literals),
    "low": NUMBER,
    "high": NUMBER,
    "target": NUMBER,
    "tolerance": NUMBER,
    "by": NUMBER,
    "index": _WHOLE_NUMBER,
    "count": _WHOLE_NUMBER,
    "conditions": CONDITION,
    "within": _DURATION,
    "duration": _DURATION,
    "days": _PLAIN_NUMBER,
    "hours": _PLAIN_NUMBER,
    "minutes": _PLAIN_NUMBER,
    "seconds": _PLAIN_NUMBER,
}


@dataclass(frozen=True, slots=True)
class Function:
    """A function or method that may be called."""

    name: str
    make: Callable[..., object]
    parameters: tuple[inspect.Parameter, ...]

    @property
    def usage(self) -> str:
        """How it is written, as in ``close_to(target, tolerance=...)``."""
        return f"{self.name}({', '.join(filter(None, map(_written, self.parameters)))})"


def _written(parameter: inspect.Parameter) -> str:
    match parameter.kind:
        case parameter.KEYWORD_ONLY:
            return f"{parameter.name}=..."
        case parameter.VAR_POSITIONAL:
            return f"{parameter.name}, ..."
        case parameter.POSITIONAL_ONLY if parameter.default is None:
            return ""
        case _:
            return parameter.name


def _functions(**made_by: Callable[..., object]) -> Mapping[str, Function]:
    return {
        name: Function(name, make, tuple(inspect.signature(make).parameters.values())) for name, make in made_by.items()
    }


def _methods(kind: type, *names: str) -> Mapping[str, Function]:
    made_by = {name: getattr(kind, name) for name in names}
    return {
        name: Function(name, make, tuple(inspect.signature(make).parameters.values())[1:])
        for name, make in made_by.items()
    }


FUNCTIONS = _functions(
    tag=tag, alive=alive, all_of=all_of, any_of=any_of, at_least=at_least, number=number, timedelta=duration
)
METHODS_OF_A_TAG = _methods(
    TagExpression,
    "between",
    "outside",
    "close_to",
    "is_in",
    "matches",
    "bit",
    "changed",
    "quality_is",
    "accept_uncertain",
    "not_older_than",
)
METHODS_OF_A_CONDITION = _methods(Condition, "held_for", "accept_uncertain", "not_older_than")
