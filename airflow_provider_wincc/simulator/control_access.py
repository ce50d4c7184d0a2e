"""Who may control the simulated station: programs and pages of its own machine, and nobody else's web page."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
"""Sent with the page and with each answer of the control interface."""


class OwnMachineOnly:
    """Guards everything below ``/simulator`` and puts :data:`SECURITY_HEADERS` on all answers.

    Three checks, because a browser on the station's machine is on loopback whatever page it shows: the client is
    on loopback; the ``Host`` that it asked for is a name of loopback, so that no name of somebody else that leads
    to 127.0.0.1 gets in (DNS rebinding); and the request does not come from a page of another origin
    (``Sec-Fetch-Site`` and ``Origin``). Programs that are no browsers send neither of the last two.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def send_securely(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        refusal = _refusal(scope) if scope["path"].startswith("/simulator") else None
        answer = self._app if refusal is None else JSONResponse({"error": refusal}, 403)
        await answer(scope, receive, send_securely)


def _refusal(scope: Scope) -> str | None:
    headers = Headers(scope=scope)
    if not _is_loopback_address(scope["client"][0]):
        return "the station can be controlled from its own machine only"
    host = headers.get("host", "")
    if not _is_loopback_host(host):
        return f"the station can be controlled as localhost, 127.0.0.1 or [::1] only, not as {host[:80]!r}"
    if headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        return "the station cannot be controlled by a page of another site"
    if headers.get("origin", _origin(scope, host)).lower() != _origin(scope, host):
        return f"the station cannot be controlled by a page of another origin, {headers['origin'][:80]!r}"
    return None


def _origin(scope: Scope, host: str) -> str:
    return f"{scope['scheme']}://{host.lower()}"


def _is_loopback_host(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return name == "localhost" or _is_loopback_address(name)


def _is_loopback_address(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
