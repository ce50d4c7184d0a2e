"""The physics of the demo plant: deterministic, in steps of a tenth of a second."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Protocol

from airflow_provider_wincc.simulator.catalogue import demo_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow_provider_wincc.client.models import DataType, Scalar
    from airflow_provider_wincc.simulator.tags import TagTable

STEP = 0.1
"""Length of one step of the physics, in seconds."""

Values = dict[str, "Scalar"]


class Unit(Protocol):
    """A part of the plant: it reads the values of its tags and gives those that change."""

    @property
    def tags(self) -> tuple[str, ...]:
        """Names of the tags that it reads and changes."""

    def step(self, values: Mapping[str, Scalar]) -> Values:
        """Go on by one :data:`STEP`; ``values`` has all of :attr:`tags`."""


class SteppedPlant(ABC):
    """A plant that moves in steps of :data:`STEP` over a tag table.

    :param after_step: called after each step, with the lock of the table held.
    """

    def __init__(self, table: TagTable, after_step: Callable[[], None]) -> None:
        self._table = table
        self._after_step = after_step
        self._behind = 0.0

    def step(self, seconds: float) -> None:
        """Go on by a time; what is left below one :data:`STEP` is kept for the next call."""
        self._behind += seconds
        steps = int(self._behind / STEP + 1e-6)
        self._behind -= steps * STEP
        with self._table.lock:
            for _ in range(steps):
                self._move()
                self._after_step()

    @abstractmethod
    def _move(self) -> None:
        """Go on by one step, with the lock of the table held."""


class Plant(SteppedPlant):
    """The units of the demo plant over a tag table.

    Everything is computed from the values in the table, so a test may set a level and go on from there. A unit
    stands still while one of its tags has been removed, has another type, or is infinite or "not a number".

    :param after_step: called after each :data:`STEP`, with the lock of the table held.
    """

    def __init__(self, table: TagTable, after_step: Callable[[], None]) -> None:
        super().__init__(table, after_step)
        self._units: tuple[Unit, ...] = (Tank("Tank1"), Tank("Tank2"), Mixer(), Line(), Heartbeat())
        self._types = {tag.name: tag.data_type for tag in demo_tags()}

    def _move(self) -> None:
        for unit in self._units:
            values = _values_of(unit, self._table, self._types)
            if values is not None:
                self._table.move(unit.step(values))


class Tank:
    """A tank whose level moves towards its set-point, at most 6 % a second."""

    fastest = 6.0
    gain = 1.5
    close_enough = 0.05
    litres_per_percent = 10.0

    def __init__(self, name: str) -> None:
        self.tags = (f"{name}.Level", f"{name}.Setpoint", f"{name}.Inflow", f"{name}.ValveOpen")

    def step(self, values: Mapping[str, Scalar]) -> Values:
        """Fill or drain."""
        level_tag, setpoint_tag, inflow_tag, valve_tag = self.tags
        level = float(values[level_tag])
        target = _limited(float(values[setpoint_tag]), 0.0, 100.0)
        rate = _limited(self.gain * (target - level), -self.fastest, self.fastest)
        arrived = abs(target - level) <= self.close_enough
        inflow = 0.0 if arrived else max(rate, 0.0) * self.litres_per_percent
        return {
            level_tag: target if arrived else level + rate * STEP,
            inflow_tag: inflow,
            valve_tag: inflow > 0,
        }


class Mixer:
    """A mixer that goes once through its cycle of 11 seconds for each start."""

    tags = (
        "Mixer1.State",
        "Mixer1.Ready",
        "Mixer1.Start",
        "Mixer1.Cycles",
        "Mixer1.Speed",
        "Mixer1.SpeedSetpoint",
    )

    def __init__(self) -> None:
        self._phase = "IDLE"
        self._steps = 0

    def step(self, values: Mapping[str, Scalar]) -> Values:
        """Go on with the cycle, or start one."""
        cycles = int(values["Mixer1.Cycles"])
        state = self._next_state(str(values["Mixer1.State"]))
        if state == "IDLE" and values["Mixer1.Start"]:
            state = self._enter("FILLING")
            cycles = (cycles + 1) % 2**32
        setpoint = _limited(float(values["Mixer1.SpeedSetpoint"]), 0.0, 1500.0)
        return {
            "Mixer1.State": state,
            "Mixer1.Ready": state == "IDLE",
            "Mixer1.Start": False,
            "Mixer1.Cycles": cycles,
            "Mixer1.Speed": _followed(float(values["Mixer1.Speed"]), setpoint),
        }

    def _next_state(self, shown: str) -> str:
        if shown != self._phase:
            return self._enter(shown if shown in _PHASES else "IDLE")
        if shown == "IDLE":
            return shown
        self._steps += 1
        duration, following = _PHASES[shown]
        return self._enter(following) if self._steps >= duration else shown

    def _enter(self, phase: str) -> str:
        self._phase = phase
        self._steps = 0
        return phase


class Line:
    """A packing line that counts pieces while it runs."""

    tags = ("Line3.Running", "Line3.Count", "Line3.Speed", "Line3.SpeedSetpoint", "Line3.StatusWord")

    def __init__(self) -> None:
        self._pieces = 0.0
        self._steps = 0

    def step(self, values: Mapping[str, Scalar]) -> Values:
        """Run up or down, and count."""
        running = bool(values["Line3.Running"])
        setpoint = _limited(float(values["Line3.SpeedSetpoint"]), 0.0, 600.0)
        speed = _followed(float(values["Line3.Speed"]), setpoint if running else 0.0)
        self._pieces += speed / 60 * STEP if running else 0.0
        whole = int(self._pieces)
        self._pieces -= whole
        self._steps += 1
        beat = self._steps // _STEPS_PER_SECOND % 2
        return {
            "Line3.Count": (int(values["Line3.Count"]) + whole) % 2**32,
            "Line3.Speed": speed,
            "Line3.StatusWord": running | (speed == setpoint) << 1 | beat << 8,
        }


class Heartbeat:
    """A counter that shows that the controller is alive."""

    tags = ("Unit.Heartbeat",)

    def __init__(self) -> None:
        self._steps = 0

    def step(self, values: Mapping[str, Scalar]) -> Values:
        """Count one more each second."""
        self._steps += 1
        if self._steps % _STEPS_PER_SECOND:
            return {}
        return {"Unit.Heartbeat": (int(values["Unit.Heartbeat"]) + 1) % 2**16}


_STEPS_PER_SECOND = round(1 / STEP)
_PHASES = {"FILLING": (30, "MIXING"), "MIXING": (50, "DRAINING"), "DRAINING": (30, "IDLE")}


def _values_of(unit: Unit, table: TagTable, types: Mapping[str, DataType]) -> Values | None:
    values: Values = {}
    for name, tag in zip(unit.tags, table.find(unit.tags), strict=True):
        if tag is None or tag.data_type is not types[name]:
            return None
        if isinstance(tag.value, float) and not math.isfinite(tag.value):
            return None
        values[name] = tag.value
    return values


def _limited(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _followed(speed: float, setpoint: float) -> float:
    # A drive with a time constant of 1.5 s that snaps in when it is close.
    moved = speed + (setpoint - speed) * STEP / 1.5
    return setpoint if abs(setpoint - moved) < max(0.005 * abs(setpoint), 0.5) else moved
