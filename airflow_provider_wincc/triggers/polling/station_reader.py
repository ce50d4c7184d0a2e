"""Reads one station in a thread of its own, batch by batch, one request at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from airflow.providers.common.compat.sdk import AirflowNotFoundException

from airflow_provider_wincc.client.client import WinCCClient
from airflow_provider_wincc.client.errors import (
    WinCCAuthenticationError,
    WinCCError,
    WinCCTimeoutError,
    WinCCTLSError,
)
from airflow_provider_wincc.client.messages.query import MessageQuery
from airflow_provider_wincc.hooks.wincc import WinCCHook
from airflow_provider_wincc.messages.failures import MessageFailure
from airflow_provider_wincc.triggers.polling.batches import Batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from concurrent.futures import Executor

    from airflow_provider_wincc.client.messages.values import MessageReading
    from airflow_provider_wincc.client.settings import StationSettings
    from airflow_provider_wincc.triggers.polling.board import Board
    from airflow_provider_wincc.triggers.polling.waiter import Source, SourceReading

_Result = TypeVar("_Result")

log = logging.getLogger("airflow_provider_wincc.triggers.poller")

SETTINGS_CHECK_INTERVAL = 60.0
"""Seconds between two looks, while reading fails, whether somebody has corrected the connection in Airflow."""


@dataclass(slots=True)
class CycleReading:
    """What came of one cycle.

    :param changed: the sources whose reading is another one than before, or is the first.
    :param answered: how many batches were answered.
    :param error: what ended the cycle before its end; None when all was read.
    """

    changed: list[Source] = field(default_factory=list)
    answered: int = 0
    error: WinCCError | None = None


class StationReader:
    """Reads one station for the loop of its connection.

    Requests, JSON and the comparison with the last readings stay in the thread; the event loop gets the outcome.

    :param wincc_conn_id: id of the connection; looked up at the first reading, and again while reading fails.
    :param thread: where requests run; shut down by :meth:`close`.
    """

    def __init__(self, wincc_conn_id: str, thread: Executor) -> None:
        self._wincc_conn_id = wincc_conn_id
        self._thread = thread
        self._client: WinCCClient | None = None
        self.settings: StationSettings | None = None
        self._looked_up_at = 0.0
        self._last_failed = False
        self._batches = Batches(1)

    async def read(self, sources: Sequence[Source], board: Board) -> CycleReading:
        """Read tags and messages, and record them on the board.

        The first batch that fails ends the cycle: a station that is in trouble is asked once, whatever there is to
        read. What was read before that is on the board. A message query that the station cannot answer, because it does
        not know the filter for example, is nobody else's failure: a :class:`MessageFailure` is its reading.

        When the station refuses for good and the connection has been changed since it was looked up, the station is
        asked once more, with the new settings.
        """
        began = time.monotonic()
        cycle = await self._read_once(sources, board)
        if (
            cycle.error is not None
            and not cycle.error.retryable
            and self._looked_up_at < began
            and await self._forgets_old_settings()
        ):
            cycle = await self._read_once(sources, board)
        self._last_failed = cycle.error is not None
        return cycle

    async def _read_once(self, sources: Sequence[Source], board: Board) -> CycleReading:
        cycle = CycleReading()
        try:
            await self._read(sources, board, cycle)
        except WinCCError as error:
            cycle.error = error
        return cycle

    def forget(self, sources: Iterable[Source]) -> None:
        """Forget what is remembered of sources that nobody waits for."""
        self._batches.forget(sources)

    def close(self) -> None:
        """Close the session with the station; a request that is still under way ends by itself."""
        self._end_session()
        self._thread.shutdown(wait=False)

    def _end_session(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    async def _read(self, sources: Sequence[Source], board: Board, cycle: CycleReading) -> None:
        client = await self._connected()
        for batch in self._batches.cut(sources):
            asked_at = time.monotonic()
            try:
                readings, changed = await self._in_thread(partial(_read_batch, client, batch, board.known(batch)))
            except WinCCError as error:
                timed_out = isinstance(error, WinCCTimeoutError)
                self._batches.failed(batch, timed_out=timed_out, others_answered=cycle.answered > 0)
                raise
            self._batches.answered(batch)
            board.record(readings, asked_at)
            cycle.changed += changed
            cycle.answered += 1
        self._batches.succeeded()

    async def _connected(self) -> WinCCClient:
        if (
            self._client is not None
            and self._last_failed
            and time.monotonic() - self._looked_up_at >= SETTINGS_CHECK_INTERVAL
        ):
            await self._forgets_old_settings()
        if self._client is None:
            return await self._connect(await self.look_up())
        return self._client

    async def _forgets_old_settings(self) -> bool:
        """Whether somebody has changed the connection in Airflow; then the session with the old settings is ended."""
        settings = await self._look_up_again()
        if settings is None or settings == self.settings:
            return False
        log.info("WinCC connection %r has been changed: it is read with the new settings.", self._wincc_conn_id)
        self._end_session()
        return True

    async def _connect(self, settings: StationSettings) -> WinCCClient:
        # The poller's pace is the only one: a client that tried again by itself would ask more often.
        paced = replace(settings, read_retries=0)
        self._client = await self._in_thread(lambda: WinCCClient(paced))
        self.settings = settings
        self._batches = Batches(settings.batch_size)
        return self._client

    async def _look_up_again(self) -> StationSettings | None:
        # What cannot be had, or is wrong, is no reason to give up a station that may answer again any moment.
        try:
            return await self.look_up()
        except WinCCError as error:
            log.info("WinCC connection %r is read with the settings that it had: %s", self._wincc_conn_id, error)
            return None

    async def look_up(self) -> StationSettings:
        """Return what the connection says now.

        :raises WinCCError: when Airflow cannot be asked, or the connection is wrong.
        """
        self._looked_up_at = time.monotonic()
        try:
            return await WinCCHook(self._wincc_conn_id).aget_settings()
        except WinCCError:
            raise
        except AirflowNotFoundException:
            # Airflow says the same while its database or its API server is away.
            raise WinCCError(
                f"The connection {self._wincc_conn_id!r} is not defined, or Airflow could not be asked for it.",
                hint="Define it in Airflow, or correct wincc_conn_id; if it is there, look into Airflow's logs.",
                retryable=True,
            ) from None
        except Exception as error:  # Airflow's API server may be away for a while, in many ways
            raise WinCCError(
                f"The connection {self._wincc_conn_id!r} could not be looked up: {error!r}.",
                hint="Look into the log of Airflow's API server.",
                retryable=True,
            ) from error

    async def _in_thread(self, call: Callable[[], _Result]) -> _Result:
        try:
            future = self._thread.submit(call)
        except RuntimeError as error:
            raise WinCCError(
                f"No thread could be started to read over connection {self._wincc_conn_id!r}: {error}.",
                hint="Give the triggerer's machine or container more memory, or allow it more processes (ulimit -u).",
                retryable=True,
            ) from error
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            # The thread cannot be stopped: it closes the session when its request has ended.
            client, self._client = self._client, None
            if client is not None:
                future.add_done_callback(lambda _: client.close())
            raise


def _read_batch(
    client: WinCCClient, batch: Sequence[Source], known: Mapping[Source, SourceReading]
) -> tuple[dict[Source, SourceReading], list[Source]]:
    readings: dict[Source, SourceReading] = {}
    for query in (source for source in batch if isinstance(source, MessageQuery)):
        readings[query] = _read_messages(client, query)
    tags = [source for source in batch if isinstance(source, str)]
    if tags:
        answer = client.try_read_tags(tags)
        readings.update(answer.values.items())
        readings.update(answer.failures.items())
    return readings, [source for source, reading in readings.items() if reading != known.get(source)]


def _read_messages(client: WinCCClient, query: MessageQuery) -> MessageReading | MessageFailure:
    try:
        return client.read_messages(query)
    except (WinCCAuthenticationError, WinCCTLSError):
        raise
    except WinCCError as error:
        if error.retryable:
            raise
        return MessageFailure(error)
