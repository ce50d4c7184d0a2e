"""Points in time as whole microseconds since 1970 and as texts, and the check of a span of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow_provider_wincc.client.errors import WinCCConfigurationError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_microseconds(moment: datetime) -> int:
    """Return the whole microseconds since 1970 in UTC."""
    # Not with a minus sign: pendulum, whose times Airflow hands out, has another difference, which cannot be divided.
    return datetime.__sub__(moment, EPOCH) // MICROSECOND


def from_microseconds(count: int) -> datetime:
    """Return the moment in UTC."""
    return EPOCH + timedelta(microseconds=count)


def to_text(moment: datetime) -> str:
    """Return the moment as ISO 8601 in UTC, always with six fraction digits, so that the texts sort as the times do."""
    at = moment.astimezone(UTC)
    # Every row of a CSV file needs one: this takes half the time of isoformat, and less than a formatted string.
    parts = (at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond)
    return "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ" % parts  # noqa: UP031


def check_span(name: str, span: timedelta) -> timedelta:
    """Return the span of time as it is.

    :raises WinCCConfigurationError: naming the argument, when it is no ``timedelta`` above zero.
    """
    if not isinstance(span, timedelta) or span <= timedelta(0):
        raise WinCCConfigurationError(
            f"{name} is {span!r}, which is no span of time above zero.",
            hint=f"Give a timedelta, such as {name}=timedelta(minutes=1).",
        )
    return span
