"""Arguments of the form ``NAME=SOMETHING``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.models import DataType
from airflow_provider_wincc.client.policy import TagLimits

if TYPE_CHECKING:
    from collections.abc import Sequence


def read_values(texts: Sequence[str]) -> dict[str, str]:
    """Read ``TAG=VALUE`` texts; a value may be empty, and may have further equals signs in it.

    :raises WinCCConfigurationError: naming the text that is none, or the tag that stands twice.
    """
    return _pairs(texts, "TAG=VALUE, such as Tank1.Setpoint=60")


def read_types(texts: Sequence[str]) -> dict[str, DataType]:
    """Read ``TAG=TYPE`` texts.

    :raises WinCCConfigurationError: naming the text that is none, or the type that is unknown.
    """
    types = {}
    for tag, name in _pairs(texts, "--type TAG=TYPE, such as --type Plant.BatchId=text").items():
        try:
            types[tag] = DataType.parse(name)
        except ValueError as error:
            raise WinCCConfigurationError(f"--type of {tag!r}: {error}.", hint="Write one of these.") from None
    return types


def read_limits(texts: Sequence[str]) -> tuple[TagLimits, ...]:
    """Read ``PATTERN=LOWEST:HIGHEST`` texts; either side may be empty, which leaves it open.

    :raises WinCCConfigurationError: naming the text that is none.
    """
    return tuple(_limits(text) for text in texts)


def _limits(text: str) -> TagLimits:
    pattern, equals, span = text.partition("=")
    lowest, colon, highest = span.partition(":")
    if not pattern or not equals or not colon:
        raise _bad_limit(text)
    try:
        bounds = [float(bound) if bound.strip() else None for bound in (lowest, highest)]
    except ValueError:
        raise _bad_limit(text) from None
    return TagLimits(pattern, *bounds)


def _bad_limit(text: str) -> WinCCConfigurationError:
    return WinCCConfigurationError(
        f"--limit has {text!r}.", hint="Write --limit TAG=LOWEST:HIGHEST, such as --limit 'Tank?.Setpoint=0:90'."
    )


def _pairs(texts: Sequence[str], form: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise WinCCConfigurationError(f"{text!r} cannot be read.", hint=f"Write {form}.")
        if name in pairs:
            raise WinCCConfigurationError(f"{name!r} stands twice.", hint="Name each tag once.")
        pairs[name] = value
    return pairs
