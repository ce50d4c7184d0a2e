"""The web server of the simulated station, in a thread of its own."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import ssl
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import uvicorn

from airflow_provider_wincc.simulator.connections import Connections
from airflow_provider_wincc.simulator.errors import SimulatorStartError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from starlette.types import ASGIApp, Receive, Scope, Send

    from airflow_provider_wincc.simulator.certificates import Authority

_START_SECONDS = 15.0
_STOP_SECONDS = 10.0
_TICK_SECONDS = 0.2
_IDLE_SECONDS = 120
_HIGHEST_PORT = 65535


class _Server(uvicorn.Server):
    """Says when it has started: one that is stopped before that ends without the end of its lifespan."""

    def __init__(self, config: uvicorn.Config, *, when_started: Callable[[], object]) -> None:
        super().__init__(config)
        self._when_started = when_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._when_started()


class BackgroundServer:
    """Serves an application on one socket until it is stopped.

    :param make_app: makes the application, given the connections of this server.
    :param tick: called on the server's thread every 0.2 s with the seconds since the last call.
    :param authority: certificates for https; None for http.
    :param client_certificates: whether clients must show a certificate of the authority.
    :raises SimulatorStartError: when it cannot listen or serve.
    """

    def __init__(
        self,
        make_app: Callable[[Connections], ASGIApp],
        tick: Callable[[float], None],
        *,
        host: str,
        port: int,
        authority: Authority | None,
        client_certificates: bool,
    ) -> None:
        self._make_app = make_app
        self._tick = tick
        self._authority = authority
        self._client_certificates = client_certificates
        self._socket = _listening_socket(host, port)
        self.port: int = self._socket.getsockname()[1]
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop
        self._server: uvicorn.Server
        self._connections: Connections
        self._thread = threading.Thread(target=self._run, name=f"wincc-simulator-{self.port}", daemon=True)
        self._thread.start()
        if not self._ready.wait(_START_SECONDS) or self._failure is not None:
            self._socket.close()
            raise SimulatorStartError(f"the simulated station did not start: {self._failure or 'no answer'}")

    def drop_idle_connections(self) -> int:
        """Cut all connections without a request on them; returns how many."""
        return self._call(self._connections.drop_idle())

    def stop(self) -> None:
        """Cut all connections, close the socket and end the thread.

        :raises RuntimeError: when the thread does not end, or had failed before.
        """
        with suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(self._begin_stop)
        self._thread.join(_STOP_SECONDS)
        if self._thread.is_alive():
            raise RuntimeError("the thread of the simulated station did not end")
        if self._failure is not None:
            raise RuntimeError("the simulated station had failed") from self._failure

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as failure:  # noqa: BLE001 - handed to the thread that waits for the start
            self._failure = failure
        finally:
            self._socket.close()
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._connections = Connections()
        self._server = _Server(self._config(), when_started=self._ready.set)
        await self._server.serve(sockets=[self._socket])

    def _config(self) -> uvicorn.Config:
        app = self._connections.watched(self._make_app(self._connections))
        tls: dict[str, Any] = {}
        if self._authority is not None:
            tls = {"ssl_certfile": self._authority.certificate_file, "ssl_keyfile": self._authority.key_file}
            if self._client_certificates:
                tls |= {"ssl_ca_certs": self._authority.ca_file, "ssl_cert_reqs": ssl.CERT_REQUIRED}
        return uvicorn.Config(
            self._with_lifespan(app),
            http=self._connections.protocol(),
            ws="none",
            lifespan="on",
            log_config=None,
            proxy_headers=False,
            server_header=False,
            headers=[("Server", "WinCC-simulator")],
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=1,
            **tls,
        )

    def _with_lifespan(self, app: ASGIApp) -> ASGIApp:
        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "lifespan":
                await app(scope, receive, send)
                return
            await receive()
            ticking = asyncio.create_task(self._tick_on())
            await send({"type": "lifespan.startup.complete"})
            await receive()
            ticking.cancel()
            with suppress(asyncio.CancelledError):
                await ticking
            await send({"type": "lifespan.shutdown.complete"})

        return application

    async def _tick_on(self) -> None:
        last = self._loop.time()
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            now = self._loop.time()
            self._tick(now - last)
            last = now

    def _begin_stop(self) -> None:
        self._server.should_exit = True
        self._connections.stop()

    def _call(self, work: Coroutine[Any, Any, int]) -> int:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_STOP_SECONDS)


def _listening_socket(host: str, port: int) -> socket.socket:
    if not 0 <= port <= _HIGHEST_PORT:
        raise SimulatorStartError(f"cannot listen on {host}:{port}: a port is a number from 0 to {_HIGHEST_PORT}")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as problem:
        raise SimulatorStartError(f"cannot listen on {host}:{port}: {problem}") from None
    try:
        if os.name == "posix":
            # Elsewhere the option would let two stations share a port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError as problem:
        listener.close()
        in_use = problem.errno == errno.EADDRINUSE
        reason = "the port is in use; choose another one, or 0 for a free one" if in_use else problem
        raise SimulatorStartError(f"cannot listen on {host}:{port}: {reason}") from None
    return listener
