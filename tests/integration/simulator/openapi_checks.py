"""Lets schemathesis send requests that it makes up from a description, and compare the answers with it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator import Simulator

LONGEST = 60
"""After so many seconds no further request is sent; on an idle machine a run takes a quarter of it."""
EXAMPLES = 5
"""Random requests of each operation, beside the examples and the borderline cases of its description."""


@dataclass
class Findings:
    """What came of a run.

    :param operations: what was asked, such as ``GET /tagManagement/Value/{tag}``.
    :param requests: how many requests were looked at.
    :param failures: names of the checks that failed, with operation and explanation.
    :param errors: what kept it from asking.
    """

    operations: set[str] = field(default_factory=set)
    requests: int = 0
    failures: list[tuple[str, str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def failed_checks(self) -> set[str]:
        return {name for name, _, _ in self.failures}


def findings(
    station: Simulator, description: dict[str, Any], *, only: str | None = None, borderline: bool = True
) -> Findings:
    """Run it as the user ``engineer`` until something is found.

    :param only: the path of the operations to ask; None for all.
    :param borderline: send the borderline cases as well, which are most of the requests.
    """
    schema = schemathesis.openapi.from_dict(description, config=_config(station, borderline=borderline))
    if only is not None:
        schema = schema.include(path=only)
    found = Findings()
    stream = from_schema(schema).execute()
    give_up_at = time.monotonic() + LONGEST
    for event in stream:
        if isinstance(event, events.ScenarioFinished):
            _note(found, event)
        elif isinstance(event, events.NonFatalError):
            found.errors.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            found.errors.append(repr(event.exception))
        if time.monotonic() > give_up_at:
            stream.stop()
    return found


def _note(found: Findings, event: events.ScenarioFinished) -> None:
    label = event.recorder.label
    found.operations.add(label)
    for checks in event.recorder.checks.values():
        found.requests += 1
        found.failures += [
            (check.name, label, f"{check.failure_info.failure.message}\n{check.failure_info.code_sample}")
            for check in checks
            if check.failure_info is not None
        ]


def _config(station: Simulator, *, borderline: bool) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "base-url": f"{station.url}/WinCCRestService",
            "tls-verify": station.ca_file,
            "auth": {"basic": {"username": "engineer", "password": station.users["engineer"].password}},
            "seed": 1,
            "max-failures": 1,
            "workers": 1,
            "generation": {
                "max-examples": EXAMPLES,
                "deterministic": True,
                "no-shrink": True,
                # It would leave the login out, and the configured one would be put in again.
                "with-security-parameters": False,
            },
            "phases": {"stateful": {"enabled": False}, "coverage": {"enabled": borderline}},
            "operations": [
                {
                    # No schema can say that a window ends after its begin, or which years have a 29th of February.
                    "include-path-regex": "^/tagLogging/.*[Vv]alue",
                    "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "400", "404"]}},
                }
            ],
        }
    )
