"""The TCP connections of the simulated station, so that they can be cut for real."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

Address = tuple[str, int]


@dataclass(slots=True)
class _Connection:
    transport: asyncio.Transport
    busy: int = 0
    closed: asyncio.Event = field(default_factory=asyncio.Event)


class Connections:
    """All open connections by the address of the client; for the thread of the server's event loop only."""

    def __init__(self) -> None:
        self._open: dict[Address, _Connection] = {}
        self._stopping = asyncio.Event()

    def protocol(self) -> type[H11Protocol]:
        """Make a protocol class for uvicorn that registers its connections here."""
        connections = self

        class RegisteredProtocol(H11Protocol):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self.access_log = False

            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
                super().connection_made(transport)
                if self.client is not None:
                    connections.opened(self.client, transport)

            def connection_lost(self, exc: Exception | None) -> None:
                super().connection_lost(exc)
                if self.client is not None:
                    connections.lost(self.client, self.transport)

        return RegisteredProtocol

    def watched(self, app: ASGIApp) -> ASGIApp:
        """Wrap an application so that connections with a request on them count as busy."""

        async def watched_app(scope: Scope, receive: Receive, send: Send) -> None:
            connection = self._open.get(tuple(scope.get("client") or ()))
            if connection is None:
                await app(scope, receive, send)
                return
            connection.busy += 1
            try:
                await app(scope, receive, send)
            finally:
                connection.busy -= 1

        return watched_app

    def opened(self, client: Address, transport: asyncio.Transport) -> None:
        """Note a new connection; cut it at once when the station is stopping."""
        self._open[client] = _Connection(transport)
        if self._stopping.is_set():
            transport.abort()

    def lost(self, client: Address, transport: asyncio.Transport) -> None:
        """Note the end of a connection."""
        connection = self._open.get(client)
        if connection is not None and connection.transport is transport:
            del self._open[client]
            connection.closed.set()

    async def abort(self, client: Any) -> None:
        """Cut a connection without an answer and wait until it is gone."""
        connection = self._open.get(tuple(client))
        if connection is not None:
            connection.transport.abort()
            await connection.closed.wait()

    async def drop_idle(self) -> int:
        """Cut all connections without a request on them; returns how many."""
        idle = [connection for connection in self._open.values() if not connection.busy]
        for connection in idle:
            connection.transport.abort()
        for connection in idle:
            await connection.closed.wait()
        return len(idle)

    def stop(self) -> None:
        """Cut all connections, now and from now on, and end all waiting."""
        self._stopping.set()
        for connection in list(self._open.values()):
            connection.transport.abort()

    async def wait(self, seconds: float, receive: Receive) -> None:
        """Wait, but no longer than the client stays and the station runs."""
        waits = [
            asyncio.create_task(_disconnected(receive)),
            asyncio.create_task(self._stopping.wait()),
        ]
        _, pending = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _disconnected(receive: Receive) -> bool:
    while (await receive())["type"] != "http.disconnect":
        pass
    return True
