"""What went wrong below HTTP, told by the chain of exceptions that requests leaves behind."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

import requests
import urllib3.exceptions

from airflow_provider_wincc.client.answer_body import UnreadableBodyError
from airflow_provider_wincc.client.bounded_http import AnswerOverdueError, AnswerTooLargeError
from airflow_provider_wincc.client.errors import (
    WinCCConfigurationError,
    WinCCConnectionError,
    WinCCError,
    WinCCResponseError,
    WinCCTimeoutError,
    WinCCTLSError,
)
from airflow_provider_wincc.client.proxies import proxy_of, without_login
from airflow_provider_wincc.client.quotations import reason_of
from airflow_provider_wincc.client.secrets import redact
from airflow_provider_wincc.client.tls_errors import closed_hint, tls_hint, untrusted

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
_FILE_HINT = "Check the files named in the connection's extras 'verify', 'client_cert' and 'client_key'."
_TOO_LARGE_HINT = (
    "No answer of a station is known to be that large: another product may have answered. Otherwise ask for less at a "
    "time (extras batch_size, archive_max_values), or raise the extra max_answer_mb."
)
_OVERDUE_HINT = (
    "Something in between may hold the answer back. If the network is slow, ask for less at a time (extra batch_size), "
    "or raise the extra read_timeout: an answer may take five times as long."
)
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
    chain = list(_chain(error))
    # The same error of requests stands for a header that we cannot send, and for one of the answer's.
    if any(isinstance(cause, urllib3.exceptions.InvalidHeader) for cause in chain):
        return False
    return any(isinstance(cause, _NEVER_SENT) or _is_refused_tunnel(cause) for cause in chain)


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
    beyond = _beyond_limits(error, chain, settings)
    if beyond is not None:
        return beyond
    certificate = next((cause for cause in chain if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if certificate is not None:
        return WinCCTLSError, *untrusted(certificate, settings)
    if isinstance(error, requests.exceptions.InvalidProxyURL):
        return WinCCConfigurationError, "The URL of the proxy cannot be read.", _PROXY_HINT
    if any(isinstance(cause, requests.exceptions.ProxyError) for cause in chain):
        return WinCCConnectionError, _proxy_failure(error, chain, settings, secrets), _PROXY_HINT
    tls = next((cause for cause in chain if isinstance(cause, ssl.SSLError)), None)
    if tls is not None and not isinstance(tls, _CONNECTION_ENDED):
        reason = tls.reason or tls.strerror or str(tls)
        return WinCCTLSError, f"TLS with the station failed: {reason}.", tls_hint(reason, settings)
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
    proxy = proxy_of(settings)
    through = "" if proxy is None else f", through the proxy {without_login(proxy)},"
    message = f"The connection to the station{through} broke: {_innermost(chain, secrets)}."
    usual = WinCCConnectionError.default_hint if proxy is None else _PROXY_HINT
    return WinCCConnectionError, message, " ".join(filter(None, (usual, closed_hint(settings))))


def _beyond_limits(
    error: Exception, chain: list[BaseException], settings: StationSettings
) -> tuple[type[WinCCError], str, str | None] | None:
    if any(isinstance(cause, AnswerTooLargeError) for cause in chain):
        message = f"The answer is larger than {settings.max_answer_mb} MB, and the rest of it was not read."
        return WinCCResponseError, message, _TOO_LARGE_HINT
    if isinstance(error, UnreadableBodyError):
        return WinCCResponseError, f"The body of the answer cannot be unpacked: {error}.", None
    if any(isinstance(cause, AnswerOverdueError) for cause in chain):
        message = f"The answer was not complete within {settings.answer_timeout:g} s, although it kept coming."
        return WinCCTimeoutError, message, _OVERDUE_HINT
    return None


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


def _proxy_failure(
    error: Exception, chain: list[BaseException], settings: StationSettings, secrets: tuple[str, ...]
) -> str:
    url = proxy_of(settings)
    proxy = "The proxy" if url is None else f"The proxy {without_login(url)}"
    if was_never_sent(error):
        return f"{proxy} between us and the station could not be used: {_innermost(chain, secrets)}."
    return f"{proxy} or the station behind it broke the connection: {_innermost(chain, secrets)}."


def _innermost(chain: list[BaseException], secrets: tuple[str, ...]) -> str:
    for cause in chain:
        if isinstance(cause, OSError) and cause.strerror and not isinstance(cause, requests.RequestException):
            return cause.strerror
    last = chain[-1]
    text = str(last.args[0]) if last.args and isinstance(last.args[0], str) else ""
    # It may quote a line of whoever answered.
    return reason_of(redact(text, secrets)) or type(last).__name__
