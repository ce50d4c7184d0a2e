"""What is checked before a write of the command line, besides what every write goes through."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCTagError, WinCCWriteRefusedError
from airflow_provider_wincc.client.models import DataType
from airflow_provider_wincc.client.policy import matches_pattern, refuse_idle_limits
from airflow_provider_wincc.value_types import fit_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow_provider_wincc.client import WinCCClient
    from airflow_provider_wincc.client.models import Scalar, TagReadings
    from airflow_provider_wincc.client.policy import TagLimits


def refuse_without_a_terminal() -> None:
    """Refuse where nobody can be asked.

    :raises WinCCConfigurationError: naming what to do instead.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise WinCCConfigurationError(
            "There is nobody to ask whether to write.",
            hint="Run it at a terminal; or give --yes to write without a question, or --dry-run to write nothing.",
        )


def refuse_what_is_not_allowed(names: Mapping[str, str], patterns: Sequence[str]) -> None:
    """Refuse tags that fit none of the patterns that may be written at an address.

    :raises WinCCConfigurationError: naming them.
    """
    refused = [name for name in names if not any(matches_pattern(name, pattern) for pattern in patterns)]
    if refused:
        which = ", ".join(map(repr, refused))
        allowed = ", ".join(map(repr, patterns))
        raise WinCCConfigurationError(
            f"{which} fits none of --allow-write {allowed}; nothing was sent."
            if patterns
            else f"--url alone only reads: {which} not written.",
            hint="Name the tags that may be written with --allow-write PATTERN, or use --conn-id with a connection "
            "that is meant for writing.",
        )


def read_before(client: WinCCClient, names: Mapping[str, str]) -> TagReadings:
    """Return what the tags read now.

    :raises WinCCTagError: when one of them cannot be read.
    """
    readings = client.try_read_tags(names)
    if readings.failures:
        told = ", ".join(f"{name!r} ({failure})" for name, failure in readings.failures.items())
        raise WinCCTagError(
            f"Nothing was written, because tags could not be read before: {told}.",
            errors=readings.failures,
            station=client.settings.station,
        )
    return readings


def fit(texts: Mapping[str, str], readings: TagReadings, types: Mapping[str, DataType]) -> dict[str, Scalar]:
    """Return the values as the types of their tags.

    :param texts: tag → value as it was typed.
    :param types: of the tags whose type is named.
    :raises WinCCWriteRefusedError: when a value does not fit.
    :raises WinCCConfigurationError: when a type is named for a tag that is not written.
    """
    strangers = [name for name in types if name not in texts]
    if strangers:
        raise WinCCConfigurationError(
            f"--type names {', '.join(map(repr, strangers))}, which is not written.", hint="Check the spelling."
        )
    fitted = {}
    for name, text in texts.items():
        try:
            fitted[name] = fit_value(name, text, readings.values[name], types.get(name))
        except WinCCWriteRefusedError as error:
            error.hint = (
                f"Correct the value; or, if it is right, name the tag's type: --type {name}=text "
                f"(known types: {', '.join(DataType)})."
            )
            raise
    return fitted


def refuse_limits_of_other_tags(names: Mapping[str, str], limits: Sequence[TagLimits]) -> None:
    """Refuse limits that are for none of the tags to be written.

    :raises WinCCConfigurationError: naming their patterns.
    """
    refuse_idle_limits(limits, names, subject="--limit names")


def check_limits(fitted: Mapping[str, Scalar], limits: Sequence[TagLimits]) -> None:
    """Refuse values outside the limits.

    :raises WinCCWriteRefusedError: naming tag, value and limits.
    """
    for each in limits:
        for name, value in fitted.items():
            each.check(name, value, rule=f"--limit {each.pattern!r}")
