"""Why TLS with a station failed, naming what is wrong and who can mend it."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.proxies import proxy_of
from airflow_provider_wincc.client.quotations import printable
from airflow_provider_wincc.client.tls_files import certificate_authorities

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.client.settings import StationSettings

# OpenSSL's X509_V_ERR_ numbers and X509_V_FLAG_NO_CHECK_TIME, which Python's ssl has no names for.
_NOT_YET_VALID = 9
_EXPIRED = 10
_SELF_SIGNED = 18
_ISSUER_UNKNOWN = frozenset({2, 19, 20, 21})
_ANOTHER_HOST = frozenset({62, 64})
_WHATEVER_THE_TIME = ssl.VerifyFlags(0x200000)

_MOST_NAMES = 5
_LONGEST_NAME = 255
_CLOCK = "Check the clock of the machine that runs the task, too."
_CLIENT_CERTIFICATE_HINT = (
    "A station that asks for a client certificate may close the connection like this: name its files in the extras "
    "'client_cert' and 'client_key'."
)
_OUR_CERTIFICATE_HINT = (
    "Look at the certificate named in the connection's extra 'client_cert': is it of a CA that the station trusts, "
    "still valid, and meant for clients?"
)
_SELF_SIGNED_HINT = (
    "Put that very certificate into a file and name it in the connection's extra 'verify', after you have compared its "
    "fingerprint with the one that the station shows."
)
_ABOUT_OUR_CERTIFICATE = (
    "CERTIFICATE_REQUIRED",
    "HANDSHAKE_FAILURE",
    "ALERT_BAD_CERTIFICATE",
    "ALERT_UNKNOWN_CA",
    "ALERT_CERTIFICATE_EXPIRED",
    "ALERT_CERTIFICATE_REVOKED",
    "ALERT_CERTIFICATE_UNKNOWN",
    "ALERT_UNSUPPORTED_CERTIFICATE",
    "ALERT_ACCESS_DENIED",
)


def untrusted(error: ssl.SSLCertVerificationError, settings: StationSettings) -> tuple[str, str | None]:
    """Return the message and the hint for a certificate of the station that is not trusted.

    For its dates and names the certificate is looked at once more, without sending anything over that connection.
    """
    code = error.verify_code
    if code in {_EXPIRED, _NOT_YET_VALID}:
        return _out_of_time(code, _presented(settings))
    if code in _ANOTHER_HOST:
        names = _names_in(_presented(settings))
        is_for = f"is for {names}, not for" if names else "is not for"
        return (
            f"The station's certificate is not trusted: it {is_for} {settings.address.host!r}.",
            "Reach the station by a host name that stands in its certificate, or have it issued for this one.",
        )
    if code == _SELF_SIGNED:
        return (
            f"The station's certificate is not trusted: it is self-signed, and it is not in {_trusted(settings)}.",
            _SELF_SIGNED_HINT,
        )
    if code in _ISSUER_UNKNOWN:
        return f"The station's certificate is not trusted: its issuer is not in {_trusted(settings)}.", None
    return f"The station's certificate is not trusted: {error.verify_message}.", None


def tls_hint(reason: str, settings: StationSettings) -> str | None:
    """Return what to do when TLS could not be agreed, by OpenSSL's word for the reason; None for nothing special."""
    if "WRONG_VERSION_NUMBER" in reason or "HTTP_REQUEST" in reason:
        return "The port answers, but not with TLS. Is it the right port, or is the schema http?"
    if "PROTOCOL_VERSION" in reason or "UNSUPPORTED_PROTOCOL" in reason:
        return "The station does not speak TLS 1.2 or newer. Have TLS 1.2 switched on there; older ones are not used."
    if any(alert in reason for alert in _ABOUT_OUR_CERTIFICATE):
        return _CLIENT_CERTIFICATE_HINT if settings.client_certificate is None else _OUR_CERTIFICATE_HINT
    return None


def closed_hint(settings: StationSettings) -> str | None:
    """Return what may be the reason in TLS that a connection was closed; None for nothing.

    With TLS 1.3 a station asks after the handshake, and what we see of its refusal is often a closed connection.
    """
    if settings.address.scheme != "https" or settings.client_certificate is not None:
        return None
    return _CLIENT_CERTIFICATE_HINT


def _out_of_time(code: int, certificate: Mapping[str, Any] | None) -> tuple[str, str]:
    now = time.time()
    ends, begins = (_seconds(certificate, name) for name in ("notAfter", "notBefore"))
    if code == _EXPIRED:
        hint = f"Have the certificate renewed. {_CLOCK}"
        if ends is None:
            return "The station's certificate has expired.", hint
        if ends > now:
            return "A certificate of the CA that issued the station's certificate has expired.", hint
        return f"The station's certificate has expired on {_written(ends)}.", hint
    if begins is None or begins <= now:
        return "The station's certificate, or one of its CA, is not yet valid.", _CLOCK
    return f"The station's certificate is not yet valid: it begins on {_written(begins)}.", _CLOCK


def _presented(settings: StationSettings) -> Mapping[str, Any] | None:
    if proxy_of(settings) is not None:
        return None
    address = settings.address
    with suppress(OSError, ValueError, WinCCConfigurationError):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_flags |= _WHATEVER_THE_TIME
        authorities = certificate_authorities(settings)
        if isinstance(authorities, str):
            is_folder = Path(authorities).is_dir()
            context.load_verify_locations(**{"capath" if is_folder else "cafile": authorities})
        else:
            context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
        if settings.client_certificate is not None:
            context.load_cert_chain(settings.client_certificate, settings.client_key)
        with (
            socket.create_connection((address.host, address.port), timeout=settings.connect_timeout) as connection,
            context.wrap_socket(connection, server_hostname=address.host) as secured,
        ):
            return secured.getpeercert()
    return None


def _names_in(certificate: Mapping[str, Any] | None) -> str:
    names = [printable(str(name)[:_LONGEST_NAME]) for _, name in (certificate or {}).get("subjectAltName", ())]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(map(repr, names[:_MOST_NAMES])) + more


def _seconds(certificate: Mapping[str, Any] | None, name: str) -> float | None:
    text = (certificate or {}).get(name)
    try:
        return None if text is None else ssl.cert_time_to_seconds(text)
    except ValueError:
        return None


def _written(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def _trusted(settings: StationSettings) -> str:
    authorities = certificate_authorities(settings)
    if isinstance(authorities, str):
        return f"the CA {'folder' if Path(authorities).is_dir() else 'file'} {authorities!r}"
    return "the CAs of the Python package certifi, which are those of the public internet"
