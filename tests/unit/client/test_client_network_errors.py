"""What the chains of exceptions that requests leaves behind are taken for."""

from __future__ import annotations

import ssl

import pytest
import requests
from mocked_station import HOST
from urllib3.exceptions import (
    InvalidHeader,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
)

from airflow_provider_wincc.client import (
    StationSettings,
    WinCCConnectionError,
    WinCCError,
    WinCCTimeoutError,
    WinCCTLSError,
)
from airflow_provider_wincc.client.network_errors import network_error, was_never_sent

SETTINGS = StationSettings.from_url(HOST)


def described(error: Exception) -> WinCCError:
    return network_error(error, SETTINGS, method="GET", path="/x", secrets=())


def alert(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, f"[SSL: {reason}] alert")
    error.reason = reason
    return error


def through_proxy(cause: Exception) -> requests.exceptions.ProxyError:
    return requests.exceptions.ProxyError(
        MaxRetryError(None, "/x", ProxyError("Unable to connect to proxy", cause))  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    "error",
    [
        requests.exceptions.SSLError(ssl.SSLEOFError(8, "EOF occurred in violation of protocol")),
        requests.exceptions.SSLError(ssl.SSLZeroReturnError(6, "closed")),
        requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError(104, "reset"))),
    ],
)
def test_a_connection_that_ended_within_tls_is_a_connection_error_and_may_be_tried_again(error: Exception) -> None:
    assert type(described(error)) is WinCCConnectionError
    assert described(error).retryable
    assert not was_never_sent(error)


@pytest.mark.parametrize(
    "reason", ["TLSV13_ALERT_CERTIFICATE_REQUIRED", "SSLV3_ALERT_HANDSHAKE_FAILURE", "SSLV3_ALERT_BAD_CERTIFICATE"]
)
def test_an_alert_about_our_certificate_names_the_options_for_it(reason: str) -> None:
    error = described(requests.exceptions.SSLError(alert(reason)))

    assert isinstance(error, WinCCTLSError)
    assert "'client_cert'" in error.hint
    assert reason in error.message


def test_a_time_out_in_the_middle_of_an_answer_is_a_time_out() -> None:
    error = requests.ConnectionError(ReadTimeoutError(None, "/x", "Read timed out."))  # type: ignore[arg-type]

    assert type(described(error)) is WinCCTimeoutError
    assert not was_never_sent(error)


@pytest.mark.parametrize(
    "error",
    [
        requests.ConnectTimeout(),
        requests.exceptions.SSLError(ssl.SSLCertVerificationError(1, "not trusted")),
        requests.ConnectionError(MaxRetryError(None, "/x", NewConnectionError(None, "refused"))),  # type: ignore[arg-type]
        through_proxy(NewConnectionError(None, "refused")),  # type: ignore[arg-type]
        through_proxy(OSError("Tunnel connection failed: 407 Proxy Authentication Required")),
        OSError("Could not find a suitable TLS CA certificate bundle"),
    ],
)
def test_a_request_without_a_connection_was_never_sent(error: Exception) -> None:
    assert was_never_sent(error)


@pytest.mark.parametrize(
    "error",
    [
        requests.ReadTimeout(),
        requests.exceptions.ChunkedEncodingError(ProtocolError("broken")),
        requests.exceptions.InvalidHeader(InvalidHeader("two lengths of the answer")),
        through_proxy(ConnectionResetError(104, "reset")),
        requests.exceptions.SSLError(alert("TLSV13_ALERT_CERTIFICATE_REQUIRED")),
    ],
)
def test_a_request_whose_connection_broke_later_may_have_been_sent(error: Exception) -> None:
    assert not was_never_sent(error)
