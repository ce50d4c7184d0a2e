"""Options of a connection, read strictly: they come from forms, URIs and the environment, often as text."""

from __future__ import annotations

import ipaddress
import json
import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.policy import TagLimits

_Choice = TypeVar("_Choice", bound=StrEnum)
_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}
_LONGEST_SECONDS = 86_400
_PROXY_SCHEMES = {"http", "https", "socks5", "socks5h"}
_PROXIED_SCHEMES = {"http", "https", "all"}


def is_set(value: object) -> bool:
    """Whether an option was given at all: None, empty text and empty lists mean "not set"."""
    return value is not None and value not in ("", [], {})


def read_bool(name: str, value: object) -> bool:
    """Read true or false, also from text.

    :raises WinCCConfigurationError: when it is neither.
    """
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise _unreadable(name, value, "true or false")


def read_verify(value: object) -> bool | str:
    """Read ``verify``: true, false, or the path of a CA file.

    :raises WinCCConfigurationError: when it is none of these; a path is looked up when the client is made.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip():
        try:
            return read_bool("verify", value)
        except WinCCConfigurationError:
            return value.strip()
    if value in (0, 1):
        return bool(value)
    raise _unreadable("verify", value, "true, false or the path of a CA file")


def read_seconds(name: str, value: object) -> float:
    """Read a positive number of seconds, at most a day.

    :raises WinCCConfigurationError: when it is no such number.
    """
    try:
        seconds = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        seconds = math.nan
    if not 0 < seconds <= _LONGEST_SECONDS:
        raise _unreadable(name, value, f"a positive number of seconds, at most {_LONGEST_SECONDS}")
    return seconds


def read_count(name: str, value: object) -> int:
    """Read a whole number of at least 1.

    :raises WinCCConfigurationError: when it is not.
    """
    text = str(value).strip()
    if isinstance(value, bool) or not text.isascii() or not text.isdigit() or int(text) < 1:
        raise _unreadable(name, value, "a whole number of at least 1")
    return int(text)


def read_choice(name: str, value: object, choices: type[_Choice]) -> _Choice:
    """Read one of the members of an enumeration, by its value in any letter case.

    :raises WinCCConfigurationError: naming the choices.
    """
    try:
        return choices(str(value).strip().lower())
    except ValueError:
        raise _unreadable(name, value, f"one of {', '.join(map(repr, map(str, choices)))}") from None


def read_text(name: str, value: object) -> str:
    """Read a text.

    :raises WinCCConfigurationError: when it is something else.
    """
    if not isinstance(value, str):
        raise _unreadable(name, value, "a text")
    return value.strip()


def read_secret(name: str, value: object) -> str:
    """Read a text that no error may show.

    :raises WinCCConfigurationError: when it is something else; the error does not quote it.
    """
    if not isinstance(value, str):
        raise WinCCConfigurationError(f"The connection's extra {name!r} is not a text.")
    return value.strip()


def read_timezone(value: object) -> ZoneInfo:
    """Read the name of a time zone, such as ``Europe/Berlin``.

    :raises WinCCConfigurationError: when no such zone is known.
    """
    try:
        return ZoneInfo(read_text("timezone", value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _unreadable("timezone", value, "the name of a time zone, such as 'Europe/Berlin'") from None


def read_patterns(name: str, value: object) -> tuple[str, ...]:
    """Read a list of patterns, from a list, a JSON list as text, or text with commas or line breaks.

    :raises WinCCConfigurationError: when an entry is no text or is empty.
    """
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = _from_json(_extra(name), value, "a list of patterns")
    if isinstance(value, str):
        value = [part.strip() for part in value.replace("\n", ",").split(",") if part.strip()]
    if not isinstance(value, list | tuple) or not all(isinstance(entry, str) and entry for entry in value):
        raise _unreadable(name, value, 'a list of patterns, such as ["Mixer1.*", "Tank?.Setpoint"]')
    return tuple(value)


def read_tag_limits(value: object, *, subject: str = "The connection's extra 'tag_limits'") -> tuple[TagLimits, ...]:
    """Read limits by tag pattern: ``{"Tank*.Setpoint": [0, 100]}``, also as JSON text; null leaves a side open.

    :param subject: what the value is, for the error.
    :raises WinCCConfigurationError: when it has another form.
    """
    if isinstance(value, str):
        value = _from_json(subject, value, "an object of limits")
    form = 'an object such as {"Tank*.Setpoint": [0, 100]}'
    if not isinstance(value, Mapping):
        raise _not_as(subject, value, form)
    limits = []
    for pattern, bounds in value.items():
        if not isinstance(pattern, str) or not isinstance(bounds, list | tuple) or len(bounds) != 2:
            raise _not_as(subject, {pattern: bounds}, form)
        limits.append(TagLimits(pattern, bounds[0], bounds[1]))
    return tuple(limits)


def read_proxy(value: object) -> str | Mapping[str, str]:
    """Read a proxy: a URL, or a mapping of scheme to URL as ``requests`` has it; false, or ``"none"``, for no proxy.

    :raises WinCCConfigurationError: when it has another form; the error does not quote it, since a proxy's URL
        can hold a password.
    """
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = _from_json(_extra("proxy"), value, "a proxy", quote=False)
    if not isinstance(value, Mapping):
        value = _none_for_false(value)
        urls = [value]
    else:
        value = {place: _none_for_false(url) for place, url in value.items()}
        urls = list(value.values())
    for url in urls:
        if not _is_proxy(url):
            raise WinCCConfigurationError(
                "The connection's extra 'proxy' cannot be read.",
                hint="Expected a URL such as 'http://proxy.example:3128', an object such as "
                '{"https": "http://proxy.example:3128"}, or false for no proxy. Percent-encode special '
                "characters of a password ('/' is %2F, '@' is %40, '#' is %23).",
            )
    if isinstance(value, Mapping) and not all(map(_is_proxied, value)):
        # Of another key, requests would take no notice. One with an "@" may hold a password.
        wrong = ", ".join("one with a login" if "@" in str(key) else repr(key) for key in value if not _is_proxied(key))
        raise WinCCConfigurationError(
            f"The connection's extra 'proxy' has a key that names no address of a station: {wrong}.",
            hint="Expected the scheme of the station's address, 'https' or 'http'; 'all'; or scheme and host in small "
            "letters, without a port, such as 'https://wincc01.plant.example'.",
        )
    return value  # type: ignore[return-value]


def _none_for_false(value: object) -> object:
    is_false = isinstance(value, bool | int | str) and str(value).strip().lower() in _FALSE
    return "none" if is_false else value


def _is_proxied(key: object) -> bool:
    """Whether requests finds a proxy under this key: scheme, or scheme://host, of the station's address."""
    if not isinstance(key, str):
        return False
    scheme, mark, host = key.partition("://")
    if scheme not in _PROXIED_SCHEMES:
        return False
    return not mark or _is_host(host)


def _is_host(text: str) -> bool:
    if ":" in text:
        try:
            return bool(ipaddress.IPv6Address(text))
        except ValueError:
            return False
    return bool(text) and text == text.lower() and text.isprintable() and not set(text) & set(" /?#@\\[]")


def _is_proxy(url: object) -> bool:
    if not isinstance(url, str):
        return False
    text = url.strip()
    if text.lower() == "none":
        return True
    try:
        parts = urlsplit(text)
        has_place = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    # An "@" behind the host is the end of a password with an unescaped "/", "?" or "#" in it.
    return has_place and parts.scheme in _PROXY_SCHEMES and "@" not in f"{parts.path}{parts.query}{parts.fragment}"


def _from_json(subject: str, text: str, expected: str, *, quote: bool = True) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise _not_as(subject, text if quote else "...", f"{expected} as JSON") from None


def _unreadable(name: str, value: object, expected: str) -> WinCCConfigurationError:
    return _not_as(_extra(name), value, expected)


def _extra(name: str) -> str:
    return f"The connection's extra {name!r}"


def _not_as(subject: str, value: object, expected: str) -> WinCCConfigurationError:
    return WinCCConfigurationError(f"{subject} is {value!r}, which cannot be read.", hint=f"Expected {expected}.")
