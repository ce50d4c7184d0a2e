"""Conditions written as Python that builds an equal one."""

from __future__ import annotations

from enum import IntEnum
from functools import singledispatch
from typing import TYPE_CHECKING

from airflow_provider_wincc.conditions.condition import AllOf, AnyOf, AtLeast, Condition, HeldFor, Not
from airflow_provider_wincc.conditions.durations import as_keywords
from airflow_provider_wincc.conditions.literals import Bool, Number, NumberTemplate, Text, quoted
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
    from airflow_provider_wincc.conditions.literals import Literal, Regex


def as_python(condition: Condition) -> str:
    """Return Python that builds the condition, with no more parentheses than it needs."""
    return _text(condition)


def source_as_python(source: TagSource) -> str:
    """Return Python that builds the tag expression of a source."""
    return f"tag({quoted(source.name)}){_source_methods(source)}"


class _Binding(IntEnum):
    """How tightly Python binds the outermost operation of a text."""

    COMPARISON = 0
    OR = 1
    AND = 2
    NOT = 3
    CALL = 4


def _binding(condition: Condition) -> _Binding:
    match condition:
        case Comparison():
            return _Binding.COMPARISON
        case AnyOf():
            return _Binding.OR
        case AllOf():
            return _Binding.AND
        case Not():
            return _Binding.NOT
        case _:
            return _Binding.CALL


def _inside(condition: Condition, outer: _Binding) -> str:
    text = _text(condition)
    return text if _binding(condition) >= outer else f"({text})"


@singledispatch
def _text(condition: Condition) -> str:
    raise NotImplementedError(f"no Python form for {type(condition).__name__}")


@_text.register(AllOf)
def _all_of(condition: AllOf) -> str:
    return " & ".join(_inside(child, _Binding.AND) for child in condition.conditions)


@_text.register(AnyOf)
def _any_of(condition: AnyOf) -> str:
    return " | ".join(_inside(child, _Binding.OR) for child in condition.conditions)


@_text.register(Not)
def _not(condition: Not) -> str:
    return f"~{_inside(condition.condition, _Binding.NOT)}"


@_text.register(AtLeast)
def _at_least(condition: AtLeast) -> str:
    return f"at_least({', '.join([str(condition.count), *map(_text, condition.conditions)])})"


@_text.register(HeldFor)
def _held_for(condition: HeldFor) -> str:
    return f"{_inside(condition.condition, _Binding.CALL)}.held_for({as_keywords(condition.duration)})"


@_text.register(Comparison)
def _comparison(condition: Comparison) -> str:
    value = condition.value
    if isinstance(value, TagSource):
        right = source_as_python(value)
    elif condition.operator in {"==", "!="}:
        right = _literal(value)
    else:
        right = _as_number(value)
    return f"{source_as_python(condition.tag)} {condition.operator} {right}"


@_text.register(Between)
def _between(condition: Between) -> str:
    return _call(condition.tag, "between", _as_number(condition.low), _as_number(condition.high))


@_text.register(Outside)
def _outside(condition: Outside) -> str:
    return _call(condition.tag, "outside", _as_number(condition.low), _as_number(condition.high))


@_text.register(CloseTo)
def _close_to(condition: CloseTo) -> str:
    tolerance = f"tolerance={_as_number(condition.tolerance)}"
    return _call(condition.tag, "close_to", _as_number(condition.target), tolerance)


@_text.register(IsIn)
def _is_in(condition: IsIn) -> str:
    return _call(condition.tag, "is_in", f"[{', '.join(map(_literal, condition.values))}]")


@_text.register(Matches)
def _matches(condition: Matches) -> str:
    return _call(condition.tag, "matches", _regex(condition.regex))


@_text.register(Bit)
def _bit(condition: Bit) -> str:
    return _call(condition.tag, "bit", str(condition.index))


@_text.register(Changed)
def _changed(condition: Changed) -> str:
    by = () if condition.by is None else (f"by={_as_number(condition.by)}",)
    return _call(condition.tag, "changed", *by)


@_text.register(QualityIs)
def _quality_is(condition: QualityIs) -> str:
    return _call(condition.tag, "quality_is", quoted(condition.level.value))


@_text.register(Alive)
def _alive(condition: Alive) -> str:
    source = condition.tag
    within = f"timedelta({as_keywords(condition.within)})"
    return f"alive({quoted(source.name)}, within={within}){_source_methods(source)}"


def _source_methods(source: TagSource) -> str:
    uncertain = ".accept_uncertain()" if source.accept_uncertain else ""
    age = source.not_older_than
    return uncertain if age is None else f"{uncertain}.not_older_than({as_keywords(age)})"


def _call(source: TagSource, method: str, *arguments: str) -> str:
    return f"{source_as_python(source)}.{method}({', '.join(arguments)})"


def _literal(literal: Literal) -> str:
    match literal:
        case NumberTemplate():
            return f"number({quoted(literal.template)})"
        case Text():
            return quoted(literal.value)
        case Number() | Bool():
            return repr(literal.value)


def _as_number(literal: Literal) -> str:
    """Write a literal where only numbers can stand, so that a template needs no ``number(...)``."""
    return quoted(literal.template) if isinstance(literal, NumberTemplate) else _literal(literal)


def _regex(regex: Regex) -> str:
    pattern = regex.pattern
    raw = "\\" in pattern and '"' not in pattern and pattern.isprintable() and not pattern.endswith("\\")
    return f'r"{pattern}"' if raw else quoted(pattern)
