"""What happens to an own plant, and when: a script for tests that can be repeated."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from airflow_provider_wincc.simulator.errors import WrongValueError
from airflow_provider_wincc.simulator.plant_motion import step_at
from airflow_provider_wincc.simulator.tags import GOOD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.simulator.faults import PendingFault
    from airflow_provider_wincc.simulator.state import StationState


class Happening(Protocol):
    """Something that happens to the station."""

    def happen(self, state: StationState) -> None:
        """Let it happen, with the lock of the tags held."""

    def resume(self, state: StationState) -> None:
        """Put back what lasts of it, when it happened before the station was started anew."""


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """Something that happens at a time of the plant's clock, in seconds since the plant started."""

    at: float
    happening: Happening


class Timeline:
    """Events in the order of their times; those of one time in the order in which they were given."""

    def __init__(self, events: Iterable[TimelineEvent]) -> None:
        self._events = sorted(((step_at(event.at), event.happening) for event in events), key=lambda event: event[0])
        self._next = 0

    def run_due(self, state: StationState, steps: int) -> None:
        """Let everything happen that is due at a step of the clock and has not happened yet."""
        while self._next < len(self._events) and self._events[self._next][0] <= steps:
            self._events[self._next][1].happen(state)
            self._next += 1

    def resume(self, state: StationState, steps: int) -> None:
        """Go on from a step: what lasts of the events before it is put back, the others do not happen again."""
        self._next = 0
        while self._next < len(self._events) and self._events[self._next][0] <= steps:
            self._events[self._next][1].resume(state)
            self._next += 1


class _Passing:
    """Something of which nothing lasts but what is kept anyway, such as values and pending messages."""

    def resume(self, state: StationState) -> None:
        pass


@dataclass(frozen=True, slots=True)
class SetTags:
    """Tags get values and a quality, and are held: they do nothing by themselves until they are released."""

    values: Mapping[str, Scalar]
    quality: int = GOOD

    def happen(self, state: StationState) -> None:
        """Set the values at once and hold the tags; one that was removed, or has another type now, is left out."""
        for (name, value), tag in zip(self.values.items(), state.tags.find(self.values), strict=True):
            if tag is not None:
                with suppress(WrongValueError):
                    state.tags.set(name, value, quality=self.quality)
        self.resume(state)

    def resume(self, state: StationState) -> None:
        """Hold the tags."""
        if state.own_plant is not None:
            state.own_plant.held |= {name.lower() for name in self.values}


@dataclass(frozen=True, slots=True)
class ReleaseTags:
    """Tags that were held go on by themselves, with good quality."""

    names: tuple[str, ...]

    def happen(self, state: StationState) -> None:
        """Release the tags."""
        for name in self.names:
            state.tags.show(name, None, GOOD)
        self.resume(state)

    def resume(self, state: StationState) -> None:
        """Hold the tags no longer."""
        if state.own_plant is not None:
            state.own_plant.held -= {name.lower() for name in self.names}


@dataclass(frozen=True)
class RaiseMessage(_Passing):
    """A message comes in."""

    number: int
    process_values: tuple[Scalar, ...] = ()
    instance: str | None = None

    def happen(self, state: StationState) -> None:
        """Let it come in."""
        state.messages.come_in(self.number, process_values=self.process_values, instance=self.instance)


@dataclass(frozen=True)
class ClearMessage(_Passing):
    """A message goes out."""

    number: int
    instance: str | None = None

    def happen(self, state: StationState) -> None:
        """Let it go out."""
        state.messages.go_out(self.number, instance=self.instance)


@dataclass(frozen=True)
class AcknowledgeMessage(_Passing):
    """A message is acknowledged."""

    number: int
    user: str | None = None
    instance: str | None = None

    def happen(self, state: StationState) -> None:
        """Acknowledge it."""
        state.messages.acknowledge(self.number, user=self.user, instance=self.instance)


@dataclass(frozen=True)
class MeetFault(_Passing):
    """The next requests meet a fault."""

    fault: PendingFault

    def happen(self, state: StationState) -> None:
        """Put it at the end of the faults that wait."""
        state.faults.add(self.fault)


@dataclass(frozen=True)
class ClearFaults(_Passing):
    """The faults that still wait are forgotten."""

    def happen(self, state: StationState) -> None:
        """Forget them."""
        state.faults.clear()


@dataclass(frozen=True, slots=True)
class SwitchService:
    """The REST service is switched on or off."""

    on: bool

    def happen(self, state: StationState) -> None:
        """Switch it."""
        state.service_on = self.on

    resume = happen


@dataclass(frozen=True, slots=True)
class ChangeDialect:
    """Switches of the dialect change."""

    switches: Mapping[str, Any] = field(default_factory=dict)

    def happen(self, state: StationState) -> None:
        """Change them."""
        state.dialect = state.dialect.changed(**self.switches)

    resume = happen
