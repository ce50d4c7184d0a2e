"""Airflow's own runner of triggers, and in place of the process beside it what takes the events away."""

from __future__ import annotations

import asyncio
import json
import weakref
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from airflow.jobs.triggerer_job_runner import TriggerRunner

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow.triggers.base import BaseTrigger

_EXCHANGE = 0.2  # seconds; Airflow exchanges each second


@dataclass(frozen=True, slots=True)
class _Running:
    task: asyncio.Task[None]
    on_event: Callable[[dict[str, Any]], None]
    on_end: Callable[[int, BaseException | None], None]


def _forget(number: int, error: BaseException | None) -> None:
    """Do nothing about the end of a trigger."""


class TriggerHost:
    """Runs triggers on the running event loop as Airflow's triggerer does."""

    def __init__(self) -> None:
        self.live: weakref.WeakSet[BaseTrigger] = weakref.WeakSet()
        self._runner = TriggerRunner()
        self._running: dict[int, _Running] = {}
        self._number = 0

    def start(
        self,
        trigger: BaseTrigger,
        on_event: Callable[[dict[str, Any]], None],
        on_end: Callable[[int, BaseException | None], None] = _forget,
        *,
        is_watcher: bool = False,
    ) -> int:
        """Run a trigger; return its number.

        :param on_event: called with the payload of each event.
        :param on_end: called once, after the last event, with the number and the error that ended the trigger.
        """
        self._number += 1
        number = self._number
        self.live.add(trigger)
        self._runner.triggers[number] = {"task": None, "is_watcher": is_watcher, "name": f"{number}", "events": 0}
        task = asyncio.create_task(self._runner.run_trigger(number, trigger))
        self._running[number] = _Running(task, on_event, on_end)
        return number

    def cancel(self, number: int) -> None:
        """Cancel a trigger as Airflow does when nobody waits for it any more."""
        running = self._running.get(number)
        if running is not None:
            running.task.cancel()

    async def exchange_on(self) -> None:
        """Exchange until cancelled."""
        while True:
            self.exchange()
            await asyncio.sleep(_EXCHANGE)

    def exchange(self) -> None:
        """Hand the events on that triggers have fired, and say that they are stored; clear away who has ended."""
        ended = [(number, running) for number, running in self._running.items() if running.task.done()]
        events = self._runner.events
        entries = [events.popleft() for _ in range(len(events))]
        for entry in entries:
            self._running[entry[0]].on_event(json.loads(json.dumps(entry[1].payload, allow_nan=False)))
        streams = getattr(self._runner, "_shared_streams", None)
        if streams is not None:
            streams.confirm_persisted([entry.persist_seq for entry in entries])
        for number, running in ended:
            del self._running[number], self._runner.triggers[number]
            running.on_end(number, None if running.task.cancelled() else running.task.exception())


def through_database(trigger: BaseTrigger) -> BaseTrigger:
    """Return the trigger as it comes back from Airflow's database."""
    path, arguments = trigger.serialize()
    return rebuilt(path, json.loads(json.dumps(arguments, allow_nan=False)))


def rebuilt(path: str, arguments: dict[str, Any]) -> BaseTrigger:
    """Make a trigger of what the database has of it."""
    module, _, name = path.rpartition(".")
    made: BaseTrigger = getattr(import_module(module), name)(**arguments)
    return made
