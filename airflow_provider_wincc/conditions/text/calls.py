"""Which argument of a call is for which parameter, as Python would have it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_wincc.conditions.text.pointing import short

if TYPE_CHECKING:
    import ast
    import inspect
    from collections.abc import Iterable, Iterator, Sequence

    from airflow_provider_wincc.conditions.text.pointing import ConditionText
    from airflow_provider_wincc.conditions.text.vocabulary import Function


@dataclass(frozen=True, slots=True)
class Given:
    """An argument of a call, and the parameter that it is for."""

    parameter: inspect.Parameter
    node: ast.expr
    by_name: bool


def match_arguments(source: ConditionText, function: Function, call: ast.Call, name: tuple[int, int]) -> list[Given]:
    """Return the arguments of a call with their parameters.

    :param name: where the name of the function stands.
    :raises WinCCConditionError: when there are too many or too few, or one has an unknown name or is given twice.
    """
    given = [*_by_position(source, function, call.args), *_by_name(source, function, call.keywords)]
    names = [one.parameter.name for one in given if one.parameter.kind is not one.parameter.VAR_POSITIONAL]
    for one in given:
        if names.count(one.parameter.name) > 1:
            raise source.error(*name, f"{one.parameter.name} is given twice", hint=f"Write {function.usage}.")
    for parameter in function.parameters:
        needed = parameter.default is parameter.empty and parameter.kind is not parameter.VAR_POSITIONAL
        if needed and parameter.name not in names:
            raise source.error(*name, f"{parameter.name} is missing", hint=f"Write {function.usage}.")
    return given


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the hint for an unknown name: the known name that looks most like it, or else all of them."""
    known = list(known)
    like = difflib.get_close_matches(name.lower(), known, n=1)
    return f"Did you mean {like[0]}?" if like else f"Known are {', '.join(known)}."


def _by_position(source: ConditionText, function: Function, nodes: Sequence[ast.expr]) -> Iterator[Given]:
    parameters = [one for one in function.parameters if one.kind is not one.KEYWORD_ONLY]
    for index, node in enumerate(nodes):
        parameter = parameters[min(index, len(parameters) - 1)] if parameters else None
        if parameter is None or (index >= len(parameters) and parameter.kind is not parameter.VAR_POSITIONAL):
            raise source.error_at(node, f"one argument too many for {function.name}", hint=f"Write {function.usage}.")
        yield Given(parameter, node, by_name=False)


def _by_name(source: ConditionText, function: Function, keywords: Sequence[ast.keyword]) -> Iterator[Given]:
    named = {one.name: one for one in function.parameters if one.kind in {one.KEYWORD_ONLY, one.POSITIONAL_OR_KEYWORD}}
    for keyword in keywords:
        name = keyword.arg or ""
        if name not in named:
            start, _ = source.span(keyword)
            raise source.error(
                start,
                start + len(name),
                f"{function.name} has no argument {short(name)!r}",
                hint=nearest(name, named) if named else f"Write {function.usage}.",
            )
        yield Given(named[name], keyword.value, by_name=True)
