"""A process with N waiting triggers on one event loop, as a triggerer has them; a part of ``waiting.py``.

It says one line of JSON on its output when the triggers wait, one after the time of measuring, and one when all
triggers have fired.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import time
from itertools import islice
from typing import TYPE_CHECKING, Any

import psutil

from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.triggers.tags import WinCCTagTrigger

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from airflow.triggers.base import BaseTrigger

LAG_SAMPLE = 0.02
STARTED_TOGETHER = 50  # as many as Airflow's triggerer starts at a time


def main() -> None:
    """Run the triggers that the arguments name."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["wincc", "http"])
    parser.add_argument("--waiters", type=int, required=True)
    parser.add_argument("--tags", type=int, required=True)
    parser.add_argument("--interval", type=float, required=True)
    parser.add_argument("--warm-up", type=float, required=True)
    parser.add_argument("--measure", type=float, required=True)
    arguments = parser.parse_args()
    # Neither side pays for its log.
    logging.disable(logging.CRITICAL)
    asyncio.run(run(arguments))


async def run(arguments: argparse.Namespace) -> None:
    """Start the triggers, measure while they wait, then collect their events."""
    make_trigger = http_trigger() if arguments.kind == "http" else wincc_trigger
    process = psutil.Process()
    lags = LagMeter()
    metering = asyncio.create_task(lags.run())
    idle_memory = process.memory_info().rss
    events: list[tuple[str, float]] = []
    names = (tag_name(number % arguments.tags) for number in range(arguments.waiters))
    waiting = []
    while chunk := list(islice(names, STARTED_TOGETHER)):
        for name in chunk:
            trigger = make_trigger(name, arguments.interval)
            waiting.append(asyncio.create_task(follow(trigger.run(), name, events)))
        await asyncio.sleep(0)
    await asyncio.sleep(arguments.warm_up)
    say(phase="waiting")
    lags.take()
    cpu, started = time.process_time(), time.monotonic()
    await asyncio.sleep(arguments.measure)
    seconds = time.monotonic() - started
    say(
        phase="measured",
        cpu_seconds_per_minute=(time.process_time() - cpu) / seconds * 60,
        lag=lags.take(),
        memory=process.memory_info().rss,
        idle_memory=idle_memory,
        fired_early=len(events),
    )
    collections = CollectionMeter()
    gc.callbacks.append(collections.note)
    await asyncio.gather(*waiting)
    gc.callbacks.remove(collections.note)
    say(phase="fired", events=events, lag=lags.take(), longest_collection=collections.longest)
    metering.cancel()


def tag_name(number: int) -> str:
    """Name the tags by number."""
    return f"Unit{number:04}.Ready"


def wincc_trigger(name: str, interval: float) -> BaseTrigger:
    """Wait until the tag is true."""
    return WinCCTagTrigger(
        wincc_conn_id="station",
        condition=(tag(name) == True).to_json(),  # noqa: E712  conditions are built by comparing
        poke_interval=interval,
        deadline=time.time() + 3600,
    )


def http_trigger() -> Callable[[str, float], BaseTrigger]:
    """Return what waits until the tag is there; imported here, so that the other side does not pay for it."""
    from airflow.providers.http.triggers.http import HttpSensorTrigger

    def make(name: str, interval: float) -> BaseTrigger:
        return HttpSensorTrigger(
            endpoint=f"/WinCCRestService/tagManagement/Value/{name}",
            http_conn_id="station_http",
            poke_interval=interval,
        )

    return make


async def follow(events: AsyncIterator[Any], name: str, fired: list[tuple[str, float]]) -> None:
    """Take a trigger's event as the triggerer does."""
    async for event in events:
        if isinstance(event.payload, dict) and event.payload["status"] != "met":
            raise RuntimeError(f"the wait for {name} ended with {event.payload}")
        fired.append((name, time.time()))


class LagMeter:
    """How much later than asked for the event loop wakes a sleeper."""

    def __init__(self) -> None:
        self._lags: list[float] = []

    async def run(self) -> None:
        """Sample until cancelled."""
        while True:
            asked = time.perf_counter() + LAG_SAMPLE
            await asyncio.sleep(LAG_SAMPLE)
            self._lags.append(max(0.0, time.perf_counter() - asked))

    def take(self) -> dict[str, float]:
        """Return the figures since the last call, in milliseconds."""
        lags, self._lags = sorted(self._lags), []
        if not lags:
            return {}
        return {
            "p50": lags[len(lags) // 2] * 1000,
            "p99": lags[int(len(lags) * 0.99)] * 1000,
            "longest": lags[-1] * 1000,
        }


class CollectionMeter:
    """How long Python's garbage collector has stopped everything at most, in milliseconds."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._started = 0.0

    def note(self, phase: str, _: dict[str, int]) -> None:
        """Take the start or the end of a collection."""
        now = time.perf_counter()
        if phase == "start":
            self._started = now
        else:
            self.longest = max(self.longest, (now - self._started) * 1000)


def say(**what: Any) -> None:
    """Tell the benchmark something."""
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main()
