"""What went wrong below HTTP, told by the chain of exceptions that requests leaves behind."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

import requests
import urllib3.exceptions

from airflow_provider_wincc.client.errors import (
    WinCCConfigurationError,
    WinCCConnectionError,
    WinCCError,
    WinCCTimeoutError,
    WinCCTLSError,
)
from airflow_provider_wincc.client.proxies import proxy_of, without_login
from airflow_provider_wincc.client.secrets import redact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_wincc.client.settings import StationSettings

_NEVER_SENT = (
    requests.ConnectTimeout,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidProxyURL,
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    ssl.SSLCertVerificationError,
    # The host name cannot be encoded.
    UnicodeError,
)
_CONNECTION_ENDED = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
_TUNNEL_REFUSED = "Tunnel connection failed"
_TIMEOUTS = (requests.Timeout, TimeoutError, urllib3.exceptions.ReadTimeoutError)
_CLIENT_CERTIFICATE_HINT = (
    "A station that asks for a client certificate may close the connection like this: name its files in the extras "
    "'client_cert' and 'client_key'."
)
_FILE_HINT = "Check the files named in the connection's extras 'verify', 'client_cert' and 'client_key'."
_PROXY_HINT = (
    "Check the connection's extra 'proxy' and the environment's HTTPS_PROXY; set the extra 'proxy' to false when the "
    "station is reached without one."
)


def was_never_sent(error: BaseException) -> bool:
    """Whether the request certainly never left: there was no connection to send it over.

    A proxy error alone is no proof: urllib3 also makes one out of a connection that broke after the request.
    """
    if _is_missing_file(error):
        return True
    return any(isinstance(cause, _NEVER_SENT) or _is_refused_tunnel(cause) for cause in _chain(error))


def network_error(
    error: Exception, settings: StationSettings, *, method: str, path: str, secrets: tuple[str, ...]
) -> WinCCError:
    """Make our error out of one of requests'."""
    kind, message, hint = _classify(error, settings, secrets)
    return kind(message, hint=hint, method=method, path=path, station=settings.station)


def _classify(
    error: Exception, settings: StationSettings, secrets: tuple[str, ...]
) -> tuple[type[WinCCError], str, str | None]:
    if _is_missing_file(error):
        return WinCCConfigurationError, f"A certificate file is gone: {error}.", _FILE_HINT
    chain = list(_chain(error))
    address = settings.address
    untrusted = next((cause for cause in chain if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if untrusted is not None:
        return WinCCTLSError, f"The station's certificate is not trusted: {untrusted.verify_message}.", None
    if isinstance(error, requests.exceptions.InvalidProxyURL):
        return WinCCConfigurationError, "The URL of the proxy cannot be read.", _PROXY_HINT
    if any(isinstance(cause, requests.exceptions.ProxyError) for cause in chain):
        return WinCCConnectionError, redact(_proxy_failure(error, chain, settings), secrets), _PROXY_HINT
    tls = next((cause for cause in chain if isinstance(cause, ssl.SSLError)), None)
    if tls is not None and not isinstance(tls, _CONNECTION_ENDED):
        reason = tls.reason or tls.strerror or str(tls)
        return WinCCTLSError, f"TLS with the station failed: {reason}.", _tls_hint(reason)
    if any(isinstance(cause, requests.ConnectTimeout) for cause in chain):
        return (
            WinCCTimeoutError,
            f"No connection to the station within {settings.connect_timeout:g} s.",
            WinCCConnectionError.default_hint,
        )
    if any(isinstance(cause, _TIMEOUTS) for cause in chain):
        return WinCCTimeoutError, f"No answer from the station within {settings.read_timeout:g} s.", None
    if any(isinstance(cause, socket.gaierror) for cause in chain):
        return (
            WinCCConnectionError,
            f"The host name {address.host!r} is not known here.",
            "Check the spelling of the host, and whether the machine that runs the task can resolve it.",
        )
    if any(isinstance(cause, ConnectionRefusedError) for cause in chain):
        return (
            WinCCConnectionError,
            f"Nothing listens on port {address.port} of {address.host!r} (connection refused).",
            (
                "Is the WinCC runtime active, is its REST service in the start-up list, and is the port right "
                "(34568 is WinCC's default)?"
            ),
        )
    if any(isinstance(cause, requests.exceptions.InvalidSchema) for cause in chain):
        return (
            WinCCConfigurationError,
            "This kind of proxy needs a package that is not installed: PySocks.",
            "pip install 'requests[socks]', or use an http proxy.",
        )
    message = f"The connection to the station broke: {redact(_innermost(chain), secrets)}."
    return WinCCConnectionError, message, _broken_hint(settings)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    pending = [error]
    while pending:
        cause = pending.pop(0)
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        nested = [argument for argument in cause.args if isinstance(argument, BaseException)]
        # Not __context__: a write made while another error is handled would inherit that error's causes.
        pending += [getattr(cause, "reason", None), *nested, cause.__cause__]
        pending = [entry for entry in pending if isinstance(entry, BaseException)]


def _is_missing_file(error: BaseException) -> bool:
    # requests looks for the files before it connects, and says so with an OSError of no kind of its own.
    return type(error) is OSError


def _is_refused_tunnel(cause: BaseException) -> bool:
    return isinstance(cause, OSError) and str(cause).startswith(_TUNNEL_REFUSED)


def _proxy_failure(error: Exception, chain: list[BaseException], settings: StationSettings) -> str:
    url = proxy_of(settings)
    proxy = "The proxy" if url is None else f"The proxy {without_login(url)}"
    if was_never_sent(error):
        return f"{proxy} between us and the station could not be used: {_innermost(chain)}."
    return f"{proxy} or the station behind it broke the connection: {_innermost(chain)}."


def _innermost(chain: list[BaseException]) -> str:
    for cause in chain:
        if isinstance(cause, OSError) and cause.strerror and not isinstance(cause, requests.RequestException):
            return cause.strerror
    last = chain[-1]
    text = str(last.args[0]) if last.args and isinstance(last.args[0], str) else ""
    return text or type(last).__name__


def _broken_hint(settings: StationSettings) -> str | None:
    # With TLS 1.3 a station asks after the handshake, and what we see of its refusal is often a closed connection.
    if settings.address.scheme == "https" and settings.client_certificate is None:
        return f"{WinCCConnectionError.default_hint} {_CLIENT_CERTIFICATE_HINT}"
    return None


def _tls_hint(reason: str) -> str | None:
    if "WRONG_VERSION_NUMBER" in reason or "HTTP_REQUEST" in reason:
        return "The port answers, but not with TLS. Is it the right port, or is the schema http?"
    if any(alert in reason for alert in ("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "ALERT_BAD_CERTIFICATE")):
        return _CLIENT_CERTIFICATE_HINT
    return None
