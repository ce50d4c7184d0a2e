"""A small stand-in for Airflow's scheduler: starts attempts, retries them, kills some, runs some twice at once."""

from __future__ import annotations

import json
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chaos_order import Attempt, WalkOrder, payload_of
from chaos_plans import AttemptPlan, Interruption, outcome_path
from chaos_steps import WRITES

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from chaos_station import Station
    from chaos_workers import WorkerEvent, Workers

MOST_TRIES = 6
LONGEST_ATTEMPT = 60.0
_RETRY_SECONDS = 0.1
_LONGEST_SLEEP = 4.0
_STORE_CALLS = ("begin", "recall", "save", "record_result")
_ENDS = {
    "OrderRefusedError": "refused",
    "OrderAbortedError": "aborted",
    "OrderUnsuccessfulError": "unsuccessful",
    "OrderOutcomeUnknownError": "human",
    "OrderPayloadMismatchError": "human",
}


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How the attempts are treated, as probabilities of one attempt; and what is switched off."""

    killed_at_call: float = 0.15
    killed_at_any_time: float = 0.10
    sleeps_at_call: float = 0.10
    sleeps_at_any_time: float = 0.05
    twice: float = 0.05
    revised: float = 0.03
    settle: float = 0.05
    poke: float = 0.1
    without: str = ""


class SmallAirflow:
    """Runs orders to their ends.

    :param workers: where attempts run.
    :param station: the station.
    :param erp: path of the staging tables' file.
    :param folder: where attempts write their logs and outcomes.
    :param per_unit: how many orders of a unit are at work at once.
    """

    def __init__(
        self,
        workers: Workers,
        station: Station,
        *,
        erp: Path,
        folder: Path,
        dice: random.Random,
        habits: Habits,
        per_unit: int = 2,
    ) -> None:
        self.habits = habits
        self.counts: Counter[str] = Counter()
        self.problems: list[tuple[WalkOrder, str]] = []
        self._workers = workers
        self._station = station
        self._erp = erp
        self._folder = folder
        self._dice = dice
        self._per_unit = per_unit
        self._waiting: list[WalkOrder] = []
        self._working: list[WalkOrder] = []
        self._attempts: dict[int, Attempt] = {}
        self._twins: list[tuple[float, Attempt]] = []
        self._ended: Counter[str] = Counter()
        self._number = 0

    def take(self, orders: list[WalkOrder]) -> None:
        """Take orders to run."""
        self._waiting += orders

    def resume(self, orders: list[WalkOrder]) -> None:
        """Run orders at once, however many of their units are at work."""
        self._working += orders

    @property
    def is_busy(self) -> bool:
        """Whether an order is open, or a process of an attempt is still there."""
        return bool(self._waiting or self._working or self._attempts or self._twins)

    @property
    def open_orders(self) -> list[str]:
        """The orders that have not ended, with their last errors."""
        return [f"{order.order_id} at {order.unit.name}: {order.last_error}" for order in self._waiting + self._working]

    def go_on(self) -> None:
        """Do what is due, and wait a little for what happens."""
        now = time.monotonic()
        self._begin_orders()
        for order in self._working:
            if not order.end and not self._first_of(order) and now >= order.next_try_at:
                self._start_attempt(order, now)
        for due in [twin for twin in self._twins if now >= twin[0]]:
            self._twins.remove(due)
            self._launch(due[1])
        for attempt in list(self._attempts.values()):
            self._treat(attempt, now)
        for event in self._workers.events(timeout=0.01):
            self._note(event)
        self._working = [order for order in self._working if not order.end]

    def _begin_orders(self) -> None:
        for order in list(self._waiting):
            busy = sum(1 for other in self._working if other.unit is order.unit)
            if busy < self._per_unit:
                self._waiting.remove(order)
                self._working.append(order)

    def _first_of(self, order: WalkOrder) -> Attempt | None:
        return next((one for one in order.attempts if one.role == "first" and not one.is_over), None)

    # Starting

    def _start_attempt(self, order: WalkOrder, now: float) -> None:
        order.tries += 1
        order.first_started_at = order.first_started_at or time.time()
        attempt = self._new_attempt(order, "first", now)
        dice, habits = self._dice, self.habits
        if dice.random() < habits.killed_at_any_time:
            attempt.kill_at = now + dice.uniform(0.0, 1.5)
        elif dice.random() < habits.sleeps_at_any_time:
            attempt.sleep_at = now + dice.uniform(0.0, 1.5)
        if order.unit.store == "erp" and dice.random() < habits.revised:
            self._revise(order)
        self._launch(attempt)
        if dice.random() < habits.twice:
            self.counts["task executed twice"] += 1
            self._twins.append((now + dice.uniform(0.0, 0.5), self._new_attempt(order, "twin", now)))

    def _new_attempt(self, order: WalkOrder, role: str, now: float) -> Attempt:
        self._number += 1
        attempt = Attempt(self._number, order, order.revision, order.tries, role, now)
        order.attempts.append(attempt)
        return attempt

    def _launch(self, attempt: Attempt) -> None:
        self.counts["attempts"] += 1
        self._attempts[attempt.number] = attempt
        attempt.started_at = time.monotonic()
        self._workers.start(self._plan(attempt))

    def _plan(self, attempt: Attempt) -> AttemptPlan:
        order = attempt.order
        return AttemptPlan(
            attempt=attempt.number,
            order_id=order.order_id,
            revision=attempt.revision,
            payload=order.revisions[attempt.revision],
            unit=order.unit.name,
            profile=order.unit.profile,
            mode=order.mode,
            try_number=attempt.try_number,
            folder=str(self._folder),
            erp=str(self._erp) if order.unit.store == "erp" else None,
            connection=self._station.connection(batch_size=order.batch_size),
            settle=self.habits.settle,
            poke=self.habits.poke,
            without=self.habits.without,
            interruptions=self._interruptions(),
        )

    def _interruptions(self) -> list[Interruption]:
        dice, found = self._dice, []
        for odds, sleeps in ((self.habits.killed_at_call, False), (self.habits.sleeps_at_call, True)):
            if dice.random() < odds:
                call = dice.choice((*WRITES, *WRITES, *_STORE_CALLS, "read"))
                nth = dice.randint(1, 12) if call in {"read", "recall", "save"} else 1
                found.append(Interruption(call, nth, after=dice.random() < 0.5, sleeps=sleeps))
        return found[:1]

    def _revise(self, order: WalkOrder) -> None:
        """Have the ERP raise the revision of an order that waits or is under way."""
        revision = order.revision + 1
        payload = payload_of(order.order_id, revision, order.payload["WorkMaster"])
        try:
            with closing(sqlite3.connect(self._erp, timeout=0.5)) as connection, connection:
                changed = connection.execute(
                    "UPDATE production_orders SET revision = ?, payload = ? "
                    "WHERE order_id = ? AND status <> 'confirmed'",
                    (revision, json.dumps(payload), order.order_id),
                ).rowcount
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            # An attempt was put to sleep within its transaction, and only this walk wakes it.
            self.counts["revision not raised, the table was locked"] += 1
            return
        if changed:
            self.counts["revision raised"] += 1
            order.revisions[revision] = payload

    # While they run

    def _treat(self, attempt: Attempt, now: float) -> None:
        if attempt.asleep_since is not None:
            others = self._ended[attempt.order.unit.name] - attempt.ended_meanwhile
            if others > 0 or now - attempt.asleep_since > _LONGEST_SLEEP:
                self.counts["woken after another order" if others > 0 else "woken before another order"] += 1
                attempt.asleep_since = None
                attempt.started_at = now
                self._workers.send(attempt.number, signal.SIGCONT)
            return
        if attempt.kill_at is not None and now >= attempt.kill_at:
            attempt.kill_at = None
            self._workers.send(attempt.number, signal.SIGKILL)
        if attempt.sleep_at is not None and now >= attempt.sleep_at:
            attempt.sleep_at = None
            self._workers.send(attempt.number, signal.SIGSTOP)
        if now - attempt.started_at > LONGEST_ATTEMPT:
            self.problems.append((attempt.order, f"attempt {attempt.number} hangs"))
            self._workers.send(attempt.number, signal.SIGKILL)

    def _note(self, event: WorkerEvent) -> None:
        attempt = self._attempts.get(event.attempt)
        if attempt is None or event.event == "started":
            return
        if event.event == "stopped":
            self._note_asleep(attempt)
            return
        attempt.code = event.code
        del self._attempts[event.attempt]
        if event.code == -signal.SIGKILL:
            self.counts["killed"] += 1
        outcome_file = outcome_path(self._folder, attempt.number)
        if outcome_file.exists():
            attempt.outcome = json.loads(outcome_file.read_text())
        self._judge(attempt)

    def _note_asleep(self, attempt: Attempt) -> None:
        """Give the attempt up for dead, as Airflow does when its heartbeats stay away."""
        self.counts["put to sleep"] += 1
        attempt.asleep_since, attempt.ended_meanwhile = time.monotonic(), self._ended[attempt.order.unit.name]
        if attempt.role == "first":
            attempt.role = "sleeper"
            attempt.order.next_try_at = time.monotonic() + _RETRY_SECONDS

    # How they end

    def _judge(self, attempt: Attempt) -> None:
        order, outcome = attempt.order, attempt.outcome
        if attempt.code not in {0, -signal.SIGKILL} or (attempt.code == 0 and outcome is None):
            self.problems.append((order, f"attempt {attempt.number} ended with exit code {attempt.code}"))
        if outcome is not None and outcome["status"] == "failed" and not outcome["is_ours"]:
            self.problems.append((order, f"attempt {attempt.number}: {outcome['error']}: {outcome['message']}"))
        if attempt.role != "first":
            return
        if outcome is not None and outcome["status"] == "done":
            self._end(order, "done")
            return
        order.last_error = outcome or {"error": "killed", "message": "killed"}
        if outcome is not None and outcome["is_final"]:
            self._judge_final(order, attempt, outcome)
        elif order.tries >= MOST_TRIES:
            self._end_for_now(order, "retries ran out")
        order.next_try_at = time.monotonic() + _RETRY_SECONDS

    def _judge_final(self, order: WalkOrder, attempt: Attempt, outcome: dict[str, Any]) -> None:
        newest = max(order.revisions)
        if outcome["error"] == "OrderPayloadMismatchError" and attempt.revision < newest:
            # The ERP has another revision by now; the next run of the DAG claims that one.
            order.revision = newest
            self.counts["claimed again in a higher revision"] += 1
        elif outcome["error"] == "OrderTimeoutError":
            self._end_for_now(order, "run took too long")
        elif outcome["error"] == "WinCCTagNotFoundError":
            # The same row was lost from two answers in a row at the very first look, which looks like a wrong tag map.
            self._end_for_now(order, "rows lost twice at the first look")
        elif outcome["error"] == "OrderUnitError" and "as just being handed over" in outcome["message"]:
            # Another writer's commit met the payload that a sleeper wrote; nothing of this order was sent.
            self._end_for_now(order, "alarm about an order that was done")
        else:
            self._end(order, _ENDS.get(outcome["error"], outcome["error"]))

    def _end_for_now(self, order: WalkOrder, why: str) -> None:
        """Let the task fail visibly; a person runs it again."""
        self.counts[why] += 1
        self._end(order, "exhausted")

    def _end(self, order: WalkOrder, end: str) -> None:
        order.end = end
        order.ended_at = time.monotonic()
        self._ended[order.unit.name] += 1


def calm(habits: Habits) -> Habits:
    """Return habits under which no attempt is touched."""
    return replace(
        habits,
        killed_at_call=0.0,
        killed_at_any_time=0.0,
        sleeps_at_call=0.0,
        sleeps_at_any_time=0.0,
        twice=0.0,
        revised=0.0,
    )
