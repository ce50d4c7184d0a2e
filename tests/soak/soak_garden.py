"""Hundreds of deferred triggers: some become due, some run out of time, some are cancelled, some can never be read."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from soak_patience import comes_true
from soak_plan import HOPELESS, MESSAGE_INTERVAL, WAIT_INTERVAL
from soak_plant import SERIAL_MESSAGE, text_of
from soak_trigger_host import through_database

from airflow_provider_wincc.client.messages.query import MessageList, MessageQuery
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.messages import MessagePattern
from airflow_provider_wincc.triggers.messages import WinCCMessageTrigger
from airflow_provider_wincc.triggers.tags import WinCCTagTrigger

if TYPE_CHECKING:
    from airflow.triggers.base import BaseTrigger
    from soak_plan import SoakPlan
    from soak_trigger_host import TriggerHost

    from airflow_provider_wincc.conditions import Condition

_KINDS = {"tag": 60, "held": 8, "backing off": 5, "message": 12, "cancelled": 12, "timeout": 3}
_TAG_WAITS = frozenset({"tag", "held", "backing off"})
_FIRING = frozenset({*_TAG_WAITS, "message", "timeout", *HOPELESS})
_TEND_EVERY = 0.05
_CANCEL_SECONDS = 30.0
_NEW_AT_A_TIME = 50  # as many as Airflow's triggerer starts at a time
_FAR = 3600.0
_HELD = 0.3
# A hopeless connection is tried this often; the worker tries it as well.
_HOPELESS_EVERY = 1.0


@dataclass(slots=True)
class _Planted:
    kind: str
    tag: str = ""
    due_at: int = 0
    cancel_at: float = float("inf")
    events: int = 0


class Garden:
    """Keeps so many triggers waiting, and knows what has to come of each.

    :param host: what runs them.
    """

    def __init__(self, plan: SoakPlan, host: TriggerHost) -> None:
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self._plan = plan
        self._host = host
        self._random = random.Random(f"{plan.seed} garden")
        self._planted: dict[int, _Planted] = {}
        self._seen = dict.fromkeys(plan.waits, 0)
        self._seen_serial = 0
        self._began_at = datetime.now(UTC).isoformat()
        self._is_open = False
        self._next_hopeless_at = 0.0

    def open(self) -> None:
        """Begin to keep it full."""
        self._is_open = True

    async def tend(self) -> None:
        """Fill it, and cancel what is to be cancelled, until cancelled itself."""
        while True:
            now = time.monotonic()
            for number, planted in self._planted.items():
                if now >= planted.cancel_at:
                    self._host.cancel(number)
            if self._is_open:
                for _ in range(min(_NEW_AT_A_TIME, self._plan.live_triggers - len(self._planted))):
                    self._plant_one(now)
                if now >= self._next_hopeless_at:
                    self._next_hopeless_at = now + _HOPELESS_EVERY
                    for connection in HOPELESS:
                        self._plant(_Planted(connection), self._tag_wait(tag(self._plan.waits[0]) >= 0, connection))
            await asyncio.sleep(_TEND_EVERY)

    async def empty(self, counts: dict[str, int], serial: int, *, seconds: float) -> None:
        """Let everything fire that is due by the plant's counters; what is not due is cancelled then.

        :param counts: where the counters stand.
        :param serial: the last message that came.
        :param seconds: to wait for it. What has not fired by then is lost.
        """
        self._is_open = False
        await comes_true(lambda: not self._due(counts, serial), seconds=seconds)
        for number, planted in self._due(counts, serial).items():
            self.counts["lost"] += 1
            stands_at = counts.get(planted.tag, serial)
            self.problems.append(f"lost: trigger {number}, {planted}; the plant is at {stands_at}")
        for number in self._planted:
            self._host.cancel(number)
        if not await comes_true(lambda: not self._planted, seconds=_CANCEL_SECONDS):
            self.problems.append(f"{len(self._planted)} triggers did not end when they were cancelled")

    def _due(self, counts: dict[str, int], serial: int) -> dict[int, _Planted]:
        return {
            number: planted
            for number, planted in self._planted.items()
            if planted.kind in _FIRING
            and planted.due_at <= (serial if planted.kind == "message" else counts.get(planted.tag, 0))
            and not planted.events
        }

    def _plant_one(self, now: float) -> None:
        (kind,) = self._random.choices(list(_KINDS), list(_KINDS.values()))
        if kind == "message":
            serial = self._seen_serial + self._random.randint(1, 8)
            self._plant(_Planted(kind, due_at=serial), self._message_wait(serial))
            return
        name = self._random.choice(self._plan.waits)
        if kind in _TAG_WAITS:
            due_at = self._seen[name] + self._random.randint(1, 4)
            condition = tag(name) >= due_at
            trigger = self._tag_wait(condition.held_for(seconds=_HELD) if kind == "held" else condition)
            trigger.exponential_backoff, trigger.max_wait = kind == "backing off", 2.0
            self._plant(_Planted(kind, name, due_at), trigger)
            return
        never = self._tag_wait(tag(name) < 0)
        if kind == "timeout":
            never.deadline = time.time() + self._random.uniform(0.1, 3.0)
            self._plant(_Planted(kind), never)
        else:
            self._plant(_Planted(kind, cancel_at=now + self._random.uniform(0.0, 3.0)), never)

    def _plant(self, planted: _Planted, trigger: BaseTrigger) -> None:
        self.counts["started"] += 1
        number = self._host.start(through_database(trigger), partial(self._take, planted), self._clear)
        self._planted[number] = planted

    def _tag_wait(self, condition: Condition, connection: str = "station") -> WinCCTagTrigger:
        return WinCCTagTrigger(
            wincc_conn_id=connection,
            condition=condition.to_json(),
            poke_interval=WAIT_INTERVAL,
            deadline=time.time() + _FAR,
        )

    def _message_wait(self, serial: int) -> WinCCMessageTrigger:
        return WinCCMessageTrigger(
            wincc_conn_id="station",
            query=MessageQuery("Errors", MessageList.SHORT_TERM_ARCHIVE).to_json(),
            pattern=MessagePattern(number=SERIAL_MESSAGE, text=text_of(serial)).to_json(),
            since=self._began_at,
            poke_interval=MESSAGE_INTERVAL,
            deadline=time.time() + _FAR,
        )

    def _take(self, planted: _Planted, payload: dict[str, Any]) -> None:
        planted.events += 1
        wrong = self._wrong(planted, payload)
        if wrong:
            self.problems.append(f"{wrong}: {planted}: {payload}")
        elif planted.kind in HOPELESS:
            self.counts["told why they are hopeless"] += 1
        else:
            self.counts["ran out of time" if planted.kind == "timeout" else "fired"] += 1

    def _wrong(self, planted: _Planted, payload: dict[str, Any]) -> str:
        """Say what is wrong with an event; nothing where nothing is."""
        if planted.events > 1:
            return "fired twice"
        if planted.kind in HOPELESS:
            told = payload.get("error", {}).get("kind")
            return "" if told == HOPELESS[planted.kind] else "ended otherwise than it had to"
        if planted.kind == "timeout":
            return "" if payload["status"] == "timeout" else "ended otherwise than it had to"
        if payload["status"] != "met":
            return "ended otherwise than it had to"
        if planted.kind == "message":
            self._seen_serial = max(self._seen_serial, planted.due_at)
            return ""
        value = payload["readings"][planted.tag]["value"]
        self._seen[planted.tag] = value
        return "" if value >= planted.due_at else "fired before it was due"

    def _clear(self, number: int, error: BaseException | None) -> None:
        planted = self._planted.pop(number)
        if error is not None:
            self.problems.append(f"crashed: {planted}: {error!r}")
        elif not planted.events:
            self.counts["cancelled"] += 1
