"""The seeded walk: rounds of orders against a station under faults, each checked when all its orders have ended."""

from __future__ import annotations

import json
import random
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from chaos_airflow import Habits, SmallAirflow, calm
from chaos_machine import HARMLESS, LOSSES, Machine
from chaos_order import UNITS, UnitPlan, WalkOrder, planned_orders
from chaos_station import CALM, Odds, Station, live_unit
from chaos_verdict import DOUBLED, FOREIGN, LOST, story_of, violations_of
from chaos_workers import Workers

from airflow_provider_wincc.erp import StagingTables
from airflow_provider_wincc.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from chaos_verdict import Violation

ROUND = 336
"""Orders of one round; the station's records hold the writes of so many."""
_PERSON_COMES_AFTER = 1.0
_LONGEST_ROUND = timedelta(minutes=15).total_seconds()


@dataclass
class WalkReport:
    """What came of a walk."""

    seed: int
    orders: int = 0
    seconds: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    human: Counter[str] = field(default_factory=Counter)
    violations: Counter[str] = field(default_factory=Counter)
    stories: list[str] = field(default_factory=list)

    def full_text(self) -> str:
        """Return the summary and the story of each violation."""
        return "\n\n".join([self.table(), *self.stories])

    def table(self) -> str:
        """Return the summary for people."""
        by_fault: Counter[str] = Counter()
        for (_, fault), count in self.faults.items():
            by_fault[fault] += count
        lines = [f"seed {self.seed}: {self.orders} orders in {self.seconds:.0f} s"]
        for title, counts in (
            ("attempts", self.counts),
            ("faults of requests", by_fault),
            ("at the units", self.troubles),
            ("orders ended as", self.ends),
            ("asked for a human because", self.human),
        ):
            lines.append(f"{title}:")
            lines += [f"  {count:7}  {name}" for name, count in sorted(counts.items(), key=lambda one: -one[1])]
        lines.append("violations:")
        kinds = dict.fromkeys((DOUBLED, LOST, FOREIGN, *self.violations))
        lines += [f"  {self.violations[kind]:7}  {kind}" for kind in kinds]
        return "\n".join(lines)


@dataclass(frozen=True, kw_only=True)
class WalkPlan:
    """What happens in a walk.

    :param skew: of the units' image, in seconds.
    :param kinds: what may happen to a unit, see :mod:`chaos_machine`; a broken unit never loses its memory.
    :param trouble_every: mean of the seconds between two troubles of one unit.
    :param refused: share of orders that the units do not accept.
    """

    orders: int
    seed: int
    odds: Odds = field(default_factory=Odds)
    habits: Habits = field(default_factory=Habits)
    skew: float = 0.02
    kinds: tuple[str, ...] = (*HARMLESS, *LOSSES)
    trouble_every: float = 3.0
    refused: float = 0.04


def walk(plan: WalkPlan, *, say: Callable[[str], None] = lambda _: None) -> WalkReport:
    """Walk; the report says what came of it.

    :param say: told now and then how far it has come.
    """
    report = WalkReport(plan.seed)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wincc-chaos-") as home, Workers(Path(home)) as workers:
        while report.orders < plan.orders:
            count = min(ROUND, plan.orders - report.orders)
            dice = random.Random(f"{plan.seed} round at {report.orders}")
            with tempfile.TemporaryDirectory(dir=home) as folder:
                orders = planned_orders(dice, count, first=report.orders + 1, refused=plan.refused)
                _Round(plan, orders, workers, dice, Path(folder), say).run(report)
            report.seconds = time.monotonic() - started
    return report


class _Round:
    def __init__(
        self,
        plan: WalkPlan,
        orders: list[WalkOrder],
        workers: Workers,
        dice: random.Random,
        folder: Path,
        say: Callable[[str], None],
    ) -> None:
        self._plan = plan
        self._orders = orders
        self._workers = workers
        self._dice = dice
        self._folder = folder
        self._say = say
        self._erp = folder / "erp.db"
        self._helped: Counter[str] = Counter()

    def run(self, report: WalkReport) -> None:
        self._release()
        plan, seed = self._plan, self._dice.getrandbits(32)
        units = [
            live_unit(unit.name, profile=unit.profile, skew=plan.skew, broken=unit.broken, seed=seed) for unit in UNITS
        ]
        with Simulator(plant="still", units=units) as simulator:
            station = Station(simulator, seed, plan.odds)
            self._machines = {unit.name: self._machine(simulator, unit, seed) for unit in UNITS}
            station.trouble = lambda name: self._machines[name].trouble()
            airflow = SmallAirflow(
                self._workers, station, erp=self._erp, folder=self._folder, dice=self._dice, habits=plan.habits
            )
            airflow.take(self._orders)
            self._run_to_the_end(airflow, simulator, report, with_troubles=True)
            station.odds, station.trouble = CALM, None
            for machine in self._machines.values():
                machine.end_troubles()
            airflow.habits = calm(plan.habits)
            airflow.take(self._reopened())
            self._run_to_the_end(airflow, simulator, report, with_troubles=False)
            self._check(airflow, station, report)

    def _machine(self, simulator: Simulator, unit: UnitPlan, seed: int) -> Machine:
        kinds = tuple(kind for kind in self._plan.kinds if not (unit.broken and kind in LOSSES))
        dice = random.Random(f"{seed} {unit.name}")
        return Machine(simulator.unit(unit.name), dice, kinds=kinds, mean_seconds=self._plan.trouble_every)

    def _release(self) -> None:
        StagingTables(lambda: sqlite3.connect(self._erp), dialect="sqlite").create()
        rows = [
            (order.order_id, order.unit.name, json.dumps(order.payload))
            for order in self._orders
            if order.unit.store == "erp"
        ]
        with closing(sqlite3.connect(self._erp)) as connection, connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executemany(
                "INSERT INTO production_orders (order_id, unit, payload, status) VALUES (?, ?, ?, 'released')", rows
            )

    def _reopened(self) -> list[WalkOrder]:
        """Open the orders whose retries ran out once more: a person runs the failed tasks again."""
        orders = [order for order in self._orders if order.end == "exhausted"]
        for order in orders:
            self._helped["a person ran a failed task again"] += 1
            order.end, order.tries = "", 0
        return orders

    def _reopened_in_the_way(self, simulator: Simulator, now: float) -> list[WalkOrder]:
        """Open the failed orders that their units still hold: the others wait for them."""
        held = {str(simulator.unit(name).picture["Order.CurrentId"]) for name in self._machines}
        orders = [
            order
            for order in self._orders
            if order.end == "exhausted" and order.order_id in held and now - order.ended_at > _PERSON_COMES_AFTER
        ]
        for order in orders:
            self._helped["a person ran a failed task again, because its order stood in the way"] += 1
            order.end, order.tries = "", 0
        return orders

    def _run_to_the_end(
        self, airflow: SmallAirflow, simulator: Simulator, report: WalkReport, *, with_troubles: bool
    ) -> None:
        started = told_at = time.monotonic()
        while airflow.is_busy:
            airflow.go_on()
            now = time.monotonic()
            for machine in self._machines.values():
                if with_troubles:
                    machine.go_on(now)
                else:
                    machine.end_troubles(now)
            self._help(simulator, now)
            airflow.resume(self._reopened_in_the_way(simulator, now))
            if now - told_at > 10:
                told_at = now
                done = sum(1 for order in self._orders if order.end)
                self._say(f"{report.orders + done} orders, {airflow.counts['attempts']} attempts in this round")
            if now - started > _LONGEST_ROUND:
                raise AssertionError(f"seed {report.seed}: the round does not end, open are {airflow.open_orders}")

    def _help(self, simulator: Simulator, now: float) -> None:
        """Be the person who frees a unit from an order that nobody hands over any more."""
        ended = {order.order_id: order for order in self._orders if order.end and not order.active}
        for name in self._machines:
            unit = simulator.unit(name)
            picture = unit.picture
            order = ended.get(str(picture["Order.CurrentId"]))
            if order is None or now - order.ended_at < _PERSON_COMES_AFTER or order.end == "exhausted":
                continue
            state = unit.state
            if unit.abort():
                self._helped[f"a person freed a unit from an order that was {state}, after: {order.end}"] += 1
            simulator._state.tags.write([(f"{name}.Order.Clear", picture["Order.CurrentSequence"])])

    def _check(self, airflow: SmallAirflow, station: Station, report: WalkReport) -> None:
        found = violations_of(self._orders, station, self._machines, self._erp)
        report.orders += len(self._orders)
        report.counts += airflow.counts
        report.counts += self._helped
        report.faults += station.counts
        for machine in self._machines.values():
            report.troubles += machine.counts
        for order in self._orders:
            report.ends[order.end] += 1
            if order.end == "human":
                report.human[f"{order.last_error['error']}: {_gist(order.last_error['message'])}"] += 1
        for order, words in airflow.problems:
            report.violations["the provider failed"] += 1
            report.stories.append(f"seed {report.seed}: {words}\n{story_of(order, station.simulator, self._folder)}")
        for violation in found:
            report.violations[violation.kind] += 1
            report.stories.append(_told(violation, report, station.simulator, self._folder))


def _told(violation: Violation, report: WalkReport, simulator: Simulator, folder: Path) -> str:
    story = story_of(violation.order, simulator, folder)
    return f"seed {report.seed}: {violation.kind}, order {violation.order.order_id}: {violation.words}\n{story}"


def _gist(message: str) -> str:
    for words in ("was about to be started", "was about to be committed", "was refused because", "was accepted"):
        if words in message:
            return words
    return message.partition(" The unit shows")[0][:100]
