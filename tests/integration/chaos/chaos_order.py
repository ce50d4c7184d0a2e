"""The orders of the walk, and what is recorded of each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

if TYPE_CHECKING:
    import random

STORES = ("erp", "task")
MODES = ("poke", "poke", "reschedule", "deferrable")
BAD_RECIPE = "R-999"
_RECIPES = ("R-001", "R-002", "R-003")


@dataclass(frozen=True)
class UnitPlan:
    """A unit of the walk.

    :param store: where the handoffs of this unit keep their notes: ``erp`` or ``task``.
    :param broken: it does not refuse an order that it has executed, and never loses its memory.
    """

    name: str
    profile: str
    store: str
    broken: bool


_PLANS = (
    UnitPlan("A1", "A", "erp", broken=False),
    UnitPlan("A2", "A", "erp", broken=True),
    UnitPlan("A3", "A", "task", broken=False),
    UnitPlan("A4", "A", "task", broken=True),
    UnitPlan("A5", "A", "erp", broken=False),
    UnitPlan("A6", "A", "task", broken=False),
    UnitPlan("B1", "B", "erp", broken=False),
    UnitPlan("B2", "B", "task", broken=True),
    UnitPlan("C1", "C", "erp", broken=False),
    UnitPlan("C2", "C", "task", broken=True),
    UnitPlan("D1", "D", "erp", broken=True),
    UnitPlan("D2", "D", "task", broken=False),
)
# Airflow itself keeps notes from 3.3 on.
UNITS = tuple(unit if AIRFLOW_V_3_3_PLUS else replace(unit, store="erp") for unit in _PLANS)


@dataclass(slots=True)
class Attempt:
    """One run of the operator in a process of its own.

    :param role: ``first`` (its outcome decides), ``twin`` (the same task executed twice at once) or ``sleeper`` (it
        was believed to be dead, and has woken or will wake).
    """

    number: int
    order: WalkOrder
    revision: int
    try_number: int
    role: str
    started_at: float
    kill_at: float | None = None
    sleep_at: float | None = None
    asleep_since: float | None = None
    ended_meanwhile: int = 0
    code: int | None = None
    outcome: dict[str, Any] | None = None

    @property
    def is_over(self) -> bool:
        return self.code is not None


@dataclass(slots=True, eq=False)
class WalkOrder:
    """One order of the walk.

    :param revisions: payload by revision; each may run only with its own.
    :param end: how it ended: ``done``, ``refused``, ``aborted``, ``unsuccessful``, ``human``; empty while open;
        ``exhausted`` when its task has failed and a person has to run it again.
    """

    order_id: str
    unit: UnitPlan
    mode: str
    revisions: dict[int, dict[str, Any]]
    batch_size: int = 150
    revision: int = 0
    tries: int = 0
    attempts: list[Attempt] = field(default_factory=list)
    end: str = ""
    ended_at: float = 0.0
    next_try_at: float = 0.0
    first_started_at: float = 0.0
    last_error: dict[str, Any] = field(default_factory=dict)

    @property
    def payload(self) -> dict[str, Any]:
        return self.revisions[self.revision]

    @property
    def active(self) -> list[Attempt]:
        """The attempts whose processes are still there."""
        return [attempt for attempt in self.attempts if not attempt.is_over]


def planned_orders(dice: random.Random, count: int, first: int, *, refused: float) -> list[WalkOrder]:
    """Make orders for the units in turn.

    :param first: number of the first one, so that no id comes twice in a walk.
    :param refused: share of orders that the units do not accept.
    """
    return [_order(dice, number, UNITS[number % len(UNITS)], refused) for number in range(first, first + count)]


def _order(dice: random.Random, number: int, unit: UnitPlan, refused: float) -> WalkOrder:
    order_id = f"{number:08d}"
    recipe = BAD_RECIPE if dice.random() < refused else dice.choice(_RECIPES)
    return WalkOrder(
        order_id,
        unit,
        dice.choice(MODES),
        {0: payload_of(order_id, 0, recipe)},
        # A small one has a payload travel in several requests, so that others come in between.
        batch_size=4 if dice.random() < 0.15 else 150,
    )


def payload_of(order_id: str, revision: int, recipe: str) -> dict[str, Any]:
    """Return a payload that no other order and no other revision has; its numbers are exact in 32 bits."""
    return {
        "WorkMaster": recipe,
        "Quantity": 1 + int(order_id) % 900 + revision / 4,
        "Lot": f"L{order_id}-{revision}",
    }
