"""One polite reader per station for all waiting tasks of a triggerer.

There is one :class:`TagPoller` per event loop, and in it one loop per connection. Each cycle reads the union of the
tags that anybody waits for, in batches, once, and hands every waiter the readings of its own tags when one of them
changed. So N waiting tasks over T tags cost ceil(T / batch size) requests per interval, however large N is, and a
station never gets two requests at a time from one triggerer. A cycle in which nothing changed asks no waiter at all.
Messages are read beside the tags: each :class:`MessageQuery` that anybody waits for is one more request per interval,
and who waits for it is told when the messages in its answer are others than before.

Waiters of different intervals share readings: all intervals of a connection beat on one grid, so that multiples are
due together, and a tag that was read less than a tenth of an interval ago is not read again for that interval.

What happens on failure: failures that pass by themselves are counted, logged once when they start and once when they
end, paced with back-off up to a ceiling, and given to the waiters, each of which decides for itself when to give up.
A connection that Airflow does not find is such a failure, because Airflow says the same when it is in trouble itself.
While reading fails, the connection is looked up again once a minute, and read with its new settings if it has others.
The first request that fails ends its cycle; its tags are read last from then on, and after a time-out in smaller
batches. A message query that fails for good by itself, because its filter is unknown for example, is the failure of
those who wait for it and of nobody else. A refused login, a missing permission or an unusable connection ends the
loop of that connection at once and tells every waiter; who comes within its interval after the station's refusal is
told the same without asking again. Nothing is kept between processes: after a restart every waiter subscribes anew.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from airflow_provider_wincc.triggers.polling.pace import Pace
from airflow_provider_wincc.triggers.polling.station_loop import StationLoop
from airflow_provider_wincc.triggers.polling.waiter import Reading, Source, SourceReading, Waiter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor

__all__ = ["SHORTEST_INTERVAL", "Reading", "Source", "SourceReading", "TagPoller", "Waiter"]

SHORTEST_INTERVAL = 0.1


def _one_thread() -> Executor:
    return ThreadPoolExecutor(1, thread_name_prefix="wincc-poller")


class TagPoller:
    """The poller of one event loop; get it with :meth:`of_running_loop`.

    :param new_thread: gives each station that is read what its requests run in.
    """

    def __init__(self, new_thread: Callable[[], Executor] = _one_thread) -> None:
        self._stations: dict[str, StationLoop] = {}
        self._paces: dict[str, Pace] = {}
        self._new_thread = new_thread

    @classmethod
    def of_running_loop(cls) -> TagPoller:
        """Return the poller of the running event loop."""
        loop = asyncio.get_running_loop()
        poller = _POLLERS.get(loop)
        if poller is None:
            poller = _POLLERS[loop] = cls()
        return poller

    @contextmanager
    def subscribe(self, wincc_conn_id: str, interval: float, waiter: Waiter) -> Iterator[None]:
        """Let a waiter have its tags and messages read every ``interval`` seconds while the context is open.

        The first readings come within one interval. Leaving takes what it waits for out of the union; the last one
        out ends the loop of the connection and closes its session. When the station has refused for good less than
        an interval ago, and the connection is the same as then, the waiter is told so, and the station is left alone.

        :param interval: seconds, at least :data:`SHORTEST_INTERVAL`.
        """
        seconds = max(interval, SHORTEST_INTERVAL)
        pace = self._paces.setdefault(wincc_conn_id, Pace(time.monotonic()))
        station = self._stations.get(wincc_conn_id)
        if station is None:
            station = StationLoop(wincc_conn_id, pace=pace, thread=self._new_thread(), on_end=self._forget)
            self._stations[wincc_conn_id] = station
        subscription = station.join(waiter, seconds)
        try:
            yield
        finally:
            station.leave(subscription)

    def _forget(self, station: StationLoop) -> None:
        if self._stations.get(station.wincc_conn_id) is station:
            del self._stations[station.wincc_conn_id]


_POLLERS: WeakKeyDictionary[asyncio.AbstractEventLoop, TagPoller] = WeakKeyDictionary()
