"""The production units of the simulated station, and the thread in which they run."""

from __future__ import annotations

import threading
import time
from functools import cached_property
from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator.errors import UnknownUnitError
from airflow_provider_wincc.simulator.production_unit import ProductionUnit
from airflow_provider_wincc.simulator.unit_tags import unit_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from airflow_provider_wincc.simulator.tags import TagTable
    from airflow_provider_wincc.simulator.unit_settings import SimulatedUnit


class Units:
    """All units of a station, by name.

    :param is_frozen: whether the plant stands still; asked while the lock of the table is held.
    :raises ValueError: when two units have one name.
    """

    def __init__(self, settings: Iterable[SimulatedUnit], table: TagTable, is_frozen: Callable[[], bool]) -> None:
        self._table = table
        self._is_frozen = is_frozen
        self._units: dict[str, ProductionUnit] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._last = 0.0
        for unit in settings:
            if unit.name.lower() in self._units:
                raise ValueError(f"two units have the name {unit.name!r}; their tags would be the same")
            self._units[unit.name.lower()] = ProductionUnit(unit, table)
        # A busy machine may wake the thread late; a reader sees the units as they are now all the same.
        table.refresh_by(self.catch_up)

    def get(self, name: str) -> ProductionUnit:
        """Return a unit; the name is found with no regard to case.

        :raises UnknownUnitError: when there is none of this name.
        """
        unit = self._units.get(name.lower())
        if unit is None:
            known = ", ".join(repr(unit.name) for unit in self.all()) or "none"
            raise UnknownUnitError(f"the simulated station has no unit {name!r}; it has {known}")
        return unit

    def all(self) -> list[ProductionUnit]:
        """Return the units in the order in which they were given."""
        return list(self._units.values())

    @cached_property
    def tag_names(self) -> frozenset[str]:
        """Names of the tags of all units, in lower case."""
        settings = [unit.settings for unit in self.all()]
        return frozenset(f"{unit.name}.{tag.name}".lower() for unit in settings for tag in unit_tags(unit))

    def start(self) -> None:
        """Let the units run in real time."""
        if self._units:
            self._stop.clear()
            self._last = time.monotonic()
            self._thread = threading.Thread(target=self._run, name="wincc-simulator-units", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread; does nothing when there is none."""
        self._stop.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()

    def catch_up(self) -> None:
        """Let the units run up to now, where they run in real time."""
        with self._table.lock:
            if self._thread is None:
                return
            now = time.monotonic()
            elapsed, self._last = min(now - self._last, _LONGEST_PAUSE), now
            for unit in self.all():
                if unit.settings.runs_when_frozen or not self._is_frozen():
                    unit.run(elapsed)

    def step(self, seconds: float) -> None:
        """Move the units on at once, but for those that run when the plant is frozen."""
        for unit in self.all():
            if not unit.settings.runs_when_frozen:
                unit.run(seconds)

    def _run(self) -> None:
        pause = min(unit.settings.scan_seconds for unit in self.all())
        while not self._stop.wait(pause):
            self.catch_up()


_LONGEST_PAUSE = 10.0
"""A machine that slept for an hour does not make up for it in one go; in seconds."""
