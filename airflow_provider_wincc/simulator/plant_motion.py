"""An own plant in motion: behaviours and timeline over the tag table, by one clock of tenths of a second."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from airflow_provider_wincc.simulator.plant import STEP, SteppedPlant
from airflow_provider_wincc.simulator.plant_behaviours import Moment
from airflow_provider_wincc.simulator.values import accept

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from airflow_provider_wincc.client.models import DataType, Scalar
    from airflow_provider_wincc.simulator.plant_behaviours import Behaviour
    from airflow_provider_wincc.simulator.tags import SimulatedTag, TagTable


def step_at(seconds: float) -> int:
    """Give the step of the plant's clock that is the first not before a time."""
    return math.ceil(seconds / STEP - _ALMOST)


_ALMOST = 1e-6


class _Trace(NamedTuple):
    """What a tag was given last.

    :param exact: before it was rounded to the type.
    :param shown: after that.
    :param rising: whether it went up last; None when it has not moved yet.
    """

    exact: float
    shown: Scalar
    rising: bool | None


class OwnPlant(SteppedPlant):
    """Behaviours of tags over a tag table; the same steps from the same values always give the same values.

    All behaviours of a step look at the values before it. A tag stands still while it is held, has been removed, has
    another type, or is infinite or "not a number"; so does a tag that reads such a one.

    :param after_step: called after each step, with the lock of the table held.
    """

    def __init__(self, table: TagTable, after_step: Callable[[], None], behaviours: Mapping[str, Behaviour]) -> None:
        super().__init__(table, after_step)
        self.steps = 0
        self.held: set[str] = set()
        self._behaviours = {
            name: (behaviour, max(1, step_at(behaviour.every))) for name, behaviour in behaviours.items()
        }
        wanted = [name for name, behaviour in behaviours.items() for name in (name, *behaviour.reads)]
        self._types = {name: tag.data_type for name, tag in zip(wanted, table.find(wanted), strict=True) if tag}
        self._traces: dict[str, _Trace] = {}

    @property
    def seconds(self) -> float:
        """Time of the plant since it started."""
        return round(self.steps * STEP, 1)

    def _move(self) -> None:
        self.steps += 1
        moved: dict[str, Scalar] = {}
        for name, (behaviour, every) in self._behaviours.items():
            if self.steps % every == 0 and name.lower() not in self.held:
                value = self._next_value(name, behaviour)
                if value is not None:
                    moved[name] = value
        self._table.move(moved)

    def _next_value(self, name: str, behaviour: Behaviour) -> Scalar | None:
        wanted = (name, *behaviour.reads)
        values: dict[str, Scalar] = {}
        for each, tag in zip(wanted, self._table.find(wanted), strict=True):
            if tag is None or not self._is_usable(each, tag):
                return None
            values[each] = tag.value
        shown = values[name]
        trace = self._traces.get(name)
        if trace is None or trace.shown != shown:
            trace = _Trace(0.0 if isinstance(shown, str) else float(shown), shown, rising=None)
        exact = shown if isinstance(shown, bool) else trace.exact
        try:
            following = behaviour.next_value(Moment(name, exact, self.seconds, values, trace.rising))
            if following is None or isinstance(following, bool | str):
                return following
            held = _fitted(following, self._types[name])
        except (OverflowError, ValueError):
            # A number that the type cannot hold, such as a float64 that a float32 follows: the tag stands still.
            return None
        rising = trace.rising if following == exact else following > float(exact)
        self._traces[name] = _Trace(following, held, rising)
        return held

    def _is_usable(self, name: str, tag: SimulatedTag) -> bool:
        return tag.data_type is self._types.get(name) and not (
            isinstance(tag.value, float) and not math.isfinite(tag.value)
        )


def _fitted(value: float, data_type: DataType) -> Scalar:
    limits = data_type.integer_range
    if limits is None:
        return accept(value, data_type)
    # Whole numbers are counted when they are reached; a sum of many small steps may fall short by a trace.
    return min(max(math.floor(value + _ALMOST), limits[0]), limits[1])
