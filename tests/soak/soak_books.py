"""Whether nothing was lost, doubled or left open: what the plant says, beside what tasks and triggers say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from soak_plan import HANDOFF_MODES, TASK_ODDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from soak_plan import SoakPlan

_MOST_TOLD = 40
_MOST_AT_ONCE = {"viewer": 2, "engineer": 4}
"""Requests of a user at once. A process sends one at a time, and one that it has given up on may still be there; the
triggerer is one process, the workers are two."""
_MOST_GIVEN_UP = 0.02
_NAMES_OF_TASKS = {*TASK_ODDS, *(f"handoff, {mode}" for mode in HANDOFF_MODES)}


@dataclass
class Books:
    """Takes the accounts of all processes at each quiet point, and compares them.

    :param violations: what must not happen, in words.
    :param figures: what was done, by process and by name.
    """

    plan: SoakPlan
    violations: list[str] = field(default_factory=list)
    figures: dict[str, dict[str, Any]] = field(default_factory=dict)
    _edges: dict[str, Counter[int]] = field(init=False, default_factory=dict)
    _due: dict[str, set[int]] = field(init=False, default_factory=dict)
    _all: dict[str, set[int]] = field(init=False, default_factory=dict)

    def windows_of(self, worker: Mapping[str, Any]) -> list[list[str]]:
        """Return the windows of messages that the station has to count."""
        return [[start, end] for start, end, _ in worker["windows"]]

    def take(
        self,
        station: Mapping[str, Any],
        triggerer: Mapping[str, Any],
        worker: Mapping[str, Any],
        order_worker: Mapping[str, Any],
    ) -> None:
        """Compare the accounts of a quiet point."""
        for process in (triggerer, worker, order_worker):
            self._violate(process["problems"])
        self._check_triggers(triggerer)
        self._check_edges(station["edges"], triggerer["edges"], keeps_state=triggerer["keeps_state"])
        self._check_writes(station, worker)
        self._check_messages(station["messages"], worker["windows"])
        self._check_orders(station["starts"], order_worker["orders"])
        self._check_flood(station)
        self.figures = {
            "station": {
                name: station[name] for name in ("requests", "most_in_a_second", "most_at_once", "faults", "troubles")
            },
            "triggerer": {
                **triggerer["counts"],
                "edges due": sum(map(len, self._due.values())),
                "edges missed": self._missed_edges() if triggerer["keeps_state"] else 0,
            },
            "worker": {**worker["counts"], "done": worker["done"]},
            "order worker": {**order_worker["counts"], "done": order_worker["done"]},
        }

    def close(self) -> None:
        """Check what only the end can tell."""
        if not self.figures:
            self._violate(["there was no quiet point"])
            return
        missed = self.figures["triggerer"]["edges missed"]
        self._violate([f"{missed} edges were due and not fired"] if missed else [])
        done: Counter[str] = Counter()
        for name in ("worker", "order worker"):
            tasks, given_up = self.figures[name].get("tasks", 0), self.figures[name].get("given up", 0)
            done.update(self.figures[name]["done"])
            if given_up > 1 + _MOST_GIVEN_UP * tasks:
                self._violate([f"the {name} gave {given_up} of {tasks} tasks up"])
        self._violate([f"nothing was done of: {name}" for name in sorted(_NAMES_OF_TASKS - set(done))])
        for name in ("fired", "cancelled", "ran out of time", "told why they are hopeless", "messages fired"):
            if not self.figures["triggerer"].get(name):
                self._violate([f"no trigger was ever: {name}"])

    def _violate(self, words: list[str]) -> None:
        self.violations += words[: max(0, _MOST_TOLD - len(self.violations))]

    def _check_triggers(self, triggerer: Mapping[str, Any]) -> None:
        lost = triggerer["counts"].get("messages lost", 0)
        if lost:
            self._violate([f"{lost} messages were not fired"])

    def _check_edges(
        self, plant: Mapping[str, Mapping[str, list[int]]], fired: Mapping[str, list[int]], *, keeps_state: bool
    ) -> None:
        for name, told in plant.items():
            edges = self._edges.setdefault(name, Counter())
            edges.update(fired[name])
            everything = self._all.setdefault(name, set())
            everything.update(told["all"])
            if keeps_state:
                self._due.setdefault(name, set()).update(told["due"])
            doubled = [edge for edge in fired[name] if edges[edge] > 1]
            invented = [edge for edge in fired[name] if edge not in everything]
            self._violate([f"{name}: edges fired twice: {doubled}"] if doubled else [])
            self._violate([f"{name}: edges fired that there were not: {invented}"] if invented else [])

    def _missed_edges(self) -> int:
        return sum(1 for name, due in self._due.items() for edge in due if edge not in self._edges[name])

    def _check_writes(self, station: Mapping[str, Any], worker: Mapping[str, Any]) -> None:
        for name, value in station["values"].items():
            confirmed = worker["confirmed"].get(name, 0.0)
            allowed = [confirmed, *worker["doubtful"].get(name, [])]
            if value not in allowed:
                self._violate([f"{name} is {value}; confirmed {confirmed}, in doubt {allowed[1:]}"])
        sent = dict(worker["sendings"])
        for name, value, times in station["repeated"]:
            if times > sent.get(value, 1):
                self._violate([f"{name} = {value} took effect {times} times in {sent.get(value, 1)} attempts"])

    def _check_messages(self, counts: list[int], windows: list[Any]) -> None:
        for count, (start, end, rows) in zip(counts, windows, strict=True):
            if rows != count:
                self._violate([f"messages from {start} to {end}: {rows} exported, {count} came"])

    def _check_orders(self, starts: list[str], orders: Mapping[str, str]) -> None:
        started = Counter(starts)
        self._violate([f"order {order} was started {times} times" for order, times in started.items() if times > 1])
        for order, status in orders.items():
            if status != "confirmed" or not started[order]:
                self._violate([f"order {order} was handed over: {status}, started {started[order]} times"])

    def _check_flood(self, station: Mapping[str, Any]) -> None:
        most = station["most_in_a_second"].get("viewer", 0)
        if most > self.plan.limit_per_second:
            self._violate([f"{most} requests of the triggerer in a second, more than {self.plan.limit_per_second}"])
        for user, limit in _MOST_AT_ONCE.items():
            at_once = station["most_at_once"].get(user, 0)
            if at_once > limit:
                self._violate([f"{at_once} requests of {user} at once, more than {limit}"])
