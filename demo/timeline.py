"""What happened to the orders, at the unit and in the ERP, in the order in which it happened."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from demo.erp import ErpOrder
    from demo.station import UnitEvent


class Moment(NamedTuple):
    """One line of the timeline; `seconds` counts from the first one."""

    seconds: float
    order_id: str
    place: str
    event: str


def timeline(listed: Iterable[ErpOrder], events: Iterable[UnitEvent]) -> list[Moment]:
    """Merge what the ERP and the unit noted."""
    noted = [(event.at, event.order_id, "unit", event.text) for event in events]
    for order in listed:
        noted.append((_time(order.released_at), order.order_id, "ERP", "released"))
        if order.recorded_at is not None:
            noted.append((_time(order.recorded_at), order.order_id, "ERP", f"result recorded, order {order.status}"))
    return _counted(sorted(noted))


def _counted(noted: Sequence[tuple[datetime, str, str, str]]) -> list[Moment]:
    return [Moment((at - noted[0][0]).total_seconds(), *what) for at, *what in noted]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
