"""The orders that the demo releases, as an ERP would."""

from __future__ import annotations

from dataclasses import dataclass

UNIT = "Mixer1"


@dataclass(frozen=True)
class DemoOrder:
    """An order, and what has to become of it.

    :param order_id: a text, so that its zeros stay.
    :param work_master: the recipe.
    :param ends_as: the status that the ERP has to show at the end: confirmed or failed.
    """

    order_id: str
    work_master: str
    quantity: float
    ends_as: str

    @property
    def payload(self) -> dict[str, str | float]:
        """Value by parameter, as the unit gets it."""
        return {"WorkMaster": self.work_master, "Quantity": self.quantity}


ORDERS = (
    DemoOrder("000101", "R-001", 70.0, ends_as="confirmed"),
    # The simulated unit does not know this recipe, so it refuses the order.
    DemoOrder("000102", "R-404", 50.0, ends_as="failed"),
    DemoOrder("000103", "R-002", 120.0, ends_as="confirmed"),
)
