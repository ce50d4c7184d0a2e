"""The tags of a simulated unit, without its name in front."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.models import DataType

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.unit_settings import SimulatedUnit


@dataclass(frozen=True, slots=True)
class UnitTag:
    """A tag of a unit.

    :param name: without the name of the unit, such as ``Order.Id``.
    :param by_client: written by the client, read by the unit; else the other way round.
    """

    name: str
    data_type: DataType
    description: str
    by_client: bool
    unit: str = ""


METHODS = ("Order.Abort", "Order.Stop", "Order.Cancel", "Order.Clear", "Order.Start")
"""Commands for the current order; where several are in force, the first one is carried out."""


def unit_tags(settings: SimulatedUnit) -> tuple[UnitTag, ...]:
    """Return the tags of a unit of these settings: first those that the client writes, then the unit's own.

    :raises ValueError: when a parameter has the name of another tag.
    """
    tags = (*_client_tags(settings), *_own_tags(settings))
    seen: set[str] = set()
    for tag in tags:
        if tag.name.lower() in seen:
            raise ValueError(f"unit {settings.name!r} has two tags {tag.name}; give the parameter another name")
        seen.add(tag.name.lower())
    return tags


def _client_tags(settings: SimulatedUnit) -> list[UnitTag]:
    def written(name: str, data_type: DataType, description: str) -> UnitTag:
        return UnitTag(name, data_type, description, by_client=True)

    return [
        written("Order.Id", DataType.TEXT, f"Id of the order, at most {settings.id_length} characters; write it"),
        written("Order.Revision", DataType.INT32, "Revision of the order; write it"),
        *(
            written(f"Order.{name}", kind, "Parameter of the order; write it")
            for name, kind in settings.parameters.items()
        ),
        *(written(*words) for words in _COMMIT[settings.profile]),
        *(
            written(name, DataType.UINT32, "In force when equal to CurrentSequence; write it")
            for name in reversed(METHODS)
        ),
    ]


def _own_tags(settings: SimulatedUnit) -> list[UnitTag]:
    def shown(name: str, data_type: DataType, description: str, unit: str = "") -> UnitTag:
        return UnitTag(name, data_type, description, by_client=False, unit=unit)

    echo = [
        shown("Order.AckId", DataType.TEXT, "Id of the order that was answered last"),
        shown("Order.CurrentId", DataType.TEXT, "Id of the order that the unit holds"),
        shown("Order.CurrentRevision", DataType.INT32, "Revision of the order that the unit holds"),
        *(
            shown(f"Order.Current{name}", kind, "Parameter of the order that the unit holds")
            for name, kind in settings.parameters.items()
        ),
    ]
    return [
        *(shown(*words) for words in _ANSWER[settings.profile]),
        shown("Order.ReturnStatus", DataType.UINT32, "Last answer: 1 accepted, 8 not now, 16 id taken, 32 content"),
        *(echo if settings.id_echo else ()),
        shown("Order.CurrentSequence", DataType.UINT32, "Number of the order that the unit holds; 0 for none"),
        shown("Order.State", DataType.INT16, "State of the order that the unit holds"),
        shown("Order.Result", DataType.INT16, "0 unknown, 1 successful, 2 unsuccessful"),
        shown("Order.ActualQuantity", DataType.FLOAT32, "Quantity made so far"),
        shown("Order.ActualDuration", DataType.FLOAT32, "How long the order has been running", "s"),
        shown("Order.Ready", DataType.BOOL, "Whether the unit can take an order"),
        shown("Unit.Mode", DataType.INT16, "1 production, 2 maintenance, 3 manual"),
        shown("Unit.Heartbeat", DataType.UINT16, "Changes twice a second"),
    ]


_COMMIT: dict[str, list[tuple[str, DataType, str]]] = {
    "A": [("Order.Sequence", DataType.UINT32, "AckSequence + 1 commits the order; write it last and alone")],
    "B": [("Order.Sequence", DataType.UINT32, "Odd asks for permission, even commits the order; write it alone")],
    "C": [("Order.Request", DataType.BOOL, "True commits the order; write it last and alone")],
    "D": [("Order.ClientStatus", DataType.INT16, "0 rest, 1 commits the order; write it last and alone")],
}
_ANSWER: dict[str, list[tuple[str, DataType, str]]] = {
    "A": [("Order.AckSequence", DataType.UINT32, "Number that was answered last")],
    "B": [("Order.AckSequence", DataType.UINT32, "Number that was answered last")],
    "C": [("Order.Acknowledge", DataType.BOOL, "Whether the request has been answered")],
    "D": [("Order.UnitStatus", DataType.INT16, "0 rest, 2 taken, 8 refused")],
}
