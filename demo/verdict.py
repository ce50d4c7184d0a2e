"""Whether the orders of the demo went as they must: each confirmed one started once, the refused one never."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from demo.erp import ErpOrder
    from demo.orders import DemoOrder
    from demo.station import UnitStart

_REFUSED_BY_UNIT = "was refused: return status"


def complaints(orders: Sequence[DemoOrder], listed: Sequence[ErpOrder], starts: Sequence[UnitStart]) -> list[str]:
    """Say in one sentence each what is not as it must be; empty when all is well.

    :param orders: what was released.
    :param listed: what the ERP shows in the end.
    :param starts: what the unit started.
    """
    rows = {row.order_id: row for row in listed}
    found: list[str] = []
    for order in orders:
        row = rows.get(order.order_id)
        if row is None or row.status != order.ends_as:
            status = "missing" if row is None else row.status
            found.append(f"Order {order.order_id} is {status} in the ERP, and should be {order.ends_as}.")
        elif order.ends_as == "failed" and _REFUSED_BY_UNIT not in row.reason:
            found.append(f"Order {order.order_id} failed, but not because the unit refused it: {row.reason}")
        found += _about_starts(order, [start for start in starts if start.order_id == order.order_id])
    released = {order.order_id for order in orders}
    found += [f"The unit started {start.order_id}, which nobody released." for start in _strangers(starts, released)]
    return found


def _about_starts(order: DemoOrder, starts: Sequence[UnitStart]) -> list[str]:
    expected = 1 if order.ends_as == "confirmed" else 0
    found = []
    if len(starts) != expected:
        found.append(f"The unit started order {order.order_id} {len(starts)} times, and should have {expected} times.")
    found += [
        f"The unit started order {order.order_id} with {start.payload}, and should have with {order.payload}."
        for start in starts
        if start.payload != order.payload
    ]
    return found


def _strangers(starts: Sequence[UnitStart], released: set[str]) -> list[UnitStart]:
    return [start for start in starts if start.order_id not in released]
