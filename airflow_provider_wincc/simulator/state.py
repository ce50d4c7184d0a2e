"""Everything that the simulated station knows, without the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator.archives import Archives
from airflow_provider_wincc.simulator.catalogue import demo_tags
from airflow_provider_wincc.simulator.faults import FaultQueue
from airflow_provider_wincc.simulator.journal import Journal
from airflow_provider_wincc.simulator.message_monitor import MessageMonitor
from airflow_provider_wincc.simulator.message_system import MessageSystem
from airflow_provider_wincc.simulator.plant import Plant
from airflow_provider_wincc.simulator.renderer import Renderer
from airflow_provider_wincc.simulator.tags import TagTable
from airflow_provider_wincc.simulator.units import Units
from airflow_provider_wincc.simulator.users import make_users

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_provider_wincc.simulator.archive_settings import SimulatedArchive
    from airflow_provider_wincc.simulator.dialect import Dialect
    from airflow_provider_wincc.simulator.unit_settings import SimulatedUnit


class StationState:
    """Tags, plant, messages, production units, archives, users, faults, journal and dialect of one station.

    Changing the dialect puts a new renderer in place, so that a request in progress ends in the one it began
    with.
    """

    def __init__(
        self, dialect: Dialect, plant: str, units: Iterable[SimulatedUnit], archives: Iterable[SimulatedArchive]
    ) -> None:
        self.tags = TagTable()
        self.tags.define(demo_tags())
        self.messages = MessageSystem(self.tags)
        self.message_monitor = MessageMonitor(self.tags, self.messages)
        self.plant = Plant(self.tags, self.message_monitor.step)
        self.plant_name = plant
        self.users = make_users()
        self.faults = FaultQueue()
        self.journal = Journal()
        self.renderer = Renderer(dialect)
        self.acquired: set[str] = set()
        self.frozen = plant == "still"
        self.units = Units(units, self.tags, lambda: self.frozen)
        self.archives = Archives(archives)
        self.service_on = True

    @property
    def dialect(self) -> Dialect:
        """In which dialect the station answers."""
        return self.renderer.dialect

    @dialect.setter
    def dialect(self, dialect: Dialect) -> None:
        self.renderer = Renderer(dialect)
