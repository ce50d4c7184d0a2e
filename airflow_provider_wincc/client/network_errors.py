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
from airflow_provider_wincc.client.secrets import redact, without_login

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from airflow_provider_wincc.client.settings import StationSettings

_NEVER_SENT = (
    requests.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidProxyURL,
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    ssl.SSLCertVerificationError,
)


def was_never_sent(error: BaseException) -> bool:
    """Whether the request certainly never left: there was no connection to send it over."""
    return any(isinstance(cause, _NEVER_SENT) for cause in _chain(error))


def network_error(
    error: Exception, settings: StationSettings, *, method: str, path: str, secrets: tuple[str, ...]
) -> WinCCError:
    """Make our error out of one of requests'."""
    kind, message, hint = _classify(error, settings, secrets)
    return kind(message, hint=hint, method=method, path=path, station=settings.station)


def _classify(
    error: Exception, settings: StationSettings, secrets: tuple[str, ...]
) -> tuple[type[WinCCError], str, str | None]:
    chain = list(_chain(error))
    address = settings.address
    proxy = next((cause for cause in chain if isinstance(cause, requests.exceptions.ProxyError)), None)
    if proxy is not None:
        where = _proxy_in_words(settings.proxy)
        return (
            WinCCConnectionError,
            f"The proxy {where} between us and the station could not be used: {redact(_innermost(chain), secrets)}.",
            (
                "Check the connection's extra 'proxy' and the environment's HTTPS_PROXY; set the extra 'proxy' to "
                "false when the station is reached without one."
            ),
        )
    untrusted = next((cause for cause in chain if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if untrusted is not None:
        return WinCCTLSError, f"The station's certificate is not trusted: {untrusted.verify_message}.", None
    tls = next((cause for cause in chain if isinstance(cause, ssl.SSLError)), None)
    if tls is not None:
        reason = tls.reason or tls.strerror or str(tls)
        return WinCCTLSError, f"TLS with the station failed: {reason}.", _tls_hint(reason)
    if any(isinstance(cause, requests.ConnectTimeout) for cause in chain):
        return (
            WinCCTimeoutError,
            f"No connection to the station within {settings.connect_timeout:g} s.",
            WinCCConnectionError.default_hint,
        )
    if any(isinstance(cause, requests.Timeout | TimeoutError) for cause in chain):
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
    return WinCCConnectionError, f"The connection to the station broke: {redact(_innermost(chain), secrets)}.", None


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
        pending += [getattr(cause, "reason", None), *nested, cause.__cause__, cause.__context__]
        pending = [entry for entry in pending if isinstance(entry, BaseException)]


def _innermost(chain: list[BaseException]) -> str:
    for cause in chain:
        if isinstance(cause, OSError) and cause.strerror and not isinstance(cause, requests.RequestException):
            return cause.strerror
    last = chain[-1]
    text = str(last.args[0]) if last.args and isinstance(last.args[0], str) else ""
    return text or type(last).__name__


def _tls_hint(reason: str) -> str | None:
    if "WRONG_VERSION_NUMBER" in reason or "HTTP_REQUEST" in reason:
        return "The port answers, but not with TLS. Is it the right port, or is the schema http?"
    return None


def _proxy_in_words(proxy: str | Mapping[str, str] | None) -> str:
    if proxy is None:
        return "from the environment"
    urls = [proxy] if isinstance(proxy, str) else list(proxy.values())
    return ", ".join(without_login(url) for url in urls)
