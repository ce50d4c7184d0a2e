"""Production units and their orders as the page for people shows them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.simulator.page_tags import shortened

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.production_unit import ProductionUnit
    from airflow_provider_wincc.simulator.unit_records import UnitEvent

SHOWN_ORDERS = 20
"""How many orders of a unit are shown, those to which something happened last."""
_SHOWN_EVENTS = 10
_EVENTS_LOOKED_AT = 500


def unit_orders(unit: ProductionUnit) -> dict[str, Any]:
    """Describe a unit: its state, its newest orders with their timelines and start counts, and what else happened.

    Orders and events without an order come newest first, the events of an order in the order they happened.
    """
    starts = Counter(start.order_id for start in unit.starts)
    by_order: dict[str, list[UnitEvent]] = {}
    for event in unit.timeline[-_EVENTS_LOOKED_AT:]:
        # Taken out and put in again, so that the order to which something happened last comes last.
        by_order[event.order_id] = [*by_order.pop(event.order_id, []), event]
    others = by_order.pop("", [])
    return {
        "name": unit.name,
        "profile": unit.settings.profile,
        "state": unit.state,
        "starts": starts.total(),
        "orders": [
            {"id": shortened(order), "starts": starts[order], "events": [_event(event) for event in events]}
            for order, events in list(reversed(by_order.items()))[:SHOWN_ORDERS]
        ],
        "events": [_event(event) for event in reversed(others[-_SHOWN_EVENTS:])],
    }


def _event(event: UnitEvent) -> dict[str, str]:
    return {"at": event.at.isoformat(), "event": event.event, "detail": shortened(event.detail)}
