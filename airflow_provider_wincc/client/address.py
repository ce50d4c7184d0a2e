"""Where a station is: one URL out of all the spellings that a connection can hold."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import SplitResult, quote, unquote, urlsplit

from airflow_provider_wincc.client.errors import WinCCConfigurationError

DEFAULT_PORT = 34568
DEFAULT_BASE_PATH = "/WinCCRestService"
_SCHEMES = ("https", "http")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,15}")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class StationAddress:
    """The address of a WinCC REST service.

    :param scheme: ``https`` or ``http``.
    :param host: name or IP address; an IPv6 address without brackets.
    :param port: 1 to 65535.
    :param base_path: path of the service, with a leading and without a trailing slash.
    :param username: user name that stood in the URL, if any.
    :param password: password that stood in the URL, if any; never shown.
    """

    scheme: str
    host: str
    port: int
    base_path: str
    username: str | None = None
    password: str | None = None

    @property
    def origin(self) -> str:
        """``scheme://host:port``, without credentials: what errors and logs name the station by."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def url(self) -> str:
        """Base URL of the REST service, without a trailing slash."""
        return self.origin + self.base_path

    def __repr__(self) -> str:
        return f"StationAddress({self.url!r})"


def station_address(
    host: str | None,
    *,
    port: int | str | None = None,
    schema: str | None = None,
    base_path: str | None = None,
) -> StationAddress:
    """Make one address out of the fields of a connection, in any of their usual spellings.

    ``host`` may be a bare host, ``host:port``, or a full URL with path and login. ``schema`` may be ``https`` or
    ``http``, or the path that a connection URI leaves there. Where two fields say the same thing differently,
    nothing is guessed.

    :raises WinCCConfigurationError: naming the field, what stands in it, and what was expected.
    """
    text = (host or "").strip()
    if not text:
        raise WinCCConfigurationError(
            "The connection has no host.",
            hint="Enter the name or IP address of the WinCC server, for example 'wincc01.plant.example', "
            "or a full URL such as 'https://wincc01.plant.example:34568'.",
        )
    scheme_in_host = text.partition("://")[0].lower() if "://" in text else None
    if scheme_in_host is not None and scheme_in_host not in _SCHEMES:
        # A password with "://" in it would stand in this place; only what looks like a scheme is quoted.
        scheme = f"scheme {scheme_in_host!r}" if _SCHEME.fullmatch(scheme_in_host) else "text before '://'"
        raise WinCCConfigurationError(
            f"The {scheme} in the connection's host is not supported.",
            hint="WinCC REST speaks https (or http in a test). Write 'https://<host>:34568'.",
        )
    rest = text.partition("://")[2] if scheme_in_host else text
    parts = _split(_with_brackets(rest))
    scheme_field, path_field = _read_schema(schema, has_scheme=scheme_in_host is not None)
    return StationAddress(
        scheme=_agree("scheme", host=scheme_in_host, schema=scheme_field) or "https",
        host=_host_name(parts.hostname),
        port=_agree("port", host=_port_in_host(parts), port=_read_port(port)) or DEFAULT_PORT,
        base_path=_agree(
            "path",
            host=_read_path(parts.path),
            schema=_read_path(path_field),
            base_path=_read_path(base_path),
        )
        or DEFAULT_BASE_PATH,
        username=None if parts.username is None else unquote(parts.username),
        password=None if parts.password is None else unquote(parts.password),
    )


def _with_brackets(rest: str) -> str:
    place, slash, path = rest.partition("/")
    try:
        ipaddress.IPv6Address(place)
    except ValueError:
        return rest
    return f"[{place}]{slash}{path}"


def _split(rest: str) -> SplitResult:
    try:
        parts = urlsplit(f"//{rest}")
    except ValueError:
        parts = None
    # A password with "/", "?" or "#" in it would otherwise come out as a path, and be shown.
    if parts is None or "@" in parts.path or parts.query or parts.fragment:
        raise WinCCConfigurationError(
            "The connection's host has more in it than scheme, host, port and path.",
            hint="Put user name and password into the fields 'login' and 'password', and leave out '?' and '#'.",
        )
    return parts


def _read_schema(schema: str | None, *, has_scheme: bool) -> tuple[str | None, str | None]:
    text = (schema or "").strip()
    if not text:
        return None, None
    if text.lower() in _SCHEMES:
        return text.lower(), None
    if has_scheme or "@" in text or "winccrestservice" in text.lower():
        return None, text
    raise WinCCConfigurationError(
        f"The connection's schema {text!r} is neither 'https' nor 'http'.",
        hint="Leave it empty for https. A path belongs into the extra 'base_path'.",
    )


def _host_name(name: str | None) -> str:
    if not name or any(character.isspace() for character in name):
        raise WinCCConfigurationError(
            "The connection's host has no readable host name in it.",
            hint="Enter a name or an IP address without blanks, or a full URL such as "
            "'https://wincc01.plant.example:34568'.",
        )
    return name


def _port_in_host(parts: SplitResult) -> int | None:
    try:
        return _read_port(parts.port)
    except ValueError:
        raise _bad_port("in the host") from None


def _read_port(port: int | str | None) -> int | None:
    if port is None or str(port).strip() == "":
        return None
    try:
        number = int(str(port).strip())
    except ValueError:
        raise _bad_port(repr(port)) from None
    if not 1 <= number <= 65535:
        raise _bad_port(str(number))
    return number


def _bad_port(found: str) -> WinCCConfigurationError:
    return WinCCConfigurationError(
        f"The connection's port cannot be read ({found}).",
        hint=f"Expected a whole number from 1 to 65535; leave it empty for WinCC's default, {DEFAULT_PORT}.",
    )


def _read_path(path: str | None) -> str | None:
    if any(mark in (path or "") for mark in "@?#"):
        # It may be the end of a URL with a login in it, which no message may show.
        raise WinCCConfigurationError(
            "The path of the connection has an '@', a '?' or a '#' in it.",
            hint=f"Expected a path such as {DEFAULT_BASE_PATH!r}.",
        )
    segments = [segment for segment in (path or "").split("/") if segment]
    if not segments:
        return None
    return "/" + "/".join(quote(segment, safe="%:!$&'()*+,;=~") for segment in segments)


def _agree(what: str, **found: _Value | None) -> _Value | None:
    named = {name: value for name, value in found.items() if value is not None}
    if len(set(named.values())) > 1:
        said = ", ".join(f"{name} says {value!r}" for name, value in named.items())
        raise WinCCConfigurationError(
            f"The connection names two different values for the {what}: {said}.",
            hint="Keep one of them and leave the other empty.",
        )
    return next(iter(named.values()), None)
