"""What callers ask of an archive, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow_provider_wincc.client.archives.moments import in_utc
from airflow_provider_wincc.client.arguments import check_names
from airflow_provider_wincc.client.errors import WinCCConfigurationError

_CLOCKS_APART = timedelta(minutes=5)


def check_archive(archive: object) -> None:
    """Check the name of an archive.

    :raises WinCCConfigurationError: when it is no text, or an empty one.
    """
    if not isinstance(archive, str) or not archive.strip():
        raise WinCCConfigurationError(
            f"{archive!r} is not the name of an archive.", hint="Give a text such as 'ProcessData'."
        )


def check_archive_tags(tags: Iterable[str]) -> list[str]:
    """Return the names of archive tags.

    :raises WinCCConfigurationError: when they are no list of names, an empty one, or name a tag twice.
    """
    given = list(tags) if isinstance(tags, Iterable) and not isinstance(tags, str | bytes) else tags
    names = check_names(given)
    seen: dict[str, str] = {}
    for name in given:
        if name.casefold() in seen:
            raise WinCCConfigurationError(
                f"The archive tag {name!r} is named twice; WinCC ignores letter case.", hint="Name each tag once."
            )
        seen[name.casefold()] = name
    return names


def check_interval(start: Any, end: Any) -> tuple[datetime, datetime]:
    """Return an interval in UTC.

    :raises WinCCConfigurationError: when it is none, or reaches into the future.
    """
    for name, moment in (("start", start), ("end", end)):
        if not isinstance(moment, datetime):
            raise WinCCConfigurationError(f"The {name} is {moment!r}.", hint="Expected a datetime with a time zone.")
        if moment.utcoffset() is None:
            raise WinCCConfigurationError(
                f"The {name} {moment.isoformat()} has no time zone.",
                hint="Give a datetime with one, such as datetime(2026, 3, 2, tzinfo=UTC).",
            )
    first, last = in_utc(start), in_utc(end)
    if first >= last:
        raise WinCCConfigurationError(
            f"The start {first.isoformat()} is not before the end {last.isoformat()}.",
            hint="Expected a start before the end; the row at the end itself is not part of the interval.",
        )
    now = datetime.now(UTC)
    if last > now + _CLOCKS_APART:
        raise WinCCConfigurationError(
            f"The end {last.isoformat()} is in the future; it is now {now.isoformat(timespec='seconds')}.",
            hint="Rows that are not there yet would be missing. Read up to now, or wait until the interval is over.",
        )
    return first, last
