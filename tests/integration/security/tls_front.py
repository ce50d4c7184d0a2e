"""TLS in front of a station that speaks plain HTTP: a gateway whose certificate and versions a test chooses."""

from __future__ import annotations

import select
import socket
import ssl
import threading
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class TlsFront:
    """Listens on a free port and hands what comes over TLS to a port of this machine, and back.

    :param port: of the station.
    :param certificate: PEM file with certificate and key.
    :param prepare: changes the TLS context, such as its versions.
    """

    def __init__(
        self, port: int, certificate: str, *, prepare: Callable[[ssl.SSLContext], None] = lambda _: None
    ) -> None:
        self._station = ("127.0.0.1", port)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        prepare(self._context)
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.05)
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        self.tls_versions: list[str | None] = []

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._server.getsockname()[1]}"

    def close(self) -> None:
        self._closing.set()
        self._threads[0].join()
        for thread in self._threads[1:]:
            thread.join()
        self._server.close()

    def _accept(self) -> None:
        while not self._closing.is_set():
            with suppress(TimeoutError):
                connection, _ = self._server.accept()
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        # The handshake is done while the socket stays ours, so that a refusal can still be sent when it fails.
        secured = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with secured, suppress(OSError):
            try:
                secured.do_handshake()
            except ssl.SSLError:
                _end_gently(secured)
                return
            self.tls_versions.append(secured.version())
            with socket.create_connection(self._station) as station:
                _relay(secured, station, self._closing)


def client_certificate_required(ca_file: str) -> Callable[[ssl.SSLContext], None]:
    """Return what makes a context ask for a certificate of that CA, in the handshake of TLS 1.2."""

    def prepare(context: ssl.SSLContext) -> None:
        context.load_verify_locations(ca_file)
        context.verify_mode = ssl.CERT_REQUIRED

    return prepare


def only_tls_1_2(context: ssl.SSLContext) -> None:
    context.maximum_version = ssl.TLSVersion.TLSv1_2


def only_tls_1_1(context: ssl.SSLContext) -> None:
    # OpenSSL takes signatures with SHA-1, which TLS 1.1 needs, at its lowest level of security only.
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1


def _end_gently(connection: socket.socket) -> None:
    # Closing with unread bytes resets the connection, and the alert that is on its way may be lost.
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_WR)
        connection.settimeout(1)
        while socket.socket.recv(connection, 65536):
            pass


def _relay(secured: ssl.SSLSocket, station: socket.socket, closing: threading.Event) -> None:
    # In one thread: OpenSSL garbles what it sends when a connection is read and written by two at once.
    while not closing.is_set():
        ready = [secured] if secured.pending() else select.select([secured, station], [], [], 0.2)[0]
        for source in ready:
            data = source.recv(65536)
            if not data:
                return
            (station if source is secured else secured).sendall(data)
