"""A small HTTP proxy that tunnels by CONNECT, as stands between offices and plants."""

from __future__ import annotations

import base64
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self


@dataclass
class ConnectProxy:
    """A proxy on a free port; ``login`` (``user:password``) makes it ask for one.

    ``targets`` has the ``host:port`` of every tunnel that was asked for.
    """

    login: str | None = None
    targets: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def do_CONNECT(self) -> None:
                proxy.targets.append(self.path)
                if proxy.login and self.headers.get("Proxy-Authorization") != _basic(proxy.login):
                    self.send_error(407)
                    return
                host, _, port = self.path.rpartition(":")
                with socket.create_connection((host, int(port))) as station:
                    self.send_response(200)
                    self.end_headers()
                    back = threading.Thread(target=_copy, args=(station, self.connection))
                    back.start()
                    _copy(self.connection, station)
                    back.join()

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Its address, without the login."""
        return f"http://127.0.0.1:{self._server.server_port}"


def _basic(login: str) -> str:
    return "Basic " + base64.b64encode(login.encode()).decode()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
