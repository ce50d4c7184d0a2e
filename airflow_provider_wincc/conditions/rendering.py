"""Changed copies of conditions: rendered ones, and ones that count other readings."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, TypeVar, cast

from airflow_provider_wincc.conditions.condition import Condition
from airflow_provider_wincc.conditions.literals import NumberTemplate, Regex, Text
from airflow_provider_wincc.conditions.sources import TagSource

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Change = Callable[[object], object]

_C = TypeVar("_C", bound=Condition)


def rendered(condition: Condition, render: Callable[[object], object]) -> Condition:
    """Return the condition with every template in it replaced by what ``render`` makes of it."""

    def change(part: object) -> object:
        match part:
            case TagSource(is_templated=True):
                return part.rendered(render(part.name))
            case NumberTemplate():
                return part.rendered(render(part.template))
            case Text(is_templated=True):
                return part.rendered(render(part.value))
            case Regex(is_templated=True):
                return part.rendered(render(part.pattern))
            case _:
                return part

    return _copy(condition, change)


def with_sources(condition: Condition, change_source: Callable[[TagSource], TagSource]) -> Condition:
    """Return the condition with every tag source in it changed."""
    return _copy(condition, lambda part: change_source(part) if isinstance(part, TagSource) else part)


def _copy(condition: _C, change: Change) -> _C:
    # replace() calls the constructor, so that the copy is checked like a new condition.
    names = [field.name for field in fields(cast("Any", condition))]
    changed = {name: _changed(getattr(condition, name), change) for name in names}
    return cast("_C", replace(cast("Any", condition), **changed))


def _changed(part: object, change: Change) -> object:
    if isinstance(part, tuple):
        return tuple(_changed(item, change) for item in part)
    if isinstance(part, Condition):
        return _copy(part, change)
    return change(part)
