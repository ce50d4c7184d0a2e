"""The demo plant as it is configured: tags, groups, connections and structures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.models import DataType
from airflow_provider_wincc.simulator.tags import SimulatedTag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_provider_wincc.client.models import Scalar

INTERNAL = "Internal"
LINE3 = "S7_Line3"
UNITS = "S7_Units"
"""Connection of the tags of production units."""
ORDERS = "Orders"
"""Group of the tags of production units."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a structure type; the tag of an instance is called ``Instance.Member``."""

    name: str
    data_type: DataType
    unit: str
    description: str
    first: Scalar


@dataclass(frozen=True, slots=True)
class Structure:
    """A structure type with its instances; each instance is a tag group of its own name."""

    name: str
    connection: str
    instances: tuple[str, ...]
    members: tuple[Member, ...]


STRUCTURES = (
    Structure(
        "Tank",
        "S7_Tanks",
        ("Tank1", "Tank2"),
        (
            Member("Level", DataType.FLOAT32, "%", "Filling level, moves towards the set-point", first=40.0),
            Member("Inflow", DataType.FLOAT32, "l/s", "Inflow; a tank holds 1000 l", first=0.0),
            Member("Setpoint", DataType.FLOAT32, "%", "Set-point of the level, 0 to 100; write it", first=40.0),
            Member("ValveOpen", DataType.BOOL, "", "Whether the inlet valve is open", first=False),
        ),
    ),
    Structure(
        "Mixer",
        "S7_Mixing",
        ("Mixer1",),
        (
            Member("State", DataType.TEXT, "", "IDLE, FILLING, MIXING or DRAINING", first="IDLE"),
            Member("Ready", DataType.BOOL, "", "Whether a cycle can be started", first=True),
            Member("Start", DataType.BOOL, "", "Write true to start one cycle; the plant resets it", first=False),
            Member("Cycles", DataType.UINT32, "", "Cycles started since the station runs", first=0),
            Member("Recipe", DataType.TEXT, "", "Recipe of the next cycle; write it", first="R-001"),
            Member("Speed", DataType.FLOAT32, "1/min", "Speed of the stirrer, follows the set-point", first=0.0),
            Member("SpeedSetpoint", DataType.FLOAT32, "1/min", "Set-point, 0 to 1500; write it", first=0.0),
        ),
    ),
    Structure(
        "Line",
        LINE3,
        ("Line3",),
        (
            Member("Running", DataType.BOOL, "", "Whether the line is on; write it", first=True),
            Member("Count", DataType.UINT32, "pieces", "Good pieces, counts while the line runs", first=0),
            Member("Speed", DataType.FLOAT32, "1/min", "Pieces per minute, follows the set-point", first=0.0),
            Member("SpeedSetpoint", DataType.FLOAT32, "1/min", "Set-point, 0 to 600; write it", first=120.0),
            Member(
                "StatusWord",
                DataType.UINT16,
                "",
                "Bit 0 running, bit 1 set-point reached, bit 8 changes every second",
                first=0,
            ),
        ),
    ),
)

CONNECTIONS = (
    (INTERNAL, "Internal tags"),
    ("S7_Tanks", "SIMATIC S7-1200, S7-1500 Channel"),
    ("S7_Mixing", "SIMATIC S7-1200, S7-1500 Channel"),
    (LINE3, "SIMATIC S7-1200, S7-1500 Channel"),
    (UNITS, "SIMATIC S7-1200, S7-1500 Channel"),
)

GROUPS = ("Tank1", "Tank2", "Mixer1", "Line3", "Unit", "Plant", "System", ORDERS, "Messages")


def demo_tags() -> list[SimulatedTag]:
    """Return the tags of the demo plant as they stand when the station starts."""
    now = datetime.now(UTC)
    members = [
        SimulatedTag(
            name=f"{instance}.{member.name}",
            data_type=member.data_type,
            value=member.first,
            timestamp=now,
            unit=member.unit,
            description=member.description,
            group=instance,
            connection=structure.connection,
        )
        for structure in STRUCTURES
        for instance in structure.instances
        for member in structure.members
    ]
    return [
        *members,
        SimulatedTag(
            "Unit.Heartbeat",
            DataType.UINT16,
            0,
            now,
            unit="s",
            description="One more every second",
            group="Unit",
            connection=LINE3,
        ),
        SimulatedTag(
            "Plant.BatchId",
            DataType.TEXT,
            "000042",
            now,
            description="Batch number with leading zeros; write it",
            group="Plant",
        ),
        *station_tags(),
    ]


def station_tags() -> list[SimulatedTag]:
    """Return the tags that each simulated station has, whatever its plant: of the system and of its messages."""
    now = datetime.now(UTC)
    return [
        SimulatedTag(
            "@LocalMachineName", DataType.TEXT, "SIMULATOR", now, description="Name of the station", group="System"
        ),
        SimulatedTag(
            "Messages.Acknowledge",
            DataType.UINT32,
            0,
            now,
            description="Write the number of a message to acknowledge it; the plant sets it back to 0 after a second",
            group="Messages",
        ),
        SimulatedTag(
            "Messages.Pending", DataType.UINT32, 0, now, description="How many messages are pending", group="Messages"
        ),
        SimulatedTag("@CurrentUser", DataType.TEXT, "operator", now, description="User at the screen", group="System"),
    ]


@dataclass(frozen=True, slots=True)
class TagConfiguration:
    """What tag management lists beside the tags themselves.

    :param connections: names of connections with the drivers that they use.
    :param groups: names of tag groups.
    """

    structures: tuple[Structure, ...]
    connections: tuple[tuple[str, str], ...]
    groups: tuple[str, ...]


DEMO_CONFIGURATION = TagConfiguration(STRUCTURES, CONNECTIONS, GROUPS)


def configuration_of(tags: Iterable[SimulatedTag]) -> TagConfiguration:
    """Gather the connections and groups of the tags of an own plant; it has no structures.

    Which driver a connection uses is not known of an own plant; all but the internal one say S7.
    """
    connections: dict[str, str] = {INTERNAL: "Internal tags"}
    groups: dict[str, None] = {}
    for tag in tags:
        connections.setdefault(tag.connection, "SIMATIC S7-1200, S7-1500 Channel")
        if tag.group:
            groups[tag.group] = None
    return TagConfiguration((), tuple(connections.items()), tuple(groups))
