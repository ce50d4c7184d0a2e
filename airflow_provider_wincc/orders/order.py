"""``ProductionOrder``: what is handed to a unit."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.errors import WinCCConfigurationError

if TYPE_CHECKING:
    from airflow_provider_wincc.client.models import Scalar

LARGEST_REVISION = 2**31 - 1


@dataclass(frozen=True, slots=True)
class ProductionOrder:
    """One order, as the ERP released it (ISA-95: job order).

    :param order_id: its number as text, exactly as the ERP writes it; leading zeros count.
    :param payload: parameter → value (bool, finite number or text), such as recipe and quantity.
    :param revision: which version of the order this is, from 0; the ERP counts it up with each change.
    :raises WinCCConfigurationError: naming what is wrong and what was expected.
    """

    order_id: str
    payload: Mapping[str, Scalar] = field(default_factory=dict)
    revision: int = 0

    def __post_init__(self) -> None:
        _check_id(self.order_id)
        if isinstance(self.revision, bool) or not isinstance(self.revision, int):
            raise WinCCConfigurationError(
                f"The revision of order {self.order_id!r} is {self.revision!r}.", hint="Give a whole number from 0."
            )
        if not 0 <= self.revision <= LARGEST_REVISION:
            raise WinCCConfigurationError(
                f"The revision of order {self.order_id!r} is {self.revision}.",
                hint=f"Give a whole number from 0 to {LARGEST_REVISION}.",
            )
        if not isinstance(self.payload, Mapping):
            raise WinCCConfigurationError(
                f"The payload of order {self.order_id!r} is a {type(self.payload).__name__}.",
                hint='Give a mapping of parameter to value, such as {"WorkMaster": "R-001", "Quantity": 120}. A '
                "template that makes a mapping needs render_template_as_native_obj=True on the DAG.",
            )
        for name, value in self.payload.items():
            _check_parameter(self.order_id, name, value)

    def to_json(self) -> dict[str, Any]:
        """Return the order as plain JSON types."""
        return {"order_id": self.order_id, "revision": self.revision, "payload": dict(self.payload)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ProductionOrder:
        """Make the order again out of :meth:`to_json`."""
        return cls(data["order_id"], data["payload"], data["revision"])


def _check_id(order_id: object) -> None:
    if not isinstance(order_id, str):
        raise WinCCConfigurationError(
            f"The order id is {order_id!r} (type {type(order_id).__name__}), and not a text.",
            hint="Give the ERP's number as text, so that leading zeros stay. A DAG with "
            "render_template_as_native_obj=True turns a template of digits into a number; hand the id over as an "
            "argument of the mapping or as an XCom instead.",
        )
    problem = ""
    if not order_id:
        problem = "is empty"
    elif order_id != order_id.strip():
        problem = "begins or ends with a blank, which controllers cut off"
    elif any(unicodedata.category(character) in {"Cc", "Cs"} for character in order_id):
        problem = "has a control character in it"
    if problem:
        raise WinCCConfigurationError(f"The order id {order_id!r} {problem}.", hint="Give the ERP's number as text.")


def _check_parameter(order_id: str, name: object, value: object) -> None:
    if not isinstance(name, str) or not name:
        raise WinCCConfigurationError(
            f"The payload of order {order_id!r} has a parameter {name!r}.", hint="The names of parameters are texts."
        )
    if not isinstance(value, bool | int | float | str) or (isinstance(value, float) and not math.isfinite(value)):
        raise WinCCConfigurationError(
            f"Parameter {name!r} of order {order_id!r} is {value!r}.",
            hint="A tag holds a bool, a finite number or a text.",
        )
