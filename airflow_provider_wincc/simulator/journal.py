"""What the simulated station remembers of requests and writes."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.client.models import Scalar

KEPT = 10_000
"""How many requests and how many writes are remembered; older ones are forgotten."""


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request to the REST service.

    :param number: counted from 1 since the station was made.
    :param method: the verb in upper case.
    :param path: path below ``/WinCCRestService``, percent-decoded, such as ``/tagManagement/Value/Tank1.Level``.
    :param raw_path: the whole path exactly as it was on the wire.
    :param query: parameters of the query string; the last one wins where a name comes twice.
    :param body: parsed JSON, else the text; None where there was no body.
    :param at: when the request had arrived, aware, in UTC.
    :param user: who was logged in; None without a valid login.
    :param connection: client address and port of the TCP connection, the same text for each request on it.
    :param in_flight: how many requests were being handled at that moment, this one included.
    :param status: status of the answer; None while there is none and when the connection was dropped.
    """

    number: int
    method: str
    path: str
    raw_path: str
    query: Mapping[str, str]
    body: Any
    at: datetime
    user: str | None
    connection: str
    in_flight: int
    status: int | None = None


class WriteRecord(NamedTuple):
    """One value that was written by REST and took effect.

    ``request`` is the number of the request that brought it.
    """

    tag: str
    value: Scalar
    at: datetime
    user: str | None
    request: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of a request when it arrives; the fields are those of :class:`RequestRecord`."""

    method: str
    path: str
    raw_path: str
    operation: str
    user: str | None
    connection: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


class Journal:
    """Requests and writes, newest last, safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0
        self._in_flight = 0
        self._requests: dict[int, RequestRecord] = {}
        self._counts: Counter[str] = Counter()
        self._writes: deque[WriteRecord] = deque(maxlen=KEPT)

    def begin(self, arrival: Arrival) -> int:
        """Note a request that has arrived and return its number."""
        with self._lock:
            self._number += 1
            self._in_flight += 1
            self._counts[f"{arrival.method} {arrival.operation}"] += 1
            self._requests[self._number] = RequestRecord(
                number=self._number,
                method=arrival.method,
                path=arrival.path,
                raw_path=arrival.raw_path,
                query=arrival.query,
                body=arrival.body,
                at=datetime.now(UTC),
                user=arrival.user,
                connection=arrival.connection,
                in_flight=self._in_flight,
            )
            if len(self._requests) > KEPT:
                del self._requests[next(iter(self._requests))]
            return self._number

    def finish(self, number: int, status: int | None) -> None:
        """Note that a request is done, with the status of its answer or None for a dropped connection."""
        with self._lock:
            self._in_flight -= 1
            record = self._requests.get(number)
            if record is not None:
                self._requests[number] = replace(record, status=status)

    def note_write(self, write: WriteRecord) -> None:
        """Note a write that took effect."""
        with self._lock:
            self._writes.append(write)

    @property
    def requests(self) -> list[RequestRecord]:
        """The requests, oldest first."""
        with self._lock:
            return list(self._requests.values())

    @property
    def counts(self) -> dict[str, int]:
        """How many requests there were of each method and kind of path, names of tags left out."""
        with self._lock:
            return dict(self._counts)

    @property
    def writes(self) -> list[WriteRecord]:
        """The writes that took effect, oldest first."""
        with self._lock:
            return list(self._writes)

    def clear_requests(self) -> None:
        """Forget all requests and their counts; numbers go on, writes stay."""
        with self._lock:
            self._requests.clear()
            self._counts.clear()
