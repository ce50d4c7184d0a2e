"""The loop of one connection: reads what is due, and tells those whom it concerns."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from itertools import chain
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCError
from airflow_provider_wincc.triggers.polling.board import Board
from airflow_provider_wincc.triggers.polling.pace import FRESH_SHARE
from airflow_provider_wincc.triggers.polling.station_reader import StationReader
from airflow_provider_wincc.triggers.polling.subscriptions import Group, Subscription

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from concurrent.futures import Executor

    from airflow_provider_wincc.triggers.polling.pace import Pace
    from airflow_provider_wincc.triggers.polling.station_reader import CycleReading
    from airflow_provider_wincc.triggers.polling.waiter import Source, SourceReading, Waiter

log = logging.getLogger("airflow_provider_wincc.triggers.poller")

# Other tasks of the event loop get their turn this often while waiters are told; in seconds.
_LONGEST_TURN = 0.005
_BUG = "This is a bug, report it."


class StationLoop:
    """Reads one station for all its waiters, one request at a time, until the last of them has left.

    :param wincc_conn_id: id of the connection.
    :param pace: the pace of the connection.
    :param thread: where requests run; shut down when the loop has ended.
    :param on_end: called with the loop when it has ended.
    """

    def __init__(
        self, wincc_conn_id: str, *, pace: Pace, thread: Executor, on_end: Callable[[StationLoop], None]
    ) -> None:
        self.wincc_conn_id = wincc_conn_id
        self._pace = pace
        self._reader = StationReader(wincc_conn_id, thread)
        self._board = Board()
        self._groups: dict[float, Group] = {}
        self._cycles = 0
        self._on_end = on_end
        self._membership_changed = asyncio.Event()
        # An empty context: the loop outlives the trigger that started it and must not log into that task's log.
        self._task = asyncio.get_running_loop().create_task(self._run(), context=contextvars.Context())

    def join(self, waiter: Waiter, interval: float) -> Subscription:
        """Take a waiter in; it is told the first readings that are asked for from now on."""
        group = self._groups.get(interval)
        if group is None:
            group = self._groups[interval] = Group(interval)
            self._membership_changed.set()
        subscription = Subscription(waiter, interval, joined_in=self._cycles)
        group.join(subscription)
        return subscription

    def leave(self, subscription: Subscription) -> None:
        """Take a waiter out; it is told nothing any more, and nothing is read for it any more."""
        subscription.active = False
        group = self._groups.get(subscription.interval)
        if group is None:
            return
        unused = [
            source
            for source in group.leave(subscription)
            if all(other is group or source not in other.sources for other in self._groups.values())
        ]
        self._board.forget(unused)
        self._reader.forget(unused)
        if not group:
            del self._groups[group.interval]
            self._membership_changed.set()

    async def _run(self) -> None:
        try:
            refusal = await self._refusal_that_counts()
            if refusal is not None:
                await self._end_all(refusal)
            while self._groups:
                due = await self._next_due()
                if due:
                    await self._cycle(due)
        except Exception as error:
            log.exception("The poller of WinCC connection %r failed.", self.wincc_conn_id)
            await self._end_all(WinCCError(f"The poller failed: {error!r}.", hint=_BUG))
        finally:
            self._on_end(self)
            self._reader.close()

    async def _refusal_that_counts(self) -> WinCCError | None:
        """Return what the station has refused for good just now, if the connection is still the same."""
        if not self._pace.has_refusal:
            return None
        try:
            settings = await self._reader.look_up()
        except WinCCError:
            # The first cycle looks it up again, and tells what is wrong.
            return None
        return self._pace.refusal(settings, min(self._groups, default=0.0), time.monotonic())

    async def _next_due(self) -> list[Group]:
        """Wait until a group is due, or until the groups change; return the groups that are due."""
        self._membership_changed.clear()
        now = time.monotonic()
        wake_at = min(self._pace.due_at(interval) for interval in self._groups)
        if wake_at > now:
            try:
                await asyncio.wait_for(self._membership_changed.wait(), wake_at - now)
            except TimeoutError:
                pass
            else:
                return []
        now = time.monotonic()
        return [group for group in self._groups.values() if self._pace.is_due(group.interval, now)]

    async def _cycle(self, due: list[Group]) -> None:
        self._cycles += 1
        started = time.monotonic()
        reading = await self._reader.read(self._due_sources(due, started), self._board)
        for group in self._groups.values():
            group.note_changed(reading.changed)
        self._note_outcome(due, reading, started=started, ended=time.monotonic())
        if reading.error is not None and not reading.error.retryable:
            await self._end_all(reading.error)
            return
        for group in due:
            await self._tell(group, reading.error, fresh_from=_fresh_from(group, started))

    def _due_sources(self, due: list[Group], now: float) -> list[Source]:
        stale = (self._board.older_than(_fresh_from(group, now), group.sources) for group in due)
        return list(dict.fromkeys(chain.from_iterable(stale)))

    def _note_outcome(self, due: list[Group], reading: CycleReading, *, started: float, ended: float) -> None:
        intervals = [group.interval for group in due]
        self._pace.cycle_ended(intervals, started=started, ended=ended)
        if reading.answered:
            self._pace.answered()
        if reading.error is not None:
            if not self._pace.failures:
                log.warning("Reading over WinCC connection %r fails: %s", self.wincc_conn_id, reading.error)
            self._pace.failed(
                reading.error,
                ended,
                shortest=min([*intervals, *self._groups]),
                partly_answered=reading.answered > 0,
                settings=self._reader.settings,
            )
        elif reading.answered:
            failures = self._pace.succeeded()
            if failures:
                log.info("WinCC connection %r answers again after %d failures.", self.wincc_conn_id, failures)

    async def _tell(self, group: Group, error: WinCCError | None, *, fresh_from: float) -> None:
        """Tell a group's waiters the readings that concern them, or the failure if theirs are not there."""
        now = time.monotonic()
        chosen = group.take(now)
        async for subscription in _in_turns(chosen if error is None else group.subscriptions):
            readings = self._board.since(fresh_from, subscription.sources)
            if readings is not None:
                if subscription in chosen:
                    self._tell_readings(group, subscription, readings, now)
                continue
            group.owe(subscription)
            if error is not None and subscription.joined_in < self._cycles:
                self._tell_failure(subscription, error, now)
                group.plan_recheck(subscription, subscription.waiter.recheck_at)

    async def _end_all(self, error: WinCCError) -> None:
        """Tell every waiter the error that ends this loop; who comes from now on gets a loop of its own."""
        subscriptions = [subscription for group in self._groups.values() for subscription in group.subscriptions]
        self._groups = {}
        self._on_end(self)
        now = time.monotonic()
        async for subscription in _in_turns(subscriptions):
            self._tell_failure(subscription, error, now)

    def _tell_readings(
        self, group: Group, subscription: Subscription, readings: dict[Source, SourceReading], now: float
    ) -> None:
        try:
            subscription.waiter.observe(readings, now)
            group.plan_recheck(subscription, subscription.waiter.recheck_at)
        except Exception as error:  # a mistake in one waiter must not end the reading for the others
            log.exception("A waiter on WinCC connection %r failed.", self.wincc_conn_id)
            self._tell_failure(subscription, WinCCError(f"The wait failed: {error!r}.", hint=_BUG), now)

    def _tell_failure(self, subscription: Subscription, error: WinCCError, now: float) -> None:
        try:
            subscription.waiter.observe_failure(error, now)
        except Exception:
            log.exception("A waiter on WinCC connection %r failed.", self.wincc_conn_id)


def _fresh_from(group: Group, now: float) -> float:
    return now - FRESH_SHARE * group.interval


async def _in_turns(subscriptions: Iterable[Subscription]) -> AsyncIterator[Subscription]:
    """Yield the subscriptions that have not left yet, and let other tasks have their turn in between."""
    turn_ends = time.monotonic() + _LONGEST_TURN
    for subscription in subscriptions:
        if time.monotonic() >= turn_ends:
            await asyncio.sleep(0)
            turn_ends = time.monotonic() + _LONGEST_TURN
        if subscription.active:
            yield subscription
