"""The invariant: started at most once, with its own payload; done means ran once; and nothing is silently lost."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chaos_order import BAD_RECIPE, WalkOrder
from chaos_plans import log_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from chaos_machine import Machine
    from chaos_station import Station

    from airflow_provider_wincc.simulator import Simulator
    from airflow_provider_wincc.simulator.production_unit import ProductionUnit

DOUBLED = "doubled"
LOST = "lost"
FOREIGN = "foreign payload"
WRONG_HUMAN = "asked for a human without need"
WRONG_WORD = "reported what did not happen"
_STATUS = {
    "done": {"confirmed"},
    "refused": {"failed"},
    "aborted": {"failed"},
    "unsuccessful": {"failed"},
    # The ERP's change of an order that has run already is told by the task alone.
    "human": {"needs_decision", "claimed", "confirmed", "failed"},
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation of the invariant."""

    kind: str
    order: WalkOrder
    words: str


def violations_of(
    orders: list[WalkOrder], station: Station, machines: Mapping[str, Machine], erp: Path
) -> list[Violation]:
    """Check all orders of a round, when all of them have ended."""
    rows, results = _erp(erp)
    found: list[Violation] = []
    known = {order.order_id for order in orders}
    starts: dict[str, list[Any]] = {}
    units = {name: station.simulator.unit(name) for name in machines}
    for unit in units.values():
        for start in unit.starts:
            starts.setdefault(start.order_id, []).append(start)
            if start.order_id not in known:
                found.append(Violation(FOREIGN, orders[0], f"a start of {start.order_id!r}, which nobody ordered"))
    for order in orders:
        name = order.unit.name
        torn = [at for unit, at in station.torn if unit == name]
        check = _Check(order, starts.get(order.order_id, []), units[name], machines[name].losses, torn)
        found += check.starts_once()
        found += check.has_ended_as_told()
        if order.unit.store == "erp":
            found += check.stands_in_the_erp(rows[order.order_id], results.get(order.order_id))
    return found


def story_of(order: WalkOrder, simulator: Simulator, folder: Path) -> str:
    """Tell all that is known of one order: its unit's timeline, the writes to it, and the logs of its attempts."""
    lines = [f"order {order.order_id} at {order.unit}, {order.mode}, batch size {order.batch_size}"]
    lines += [f"  revision {number}: {payload}" for number, payload in order.revisions.items()]
    lines.append(f"  ended: {order.end or 'no'}; tries {order.tries}; last error {order.last_error}")
    first, last = _span(order, simulator)
    lines.append("timeline of the unit:")
    lines += [
        f"  {event.at:%H:%M:%S.%f} {event.event} {event.order_id} {event.detail}"
        for event in simulator.unit(order.unit.name).timeline
        if first <= event.at <= last
    ]
    lines.append("writes to the unit:")
    lines += [
        f"  {write.at:%H:%M:%S.%f} {write.tag} = {write.value!r}"
        for write in simulator.writes
        if write.tag.startswith(f"{order.unit.name}.") and first <= write.at <= last
    ]
    for attempt in order.attempts:
        lines.append(
            f"attempt {attempt.number} (try {attempt.try_number}, {attempt.role}, revision {attempt.revision}, exit "
            f"code {attempt.code}): {attempt.outcome}"
        )
        log = log_path(folder, attempt.number)
        lines += [f"  | {line}" for line in (log.read_text().splitlines() if log.exists() else ())]
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class _Check:
    order: WalkOrder
    starts: list[Any]
    unit: ProductionUnit
    losses: list[float]
    torn: list[float]

    def starts_once(self) -> list[Violation]:
        found = []
        if len(self.starts) > 1:
            found.append(self._violation(DOUBLED, f"started {len(self.starts)} times: {self.starts}"))
        for start in self.starts:
            own = self.order.revisions.get(start.revision)
            if own != start.payload:
                found.append(self._violation(FOREIGN, f"started with {start.payload}, revision {start.revision}"))
            elif own is not None and own["WorkMaster"] == BAD_RECIPE:
                found.append(self._violation(FOREIGN, "started with a recipe that the unit refuses"))
        return found

    def has_ended_as_told(self) -> list[Violation]:
        order, events = self.order, self._events()
        found = []
        for attempt in order.attempts:
            if attempt.outcome is not None and attempt.outcome["status"] == "done":
                found += self._done_is_true(attempt.outcome["result"])
        match order.end:
            case "done":
                pass
            case "refused":
                if self.starts or "refused content not acceptable" not in events:
                    found.append(self._violation(WRONG_WORD, f"refused, and the unit says {events}"))
            case "aborted":
                if "aborted" not in events:
                    found.append(self._violation(WRONG_WORD, f"aborted, and the unit says {events}"))
            case "unsuccessful":
                if not {"ended stopped", "ended unsuccessful"} & set(events):
                    found.append(self._violation(WRONG_WORD, f"unsuccessful, and the unit says {events}"))
            case "human":
                if not self._may_ask_for_a_human():
                    found.append(self._violation(WRONG_HUMAN, f"{order.last_error}"))
            case _:
                found.append(self._violation(LOST, f"ended as {order.end!r}: {order.last_error}"))
        return found

    def stands_in_the_erp(self, row: Mapping[str, Any], result: Mapping[str, Any] | None) -> list[Violation]:
        order = self.order
        expected = _STATUS.get(order.end, set())
        if order.end == "done" and result is not None and result["revision"] < row["revision"]:
            # The ERP has corrected it while it was under way, and what it lists now was not made.
            expected = {"failed"}
        found = []
        if row["status"] not in expected:
            found.append(self._violation(LOST, f"{order.end}, and the ERP says {row['status']}: {row['reason']}"))
        if order.end == "done" and (result is None or result["outcome"] != "successful"):
            found.append(self._violation(LOST, f"done, and the ERP's result is {result}"))
        return found

    def _done_is_true(self, result: Mapping[str, Any]) -> list[Violation]:
        ended = [event for event in self._events() if event.startswith("ended")]
        if len(self.starts) != 1 or ended != ["ended successful"]:
            return [self._violation(WRONG_WORD, f"done, and it started {len(self.starts)} times and {ended}")]
        (start,) = self.starts
        made = result["results"].get("ActualQuantity", {}).get("value")
        told = (result["sequence"], result["revision"], result["outcome"], made)
        true = (start.sequence, start.revision, "successful", start.payload["Quantity"])
        if told != true:
            return [self._violation(WRONG_WORD, f"the result is told as {told}, and it is {true}")]
        return []

    def _may_ask_for_a_human(self) -> bool:
        """Whether the order had a reason: all that no client can tell from the tags.

        The ERP changed it while it was under way; the unit's memory was lost meanwhile; or a stranger wrote to its
        payload, which another order's attempt then committed, so that nobody remembers to have committed it.
        """
        order = self.order
        if len(order.revisions) > 1:
            return True
        reasons = self.losses if order.last_error["error"] == "OrderOutcomeUnknownError" else self.torn
        return any(order.first_started_at <= at for at in reasons)

    def _events(self) -> list[str]:
        return [
            f"{event.event} {event.detail}".strip()
            for event in self.unit.timeline
            if event.order_id == self.order.order_id and event.event in {"refused", "aborted", "ended"}
        ]

    def _violation(self, kind: str, words: str) -> Violation:
        return Violation(kind, self.order, words)


def _erp(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        orders = {row["order_id"]: dict(row) for row in connection.execute("SELECT * FROM production_orders")}
        results = {
            row["order_id"]: {**dict(row), "result": json.loads(row["result"])}
            for row in connection.execute("SELECT * FROM production_results")
        }
    return orders, results


def _span(order: WalkOrder, simulator: Simulator) -> tuple[Any, Any]:
    from datetime import UTC, datetime, timedelta

    first = datetime.fromtimestamp(order.first_started_at, UTC)
    own = [event.at for event in simulator.unit(order.unit.name).timeline if event.order_id == order.order_id]
    last = max([*own, first + timedelta(seconds=20)])
    return first - timedelta(seconds=1), last + timedelta(seconds=1)
