"""One handoff in the process of the test, for what the walk has found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos_order import payload_of
from chaos_plans import AttemptPlan

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_provider_wincc.simulator import SimulatedUnit

ORDER_ID = "00000001"


def plan_of(
    unit: SimulatedUnit,
    folder: Path,
    *,
    order_id: str = ORDER_ID,
    mode: str = "poke",
    settle: float = 0.1,
    poke: float = 0.1,
) -> AttemptPlan:
    """Plan the handoff of an order with a payload of its own; the connection is the test's own."""
    return AttemptPlan(
        attempt=1,
        order_id=order_id,
        revision=0,
        payload=payload_of(order_id, 0, "R-001"),
        unit=unit.name,
        profile=unit.profile,
        mode=mode,
        try_number=1,
        folder=str(folder),
        erp=None,
        connection={},
        settle=settle,
        poke=poke,
    )
