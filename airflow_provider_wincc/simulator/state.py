"""Everything that the simulated station knows, without the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator.archives import Archives
from airflow_provider_wincc.simulator.catalogue import (
    DEMO_CONFIGURATION,
    TagConfiguration,
    configuration_of,
    demo_tags,
    station_tags,
)
from airflow_provider_wincc.simulator.faults import FaultQueue
from airflow_provider_wincc.simulator.journal import Journal
from airflow_provider_wincc.simulator.message_monitor import MessageMonitor
from airflow_provider_wincc.simulator.message_system import MessageSystem
from airflow_provider_wincc.simulator.plant import Plant, SteppedPlant
from airflow_provider_wincc.simulator.plant_messages import DEMO_MESSAGES
from airflow_provider_wincc.simulator.plant_motion import OwnPlant
from airflow_provider_wincc.simulator.renderer import Renderer
from airflow_provider_wincc.simulator.tags import TagTable
from airflow_provider_wincc.simulator.timeline import Timeline
from airflow_provider_wincc.simulator.units import Units
from airflow_provider_wincc.simulator.users import make_users

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_provider_wincc.simulator.archive_settings import SimulatedArchive
    from airflow_provider_wincc.simulator.dialect import Dialect
    from airflow_provider_wincc.simulator.plant_file import PlantFile
    from airflow_provider_wincc.simulator.unit_settings import SimulatedUnit


class StationState:
    """Tags, plant, messages, production units, archives, users, faults, journal and dialect of one station.

    Changing the dialect puts a new renderer in place, so that a request in progress ends in the one it began
    with.

    :param plant: ``demo``, ``still``, or an own plant.
    """

    def __init__(
        self,
        dialect: Dialect,
        plant: str | PlantFile,
        units: Iterable[SimulatedUnit],
        archives: Iterable[SimulatedArchive],
    ) -> None:
        own = None if isinstance(plant, str) else plant
        self.tags = TagTable()
        self.tags.define(demo_tags() if own is None else [*station_tags(), *own.simulated_tags()])
        self.messages = MessageSystem(self.tags, DEMO_MESSAGES if own is None else own.messages)
        self.message_monitor = MessageMonitor(self.tags, self.messages)
        self.own_plant = None if own is None else OwnPlant(self.tags, self._after_step, own.behaviours)
        self.plant: SteppedPlant = self.own_plant or Plant(self.tags, self._after_step)
        self.plant_name = plant if isinstance(plant, str) else plant.name
        self.users = make_users()
        self.faults = FaultQueue()
        self.journal = Journal()
        self.renderer = Renderer(dialect)
        self.acquired: set[str] = set()
        self.frozen = plant == "still" if isinstance(plant, str) else plant.frozen
        self.units = Units(units, self.tags, lambda: self.frozen)
        self.archives = Archives(archives)
        self.service_on = True
        self.timeline = Timeline(() if own is None else own.timeline)

    @property
    def dialect(self) -> Dialect:
        """In which dialect the station answers."""
        return self.renderer.dialect

    @dialect.setter
    def dialect(self, dialect: Dialect) -> None:
        self.renderer = Renderer(dialect)

    @property
    def tag_configuration(self) -> TagConfiguration:
        """What tag management lists beside the tags."""
        return DEMO_CONFIGURATION if self.own_plant is None else configuration_of(self.tags.all())

    def catch_up_with_timeline(self) -> None:
        """Let everything happen that the timeline has up to now."""
        with self.tags.lock:
            self.timeline.run_due(self, 0 if self.own_plant is None else self.own_plant.steps)

    def _after_step(self) -> None:
        self.catch_up_with_timeline()
        self.message_monitor.step()
