"""The stream of readings that a watcher lives on: it never ends, and paces what must not be asked again."""

from __future__ import annotations

import asyncio
import logging
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.errors import WinCCError
from airflow_provider_wincc.hooks.wincc import WinCCHook
from airflow_provider_wincc.messages.failures import MessageFailure
from airflow_provider_wincc.triggers.poller import TagPoller

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Mapping

    from airflow_provider_wincc.client.settings import StationSettings
    from airflow_provider_wincc.triggers.poller import Source

log = logging.getLogger(__name__)

PAUSE_AFTER_REFUSAL = 900.0
"""Seconds until a station that has refused is asked again. Domains lock an account after some five refused logins."""

CONNECTION_CHECK_INTERVAL = 60.0
"""Seconds between two looks, in that pause, whether somebody has corrected the connection in Airflow."""


_MOST_ATTEMPTS = 8
"""A source that makes the station stumble again and again must not hold up the others for ever."""


@dataclass(slots=True, eq=False)
class Observation:
    """The readings of all sources, or the error that came instead.

    :param now: when, on the monotonic clock.
    :param readings: a reading for each source; None when there is nothing to tell but that time has passed.
    :param on_persisted: awaited when Airflow has stored the events that were made of it.
    :param read_once: call it with another source to have that read once, too. Its reading comes as an observation of
        its own; after eight failures that is a :class:`MessageFailure`. It may be called any number of times.
    """

    now: float
    readings: Mapping[Any, Any] | None = None
    error: WinCCError | None = None
    on_persisted: Callable[[], Awaitable[None]] | None = None
    read_once: Callable[[Source], None] | None = None


async def observe(
    wincc_conn_id: str, sources: Collection[Source], interval: float, *, every_reading: bool
) -> AsyncGenerator[Observation, None]:
    """Yield what the poller of the running event loop reads, without end.

    After an error that trying again cannot help (a refused login, a missing permission, an unknown filter, a
    connection that is wrong), the station is left alone for :data:`PAUSE_AFTER_REFUSAL` seconds, or until the
    connection has been changed.

    :param sources: names of tags, and message queries.
    :param every_reading: yield each reading; otherwise only those in which a source has changed.
    """
    while True:
        refusal = None
        with _Session(wincc_conn_id, interval) as session:
            session.subscribe(sources, every_reading=every_reading)
            while refusal is None:
                observation = await session.next()
                yield observation
                if observation.error is not None and not observation.error.retryable:
                    refusal = observation.error
        await _wait_out_refusal(wincc_conn_id, refusal)


async def as_if_stored(observations: AsyncIterator[Observation]) -> AsyncIterator[Observation]:
    """Count events as stored when the next ones are asked for; for Airflow that does not say when they are."""
    async for observation in observations:
        yield observation
        if observation.on_persisted is not None:
            await observation.on_persisted()


class _Session:
    """Subscriptions at the poller; what it says to any of them comes from one queue."""

    def __init__(self, wincc_conn_id: str, interval: float) -> None:
        self._wincc_conn_id = wincc_conn_id
        self._interval = interval
        self._observations: asyncio.Queue[Observation] = asyncio.Queue()
        self._subscriptions = ExitStack()
        self._once: dict[Source, ExitStack] = {}
        self._is_open = False

    def __enter__(self) -> _Session:
        self._is_open = True
        return self

    def __exit__(self, *exception: object) -> None:
        self._is_open = False
        for subscription in self._once.values():
            subscription.close()
        self._subscriptions.close()

    def subscribe(self, sources: Collection[Source], *, every_reading: bool) -> None:
        """Have sources read at each interval."""
        waiter = _Waiter(sources, self._observations, every_reading=every_reading)
        poller = TagPoller.of_running_loop()
        self._subscriptions.enter_context(poller.subscribe(self._wincc_conn_id, self._interval, waiter))

    async def next(self) -> Observation:
        """Wait for what the poller says next."""
        observation = await self._observations.get()
        observation.read_once = self._read_once
        for source in observation.readings or ():
            if source in self._once:
                self._once.pop(source).close()
        return observation

    def _read_once(self, source: Source) -> None:
        # Who still works on an observation of an earlier session asks again at the next one.
        if not self._is_open or source in self._once:
            return
        waiter = _WaiterForOne(source, self._observations)
        poller = TagPoller.of_running_loop()
        subscription = self._once[source] = ExitStack()
        # An interval that nobody else has is due at once; after a failure it is the slower one.
        subscription.enter_context(poller.subscribe(self._wincc_conn_id, 2 * self._interval, waiter))


class _Waiter:
    """Puts what the poller says into a queue."""

    def __init__(
        self, tags: Collection[Source], observations: asyncio.Queue[Observation], *, every_reading: bool
    ) -> None:
        self.tags = tags
        self._observations = observations
        self._every_reading = every_reading
        self._observed_at = 0.0

    @property
    def recheck_at(self) -> float | None:
        return self._observed_at if self._every_reading else None

    def observe(self, readings: Mapping[Any, Any], now: float) -> None:
        self._observed_at = now
        failures = [reading for reading in readings.values() if isinstance(reading, MessageFailure)]
        if failures:
            self.observe_failure(failures[0].error, now)
        else:
            self._observations.put_nowait(Observation(now, readings=readings))

    def observe_failure(self, error: WinCCError, now: float) -> None:
        self._observations.put_nowait(Observation(now, error=error))


class _WaiterForOne:
    """Puts the reading of one source into a queue. Of failures it says nothing but that time has passed: others count.

    After the last attempt it says that the source cannot be read.
    """

    recheck_at = None

    def __init__(self, source: Source, observations: asyncio.Queue[Observation]) -> None:
        self.tags = (source,)
        self._observations = observations
        self._attempts = 0

    def observe(self, readings: Mapping[Any, Any], now: float) -> None:
        self._observations.put_nowait(Observation(now, readings=readings))

    def observe_failure(self, error: WinCCError, now: float) -> None:
        self._attempts += 1
        is_last = self._attempts == _MOST_ATTEMPTS
        readings = dict.fromkeys(self.tags, MessageFailure(error)) if is_last else None
        self._observations.put_nowait(Observation(now, readings=readings))


async def _wait_out_refusal(wincc_conn_id: str, refusal: WinCCError) -> None:
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + PAUSE_AFTER_REFUSAL
    refused = await _settings(wincc_conn_id)
    # Told only now: whoever reads it and corrects the connection is sure to be noticed.
    log.warning(
        "Watching over WinCC connection %r pauses for %g minutes, or until the connection is changed: %s",
        wincc_conn_id,
        PAUSE_AFTER_REFUSAL / 60,
        refusal,
    )
    while (left := ends_at - loop.time()) > 0:
        await asyncio.sleep(min(left, CONNECTION_CHECK_INTERVAL))
        settings = await _settings(wincc_conn_id)
        if settings is None or isinstance(settings, WinCCError):
            continue
        if refused is None:
            # Airflow could not say what was refused. To take this for something new could send it once more.
            refused = settings
        elif settings != refused:
            log.info("WinCC connection %r has been changed: watching goes on.", wincc_conn_id)
            return


async def _settings(wincc_conn_id: str) -> StationSettings | WinCCError | None:
    """Return the settings, or why the connection is wrong, or None when Airflow could not be asked."""
    try:
        return await WinCCHook(wincc_conn_id).aget_settings()
    except WinCCError as error:
        return error
    except Exception as error:  # noqa: BLE001  Airflow's database or API server may be away for a while, in many ways
        log.info("The connection %r could not be looked up: %r", wincc_conn_id, error)
        return None
