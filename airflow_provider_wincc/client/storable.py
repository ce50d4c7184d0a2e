"""What files, databases and JSON can keep of what a station says."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_wincc.client.models import Scalar

REPLACEMENT = "\ufffd"
"""Unicode's own character for what is none."""

_DEEPEST = 16
_LARGEST = 2**63

# PostgreSQL refuses NUL in texts and in JSON; half a surrogate pair is no character, and no encoding has it.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable_text(text: str) -> str:
    """Return the text with the :data:`REPLACEMENT` in place of NUL and of half surrogate pairs.

    All other characters stay, control characters and markup among them.
    """
    return _UNSTORABLE.sub(REPLACEMENT, text)


def storable_tag_value(value: Scalar | None) -> Scalar | None:
    """Return the value of a tag with its text made storable; numbers, which have 64 bits at most, stay numbers."""
    return storable_text(value) if isinstance(value, str) else value


def storable(value: Any, depth: int = 0) -> Any:
    """Return a value of JSON types as Airflow and databases can carry it.

    Texts are made storable; numbers that are none (NaN), or larger than 64 bits, and what is nested deeper than 16
    levels become text. One such value would end Airflow's triggerer, or not be stored.
    """
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if isinstance(value, int):
        return value if -_LARGEST <= value < _LARGEST else str(value)
    if isinstance(value, dict | list) and depth >= _DEEPEST:
        return f"({type(value).__name__} nested deeper than {_DEEPEST} levels)"
    if isinstance(value, dict):
        return {storable(name): storable(part, depth + 1) for name, part in value.items()}
    if isinstance(value, list):
        return [storable(part, depth + 1) for part in value]
    return value
