"""A server that answers whatever a test wants, byte by byte."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import ssl

_SECONDS_AT_MOST = 30
_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True)
class Request:
    """A request as it came.

    :param line: method, path and version.
    :param head: all of it up to the body.
    """

    line: str
    head: bytes

    @property
    def method(self) -> str:
        return self.line.split(" ")[0]

    @property
    def path(self) -> str:
        return self.line.split(" ")[1].partition("?")[0]


class Wire:
    """The way to the client. Sending ends with an OSError when the client has had enough, or the server closes."""

    def __init__(self, connection: socket.socket, closing: threading.Event) -> None:
        self._connection = connection
        self._closing = closing

    def send(self, data: bytes) -> None:
        if self._closing.is_set():
            raise OSError("the server closes")
        self._connection.sendall(data)

    def send_for_ever(self, data: bytes, *, every: float = 0.0) -> None:
        while True:
            self.send(data)
            if every and self._closing.wait(every):
                return

    def hold(self) -> None:
        """Send nothing more, and keep the connection open."""
        self._closing.wait(_SECONDS_AT_MOST)


Answer = Callable[[Request, Wire], None]


class HostileServer:
    """Listens on a free port; gives each request an answer, and closes the connection after it.

    :param answer: bytes, or what sends them.
    :param tls: a context for TLS; plain HTTP without one.
    """

    def __init__(self, answer: bytes | Answer, *, tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.connections = 0
        self._tls = tls
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.02)
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._accepting.join()
        for thread in self._threads:
            thread.join()
        self._server.close()

    @property
    def port(self) -> int:
        port: int = self._server.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self.port}"

    def let_go(self) -> None:
        """Wait until nothing of the answers so far is kept here; the client must have ended their connections."""
        for thread in self._threads:
            thread.join(_SECONDS_AT_MOST)
            assert not thread.is_alive(), "an answer is still under way"

    def _accept(self) -> None:
        while not self._closing.is_set():
            with suppress(TimeoutError):
                connection, _ = self._server.accept()
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(_SECONDS_AT_MOST)
        with suppress(OSError):
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                request = _receive(connection)
                if request is not None:
                    self.requests.append(request)
                    self._give(request, Wire(connection, self._closing))
        connection.close()

    def _give(self, request: Request, wire: Wire) -> None:
        if isinstance(self.answer, bytes):
            wire.send(self.answer)
        else:
            self.answer(request, wire)


def ok(body: bytes, *headers: str) -> bytes:
    """Return an answer with the status 200."""
    return with_status("200 OK", body, *headers)


def with_status(status: str, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def _receive(connection: socket.socket) -> Request | None:
    received = b""
    while _END_OF_HEAD not in received:
        data = connection.recv(65536)
        if not data:
            return None
        received += data
    head, _, body = received.partition(_END_OF_HEAD)
    missing = _length_in(head) - len(body)
    while missing > 0:
        missing -= len(connection.recv(65536))
    return Request(head.split(b"\r\n")[0].decode(), head)


def _length_in(head: bytes) -> int:
    lines = (line.lower() for line in head.split(b"\r\n"))
    return next((int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:")), 0)
