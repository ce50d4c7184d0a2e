"""Watchers of tags and messages with Airflow's state store, stopped and started again at each quiet point."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from soak_patience import comes_true
from soak_plan import EDGE_INTERVAL, MESSAGE_INTERVAL, WATCHED_FILTERS
from watcher_runs import AssetState

from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.triggers.messages import WinCCMessageEventTrigger
from airflow_provider_wincc.triggers.tags import WinCCTagEventTrigger
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

if TYPE_CHECKING:
    from collections.abc import Callable

    from soak_plan import SoakPlan
    from soak_trigger_host import TriggerHost

    from airflow_provider_wincc.triggers.watcher import StationWatcher

KEEPS_STATE = AIRFLOW_V_3_3_PLUS
"""Whether Airflow keeps what a watcher has seen; where it does not, what happens while none runs is not seen."""
_CANCEL_SECONDS = 30.0


class Watchers:
    """Runs the watchers, and keeps what they have fired.

    :param host: what runs them.
    """

    def __init__(self, plan: SoakPlan, host: TriggerHost) -> None:
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self._host = host
        self._running: dict[int, str] = {}
        self._stores: dict[str, AssetState] = {}
        # Only what came since the last stop, so that what the soak remembers does not look like growth.
        self._edges: dict[str, list[int]] = {name: [] for name in plan.edges}
        self._rows: set[tuple[int, str, str]] = set()
        self._stopped_at = datetime.now(UTC)
        self._fired_before = 0

    async def start(self, *, seconds: float) -> None:
        """Start all watchers; where Airflow keeps state, wait until each has begun."""
        for name in self._edges:
            watcher = WinCCTagEventTrigger("station", tag(name).bit(0), poke_interval=EDGE_INTERVAL)
            self._start(name, watcher, partial(self._take_edge, name))
        for rest_filter in WATCHED_FILTERS:
            watcher = WinCCMessageEventTrigger("station", rest_filter, poke_interval=MESSAGE_INTERVAL)
            self._start(rest_filter, watcher, self._take_messages)
        if KEEPS_STATE and not await comes_true(lambda: all(self._stores.values()), seconds=seconds):
            raise RuntimeError(f"watchers did not begin within {seconds:g} s")

    async def stop(self, came: int, *, seconds: float) -> dict[str, list[int]]:
        """Wait until all messages of the plant have been fired; what has not by then is lost. Then stop all.

        :param came: how many messages came in the plant since it began.
        :returns: the edges that were fired since the last stop, by tag.
        """
        if KEEPS_STATE and not await comes_true(lambda: not self._missing(came), seconds=seconds):
            self.counts["messages lost"] = self._missing(came)
        for number in self._running:
            self._host.cancel(number)
        if not await comes_true(lambda: not self._running, seconds=_CANCEL_SECONDS):
            self.problems.append(f"watchers did not end when they were cancelled: {list(self._running.values())}")
        self._fired_before += len(self._rows)
        self._rows.clear()
        self._stopped_at = datetime.now(UTC)
        edges, self._edges = self._edges, {name: [] for name in self._edges}
        return edges

    def _start(self, name: str, watcher: StationWatcher, take: Callable[[dict[str, Any]], None]) -> None:
        if KEEPS_STATE:
            watcher.asset_state_store = self._stores.setdefault(name, AssetState())
        self._running[self._host.start(watcher, take, self._clear, is_watcher=True)] = name

    def _clear(self, number: int, error: BaseException | None) -> None:
        name = self._running.pop(number)
        if error is not None:
            self.problems.append(f"the watcher of {name} has ended: {error!r}")

    def _missing(self, came: int) -> int:
        return came - self._fired_before - len(self._rows)

    def _take_edge(self, name: str, payload: dict[str, Any]) -> None:
        self.counts["edges fired"] += 1
        if not payload["redelivered"]:
            self._edges[name].append(payload["readings"][name]["value"])

    def _take_messages(self, payload: dict[str, Any]) -> None:
        for message in payload["messages"]:
            row = (message["number"], message["time"], message["text"])
            was_fired = row in self._rows or datetime.fromisoformat(message["time"]) < self._stopped_at
            if not was_fired:
                self.counts["messages fired"] += 1
                self._rows.add(row)
            elif not payload["redelivered"]:
                self.counts["messages doubled"] += 1
                self.problems.append(f"fired twice: message {row}")
