"""What the station does to requests and connections: a dice is thrown for each."""

from __future__ import annotations

import random
import socket
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from soak_plan import READ_TIMEOUT

from airflow_provider_wincc.simulator import faults, server
from airflow_provider_wincc.simulator.faults import Fault, FaultQueue, PendingFault

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

HANDSHAKE_CUT = "connection cut before the TLS handshake"

_ANY = (
    *(Fault.STALL, Fault.DELAY, Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.UNAVAILABLE, Fault.SERVER_ERROR),
    *(Fault.BAD_GATEWAY, Fault.GATEWAY_TIMEOUT, Fault.EMPTY_BODY, Fault.HTML_BODY, Fault.GARBAGE, Fault.MISSING_ROWS),
)
_READ = (*_ANY, Fault.BAD_QUALITY, Fault.INITIAL_QUALITY)
_ARCHIVE = (*_ANY, Fault.EMPTY_ARCHIVE, Fault.SEGMENT_CHANGE)
# A full answer that has lost a row does not look full, and then nobody can know that it does not reach back far enough.
_MESSAGES = tuple(fault for fault in _ANY if fault is not Fault.MISSING_ROWS)
_BY_KIND = {
    faults.READ_MESSAGES: _MESSAGES,
    faults.READ_ONE: _READ,
    faults.READ_MANY: _READ,
    faults.READ_ONE_ARCHIVED: _ARCHIVE,
    faults.READ_MANY_ARCHIVED: _ARCHIVE,
}
_READ_ODDS = 0.03
_WRITE_ODDS = 0.12
_CUT_ODDS = 0.05
_DELAYS = (0.05, 0.3, READ_TIMEOUT + 0.2)
_STALL = 3 * READ_TIMEOUT


class Dice(FaultQueue):
    """Decides for each request what it meets, in place of faults that wait in a queue.

    :param heard: told the tags of each request that meets nothing.
    """

    def __init__(self, seed: int, heard: Callable[[Collection[str]], None]) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self.is_thrown = False
        self._random = random.Random(f"{seed} requests")
        self._heard = heard
        self._guard = threading.Lock()
        self._row_was_lost = False

    @property
    def is_idle(self) -> bool:
        """Never: the dice is thrown for each request."""
        return False

    def take(self, *, method: str, path: str, kind: str, tags: Collection[str]) -> PendingFault | None:
        """Throw the dice for a request."""
        with self._guard:
            fault = self._thrown(method, kind)
            if fault is None:
                self._heard(tags)
                return None
            self.counts[fault.value] += 1
            seconds = {Fault.STALL: _STALL, Fault.DELAY: self._random.choice(_DELAYS)}.get(fault)
            return PendingFault(fault, seconds=seconds)

    def cuts_connection(self) -> bool:
        """Throw the dice for a connection that is about to be made."""
        with self._guard:
            if not self.is_thrown or self._random.random() >= _CUT_ODDS:
                return False
            self.counts[HANDSHAKE_CUT] += 1
            return True

    def _thrown(self, method: str, kind: str) -> Fault | None:
        # A row that is missing twice in a row is taken for an unknown tag, and rightly so.
        spared, self._row_was_lost = self._row_was_lost, False
        odds = _WRITE_ODDS if method == "PUT" else _READ_ODDS
        if not self.is_thrown or spared or self._random.random() >= odds:
            return None
        fault = self._random.choice(_BY_KIND.get(kind, _ANY))
        self._row_was_lost = fault is Fault.MISSING_ROWS
        return fault


def cut_connections(dice: Dice) -> None:
    """Have every simulated station of this process throw the dice for each new connection."""
    listening_socket = server._listening_socket

    class CuttingSocket(socket.socket):
        def accept(self) -> tuple[socket.socket, Any]:
            while True:
                connection, address = super().accept()
                if not dice.cuts_connection():
                    return connection, address
                connection.close()

    def cutting(host: str, port: int) -> socket.socket:
        plain = listening_socket(host, port)
        return CuttingSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())

    server._listening_socket = cutting
