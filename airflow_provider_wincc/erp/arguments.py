"""Checks of what the staging tables are called with."""

from __future__ import annotations

from datetime import timedelta

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.storable import storable_text


def check_text(what: str, value: object) -> None:
    """Check that it is a text that both databases can store and that is not empty."""
    if not isinstance(value, str) or not value or storable_text(value) != value:
        raise WinCCConfigurationError(
            f"The {what} is {value!r}.", hint="Expected a text that is not empty and has no unprintable characters."
        )


def check_choice(what: str, value: object, choices: tuple[str, ...]) -> None:
    """Check that it is one of the choices."""
    if value not in choices:
        raise WinCCConfigurationError(f"The {what} is {value!r}.", hint=f"Expected one of {', '.join(choices)}.")


def check_claim(limit: object, reclaim_after: object) -> None:
    """Check the numbers of a claim."""
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise WinCCConfigurationError(f"The limit of a claim is {limit!r}.", hint="Expected a number of orders from 1.")
    if not isinstance(reclaim_after, timedelta) or reclaim_after < timedelta(0):
        raise WinCCConfigurationError(
            f"The reclaim_after of a claim is {reclaim_after!r}.",
            hint="Expected a timedelta longer than an order takes, such as timedelta(hours=24).",
        )
