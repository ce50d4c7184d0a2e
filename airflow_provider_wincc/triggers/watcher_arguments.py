"""Arguments that all watchers have: checked where the DAG is defined."""

from __future__ import annotations

from datetime import timedelta

from airflow_provider_wincc.client.errors import WinCCConfigurationError

Duration = float | timedelta
"""Seconds, or a timedelta."""


def seconds(argument: str, given: Duration, *, at_least: float) -> float:
    """Return a span of time in seconds.

    :raises WinCCConfigurationError: when it is none, not finite or too short.
    """
    span = given.total_seconds() if isinstance(given, timedelta) else given
    if isinstance(span, bool) or not isinstance(span, int | float) or not at_least <= span < float("inf"):
        raise WinCCConfigurationError(
            f"The {argument} of a watcher is {given!r}.", hint=f"Give seconds or a timedelta, at least {at_least:g} s."
        )
    return float(span)


def most_failures(argument: str, given: int | None) -> int | None:
    """Return how many failures are waited through.

    :raises WinCCConfigurationError: when it is neither a whole number, 0 or more, nor None.
    """
    if given is not None and (isinstance(given, bool) or not isinstance(given, int) or given < 0):
        raise WinCCConfigurationError(
            f"The {argument} of a watcher is {given!r}.", hint="Give a whole number, 0 or more, or None for any number."
        )
    return given
