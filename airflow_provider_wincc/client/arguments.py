"""What callers give, checked before anything is sent."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCWriteRefusedError
from airflow_provider_wincc.client.models import DataType, has_64_bits

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


def is_finite(value: float) -> bool:
    """Whether the number is one that a float can hold."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def check_from_zero(what: str, number: object) -> None:
    """Check a finite number of at least 0.

    :param what: its name, as the subject of the error.
    :raises WinCCConfigurationError: when it is none.
    """
    if isinstance(number, bool) or not isinstance(number, int | float) or not is_finite(number) or number < 0:
        raise WinCCConfigurationError(
            f"{what} is {quoted_number(number)}, not a finite number from 0.",
            hint="Give a plain number that is not negative, such as 30.",
        )


def quoted_number(number: object) -> str:
    """Return what was given for a number, for an error; Python refuses to print one of thousands of digits."""
    return "too large a number" if isinstance(number, int) and not is_finite(number) else repr(number)


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
    with_server: dict[str, str] = {}
    for name in names:
        other = folded.setdefault(name.lower(), name)
        if other != name:
            raise WinCCConfigurationError(
                f"{other!r} and {name!r} are the same tag in WinCC, which ignores letter case.",
                hint="Keep one of them.",
            )
        _, prefix, tag = name.lower().rpartition("::")
        if prefix:
            with_server.setdefault(tag, name)
        _check_value(name, values[name])
    for tag in with_server.keys() & folded.keys():
        raise WinCCConfigurationError(
            f"{folded[tag]!r} and {with_server[tag]!r} may be the same tag, with and without its server.",
            hint="Keep one of them, or name the server of both.",
        )
    return names


def _check_value(name: str, value: object) -> None:
    problem = ""
    if not isinstance(value, bool | int | float | str):
        problem = f"is a {type(value).__name__}, not a bool, a number or a text"
    elif isinstance(value, float) and not math.isfinite(value):
        problem = "is not a finite number"
    elif isinstance(value, int) and not has_64_bits(value):
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
