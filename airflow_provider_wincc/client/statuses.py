"""What an HTTP status of the station means."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import (
    WinCCAuthenticationError,
    WinCCError,
    WinCCNotFoundError,
    WinCCPermissionError,
    WinCCResponseError,
    WinCCRuntimeError,
    WinCCServiceUnavailableError,
    WinCCTimeoutError,
)

if TYPE_CHECKING:
    import requests

_BEFORE_THE_SERVICE = frozenset({501, 505})
_WINDOWS = "Microsoft-HTTPAPI"
"""What stands in ``Server`` of answers that Windows gives itself, because no service has registered for the address."""
_CLASSES: dict[int, type[WinCCError]] = {
    401: WinCCAuthenticationError,
    403: WinCCPermissionError,
    404: WinCCNotFoundError,
    408: WinCCTimeoutError,
    429: WinCCServiceUnavailableError,
    502: WinCCServiceUnavailableError,
    503: WinCCServiceUnavailableError,
    504: WinCCServiceUnavailableError,
}
_WORDS: dict[type[WinCCError], str] = {
    WinCCAuthenticationError: "refused the login",
    WinCCPermissionError: "did not allow the request",
    WinCCNotFoundError: "does not know what was asked for",
    WinCCRuntimeError: "reported a runtime problem",
    WinCCServiceUnavailableError: "does not offer the REST service at the moment",
    WinCCTimeoutError: "gave up waiting",
    WinCCResponseError: "did not accept the request",
}
_HINTS = {
    400: "The station could not read the request. If it has many or very long tag names, a smaller batch_size can "
    "help; otherwise check names and values for unusual characters.",
    407: "A proxy in between asks for a login: put it into the connection's extra 'proxy'.",
    413: "The request was too large for the station: lower the connection's extra 'batch_size'.",
    414: "The request was too long for the station: lower the connection's extra 'batch_size'.",
    429: "The station, or a gateway in front of it, limits the rate of requests: read less often.",
    502: "A gateway in front of the station got no proper answer. Is the REST API enabled and is the runtime active?",
    504: "A gateway in front of the station got no answer in time. Is the runtime active, and not too busy?",
}


def error_of(
    response: requests.Response, *, method: str, path: str, station: str, said: str, redirect: str
) -> WinCCError:
    """Make the error for an answer that says no.

    :param said: the start of the body in plain text, without secrets.
    :param redirect: where the answer redirects to, without secrets; empty when it does not.
    """
    status = response.status_code
    kind = _class_of(status)
    quoted = f": {said!r}" if said else ""
    return kind(
        f"The station {_WORDS[kind]} ({status} {_phrase(status)}){quoted}.",
        hint=_hint_of(response, redirect),
        method=method,
        path=path,
        station=station,
        status=status,
        retryable=False if kind is WinCCResponseError else None,
    )


def leaves_write_open(response: requests.Response) -> bool:
    """Whether this answer to a write leaves open whether it took effect.

    The runtime failed at some point of it, or a gateway lost the station's answer. 501 and 505 come before the request
    reaches the service, and so does 503 when it is Windows itself that answers; but some gateways say 503 as well when
    they have passed the request on. A status below 200 is no answer at all.
    """
    status = response.status_code
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return _WINDOWS not in response.headers.get("Server", "")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return status not in _BEFORE_THE_SERVICE
    return status == HTTPStatus.REQUEST_TIMEOUT or status < HTTPStatus.OK


def _class_of(status: int) -> type[WinCCError]:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _CLASSES.get(status, WinCCRuntimeError)
    return _CLASSES.get(status, WinCCResponseError)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown status"


def _hint_of(response: requests.Response, redirect: str) -> str | None:
    if response.is_redirect:
        return f"The address redirects to {_shown(redirect)!r}; enter the final address in the connection."
    return _HINTS.get(response.status_code)


def _shown(redirect: str) -> str:
    # Its login, query and fragment can hold anything.
    place = redirect.partition("#")[0].partition("?")[0]
    scheme, slashes, rest = place.partition("//")
    return f"{scheme}//{rest.rpartition('@')[2]}" if slashes else place.rpartition("@")[2]
