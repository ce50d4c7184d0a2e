"""What a simulated production unit is like: its profile, its recipes, its pace and its faults."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

from airflow_provider_wincc.client.models import DataType
from airflow_provider_wincc.simulator.values import stored_type

if TYPE_CHECKING:
    from collections.abc import Mapping

Profile = Literal["A", "B", "C", "D"]
StateNumbers = Literal["isa95", "packml", "packml_tmc"]


@dataclass(frozen=True, kw_only=True)
class SimulatedUnit:
    """A unit of the simulated plant that takes production orders over tags.

    Durations are in seconds of the unit's own time, which passes ``speed`` times as fast as real time; the skew
    and the length of a scan are in real time.

    :param name: what the names of all its tags begin with: ``Mixer1`` gives ``Mixer1.Order.Id``.
    :param profile: how an order is committed. ``A``: sequence and acknowledge number. ``B``: two increments, the
        first one asks for permission. ``C``: request and acknowledge bit. ``D``: two status words.
    :param id_echo: False leaves out the answered id, the current id and the echo; for profiles B and D only.
    :param states: which numbers ``Order.State`` shows.
    :param store_and_start: an accepted order may start at once, without a start command.
    :param parameters: type by name of the parameters that come with an order.
    :param work_masters: recipes that the unit knows, where ``WorkMaster`` is a parameter.
    :param quantity_limits: smallest and largest quantity, where ``Quantity`` is a parameter.
    :param id_length: how many characters of an id the controller keeps; it cuts off the rest.
    :param answer_seconds: from the commit to the answer.
    :param setup_seconds: from the start command to the start.
    :param run_seconds: from the start to the end.
    :param speed: how many seconds of the unit's time pass in one second of real time.
    :param skew: longest delay of a value between image and controller, each way, in seconds.
    :param scan_seconds: length of one scan of the controller.
    :param runs_when_frozen: keep running in real time while the plant is frozen.
    :param refuses_duplicates: False makes a broken unit that takes an id again that it has executed.
    :param adopts_after_restore: False makes a broken unit that does not notice that its memory is an old one.
    :param remembered_ids: how many executed ids it refuses to take again.
    :param seed: the same seed gives the same delays.
    :raises ValueError: naming the parameter that is wrong and what was expected.
    """

    name: str
    profile: Profile = "A"
    id_echo: bool = True
    states: StateNumbers = "isa95"
    store_and_start: bool = False
    parameters: Mapping[str, DataType] = field(
        default_factory=lambda: {"WorkMaster": DataType.TEXT, "Quantity": DataType.FLOAT32}
    )
    work_masters: tuple[str, ...] = ("R-001", "R-002", "R-003")
    quantity_limits: tuple[float, float] = (1.0, 1000.0)
    id_length: int = 32
    answer_seconds: float = 0.2
    setup_seconds: float = 1.0
    run_seconds: float = 10.0
    speed: float = 1.0
    skew: float = 0.0
    scan_seconds: float = 0.05
    runs_when_frozen: bool = False
    refuses_duplicates: bool = True
    adopts_after_restore: bool = True
    remembered_ids: int = 50
    seed: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not re.fullmatch(r"[A-Za-z_]\w*(\.\w+)*", self.name):
            raise ValueError(f"the name of a unit is a word that tag names can begin with, not {self.name!r}")
        self._check_choices()
        self._check_numbers()
        if not self.id_echo and self.profile not in {"B", "D"}:
            raise ValueError(
                f"unit {self.name!r}: id_echo=False is for profiles B and D; a unit of profile {self.profile} "
                "answers with the id"
            )
        parameters = {name: stored_type(kind) for name, kind in self.parameters.items()}
        if parameters.get("Quantity") in {DataType.TEXT, DataType.BOOL}:
            raise ValueError(
                f"unit {self.name!r}: parameter 'Quantity' is a number, not {parameters['Quantity'].value}"
            )
        object.__setattr__(self, "parameters", MappingProxyType(parameters))
        object.__setattr__(self, "work_masters", tuple(self.work_masters))

    def _check_choices(self) -> None:
        for name, known in (("profile", get_args(Profile)), ("states", get_args(StateNumbers))):
            if getattr(self, name) not in known:
                raise ValueError(
                    f"unit {self.name!r}: {name} is one of {', '.join(known)}, not {getattr(self, name)!r}"
                )

    def _check_numbers(self) -> None:
        for name in ("speed", "scan_seconds"):
            if not _is_number(getattr(self, name)) or getattr(self, name) <= 0:
                raise ValueError(f"unit {self.name!r}: {name} is a number above 0, not {getattr(self, name)!r}")
        for name in ("answer_seconds", "setup_seconds", "run_seconds", "skew"):
            if not _is_number(getattr(self, name)) or getattr(self, name) < 0:
                raise ValueError(f"unit {self.name!r}: {name} is a number from 0, not {getattr(self, name)!r}")
        for name, smallest in (("id_length", 1), ("remembered_ids", 0)):
            value = getattr(self, name)
            if not isinstance(value, int) or value < smallest:
                raise ValueError(f"unit {self.name!r}: {name} is a whole number from {smallest}, not {value!r}")
        low, high = self.quantity_limits
        if not low <= high:
            raise ValueError(f"unit {self.name!r}: quantity_limits is (smallest, largest), not {self.quantity_limits}")


def default_units() -> tuple[SimulatedUnit, ...]:
    """Return the units of a station that is not told otherwise."""
    return (SimulatedUnit(name="Mixer1"),)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
