"""A station with one unit to check, and the check of it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client import StationSettings, WinCCClient
from airflow_provider_wincc.orders import OrderHandoffTags
from airflow_provider_wincc.simulator import SimulatedUnit, Simulator
from airflow_provider_wincc.unit_check import CheckPlan, check_unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from airflow_provider_wincc.simulator import ProductionUnit
    from airflow_provider_wincc.simulator.unit_program import UnitProgram
    from airflow_provider_wincc.unit_check import CheckResult, UnitReport

FAST = {"speed": 50.0, "scan_seconds": 0.005, "runs_when_frozen": True}


@dataclass
class Trial:
    """A running station with the unit ``U1``."""

    station: Simulator
    profile: str

    @property
    def unit(self) -> ProductionUnit:
        return self.station.unit("U1")

    @property
    def client(self) -> WinCCClient:
        password = self.station.users["engineer"].password
        return WinCCClient(
            StationSettings.from_url(
                self.station.url, username="engineer", password=password, verify=self.station.ca_file
            )
        )

    def wait_until(self, happened: Callable[[], bool]) -> None:
        """Wait until something shows at the station; the unit runs in real time."""
        patience = time.monotonic() + 10
        while not happened():
            assert time.monotonic() < patience, "it did not show within 10 seconds"
            time.sleep(0.005)

    def tags(self, **changes: Any) -> OrderHandoffTags:
        return OrderHandoffTags(
            **{
                "prefix": "U1.",
                "payload": ["WorkMaster", "Quantity"],
                "results": ["ActualQuantity", "ActualDuration"],
                "profile": self.profile,
                "id_length": 32,
                **changes,
            }
        )

    def check(
        self,
        *,
        tags: OrderHandoffTags | None = None,
        bad: Mapping[str, str] | None = None,
        ask_restart: Callable[[], None] | None = None,
        tell: Callable[[CheckResult], None] | None = None,
        **changes: Any,
    ) -> UnitReport:
        quick = {"settle": 0.012, "watch": 0.1, "answer_timeout": 2.0, "run_timeout": 3.0}
        plan = CheckPlan(
            tags=tags or self.tags(),
            payload={"WorkMaster": "R-001", "Quantity": "10"},
            bad=bad or {"WorkMaster": "NONE"},
            **{**quick, **changes},
        )
        with self.client as client:
            return check_unit(client, plan, ask_restart=ask_restart, tell=tell)


@contextmanager
def on_trial(program: type[UnitProgram] | None = None, **settings: Any) -> Iterator[Trial]:
    """Run a station with a fast unit; a program replaces that of the unit."""
    station = Simulator(plant="still", units=[SimulatedUnit(name="U1", **{**FAST, **settings})])
    if program is not None:
        unit = station.unit("U1")
        unit._program = program(unit.settings, unit._log)
    with station:
        yield Trial(station, settings.get("profile", "A"))
