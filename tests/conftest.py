"""What all tests share: an Airflow home of their own, a simulated station, and connections to it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Airflow reads these when it is first imported, which the test modules do.
_AIRFLOW_HOME = tempfile.mkdtemp(prefix="airflow-provider-wincc-tests-")
os.environ["AIRFLOW_HOME"] = _AIRFLOW_HOME
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(Path(__file__).parent.parent / "example_dags")

import pytest

from airflow_provider_wincc.simulator import Simulator
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_2_PLUS

Connect = Callable[..., str]


def pytest_configure(config: pytest.Config) -> None:
    """Let pass what Airflow 3.1 itself does with the paths that it keeps files by: each `/` between them warns."""
    if not AIRFLOW_V_3_2_PLUS:
        config.addinivalue_line("filterwarnings", "ignore:in a future version of UPath:PendingDeprecationWarning")


@pytest.fixture
def station() -> Iterator[Simulator]:
    """A simulated WinCC station over HTTPS whose plant stands still."""
    with Simulator(plant="still") as simulator:
        yield simulator


@pytest.fixture
def connect(station: Simulator, monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Define an Airflow connection to the station; return its id. Certificate verification is on."""

    def define(conn_id: str = "wincc_default", *, login: str = "engineer", **extra: Any) -> str:
        connection = {
            "conn_type": "wincc",
            "host": station.url,
            "login": login,
            "password": station.users[login].password,
            "extra": {"verify": station.ca_file, **extra},
        }
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(connection))
        return conn_id

    define()
    return define
