"""Runs watchers as Airflow's triggerer would, with a state store that outlives it."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import aclosing, asynccontextmanager


class AssetState(dict):
    """Airflow's state store of an asset, as a trigger sees it: what is in it went through JSON."""

    failures = 0

    async def aget(self, key, default=None):
        self._fail()
        return json.loads(self[key]) if key in self else default

    async def aset(self, key, value):
        self._fail()
        self[key] = json.dumps(value)

    def _fail(self):
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the database is away")

    @property
    def state(self):
        (value,) = self.values()
        return json.loads(value)


class Triggerer:
    """Airflow's own code that runs one trigger, without the process that stores its events."""

    def __init__(self, trigger, *, store=None, number=1):
        from airflow.jobs.triggerer_job_runner import TriggerRunner

        self.number = number
        self.runner = TriggerRunner()
        self.trigger = trigger
        trigger.asset_state_store = store
        self.runner.triggers[number] = {"task": None, "is_watcher": True, "name": "watcher", "events": 0}
        self.task = asyncio.create_task(self.runner.run_trigger(number, trigger))

    @property
    def payloads(self):
        return [entry.event.payload for entry in self.runner.events]

    async def events(self, count):
        await until(lambda: self.task.done() or len(self.runner.events) >= count)
        if self.task.done():
            self.task.result()
        return self.payloads

    def confirm(self):
        """Say, as the supervising process does, that all events are stored."""
        self.runner._shared_streams.confirm_persisted([entry.persist_seq for entry in self.runner.events])

    def hang_at_events(self):
        """Let Airflow hang between taking an event from the trigger and keeping it, where its log may be slow."""
        self.hangs = asyncio.Event()
        self.runner.log = _HangingLog(self.runner.log, self.hangs)

    async def crash(self):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


class _HangingLog:
    def __init__(self, log, hangs):
        self._log = log
        self._hangs = hangs

    def __getattr__(self, name):
        return getattr(self._log, name)

    async def ainfo(self, event, **words):
        if event == "Trigger fired event":
            self._hangs.set()
            await asyncio.Event().wait()
        await self._log.ainfo(event, **words)


@asynccontextmanager
async def triggerer(trigger, **arguments):
    one = Triggerer(trigger, **arguments)
    try:
        yield one
    finally:
        await one.crash()


async def until(condition, *, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


async def collect(trigger, events):
    async with aclosing(trigger.run()) as stream:
        async for event in stream:
            events.append(event.payload)


@asynccontextmanager
async def running(trigger):
    events = []
    task = asyncio.create_task(collect(trigger, events))
    try:
        yield events, task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
