"""A process with triggers on one event loop, as a triggerer has them, that read messages; a part of ``messages.py``.

It says one line of JSON on its output when the triggers wait, and one for each line that it reads from its input, when
what the line asks for is done.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import structlog
from _waiting_process import LagMeter, say
from airflow.jobs.triggerer_job_runner import TriggerRunner, messages
from airflow.sdk.execution_time.comms import SetAssetStateStoreByName, _RequestFrame
from airflow.triggers.base import TriggerEvent

from airflow_provider_wincc.client.messages.query import MessageList, MessageQuery
from airflow_provider_wincc.hooks.wincc import WinCCHook
from airflow_provider_wincc.messages import MessagePattern
from airflow_provider_wincc.triggers.messages import WinCCMessageEventTrigger, WinCCMessageTrigger

if TYPE_CHECKING:
    from pydantic import BaseModel

CONNECTION = "station"
WAITED_FOR = 1001
SYNC = 1.0  # seconds between two exchanges of Airflow's triggerer with its supervisor


def main() -> None:
    """Run what the arguments name."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["watcher", "loop", "sensors"])
    parser.add_argument("--waiters", type=int, default=1)
    parser.add_argument("--interval", type=float, required=True)
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        # Airflow logs each event: that is a cost of large ones, so it is paid here, too.
        structlog.configure(
            processors=[structlog.processors.JSONRenderer()], logger_factory=structlog.PrintLoggerFactory(nowhere)
        )
        asyncio.run(run_sensors(arguments) if arguments.kind == "sensors" else run_watch(arguments))


async def run_watch(arguments: argparse.Namespace) -> None:
    """Watch, and at each line of the input tell what of the burst that follows has come in the seconds it names."""
    lags = LagMeter()
    metering = asyncio.create_task(lags.run())
    watch = Watched(arguments.interval) if arguments.kind == "watcher" else Loop(arguments.interval)
    running = asyncio.create_task(watch.run())
    begun = asyncio.create_task(watch.begun.wait())
    await asyncio.wait({running, begun}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
    say(phase="watching")
    while line := await asyncio.to_thread(sys.stdin.readline):
        watch.events.clear()
        lags.take()
        cpu = time.process_time()
        say(phase="ready")
        await asyncio.sleep(float(line))
        say(
            phase="done",
            events=[(at, [message["number"] for message in payload["messages"]]) for at, payload in watch.events],
            largest_event=max((len(json.dumps(payload)) for _, payload in watch.events), default=0),
            may_lack=sum(payload["may_lack_messages"] for _, payload in watch.events),
            largest_state=watch.largest_state,
            cpu_seconds=time.process_time() - cpu,
            memory=psutil.Process().memory_info().rss,
            lag=lags.take(),
        )
    metering.cancel()
    running.cancel()


async def run_sensors(arguments: argparse.Namespace) -> None:
    """Let sensors wait for one message on one filter; measure for the seconds of the first line, then let them end."""
    lags = LagMeter()
    metering = asyncio.create_task(lags.run())
    fired: list[float] = []
    waiting = [asyncio.create_task(wait(arguments.interval, fired)) for _ in range(arguments.waiters)]
    await asyncio.sleep(2.5 * arguments.interval)
    say(phase="waiting", fired_early=len(fired))
    seconds = float(await asyncio.to_thread(sys.stdin.readline))
    lags.take()
    cpu = time.process_time()
    say(phase="ready")
    await asyncio.sleep(seconds)
    memory = psutil.Process().memory_info().rss
    say(phase="measured", cpu_seconds=time.process_time() - cpu, lag=lags.take(), memory=memory)
    await asyncio.gather(*waiting)
    say(phase="fired", at=fired, lag=lags.take())
    metering.cancel()


async def wait(interval: float, fired: list[float]) -> None:
    """Wait for a message as a deferred sensor does."""
    trigger = WinCCMessageTrigger(
        wincc_conn_id=CONNECTION,
        query=MessageQuery("Errors").to_json(),
        pattern=MessagePattern(number=WAITED_FOR).to_json(),
        poke_interval=interval,
        deadline=time.time() + 3600,
    )
    async for event in trigger.run():
        if event.payload["status"] != "met":
            raise RuntimeError(f"the wait ended with {event.payload}")
        fired.append(time.time())


class Watched:
    """A watcher in Airflow's own runner of triggers; what leaves it is packed as Airflow packs it, and then confirmed.

    ``events`` has the time and payload of each event; ``largest_state`` the characters of the largest state.
    """

    def __init__(self, interval: float) -> None:
        self.events: list[tuple[float, dict[str, Any]]] = []
        self.largest_state = 0
        self.begun = asyncio.Event()
        self._stored: Any = None
        self._runner = TriggerRunner()
        self._trigger = WinCCMessageEventTrigger(
            CONNECTION, "Errors", MessagePattern(state="came in"), poke_interval=interval
        )
        self._trigger.asset_state_store = self  # type: ignore[assignment]  # only its two methods are used
        self._runner.triggers[1] = {"task": None, "is_watcher": True, "name": "watcher", "events": 0}

    async def run(self) -> None:
        """Run it, without end."""
        exchange = asyncio.create_task(self._exchange())
        try:
            await self._runner.run_trigger(1, self._trigger)
        finally:
            exchange.cancel()

    async def aget(self, key: str) -> Any:  # noqa: ARG002  Airflow's signature
        """Return what was stored last."""
        return self._stored

    async def aset(self, key: str, value: Any) -> None:
        """Store a value, and pay for its way to the supervisor."""
        carry(SetAssetStateStoreByName(name="asset", key=key, value=value))
        self._stored = value
        self.largest_state = max(self.largest_state, len(json.dumps(value)))
        self.begun.set()

    async def _exchange(self) -> None:
        while True:
            await asyncio.sleep(SYNC)
            entries = [self._runner.events.popleft() for _ in range(len(self._runner.events))]
            if entries:
                carry(messages.TriggerStateChanges(events=entries))
                self._runner._shared_streams.confirm_persisted([entry.persist_seq for entry in entries])  # noqa: SLF001
                self.events += [(time.time(), entry.event.payload) for entry in entries]


class Loop:
    """What one writes by hand: read the archive at an interval, and take what is newer than the newest before."""

    def __init__(self, interval: float) -> None:
        self.events: list[tuple[float, dict[str, Any]]] = []
        self.largest_state = 0
        self.begun = asyncio.Event()
        self._interval = interval

    async def run(self) -> None:
        """Run it, without end."""
        query = MessageQuery("Errors", MessageList.SHORT_TERM_ARCHIVE)
        with await asyncio.to_thread(WinCCHook(CONNECTION).get_conn) as client:
            newest = None
            while True:
                reading = await asyncio.to_thread(partial(client.read_messages, query))
                fresh = [message.to_json() for message in reading.messages if newest and message.time > newest]
                newest = reading.messages[-1].time if reading.messages else newest
                if fresh:
                    event = TriggerEvent({"messages": fresh, "may_lack_messages": False})
                    self.events.append((time.time(), event.payload))
                self.begun.set()
                await asyncio.sleep(self._interval)


def carry(message: BaseModel) -> None:
    """Pack a message as Airflow does on the event loop of its triggerer."""
    _RequestFrame(id=0, body=message.model_dump()).as_bytes()


if __name__ == "__main__":
    main()
