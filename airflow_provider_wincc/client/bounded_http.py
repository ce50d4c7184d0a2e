"""HTTP connections whose answers cannot take for ever, and cannot be endless.

``requests`` bounds the pause between two pieces of an answer, and nothing else: a station, or whoever answers in its
place, that sends a byte every minute would hold a task for days, and one that never ends a line would fill its memory.
"""

from __future__ import annotations

import http.client
import io
import time
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

_MOST_BYTES_BESIDE_THE_BODY = 2**20
_MOST_INTERIM_ANSWERS = 20


class AnswerTooLargeError(OSError):
    """An answer had more bytes than are read."""


class AnswerOverdueError(TimeoutError):
    """An answer was not complete in time, although bytes of it kept coming."""


@dataclass(frozen=True, slots=True)
class AnswerLimits:
    """What is taken of one answer.

    :param size: most bytes of a body, packed as well as unpacked.
    :param seconds: from the request to the end of its answer.
    """

    size: int
    seconds: float


class BoundedAdapter(HTTPAdapter):
    """Sends requests over at most one connection at a time, and reads answers within limits, a proxy's among them."""

    def __init__(self, limits: AnswerLimits) -> None:
        self._limits = limits
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def close(self) -> None:
        """Close the connections, whoever still refers to them.

        urllib3 alone does so when the pool is collected, and an error that is kept keeps the pool with its traceback.
        """
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for key in manager.pools.keys():  # noqa: SIM118  it is a container of urllib3, and cannot be iterated
                manager.pools[key].close()
        super().close()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pool of connections without a proxy."""
        super().init_poolmanager(*args, **kwargs)
        _bound(self.poolmanager, self._limits)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Return the pool of connections through a proxy."""
        is_new = proxy not in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs)
        if is_new:
            _bound(manager, self._limits)
        return manager


def _bound(manager: Any, limits: AnswerLimits) -> None:
    pools: Mapping[str, Any] = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _bounded_pool(pool, limits) for scheme, pool in pools.items()}


def _bounded_pool(pool: Any, limits: AnswerLimits) -> type:
    connection = pool.ConnectionCls
    bounded = type(connection.__name__, (_BoundedConnection, connection), {"limits": limits})
    return type(pool.__name__, (pool,), {"ConnectionCls": bounded})


class _BoundedConnection:
    """Mixed into the kinds of connection that urllib3 has: direct, through an HTTP proxy, through a SOCKS proxy."""

    limits: ClassVar[AnswerLimits]

    def connect(self) -> None:
        self._start_clock()
        super().connect()  # type: ignore[misc]  # of the class it is mixed into

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._start_clock()
        super().request(*args, **kwargs)  # type: ignore[misc]  # of the class it is mixed into

    def _start_clock(self) -> None:
        self.response_class = partial(
            _BoundedResponse, limits=self.limits, ends_at=time.monotonic() + self.limits.seconds
        )


class _BoundedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, limits: AnswerLimits, ends_at: float, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_BoundedReader(self.fp.detach(), sock, limits, ends_at))

    def _read_status(self) -> tuple[str, int, str]:
        # http.client takes 102 and 103 for the answer itself, and what follows for the answer to the next request.
        for _ in range(_MOST_INTERIM_ANSWERS):
            line: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]  # not in the type stubs
            if line[1] >= HTTPStatus.OK or line[1] == HTTPStatus.SWITCHING_PROTOCOLS:
                return line
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException(f"more than {_MOST_INTERIM_ANSWERS} interim answers")


class _BoundedReader(io.RawIOBase):
    """What a socket receives, until it is too much or too late."""

    def __init__(self, received: io.RawIOBase, sock: socket.socket, limits: AnswerLimits, ends_at: float) -> None:
        self._received = received
        self._socket = sock
        self._left = limits.size + _MOST_BYTES_BESIDE_THE_BODY
        self._ends_at = ends_at

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._left <= 0:
            raise AnswerTooLargeError("the answer is too large")
        seconds = self._ends_at - time.monotonic()
        if seconds <= 0:
            raise AnswerOverdueError("the answer is overdue")
        pause = self._socket.gettimeout()
        is_last = pause is None or seconds < pause
        if is_last:
            self._socket.settimeout(seconds)
        try:
            count = self._received.readinto(buffer)
        except TimeoutError:
            if is_last:
                raise AnswerOverdueError("the answer is overdue") from None
            raise
        self._left -= count or 0
        return count

    def close(self) -> None:
        try:
            self._received.close()
        finally:
            super().close()
