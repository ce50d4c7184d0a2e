"""How long a soak lasts, as people write it."""

from __future__ import annotations

import re

SHORTEST = 45.0
"""Seconds. In less there are too few quiet points to tell growth from a start."""
_SECONDS = {"s": 1, "m": 60, "h": 3600}


def seconds_of(text: str) -> float:
    """Return the seconds of a duration such as ``90s``, ``10m`` or ``2h``.

    :raises ValueError: saying what was expected.
    """
    words = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([smh])\s*", text)
    if words is None:
        raise ValueError(f"{text!r} is no duration: expected a number with s, m or h behind it, such as 90s, 10m or 2h")
    seconds = float(words[1]) * _SECONDS[words[2]]
    if seconds < SHORTEST:
        raise ValueError(f"{text!r} is too short: a soak takes {SHORTEST:g}s or longer")
    return seconds
