"""Which archived values may enter a calculation."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.models import Quality

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_provider_wincc.client.archives.values import Archived

GOOD_CODES = frozenset(code for code in range(256) if Quality(code).is_good)
"""Looked up per row: a set is several times faster than an object of :class:`Quality` for each."""


def good_numbers(values: Iterable[Archived | None], qualities: Iterable[int]) -> list[float]:
    """Return the finite numbers of good quality, in order; true and false count as 1 and 0."""
    return [
        value
        for value, code in zip(values, qualities, strict=True)
        if code in GOOD_CODES and value is not None and not isinstance(value, str) and isfinite(value)
    ]


def good_number(value: Archived | None, code: int) -> float | None:
    """Return the value as a number when it is a finite one of good quality, else None."""
    if code not in GOOD_CODES or value is None or isinstance(value, str) or not isfinite(value):
        return None
    return float(value)
