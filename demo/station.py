"""The simulated WinCC station: started as its own program, read over its REST interface."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from demo.errors import DemoError
from demo.processes import Service

if TYPE_CHECKING:
    from demo.waiting import Stopwatch

USER = "engineer"  # may read and write
_TAG_MANAGEMENT = "/WinCCRestService/tagManagement"
_TIMEOUT = (3.0, 10.0)
_BATCH = 100


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

    def tag_names(self) -> list[str]:
        """Names of all tags that the station has."""
        answer = self._call("GET", "/variables")
        return [item["variableName"] for item in _items(answer)]

    def read(self, names: Iterable[str]) -> dict[str, str]:
        """Values of these tags as the station writes them; a tag that it cannot read is left out."""
        names = list(names)
        values: dict[str, str] = {}
        for start in range(0, len(names), _BATCH):
            answer = self._call("POST", "/Values", {"variableNames": names[start : start + _BATCH]})
            values |= {item["variableName"]: str(item["value"]) for item in _items(answer) if "value" in item}
        return values

    def _call(self, method: str, path: str, body: object = None) -> Any:
        try:
            with requests.Session() as session:
                # Neither a proxy nor another certificate authority of the user's shell counts here.
                session.trust_env = False
                answer = session.request(
                    method,
                    f"{self.url}{_TAG_MANAGEMENT}{path}",
                    json=body,
                    auth=(self.user, self.password),
                    verify=self.ca_file,
                    timeout=_TIMEOUT,
                )
                answer.raise_for_status()
                return answer.json()
        except requests.RequestException as error:
            raise DemoError(f"The simulated station did not answer {method} {path}: {error}") from error


def simulator(environment: Mapping[str, str], *, home: Path) -> Service:
    """Start the simulator on a free port; it describes itself in `home/station.json` once it answers."""
    _description(home).unlink(missing_ok=True)
    return Service(
        "The simulated station",
        [
            str(Path(sys.executable).with_name("airflow-wincc")),
            "simulate",
            "--port",
            "0",
            "--describe",
            str(_description(home)),
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


def tags_mentioned(value: object, known: Iterable[str]) -> set[str]:
    """Those of the `known` tags that occur in JSON data, as a key or as a text, at any depth."""
    known = frozenset(known)
    if isinstance(value, str):
        return {value} & known
    if isinstance(value, Mapping):
        return tags_mentioned([*value.keys(), *value.values()], known)
    if isinstance(value, list):
        return set().union(*(tags_mentioned(item, known) for item in value))
    return set()


def _description(home: Path) -> Path:
    return home / "station.json"


def _items(answer: Any) -> list[dict[str, Any]]:
    """Find the list in an answer that is a list, or an object with a list in it."""
    if isinstance(answer, dict):
        answer = next((value for value in answer.values() if isinstance(value, list)), [])
    return [item for item in answer if isinstance(item, dict)]
