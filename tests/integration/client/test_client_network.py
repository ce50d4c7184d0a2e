"""Addresses where no station answers, or something else does."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from airflow_provider_wincc.client import (
    StationSettings,
    WinCCClient,
    WinCCConnectionError,
    WinCCError,
    WinCCResponseError,
    WinCCTimeoutError,
    WinCCTLSError,
    WinCCWriteOutcomeUnknownError,
)
from airflow_provider_wincc.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator


def client_of(url: str, **extra: object) -> WinCCClient:
    settings = StationSettings.from_url(url, username="engineer", password="Kiln-7-secret", **extra)
    return WinCCClient(StationSettings(**{**vars(settings), "retry_wait": 0.001}))


@contextmanager
def answering(*answers: bytes, hold_open: bool = False) -> Iterator[str]:
    """Listen without TLS and yield the URL; give one connection after the other these bytes once a request came.

    With ``hold_open`` a connection is closed at the end only.
    """
    over = threading.Event()
    if not hold_open:
        over.set()
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(10)

        def serve() -> None:
            for answer in answers:
                connection, _ = server.accept()
                with closing(connection):
                    connection.recv(65536)
                    connection.sendall(answer)
                    over.wait(10)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            over.set()
            thread.join()


@pytest.fixture(scope="module")
def plain_station() -> Iterator[Simulator]:
    with Simulator(plant="still", tls=False) as station:
        yield station


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port: int = server.getsockname()[1]
        return port


def test_a_refused_connection_names_host_and_port() -> None:
    port = free_port()

    with client_of(f"https://127.0.0.1:{port}") as client, pytest.raises(WinCCConnectionError) as caught:
        client.read_tag("A")

    assert "refused" in caught.value.message
    assert str(port) in caught.value.message
    assert "34568" in caught.value.hint


def test_a_refused_write_is_not_in_doubt() -> None:
    with client_of(f"https://127.0.0.1:{free_port()}") as client, pytest.raises(WinCCConnectionError, match="refused"):
        client.write_tags({"A": 1})


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A port whose queue of connections is full, so that connecting to it takes for ever."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=0)) as server, ExitStack() as waiting:
        port: int = server.getsockname()[1]
        while True:
            probe = waiting.enter_context(closing(socket.socket()))
            probe.settimeout(0.1)
            try:
                probe.connect(("127.0.0.1", port))
            except TimeoutError:
                break
        yield port


def test_a_write_that_found_no_connection_in_time_is_not_in_doubt(deaf_port: int) -> None:
    with (
        client_of(f"https://127.0.0.1:{deaf_port}", connect_timeout=0.2) as client,
        pytest.raises(WinCCTimeoutError, match=r"No connection to the station within 0\.2 s") as caught,
    ):
        client.write_tags({"A": 1})

    assert "firewall" in caught.value.hint


def test_an_unknown_host_is_named() -> None:
    with client_of("https://wincc01.invalid") as client, pytest.raises(WinCCConnectionError) as caught:
        client.write_tags({"A": 1})

    assert "'wincc01.invalid'" in caught.value.message
    assert "spelling of the host" in caught.value.hint


def test_a_host_name_that_none_can_have_is_an_error_of_ours() -> None:
    with client_of(f"https://{'x' * 64}.example") as client, pytest.raises(WinCCError, match="x" * 64):
        client.read_tag("A")


def test_a_write_to_a_host_name_that_none_can_have_is_not_in_doubt() -> None:
    with client_of(f"https://{'ü' * 64}.example") as client, pytest.raises(WinCCError) as caught:
        client.write_tags({"A": 1})

    assert not isinstance(caught.value, WinCCWriteOutcomeUnknownError)


def test_https_on_a_port_that_speaks_http_says_so(plain_station: Simulator) -> None:
    with client_of(plain_station.url.replace("http:", "https:")) as client, pytest.raises(WinCCTLSError) as caught:
        client.read_tag("A")

    assert "not with TLS" in caught.value.hint


def test_http_on_a_port_that_speaks_https_is_a_connection_error(station: Simulator) -> None:
    with client_of(station.url.replace("https:", "http:")) as client, pytest.raises(WinCCConnectionError):
        client.read_tag("A")


def test_a_station_over_plain_http_can_be_read(plain_station: Simulator) -> None:
    settings = StationSettings.from_url(
        plain_station.url, username="engineer", password=plain_station.users["engineer"].password
    )

    with WinCCClient(settings) as client:
        assert client.read_tag("Tank1.Level").quality.is_good


def test_another_service_on_the_port_is_a_connection_error() -> None:
    mail_server = [b"220 mail.example ESMTP\r\n"] * 4

    with answering(*mail_server) as url, client_of(url) as client, pytest.raises(WinCCConnectionError):
        client.read_tag("A")


BROKEN = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n[{"
OPEN_ENDED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[{"
NOT_ZIPPED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n[]"


@pytest.mark.parametrize("answer", [BROKEN, OPEN_ENDED, NOT_ZIPPED, b"nonsense\r\n\r\n", b""])
def test_a_write_whose_answer_broke_off_is_in_doubt(answer: bytes) -> None:
    with answering(answer) as url, client_of(url) as client, pytest.raises(WinCCWriteOutcomeUnknownError) as caught:
        client.write_tags({"A": 1})

    assert caught.value.unknown == ("A",)


@pytest.mark.parametrize("answer", [BROKEN, OPEN_ENDED])
def test_a_read_whose_answer_broke_off_is_tried_again(answer: bytes) -> None:
    good = b'HTTP/1.1 200 OK\r\nContent-Length: 35\r\n\r\n[{"variableName": "A", "value": "1"}]'.replace(b"35", b"37")

    with answering(answer, good) as url, client_of(url) as client:
        assert client.read_tags(["A"])["A"].value == 1


def test_an_answer_that_stops_in_the_middle_is_a_time_out() -> None:
    with (
        answering(BROKEN, hold_open=True) as url,
        client_of(url, read_timeout=0.2) as client,
        pytest.raises(WinCCTimeoutError, match=r"within 0\.2 s"),
    ):
        client.read_tag("A")


def test_a_redirect_is_not_followed() -> None:
    redirect = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: https://sso.example/\r\nContent-Length: 0\r\n\r\n"

    with answering(redirect) as url, client_of(url) as client, pytest.raises(WinCCResponseError) as caught:
        client.write_tags({"A": 1})

    assert "https://sso.example/" in caught.value.hint
