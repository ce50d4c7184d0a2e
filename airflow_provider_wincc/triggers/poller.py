"""One polite reader per station for all waiting tasks of a triggerer.

There is one :class:`TagPoller` per event loop, and in it one loop per connection. Each cycle reads the union of the
tags that anybody waits for, in batches, once, and hands every waiter the readings of its own tags when one of them
changed. So N waiting tasks over T tags cost ceil(T / batch size) requests per interval, however large N is, and a
station never gets two requests at a time from one triggerer.

What happens on failure: failures that pass by themselves are counted, logged once when they start and once when they
end, paced with back-off up to a ceiling, and given to the waiters, each of which decides for itself when to give up.
A refused login, a missing permission or an unusable connection ends the loop of that connection at once and tells
every waiter. Nothing is kept between processes: after a restart every waiter subscribes anew.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar
from weakref import WeakKeyDictionary

from airflow.providers.common.compat.sdk import AirflowNotFoundException

from airflow_provider_wincc.client.client import WinCCClient
from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCError
from airflow_provider_wincc.client.models import TagFailure, TagValue
from airflow_provider_wincc.hooks.wincc import WinCCHook

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from airflow_provider_wincc.client.settings import StationSettings

log = logging.getLogger(__name__)

SHORTEST_INTERVAL = 0.1
_LONGEST_BACK_OFF = 60.0
# A station that needs longer than the interval for one cycle still gets this share of it as a pause.
_PAUSE_SHARE = 0.2
_MOST_STATIONS_AT_ONCE = 64
_WAITERS_BETWEEN_PAUSES = 100

Reading = TagValue | TagFailure
_Result = TypeVar("_Result")


class Waiter(Protocol):
    """Somebody who waits for tags. Its methods are called on the event loop and must not block."""

    tags: Collection[str]

    @property
    def recheck_at(self) -> float | None:
        """Monotonic time from which it wants the next readings even if nothing changed; None for "on a change"."""

    def observe(self, readings: Mapping[str, Reading], now: float) -> None:
        """Take fresh readings of its tags."""

    def observe_failure(self, error: WinCCError, now: float) -> None:
        """Take the failure of a cycle."""


class TagPoller:
    """The poller of one event loop; get it with :meth:`of_running_loop`."""

    def __init__(self) -> None:
        self._stations: dict[str, _StationLoop] = {}
        self._threads = ThreadPoolExecutor(_MOST_STATIONS_AT_ONCE, thread_name_prefix="wincc-poller")

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
        """Let a waiter have its tags read every ``interval`` seconds while the context is open.

        Leaving it takes the waiter's tags out of the union; the last one out ends the loop of the connection and
        closes its session.
        """
        station = self._stations.get(wincc_conn_id)
        if station is None:
            station = _StationLoop(wincc_conn_id, self._threads, on_end=self._forget)
            self._stations[wincc_conn_id] = station
        station.join(waiter, max(interval, SHORTEST_INTERVAL))
        try:
            yield
        finally:
            station.leave(waiter)

    def _forget(self, station: _StationLoop) -> None:
        if self._stations.get(station.wincc_conn_id) is station:
            del self._stations[station.wincc_conn_id]


_POLLERS: WeakKeyDictionary[asyncio.AbstractEventLoop, TagPoller] = WeakKeyDictionary()


class _Group:
    """The waiters of one interval."""

    def __init__(self, interval: float) -> None:
        self.interval = interval
        self.waiters: dict[Waiter, None] = {}
        self.due_at = time.monotonic()


class _StationLoop:
    """Reads one station for all its waiters, one request at a time."""

    def __init__(self, wincc_conn_id: str, threads: ThreadPoolExecutor, on_end: Callable[[_StationLoop], None]) -> None:
        self.wincc_conn_id = wincc_conn_id
        self._threads = threads
        self._on_end = on_end
        self._groups: dict[float, _Group] = {}
        self._readings: dict[str, Reading] = {}
        self._changed_in: dict[str, int] = {}
        self._observed_in: dict[Waiter, int] = {}
        self._cycles = 0
        self._client: WinCCClient | None = None
        self._failures = 0
        self._not_before = 0.0
        self._changed = asyncio.Event()
        # An empty context: the loop outlives the trigger that started it and must not log into that task's log.
        self._task = asyncio.get_running_loop().create_task(self._run(), context=contextvars.Context())

    def join(self, waiter: Waiter, interval: float) -> None:
        group = self._groups.setdefault(interval, _Group(interval))
        group.waiters[waiter] = None
        self._changed.set()

    def leave(self, waiter: Waiter) -> None:
        for group in list(self._groups.values()):
            group.waiters.pop(waiter, None)
            if not group.waiters:
                del self._groups[group.interval]
        self._observed_in.pop(waiter, None)
        self._changed.set()

    async def _run(self) -> None:
        try:
            while self._groups:
                due = await self._next_due()
                if due:
                    await self._cycle(due)
        except Exception as error:
            log.exception("The poller of WinCC connection %r failed.", self.wincc_conn_id)
            failure = WinCCError(f"The poller failed: {error!r}.")
            await self._tell(self._waiters(), lambda waiter, now: waiter.observe_failure(failure, now))
        finally:
            self._on_end(self)
            if self._client is not None:
                self._client.close()

    async def _next_due(self) -> list[_Group]:
        """Wait until a group is due, or until the groups change; return the groups that are due."""
        self._changed.clear()
        now = time.monotonic()
        wake_at = max(self._not_before, min(group.due_at for group in self._groups.values()))
        if wake_at > now:
            try:
                await asyncio.wait_for(self._changed.wait(), wake_at - now)
            except TimeoutError:
                pass
            else:
                return []
        now = time.monotonic()
        return [group for group in self._groups.values() if group.due_at <= now]

    async def _cycle(self, due: list[_Group]) -> None:
        started = time.monotonic()
        waiters = [waiter for group in due for waiter in group.waiters]
        fresh, error = await self._read(list(dict.fromkeys(tag for waiter in waiters for tag in waiter.tags)))
        ended = time.monotonic()
        for group in due:
            group.due_at = max(started + group.interval, ended + _PAUSE_SHARE * group.interval)
        self._pace(error, ended, shortest=min(group.interval for group in due))
        self._remember(fresh)
        if error is None:
            await self._tell(waiters, self._hand_out)
            return
        failure = error
        ends = not error.retryable

        def hand_out_or_fail(waiter: Waiter, now: float) -> None:
            if not ends and all(tag in fresh for tag in waiter.tags):
                self._hand_out(waiter, now)
            else:
                self._observed_in.pop(waiter, None)
                waiter.observe_failure(failure, now)

        await self._tell(self._waiters() if ends else waiters, hand_out_or_fail)
        if ends:
            self._groups.clear()

    async def _read(self, tags: list[str]) -> tuple[dict[str, Reading], WinCCError | None]:
        """Read batch by batch; the first batch that fails ends the cycle, so a stalled station is asked once."""
        readings: dict[str, Reading] = {}
        try:
            if self._client is None:
                settings = await self._look_up()
                self._client = await self._in_thread(lambda: WinCCClient(settings))
            client = self._client
            size = client.settings.batch_size
            for start in range(0, len(tags), size):
                batch = tags[start : start + size]
                answer = await self._in_thread(partial(client.try_read_tags, batch))
                readings.update(answer.values)
                readings.update(answer.failures)
        except WinCCError as error:
            return readings, error
        return readings, None

    async def _look_up(self) -> StationSettings:
        try:
            return await WinCCHook(self.wincc_conn_id).aget_settings()
        except WinCCError:
            raise
        except AirflowNotFoundException:
            raise WinCCConfigurationError(
                f"The connection {self.wincc_conn_id!r} is not defined.",
                hint="Define it in Airflow, or correct wincc_conn_id.",
            ) from None
        except Exception as error:  # Airflow's API server may be away for a while, in many ways
            raise WinCCError(
                f"The connection {self.wincc_conn_id!r} could not be looked up: {error!r}.",
                hint="Look into the log of Airflow's API server.",
                retryable=True,
            ) from error

    async def _in_thread(self, call: Callable[[], _Result]) -> _Result:
        future = self._threads.submit(call)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            # The thread cannot be stopped: it closes the session when its request has ended.
            client, self._client = self._client, None
            if client is not None:
                future.add_done_callback(lambda _: client.close())
            raise

    def _pace(self, error: WinCCError | None, now: float, *, shortest: float) -> None:
        if error is None:
            if self._failures:
                log.info("WinCC connection %r answers again after %d failures.", self.wincc_conn_id, self._failures)
            self._failures = 0
            return
        if self._failures == 0:
            log.warning("Reading over WinCC connection %r fails: %s", self.wincc_conn_id, error)
        self._failures += 1
        back_off = min(_LONGEST_BACK_OFF, shortest * 2 ** min(self._failures, 16))
        self._not_before = now + back_off * random.uniform(0.5, 1.0)  # noqa: S311  jitter needs no cryptography

    def _remember(self, fresh: Mapping[str, Reading]) -> None:
        self._cycles += 1
        for tag, reading in fresh.items():
            if reading != self._readings.get(tag):
                self._changed_in[tag] = self._cycles
        self._readings.update(fresh)

    def _hand_out(self, waiter: Waiter, now: float) -> None:
        observed_in = self._observed_in.get(waiter, 0)
        recheck_at = waiter.recheck_at
        if any(self._changed_in[tag] > observed_in for tag in waiter.tags) or (
            recheck_at is not None and recheck_at <= now
        ):
            self._observed_in[waiter] = self._cycles
            waiter.observe({tag: self._readings[tag] for tag in waiter.tags}, now)

    async def _tell(self, waiters: list[Waiter], tell: Callable[[Waiter, float], None]) -> None:
        now = time.monotonic()
        for number, waiter in enumerate(waiters, start=1):
            if any(waiter in group.waiters for group in self._groups.values()):
                self._tell_one(waiter, now, tell)
            if number % _WAITERS_BETWEEN_PAUSES == 0:
                await asyncio.sleep(0)

    def _tell_one(self, waiter: Waiter, now: float, tell: Callable[[Waiter, float], None]) -> None:
        try:
            tell(waiter, now)
        except Exception as error:  # a mistake in one waiter must not end the reading for the others
            log.exception("A waiter on WinCC connection %r failed.", self.wincc_conn_id)
            waiter.observe_failure(WinCCError(f"The wait failed: {error!r}.", hint="This is a bug, report it."), now)

    def _waiters(self) -> list[Waiter]:
        return [waiter for group in self._groups.values() for waiter in group.waiters]
