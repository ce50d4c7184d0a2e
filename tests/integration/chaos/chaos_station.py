"""The simulated station of the walk: live units, and a dice that is thrown for each request."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chaos_steps import COMMIT, READ, WRITES, step_of, unit_of

from airflow_provider_wincc.client.models import DataType
from airflow_provider_wincc.simulator import SimulatedUnit, Simulator
from airflow_provider_wincc.simulator.faults import Fault, FaultQueue, PendingFault

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

READ_TIMEOUT = 0.4
PARAMETERS = {"WorkMaster": DataType.TEXT, "Quantity": DataType.FLOAT32, "Lot": DataType.TEXT}

READ_FAULTS = (
    *(Fault.STALL, Fault.DELAY, Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.UNAVAILABLE, Fault.SERVER_ERROR),
    *(Fault.EMPTY_BODY, Fault.MISSING_ROWS, Fault.BAD_QUALITY, Fault.INITIAL_QUALITY),
)
WRITE_FAULTS = (
    *(Fault.STALL, Fault.DELAY, Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.UNAVAILABLE, Fault.SERVER_ERROR),
    *(Fault.EMPTY_BODY, Fault.MISSING_ROWS),
)
TORN = "payload torn by a stranger"


@dataclass(frozen=True, kw_only=True)
class Odds:
    """How probable it is that a request meets something."""

    read_fault: float = 0.03
    write_fault: float = 0.15
    torn: float = 0.02
    trouble_at_write: float = 0.03


CALM = Odds(read_fault=0.0, write_fault=0.0, torn=0.0, trouble_at_write=0.0)


def live_unit(
    name: str,
    *,
    profile: str = "A",
    skew: float = 0.02,
    broken: bool = False,
    run_seconds: float = 0.16,
    seed: int = 0,
) -> SimulatedUnit:
    """Describe a unit.

    :param run_seconds: how long an order runs, in real time.
    """
    speed = 50.0
    return SimulatedUnit(
        name=name,
        profile=profile,
        parameters=PARAMETERS,
        speed=speed,
        scan_seconds=0.005,
        run_seconds=run_seconds * speed,
        skew=skew,
        runs_when_frozen=True,
        refuses_duplicates=not broken,
        seed=seed,
    )


@dataclass
class Station:
    """A station under faults.

    :param simulator: the simulated station.
    :param seed: of the dice.
    :param odds: how probable faults are; :data:`CALM` for none.
    :param trouble: called with a unit's name for trouble exactly at a write.
    :param counts: how often each fault met each step.
    :param torn: units whose payload a stranger has written to, and when.
    :param scripted: what happens just before the next request of a step takes effect.
    """

    simulator: Simulator
    seed: int
    odds: Odds = field(default_factory=Odds)
    trouble: Callable[[str], None] | None = None
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    torn: list[tuple[str, float]] = field(default_factory=list)
    scripted: list[tuple[str, Callable[[str], None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.simulator._state.faults = _Dice(self)

    def connection(self, *, batch_size: int = 150) -> dict[str, Any]:
        """Return the Airflow connection to this station."""
        return {
            "conn_type": "wincc",
            "host": self.simulator.url,
            "login": "engineer",
            "password": self.simulator.users["engineer"].password,
            "extra": {
                "verify": self.simulator.ca_file,
                "read_timeout": READ_TIMEOUT,
                "connect_timeout": 5.0,
                "batch_size": batch_size,
            },
        }

    def write(self, values: Mapping[str, object]) -> None:
        """Write tags as another client of the station would."""
        self.simulator._state.tags.write(list(values.items()))

    def at_next(self, step: str, action: Callable[[str], None]) -> None:
        """Have something happen just before the next request of a step takes effect; it gets the unit's name."""
        self.scripted.append((step, action))


class _Dice(FaultQueue):
    """Decides for each request what it meets, in place of faults that wait in a queue."""

    def __init__(self, station: Station) -> None:
        super().__init__()
        self._station = station
        self._dice: dict[str, random.Random] = {}
        self._guard = threading.Lock()

    @property
    def is_idle(self) -> bool:
        """Never: the dice is thrown for each request."""
        return False

    def take(self, *, method: str, path: str, kind: str, tags: Collection[str]) -> PendingFault | None:
        """Throw the dice of the unit whose request this is."""
        unit, step = unit_of(tags), step_of(method, tags)
        for scripted in [one for one in self._station.scripted if one[0] == step]:
            self._station.scripted.remove(scripted)
            scripted[1](unit)
        with self._guard:
            dice = self._dice.setdefault(unit, random.Random(f"{self._station.seed} requests {unit}"))
            odds = self._station.odds
            if step == READ:
                return self._fault(dice, step, READ_FAULTS) if dice.random() < odds.read_fault else None
            if step == COMMIT and dice.random() < odds.torn:
                self._station.counts[step, TORN] += 1
                self._station.torn.append((unit, time.time()))
                self._station.write({f"{unit}.Order.Quantity": 999.0})
            if dice.random() < odds.trouble_at_write and self._station.trouble is not None:
                self._station.trouble(unit)
            return self._fault(dice, step, WRITE_FAULTS) if dice.random() < odds.write_fault else None

    def _fault(self, dice: random.Random, step: str, faults: tuple[Fault, ...]) -> PendingFault:
        fault = dice.choice(faults)
        self._station.counts[step, fault.value] += 1
        seconds = {Fault.STALL: 5.0, Fault.DELAY: READ_TIMEOUT + 0.1}.get(fault)
        return PendingFault(fault, seconds=seconds)


def uncovered(counts: Counter[tuple[str, str]]) -> list[str]:
    """Return the pairs of step and fault that never met, for the steps that every handoff has."""
    steps = [step for step in WRITES if step != "cancel"]
    wanted = [(step, fault.value) for step in steps for fault in WRITE_FAULTS]
    wanted += [(READ, fault.value) for fault in READ_FAULTS]
    return [f"{fault} at {step}" for step, fault in wanted if not counts[step, fault]]
