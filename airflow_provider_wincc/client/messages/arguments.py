"""What callers ask of the message system, checked before anything is sent."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any
from urllib.parse import quote

from airflow_provider_wincc.client.archives.moments import in_utc
from airflow_provider_wincc.client.errors import WinCCConfigurationError

_LONGEST_SEGMENT = 260


def name_in_path(what: str, name: object) -> str:
    """Return a name as a segment of a path.

    :param what: what it is the name of.
    :raises WinCCConfigurationError: when it is none, or no path carries it. Slashes, backslashes and control
        characters do not get through the Windows web server in front of the service (assumed), and for messages the
        service has no form of request that names things in its body.
    """
    if not isinstance(name, str) or not name.strip():
        raise WinCCConfigurationError(
            f"{name!r} is not the name of a {what}.", hint="Give a text, spelled as in WinCC."
        )
    problem = _problem_of(name)
    if problem:
        raise WinCCConfigurationError(
            f"The {what} {name!r} cannot be asked for: {problem}.",
            hint="WinCC's REST service takes this name in the path of a request only. Rename it in WinCC.",
        )
    return quote(name, safe="")


def check_number(number: object) -> int:
    """Return a message number.

    :raises WinCCConfigurationError: when it is none.
    """
    if type(number) is not int or number < 0:
        raise WinCCConfigurationError(
            f"The message number is {number!r}.", hint="Expected a whole number, such as 1001."
        )
    return number


def check_window(start: Any, end: Any) -> tuple[datetime | None, datetime | None]:
    """Return a window of time in UTC; None for a side that is open.

    :raises WinCCConfigurationError: when it is none, naming the side.
    """
    first, last = _moment("start", start), _moment("end", end)
    if first is not None and last is not None and first >= last:
        raise WinCCConfigurationError(
            f"The start {first.isoformat()} is not before the end {last.isoformat()}.",
            hint="Expected a start before the end; a message at the end itself is not part of the window.",
        )
    return first, last


def _moment(name: str, moment: Any) -> datetime | None:
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        raise WinCCConfigurationError(
            f"The {name} is {moment!r}.", hint="Expected a datetime with a time zone, or None."
        )
    if moment.utcoffset() is None:
        raise WinCCConfigurationError(
            f"The {name} {moment.isoformat()} has no time zone.",
            hint="Give a datetime with one, such as datetime(2026, 3, 2, tzinfo=UTC).",
        )
    return in_utc(moment)


def _problem_of(name: str) -> str:
    if "/" in name or "\\" in name:
        return "it has a slash or backslash in it"
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in name):
        return "it has a control character, or half a character, in it"
    if name in {".", ".."}:
        return "in a path it means something else"
    return "" if len(name) <= _LONGEST_SEGMENT else f"it has more than {_LONGEST_SEGMENT} characters"
