"""Conditions as plain JSON types, and back without loss.

Every condition is an object with its ``form`` and the fields of that form. A tag is its name, or an object with
``name`` and what counts as a reading of it. A literal is a JSON number, text or bool; ``{"number": "{{ ... }}"}``
is a template for a number, and ``{"tag": ...}`` another tag. Durations are in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar, cast

from airflow_provider_wincc.conditions.condition import AllOf, AnyOf, AtLeast, Condition, HeldFor, Not
from airflow_provider_wincc.conditions.durations import LONGEST, to_seconds
from airflow_provider_wincc.conditions.errors import WinCCConditionError
from airflow_provider_wincc.conditions.literals import Bool, Number, NumberTemplate, Regex, Text
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
    from collections.abc import Callable, Mapping
    from typing import Any

    from airflow_provider_wincc.conditions.literals import Literal

    Reader = Callable[["_Place", object], object]

_T = TypeVar("_T")


def to_json(condition: Condition) -> dict[str, Any]:
    """Return the condition as plain JSON types."""
    content = {field.name: _write(getattr(condition, field.name)) for field in fields(cast("Any", condition))}
    if isinstance(condition, Comparison) and isinstance(condition.value, TagSource):
        content["value"] = {"tag": content["value"]}
    return {"form": condition.form, **content}


def from_json(data: object) -> Condition:
    """Read a condition from plain JSON types.

    :raises WinCCConditionError: when the data is not a condition; it says where.
    """
    try:
        return _read_condition(_Place("condition"), data)
    except RecursionError:
        raise WinCCConditionError("the JSON of a condition is nested too deeply") from None


def _write(part: object) -> object:
    match part:
        case Condition():
            return to_json(part)
        case tuple():
            return [_write(item) for item in part]
        case TagSource():
            return _write_source(part)
        case Number() | Bool() | Text():
            return part.value
        case NumberTemplate():
            return {"number": part.template}
        case Regex():
            return part.pattern
        case timedelta():
            return to_seconds(part)
        case StrEnum():
            return part.value
        case _:
            return part


def _write_source(source: TagSource) -> str | dict[str, Any]:
    policy: dict[str, Any] = {}
    if source.accept_uncertain:
        policy["accept_uncertain"] = True
    if source.not_older_than is not None:
        policy["not_older_than"] = to_seconds(source.not_older_than)
    return {"name": source.name, **policy} if policy else source.name


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the data the reader is, as in ``condition.conditions[1].value``."""

    path: str

    def field(self, name: str) -> _Place:
        return _Place(f"{self.path}.{name}")

    def item(self, index: int) -> _Place:
        return _Place(f"{self.path}[{index}]")

    def error(self, problem: str, *, hint: str | None = None) -> WinCCConditionError:
        return WinCCConditionError(f"JSON of a condition, at {self.path}: {problem}", hint=hint)

    def expected(self, what: str, found: object) -> WinCCConditionError:
        shown = repr(found)
        return self.error(f"expected {what}, not {shown[:_LONGEST_SHOWN]}")

    def build(self, make: Callable[..., _T], *args: object, **kwargs: object) -> _T:
        try:
            return make(*args, **kwargs)
        except WinCCConditionError as error:
            raise self.error(error.message, hint=error.hint) from None


_LONGEST_SHOWN = 100


def _read_condition(place: _Place, data: object) -> Condition:
    content = _read_object(place, data, what='an object with a "form"')
    form = content.get("form")
    if not isinstance(form, str) or form not in _FORMS:
        raise place.field("form").expected(f"one of {', '.join(sorted(_FORMS))}", form)
    make, readers = _FORMS[form]
    _check_keys(place, content, {"form", *readers})
    parts = {name: reader(place.field(name), content[name]) for name, reader in readers.items()}
    return place.build(make, **parts)


def _read_object(place: _Place, data: object, *, what: str) -> dict[str, object]:
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise place.expected(what, data)
    return data


def _check_keys(
    place: _Place, content: Mapping[str, object], needed: set[str], optional: set[str] | None = None
) -> None:
    missing = sorted(needed - content.keys())
    if missing:
        raise place.error(f"{', '.join(missing)} missing")
    unknown = sorted(content.keys() - needed - (optional or set()))
    if unknown:
        raise place.error(f"unknown {', '.join(unknown)}", hint="It may come from a newer version of the provider.")


def _read_conditions(place: _Place, data: object) -> tuple[Condition, ...]:
    if not isinstance(data, list):
        raise place.expected("a list of conditions", data)
    return tuple(_read_condition(place.item(index), item) for index, item in enumerate(data))


def _read_source(place: _Place, data: object) -> TagSource:
    if isinstance(data, str):
        return place.build(TagSource, data)
    content = _read_object(place, data, what="the name of a tag, or an object with it")
    _check_keys(place, content, {"name"}, {"accept_uncertain", "not_older_than"})
    accept_uncertain = content.get("accept_uncertain", False)
    if not isinstance(accept_uncertain, bool):
        raise place.field("accept_uncertain").expected("true or false", accept_uncertain)
    age = content.get("not_older_than")
    not_older_than = None if age is None else _read_seconds(place.field("not_older_than"), age)
    return place.build(TagSource, content["name"], accept_uncertain, not_older_than)


def _read_seconds(place: _Place, data: object) -> timedelta:
    if isinstance(data, bool) or not isinstance(data, int | float):
        raise place.expected("a number of seconds", data)
    if not 0 < data <= LONGEST.total_seconds():
        raise place.expected("seconds above zero and below 100 years", data)
    return timedelta(seconds=data)


def _read_operand(place: _Place, data: object) -> Literal | TagSource:
    if isinstance(data, dict) and data.keys() == {"tag"}:
        return _read_source(place.field("tag"), data["tag"])
    return _read_literal(place, data)


def _read_literal(place: _Place, data: object) -> Literal:
    match data:
        case bool():
            return Bool(data)
        case str():
            return Text(data)
        case _:
            return _read_number(place, data)


def _read_number(place: _Place, data: object) -> Number | NumberTemplate:
    if isinstance(data, dict) and data.keys() == {"number"}:
        return place.field("number").build(NumberTemplate, data["number"])
    return place.build(Number, data)


def _read_optional_number(place: _Place, data: object) -> Number | NumberTemplate | None:
    return None if data is None else _read_number(place, data)


def _read_literals(place: _Place, data: object) -> tuple[Literal, ...]:
    if not isinstance(data, list):
        raise place.expected("a list of values", data)
    return tuple(_read_literal(place.item(index), item) for index, item in enumerate(data))


def _read_regex(place: _Place, data: object) -> Regex:
    return place.build(Regex, data)


def _as_it_is(place: _Place, data: object) -> object:  # noqa: ARG001  # the form itself checks the value
    return data


_READERS: tuple[tuple[type[Condition], dict[str, Reader]], ...] = (
    (Not, {"condition": _read_condition}),
    (AllOf, {"conditions": _read_conditions}),
    (AnyOf, {"conditions": _read_conditions}),
    (AtLeast, {"count": _as_it_is, "conditions": _read_conditions}),
    (HeldFor, {"condition": _read_condition, "duration": _read_seconds}),
    (Comparison, {"tag": _read_source, "operator": _as_it_is, "value": _read_operand}),
    (Between, {"tag": _read_source, "low": _read_number, "high": _read_number}),
    (Outside, {"tag": _read_source, "low": _read_number, "high": _read_number}),
    (CloseTo, {"tag": _read_source, "target": _read_number, "tolerance": _read_number}),
    (IsIn, {"tag": _read_source, "values": _read_literals}),
    (Matches, {"tag": _read_source, "regex": _read_regex}),
    (Bit, {"tag": _read_source, "index": _as_it_is}),
    (Changed, {"tag": _read_source, "by": _read_optional_number}),
    (QualityIs, {"tag": _read_source, "level": _as_it_is}),
    (Alive, {"tag": _read_source, "within": _read_seconds}),
)
_FORMS = {make.form: (make, readers) for make, readers in _READERS}
