"""What callers give, checked before anything is sent."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCWriteRefusedError
from airflow_provider_wincc.client.models import DataType

_LARGEST_INTEGER = 2**64 - 1
_SMALLEST_INTEGER = -(2**63)

TypeWish = Mapping[str, DataType | str | type]
"""Data types that a caller asks for, by tag name."""


def check_names(names: Iterable[str]) -> list[str]:
    """Return each of the names once, in the order given.

    :raises WinCCConfigurationError: when it is no list of names, or an empty one.
    """
    if isinstance(names, str | bytes) or not isinstance(names, Iterable):
        raise WinCCConfigurationError(
            f"The tag names are {names!r}, not a list.",
            hint='Give a list of tag names, such as ["Tank1.Level"].',
        )
    listed = list(names)
    for name in listed:
        if not isinstance(name, str) or not name:
            raise WinCCConfigurationError(
                f"{name!r} is not the name of a tag.", hint="A tag name is a text of at least one character."
            )
        if _is_broken_text(name):
            raise WinCCConfigurationError(
                f"The tag name {name!r} has half a surrogate pair in it, which is no character.",
                hint="Check where the name comes from; it was decoded wrongly.",
            )
    if not listed:
        raise WinCCConfigurationError("The list of tags is empty.", hint="Name at least one tag.")
    return list(dict.fromkeys(listed))


def check_types(types: TypeWish | None) -> dict[str, DataType]:
    """Return the types that a caller asks for as members of :class:`DataType`.

    :raises WinCCConfigurationError: naming the known types.
    """
    if types is not None and not isinstance(types, Mapping):
        raise WinCCConfigurationError(
            f"The types are a {type(types).__name__}.", hint='Give a mapping of tag to type, such as {"Batch": "text"}.'
        )
    try:
        return {name: DataType.parse(wish) for name, wish in (types or {}).items()}
    except ValueError as error:
        raise WinCCConfigurationError(f"{error}.") from None


def check_values(values: Mapping[str, object]) -> list[str]:
    """Return the names of the tags in a set of values to write.

    :raises WinCCConfigurationError: when a name is no text, the set is empty or names a tag twice.
    :raises WinCCWriteRefusedError: when no tag can hold a value.
    """
    if not isinstance(values, Mapping):
        raise WinCCConfigurationError(
            f"The values to write are a {type(values).__name__}.",
            hint='Give a mapping of tag to value, such as {"Tank1.Setpoint": 55.0}.',
        )
    names = check_names(list(values))
    folded: dict[str, str] = {}
    for name in names:
        other = folded.setdefault(name.lower(), name)
        if other != name:
            raise WinCCConfigurationError(
                f"{other!r} and {name!r} are the same tag in WinCC, which ignores letter case.",
                hint="Keep one of them.",
            )
        _check_value(name, values[name])
    return names


def _check_value(name: str, value: object) -> None:
    problem = ""
    if not isinstance(value, bool | int | float | str):
        problem = f"is a {type(value).__name__}, not a bool, a number or a text"
    elif isinstance(value, float) and not math.isfinite(value):
        problem = "is not a finite number"
    elif isinstance(value, int) and not _SMALLEST_INTEGER <= value <= _LARGEST_INTEGER:
        problem = "fits into no integer type of WinCC"
    elif isinstance(value, str) and _is_broken_text(value):
        problem = "has half a surrogate pair in it, which is no character"
    if problem:
        raise WinCCWriteRefusedError(
            f"The value {value!r} for {name!r} {problem}. Nothing was sent.",
            hint="Check where the value comes from.",
        )


def _is_broken_text(text: str) -> bool:
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
