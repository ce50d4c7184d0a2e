"""What the triggers of deferred sensors share: one wait, read for by the shared poller, and one event at its end."""

from __future__ import annotations

import asyncio
import time
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Protocol

from airflow.triggers.base import BaseTrigger, TriggerEvent

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.triggers.poller import TagPoller

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping

    from airflow_provider_wincc.client.errors import WinCCError
    from airflow_provider_wincc.triggers.poller import Source


class Outcome(Protocol):
    """How a wait ended."""

    @property
    def error(self) -> WinCCError | None:
        """Why it failed; None when what was waited for came."""

    def to_json(self) -> dict[str, Any]:
        """Return the payload of a trigger's event: ``status`` ``met`` or ``failed``, and what came or the ``error``."""


class Wait(Protocol):
    """Judges one reading after the other until it is over: a :class:`TagWait` or a :class:`MessageWait`."""

    failures: int
    max_consecutive_failures: int | None

    @property
    def tags(self) -> Collection[Source]:
        """What to read, as the poller has it."""

    @property
    def recheck_at(self) -> float | None:
        """Monotonic time from which unchanged readings have to be judged again; None for "only on a change"."""

    def observe(self, readings: Mapping[Any, Any], *, now: float | None = None) -> Outcome | None:
        """Judge fresh readings; return the outcome, or None to wait on."""

    def observe_failure(self, error: WinCCError, *, now: float | None = None) -> Outcome | None:
        """Judge a reading that failed as a whole; return the outcome, or None to wait on."""

    def explain(self) -> str:
        """Say what is waited for, and what the last readings had."""

    def to_json(self) -> dict[str, Any]:
        """Return what a trigger must know to go on with this wait."""

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on where another process left off."""


class WaitTrigger(BaseTrigger):
    """Fires once, when what is waited for has come, when the wait has failed, or when its time is up.

    All triggers of a triggerer share one reader per connection, see :mod:`airflow_provider_wincc.triggers.poller`.
    After a restart of the triggerer the wait goes on. It reads only; a trigger may run twice.

    :param wincc_conn_id: id of the connection.
    :param poke_interval: seconds between two readings.
    :param deadline: time to give up, in seconds since 1970.
    :param not_before: time before which it does not fire, in seconds since 1970; before the deadline. Airflow fails a
        task that goes on before the end of its last process was noticed. What it fires then is what it saw first.
    :param max_consecutive_failures: failed readings in a row that are waited through; None for any number.
    :param exponential_backoff: double the interval after each reading.
    :param max_wait: longest interval in seconds; None for no bound.
    :param state: what the wait has seen so far, as its ``to_json`` has it.
    """

    def __init__(
        self,
        *,
        wincc_conn_id: str,
        poke_interval: float,
        deadline: float,
        max_consecutive_failures: int | None = None,
        exponential_backoff: bool = False,
        max_wait: float | None = None,
        state: dict[str, Any] | None = None,
        not_before: float = 0.0,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow's constructor has no types
        self.wincc_conn_id = wincc_conn_id
        self.poke_interval = poke_interval
        self.deadline = deadline
        self.max_consecutive_failures = max_consecutive_failures
        self.exponential_backoff = exponential_backoff
        self.max_wait = max_wait
        self.state = state
        self.not_before = not_before

    @abstractmethod
    def _new_wait(self) -> Wait:
        """Return the wait at its very beginning."""

    @property
    def _shared_arguments(self) -> dict[str, Any]:
        return {
            "wincc_conn_id": self.wincc_conn_id,
            "poke_interval": self.poke_interval,
            "deadline": self.deadline,
            "max_consecutive_failures": self.max_consecutive_failures,
            "exponential_backoff": self.exponential_backoff,
            "max_wait": self.max_wait,
            "state": self.state,
            "not_before": self.not_before,
        }

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Wait, and yield the one event.

        :raises WinCCConfigurationError: when another version of the provider has stored what this one cannot read.
        """
        wait = self._new_wait()
        if self.state is not None:
            self._resume(wait, self.state)
        try:
            async with asyncio.timeout(self.deadline - time.time()):
                outcome = await self._wait(wait)
            event = outcome.to_json()
        except TimeoutError:
            self.log.info("Time is up.\n%s", wait.explain())
            event = {"status": "timeout", "explanation": wait.explain()}
        await asyncio.sleep(self.not_before - time.time())
        yield TriggerEvent(event)

    @staticmethod
    def _resume(wait: Wait, state: Mapping[str, Any]) -> None:
        try:
            wait.resume(state)
        except (LookupError, TypeError, ValueError) as error:
            raise WinCCConfigurationError(
                f"What the wait has seen so far cannot be read ({error!r}): {state!r:.500}.",
                hint="Another version of the provider may have deferred it. Clear the task: the wait begins anew.",
            ) from error

    async def _wait(self, wait: Wait) -> Outcome:
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

    def __init__(self, wait: Wait, *, once: bool) -> None:
        self.tags = wait.tags
        self.done: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
        self._wait = wait
        self._once = once

    @property
    def recheck_at(self) -> float | None:
        return self._wait.recheck_at

    def observe(self, readings: Mapping[Any, Any], now: float) -> None:
        if not self.done.done():
            self._finish(self._wait.observe(readings, now=now))

    def observe_failure(self, error: WinCCError, now: float) -> None:
        if not self.done.done():
            self._finish(self._wait.observe_failure(error, now=now))

    def _finish(self, outcome: Outcome | None) -> None:
        if outcome is not None or self._once:
            self.done.set_result(outcome)
