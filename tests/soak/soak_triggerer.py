"""The triggerer of a soak: one event loop with hundreds of triggers, in a process of its own."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from soak_child import answer, be_quiet, next_command, own_objects
from soak_desk import open_desk
from soak_garden import Garden
from soak_patience import comes_true
from soak_plan import SoakPlan
from soak_trigger_host import TriggerHost
from soak_watchers import KEEPS_STATE, Watchers

from airflow_provider_wincc.triggers.poller import TagPoller

_DUE_SECONDS = 70.0
"""After failures the poller leaves a station alone for up to a minute."""
_IDLE_SECONDS = 10.0


def main() -> None:
    """Do what is asked, until the input ends."""
    be_quiet()
    asyncio.run(Triggerer(SoakPlan.from_json(sys.argv[2]), Path(sys.argv[1])).run())


class Triggerer:
    """What runs on the event loop."""

    def __init__(self, plan: SoakPlan, folder: Path) -> None:
        self._folder = folder
        self._plan = plan

    async def run(self) -> None:
        """Do what is asked, until the input ends."""
        self._host = TriggerHost()
        self._garden = Garden(self._plan, self._host)
        self._watchers = Watchers(self._plan, self._host)
        desk = await open_desk(self._folder, self._host)
        background = [asyncio.create_task(self._host.exchange_on()), asyncio.create_task(self._garden.tend())]
        command = await asyncio.to_thread(next_command)
        self._tasks_when_idle = len(asyncio.all_tasks())
        while command["do"] != "end":
            answer(**await self._do(command))
            for task in background:
                if task.done():
                    task.result()
            command = await asyncio.to_thread(next_command)
        for task in background:
            task.cancel()
        desk.close()

    async def _do(self, command: dict[str, Any]) -> dict[str, Any]:
        match command["do"]:
            case "warm up":
                return {}
            case "load":
                await self._watchers.start(seconds=_DUE_SECONDS)
                self._garden.open()
                return {}
            case "rest":
                return await self._rest(command["counts"], command["serial"], command["messages"])
        raise ValueError(f"nobody knows how to {command['do']}")

    async def _rest(self, counts: dict[str, int], serial: int, messages: int) -> dict[str, Any]:
        await self._garden.empty(counts, serial, seconds=_DUE_SECONDS)
        edges = await self._watchers.stop(messages, seconds=_DUE_SECONDS)
        await self._idle()
        return {
            "counts": {**self._garden.counts, **self._watchers.counts},
            "problems": [*_taken(self._garden.problems), *_taken(self._watchers.problems)],
            "edges": edges,
            "keeps_state": KEEPS_STATE,
            "tasks": len(asyncio.all_tasks()),
            **own_objects(),
            # After the collection, which own_objects does.
            "triggers": len(self._host.live),
        }

    async def _idle(self) -> None:
        """Wait until nothing runs any more but what always does; it says itself if that does not come."""
        poller, tasks = TagPoller.of_running_loop(), self._tasks_when_idle
        await comes_true(lambda: not poller._stations and len(asyncio.all_tasks()) <= tasks, seconds=_IDLE_SECONDS)


def _taken(problems: list[str]) -> list[str]:
    taken = problems[:]
    problems.clear()
    return taken


if __name__ == "__main__":
    main()
