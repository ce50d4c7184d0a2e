"""``WinCCTagTrigger``: waits for a condition on behalf of a deferred task."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_provider_wincc.conditions import Condition
from airflow_provider_wincc.triggers.poller import TagPoller
from airflow_provider_wincc.triggers.tag_events import WinCCTagEventTrigger
from airflow_provider_wincc.waiting import TagWait

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping

    from airflow_provider_wincc.client.errors import WinCCError
    from airflow_provider_wincc.triggers.poller import Reading
    from airflow_provider_wincc.waiting import WaitOutcome

__all__ = ["WinCCTagEventTrigger", "WinCCTagTrigger"]


class WinCCTagTrigger(BaseTrigger):
    """Fires once, when the condition is true, when the wait has failed, or when its time is up.

    All triggers of a triggerer share one reader per connection, see :mod:`airflow_provider_wincc.triggers.poller`.
    After a restart of the triggerer the wait goes on: the deadline and what ``changed`` compares with are kept, hold
    times begin anew. It reads only; a trigger may run twice.

    The event's payload has ``status``: ``met`` (with ``readings``), ``failed`` (with ``error``) or ``timeout`` (with
    ``explanation``).

    :param wincc_conn_id: id of the connection.
    :param condition: the condition as :meth:`Condition.to_json` has it.
    :param fail_if: what ends the wait with a failure, as :meth:`Condition.to_json` has it; None for nothing.
    :param poke_interval: seconds between two readings.
    :param deadline: time to give up, in seconds since 1970.
    :param fail_if_unknown_for: seconds without a usable reading after which the wait fails; None for never.
    :param max_consecutive_failures: failed readings in a row that are waited through; None for any number.
    :param exponential_backoff: double the interval after each reading.
    :param max_wait: longest interval in seconds; None for no bound.
    :param state: what the wait has seen so far, as :meth:`TagWait.to_json` has it.
    """

    def __init__(
        self,
        *,
        wincc_conn_id: str,
        condition: dict[str, Any],
        poke_interval: float,
        deadline: float,
        fail_if: dict[str, Any] | None = None,
        fail_if_unknown_for: float | None = None,
        max_consecutive_failures: int | None = None,
        exponential_backoff: bool = False,
        max_wait: float | None = None,
        state: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow's constructor has no types
        self.wincc_conn_id = wincc_conn_id
        self.condition = condition
        self.poke_interval = poke_interval
        self.deadline = deadline
        self.fail_if = fail_if
        self.fail_if_unknown_for = fail_if_unknown_for
        self.max_consecutive_failures = max_consecutive_failures
        self.exponential_backoff = exponential_backoff
        self.max_wait = max_wait
        self.state = state

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and the arguments, all of JSON types."""
        return (
            "airflow_provider_wincc.triggers.tags.WinCCTagTrigger",
            {
                "wincc_conn_id": self.wincc_conn_id,
                "condition": self.condition,
                "poke_interval": self.poke_interval,
                "deadline": self.deadline,
                "fail_if": self.fail_if,
                "fail_if_unknown_for": self.fail_if_unknown_for,
                "max_consecutive_failures": self.max_consecutive_failures,
                "exponential_backoff": self.exponential_backoff,
                "max_wait": self.max_wait,
                "state": self.state,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait, and yield the one event."""
        wait = TagWait(
            Condition.from_json(self.condition),
            fail_if=None if self.fail_if is None else Condition.from_json(self.fail_if),
            fail_if_unknown_for=self.fail_if_unknown_for,
            max_consecutive_failures=self.max_consecutive_failures,
        )
        if self.state is not None:
            wait.resume(self.state)
        try:
            async with asyncio.timeout(self.deadline - time.time()):
                outcome = await self._wait(wait)
        except TimeoutError:
            self.log.info("Time is up for the condition.\n%s", wait.explain())
            yield TriggerEvent({"status": "timeout", "explanation": wait.explain()})
        else:
            yield TriggerEvent(outcome.to_json())

    async def _wait(self, wait: TagWait) -> WaitOutcome:
        poller = TagPoller.of_running_loop()
        interval = self.poke_interval
        while True:
            waiter = _TriggerWaiter(wait, once=self.exponential_backoff)
            with poller.subscribe(self.wincc_conn_id, interval, waiter):
                outcome = await waiter.done
            if outcome is not None:
                return outcome
            await asyncio.sleep(interval)
            interval = interval * 2 if self.max_wait is None else min(self.max_wait, interval * 2)


class _TriggerWaiter:
    """Hands readings to a wait, and ends when the wait does, or after one reading if ``once``."""

    def __init__(self, wait: TagWait, *, once: bool) -> None:
        self.tags: Collection[str] = wait.tags
        self.done: asyncio.Future[WaitOutcome | None] = asyncio.get_running_loop().create_future()
        self._wait = wait
        self._once = once

    @property
    def recheck_at(self) -> float | None:
        return self._wait.recheck_at

    def observe(self, readings: Mapping[str, Reading], now: float) -> None:
        if not self.done.done():
            self._finish(self._wait.observe(readings, now=now))

    def observe_failure(self, error: WinCCError, now: float) -> None:
        if not self.done.done():
            self._finish(self._wait.observe_failure(error, now=now))

    def _finish(self, outcome: WaitOutcome | None) -> None:
        if outcome is not None or self._once:
            self.done.set_result(outcome)
