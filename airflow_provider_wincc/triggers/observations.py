"""The stream of readings that a watcher lives on: it never ends, and paces what must not be asked again."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow.providers.common.compat.sdk import AirflowNotFoundException

from airflow_provider_wincc.client.errors import WinCCError
from airflow_provider_wincc.hooks.wincc import WinCCHook
from airflow_provider_wincc.triggers.poller import TagPoller

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping

    from airflow_provider_wincc.client.settings import StationSettings
    from airflow_provider_wincc.triggers.poller import Reading

log = logging.getLogger(__name__)

PAUSE_AFTER_REFUSAL = 900.0
"""Seconds until a station that has refused is asked again. Domains lock an account after some five refused logins."""

CONNECTION_CHECK_INTERVAL = 60.0
"""Seconds between two looks, in that pause, whether somebody has corrected the connection in Airflow."""


@dataclass(slots=True, eq=False)
class Observation:
    """The readings of all tags, or the error that came instead.

    :param now: when, on the monotonic clock.
    :param on_persisted: awaited when Airflow has stored the events that were made of it.
    """

    now: float
    readings: Mapping[str, Reading] | None = None
    error: WinCCError | None = None
    on_persisted: Callable[[], Awaitable[None]] | None = None


async def observe_tags(
    wincc_conn_id: str, tags: Collection[str], interval: float, *, every_reading: bool
) -> AsyncGenerator[Observation, None]:
    """Yield what the poller of the running event loop reads, without end.

    After an error that trying again cannot help (a refused login, a missing permission, a connection that is wrong),
    the station is left alone for :data:`PAUSE_AFTER_REFUSAL` seconds, or until the connection has been changed.

    :param every_reading: yield each reading; otherwise only those in which a tag has changed.
    """
    while True:
        waiter = _Waiter(tags, every_reading=every_reading)
        refusal = None
        with TagPoller.of_running_loop().subscribe(wincc_conn_id, interval, waiter):
            while refusal is None:
                observation = await waiter.observations.get()
                yield observation
                if observation.error is not None and not observation.error.retryable:
                    refusal = observation.error
        await _wait_out_refusal(wincc_conn_id, refusal)


class _Waiter:
    """Puts what the poller says into a queue."""

    def __init__(self, tags: Collection[str], *, every_reading: bool) -> None:
        self.tags = tags
        self.observations: asyncio.Queue[Observation] = asyncio.Queue()
        self._every_reading = every_reading
        self._observed_at = 0.0

    @property
    def recheck_at(self) -> float | None:
        return self._observed_at if self._every_reading else None

    def observe(self, readings: Mapping[str, Reading], now: float) -> None:
        self._observed_at = now
        self.observations.put_nowait(Observation(now, readings=readings))

    def observe_failure(self, error: WinCCError, now: float) -> None:
        self.observations.put_nowait(Observation(now, error=error))


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
        if await _settings(wincc_conn_id) != refused:
            log.info("WinCC connection %r has been changed: watching goes on.", wincc_conn_id)
            return


async def _settings(wincc_conn_id: str) -> StationSettings | None:
    try:
        return await WinCCHook(wincc_conn_id).aget_settings()
    except (WinCCError, AirflowNotFoundException):
        return None
    except Exception as error:  # noqa: BLE001  Airflow's API server may be away for a while, in many ways
        log.info("The connection %r could not be looked up: %r", wincc_conn_id, error)
        return None
