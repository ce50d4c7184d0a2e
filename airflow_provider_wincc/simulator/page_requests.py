"""Requests per second by endpoint, and how many clients sent them, as the page for people shows them."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.simulator.calls import BadRequestError, service_segments
from airflow_provider_wincc.simulator.page_tags import shortened
from airflow_provider_wincc.simulator.routes import find_route

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.simulator.journal import Journal, RequestRecord

SHOWN_SECONDS = 60
"""How many seconds the curve of requests goes back."""
MEAN_SECONDS = 10
"""Over how many seconds rates are means and clients are counted."""
_SHOWN_REQUESTS = 12


@dataclass(slots=True)
class _Second:
    """The requests of one second: how many of each operation, and the connections that they came on."""

    counts: Counter[str] = field(default_factory=Counter)
    connections: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


class RequestRates:
    """Counts the requests of a journal by second and operation; for one thread.

    It looks at what is new in the journal only. A client is a TCP connection, as stations have it: what counts for
    a station is how many connections are open at a time, not who opened them.

    :param clock: seconds since 1970.
    """

    def __init__(self, journal: Journal, clock: Callable[[], float] = time.time) -> None:
        self._journal = journal
        self._clock = clock
        self._last = 0
        self._seconds: dict[int, _Second] = {}

    def description(self) -> dict[str, Any]:
        """Describe the rates of the last :data:`MEAN_SECONDS`, the curve of the last minute and the newest requests.

        The second that has just begun is left out, so that a steady rate gives a steady curve.
        """
        records = self._journal.requests
        this_second = int(self._clock())
        self._count(records, this_second)
        recent = [
            self._seconds[second]
            for second in range(this_second - MEAN_SECONDS, this_second)
            if second in self._seconds
        ]
        return {
            "curve": [
                self._seconds[second].counts.total() if second in self._seconds else 0
                for second in range(this_second - SHOWN_SECONDS, this_second)
            ],
            "clients": len({name for second in recent for names in second.connections.values() for name in names}),
            "endpoints": [
                {
                    "operation": operation,
                    "per_second": sum(second.counts[operation] for second in recent) / MEAN_SECONDS,
                    "clients": len(set().union(*(second.connections.get(operation, ()) for second in recent))),
                    "total": total,
                }
                for operation, total in sorted(self._journal.counts.items())
            ],
            "newest": [_row(record) for record in reversed(records[-_SHOWN_REQUESTS:])],
        }

    def _count(self, records: list[RequestRecord], this_second: int) -> None:
        oldest = this_second - SHOWN_SECONDS
        for second in [second for second in self._seconds if second < oldest]:
            del self._seconds[second]
        newest = records[-1].number if records else self._last
        for record in reversed(records):
            moment = int(record.at.timestamp())
            if record.number <= self._last or moment < oldest:
                break
            operation = f"{record.method} {_shape(record.raw_path)}"
            counted = self._seconds.setdefault(moment, _Second())
            counted.counts[operation] += 1
            counted.connections[operation].add(record.connection)
        self._last = newest


@lru_cache(maxsize=4096)
def _shape(raw_path: str) -> str:
    try:
        route = find_route(service_segments(raw_path.encode("latin-1")) or [])
    except BadRequestError:
        route = None
    return "other paths" if route is None else route.shape


def _row(record: RequestRecord) -> dict[str, Any]:
    return {
        "number": record.number,
        "time": record.at.isoformat(),
        "method": record.method,
        "path": shortened(record.path),
        "user": record.user or "",
        "status": record.status,
    }
