"""Where what a unit shows differs from an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.value_types import shows_value

if TYPE_CHECKING:
    from airflow_provider_wincc.orders.order import ProductionOrder
    from airflow_provider_wincc.orders.snapshot import Snapshot
    from airflow_provider_wincc.orders.tags import OrderHandoffTags


def echo_differences(order: ProductionOrder, snapshot: Snapshot) -> list[str]:
    """Say in words where what the unit has stored differs from the order; empty when nothing does."""
    found = [
        f"{name} is {reading.text!r}, expected {order.payload[name]!r}"
        for name, reading in snapshot.echo.items()
        if not shows_value(reading, order.payload[name], 0.0)
    ]
    stored = snapshot.numbers.get("current_revision")
    if stored is not None and stored != order.revision:
        found.append(f"revision is {stored}, expected {order.revision}")
    return found


def offer_differences(order: ProductionOrder, snapshot: Snapshot, tags: OrderHandoffTags) -> list[str]:
    """Say in words where what stands in the client's tags differs from the order's offer; empty when nothing does."""
    found = []
    if snapshot.order_id != order.order_id:
        found.append(f"id is {snapshot.order_id!r}, expected {order.order_id!r}")
    if snapshot.numbers.get("revision", order.revision) != order.revision:
        found.append(f"revision is {snapshot.numbers['revision']}, expected {order.revision}")
    found += [
        f"{name} is {reading.text!r} ({reading.quality}), expected {order.payload[name]!r}"
        for name, reading in snapshot.payload.items()
        if not shows_value(reading, order.payload[name], 0.0)
    ]
    # An old command could meet a counter that was set back, and would then be in force.
    found += [f"{role} is {snapshot.numbers[role]}, expected 0" for role in tags.methods if snapshot.numbers[role]]
    return found
