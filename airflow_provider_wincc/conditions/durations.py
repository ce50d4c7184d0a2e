"""Durations: how they are given, written as JSON, and written as Python."""

from __future__ import annotations

import math
from datetime import timedelta

from airflow_provider_wincc.conditions.errors import WinCCConditionError

LONGEST = timedelta(days=36_525)
"""100 years. Anything longer is a slip of the unit, and would not survive as a number of seconds."""


def read_duration(
    duration: timedelta | None = None,
    *,
    hours: float = 0,
    minutes: float = 0,
    seconds: float = 0,
    where: str,
) -> timedelta:
    """Return one duration, given either as a ``timedelta`` or as hours, minutes and seconds.

    :param where: the method that the user called, for the text of the error.
    :raises WinCCConditionError: when it is given in both ways or in none, is not a number, not longer than zero,
        or longer than 100 years.
    """
    units = {"hours": hours, "minutes": minutes, "seconds": seconds}
    if duration is not None:
        if any(units.values()):
            raise WinCCConditionError(
                f"{where}: the duration is given twice, as {duration!r} and by keyword",
                hint="Give a timedelta, or hours=, minutes= and seconds=.",
            )
        return checked_duration(duration, where=where)
    for unit, value in units.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise WinCCConditionError(f"{where}: {unit} must be a number, not {value!r}")
        if not math.isfinite(value) or value < 0:
            raise WinCCConditionError(f"{where}: {unit} must be a number of zero or more, not {value!r}")
    try:
        total = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        total = timedelta.max
    return checked_duration(total, where=where)


def checked_duration(duration: object, *, where: str) -> timedelta:
    """Return the duration as it is.

    :raises WinCCConditionError: when it is no ``timedelta``, not longer than zero, or longer than 100 years.
    """
    if not isinstance(duration, timedelta):
        raise WinCCConditionError(
            f"{where}: expected a timedelta, not {duration!r}",
            hint="Write timedelta(minutes=2); where keywords are offered, minutes=2 does the same.",
        )
    if duration <= timedelta():
        raise WinCCConditionError(
            f"{where}: the duration must be longer than zero, not {duration.total_seconds():g} s",
            hint="Give a timedelta, or hours=, minutes= and seconds=.",
        )
    if duration > LONGEST:
        raise WinCCConditionError(f"{where}: the duration must not be longer than 100 years, but is {duration}")
    return duration


def to_seconds(duration: timedelta) -> int | float:
    """Return the duration in seconds, as an int when it is whole."""
    seconds = duration.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds


def as_keywords(duration: timedelta) -> str:
    """Return the duration as the keyword argument of the largest unit that divides it, as in ``minutes=2``."""
    seconds = to_seconds(duration)
    for unit, length in (("hours", 3600), ("minutes", 60)):
        if seconds % length == 0:
            return f"{unit}={int(seconds // length)}"
    return f"seconds={seconds!r}"


def in_words(seconds: float) -> str:
    """Return seconds for people, with at most one decimal: ``12 s``, ``0.5 s``."""
    return f"{seconds:.1f}".removesuffix(".0") + " s"
