"""The simulated WinCC station: started as its own program, and asked what its production unit did."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from demo.errors import DemoError
from demo.processes import Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.waiting import Stopwatch

USER = "engineer"  # may read and write
# An order takes some seconds instead of some minutes.
_UNIT_SPEED = 3.0
_TIMEOUT = (3.0, 10.0)


@dataclass(frozen=True)
class UnitStart:
    """A start of the unit: which order, with what payload, and when (in UTC)."""

    order_id: str
    payload: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True)
class UnitEvent:
    """Something that the unit noted, in words, and when (in UTC)."""

    order_id: str
    text: str
    at: datetime


@dataclass(frozen=True)
class UnitRecord:
    """All that a unit noted, oldest first."""

    starts: tuple[UnitStart, ...]
    events: tuple[UnitEvent, ...]


@dataclass(frozen=True)
class Station:
    """Where the station answers, and the login that the demo uses.

    :param url: address without path.
    :param ca_file: certificate authority that signed the station's certificate.
    """

    url: str
    ca_file: str
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Station({self.url!r}, user={self.user!r})"

    @classmethod
    def from_description(cls, text: str) -> Station:
        """Read the JSON text that `airflow-wincc simulate --describe` writes.

        :raises DemoError: when it lacks what the demo needs.
        """
        try:
            description = json.loads(text)
            return cls(
                url=description["url"],
                ca_file=description["ca_file"],
                user=USER,
                password=description["users"][USER]["password"],
            )
        except (ValueError, TypeError, KeyError) as error:
            raise DemoError(
                "The simulator described itself in a form that the demo does not know "
                f"({type(error).__name__}: {error}). Expected JSON with url, ca_file and users.{USER}.password."
            ) from error

    def airflow_connection(self) -> str:
        """Describe the station as Airflow connection, in the JSON form of an `AIRFLOW_CONN_...` variable."""
        return json.dumps(
            {
                "conn_type": "wincc",
                "host": self.url,
                "login": self.user,
                "password": self.password,
                "extra": {"verify": self.ca_file},
            }
        )

    def unit_record(self, unit: str) -> UnitRecord:
        """Ask the simulator what its unit did.

        :raises DemoError: when it does not answer, or in a form that the demo does not know.
        """
        path = "/simulator/units"
        try:
            with requests.Session() as session:
                # Neither a proxy nor another certificate authority of the user's shell counts here.
                session.trust_env = False
                answer = session.get(f"{self.url}{path}", verify=self.ca_file, timeout=_TIMEOUT)
                answer.raise_for_status()
                record = answer.json()[unit]
            return UnitRecord(
                starts=tuple(_start(item) for item in record["starts"]),
                events=tuple(_event(item) for item in record["timeline"]),
            )
        except requests.RequestException as error:
            raise DemoError(f"The simulated station did not answer GET {path}: {error}") from error
        except (ValueError, TypeError, KeyError) as error:
            raise DemoError(
                f"The simulator answered GET {path} in a form that the demo does not know ({type(error).__name__}: "
                f"{error}). Expected starts and timeline of unit {unit}."
            ) from error


def simulator(environment: Mapping[str, str], *, home: Path) -> Service:
    """Start the simulator on a free port; it describes itself in `home/station.json` once it answers."""
    _description(home).unlink(missing_ok=True)
    return Service(
        "The simulated station",
        [
            str(Path(sys.executable).with_name("airflow-wincc")),
            "simulate",
            *("--port", "0"),
            *("--unit-speed", f"{_UNIT_SPEED:g}"),
            *("--describe", str(_description(home))),
        ],
        environment=environment,
        log=home / "station.log",
    )


def wait_for_station(service: Service, *, home: Path, stopwatch: Stopwatch) -> Station:
    """Wait until the simulator answers, and return where.

    :raises DemoError: when it ends instead, or takes too long.
    """
    description = _description(home)

    def look() -> Station | None:
        service.check()
        return Station.from_description(description.read_text(encoding="utf-8")) if description.exists() else None

    return stopwatch.wait_for("the simulated station to start", look, every=0.1)


def _description(home: Path) -> Path:
    return home / "station.json"


def _start(item: Mapping[str, Any]) -> UnitStart:
    return UnitStart(item["order_id"], item["payload"], datetime.fromisoformat(item["at"]))


def _event(item: Mapping[str, Any]) -> UnitEvent:
    text = f"{item['event']}, {item['detail']}" if item["detail"] else item["event"]
    return UnitEvent(item["order_id"], text, datetime.fromisoformat(item["at"]))
