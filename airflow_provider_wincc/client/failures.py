"""Why single tags failed, in the user's terms."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from airflow_provider_wincc.client import wire
from airflow_provider_wincc.client.errors import (
    WinCCError,
    WinCCNotFoundError,
    WinCCTagError,
    WinCCTagNotFoundError,
)
from airflow_provider_wincc.client.models import FailureKind, TagFailure

if TYPE_CHECKING:
    from collections.abc import Mapping

# One bad name or too many names: the other tags of the batch may well be readable without it.
REFUSED_FOR_ITS_CONTENT = frozenset({400, 404, 413, 414})
"""Statuses of a request that the station may take in part."""


def not_found(name: str, said: str, code: int | None = None) -> TagFailure:
    """Return the failure of a tag that the station does not know; it points to characters that are easily missed."""
    unusual = wire.describe_unusual(name)
    return TagFailure(FailureKind.NOT_FOUND, f"{said} ({unusual})" if unusual else said, code)


def refused_alone(name: str, error: WinCCError) -> TagFailure:
    """Return the failure of a tag whose request was refused although it held nothing else."""
    if isinstance(error, WinCCNotFoundError):
        return not_found(name, error.message)
    return TagFailure(FailureKind.REFUSED, error.message)


def explained(name: str, failure: TagFailure, reason: str) -> TagFailure:
    """Return the failure with its reason in other words, such as without secrets."""
    if failure.kind is FailureKind.NOT_FOUND:
        return not_found(name, reason, failure.code)
    return replace(failure, reason=reason)


def tag_error_class(failures: Mapping[str, TagFailure]) -> type[WinCCTagError]:
    """Return the class of error for failures: its own when the station knows none of the tags."""
    unknown = all(failure.kind is FailureKind.NOT_FOUND for failure in failures.values())
    return WinCCTagNotFoundError if unknown else WinCCTagError


def in_words(failures: Mapping[str, TagFailure], *, most: int = 10) -> str:
    """Return the failures for an error, at most ``most`` of them."""
    listed = [f"{name!r} ({failure})" for name, failure in list(failures.items())[:most]]
    more = f" and {len(failures) - most} more" if len(failures) > most else ""
    return ", ".join(listed) + more
