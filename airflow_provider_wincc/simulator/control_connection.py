"""The Airflow connection to the simulated station, as people copy it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.station import Simulator


def airflow_connection(station: Simulator) -> dict[str, Any]:
    """Describe a running station as a value of ``AIRFLOW_CONN_WINCC_DEFAULT``, with the user who may do everything.

    :returns: ``conn_type``, ``host``, ``login``, ``password`` and ``extra``; it holds the password.
    :raises SimulatorStartError: when the station does not run.
    """
    return {
        "conn_type": "wincc",
        "host": station.url,
        "login": "engineer",
        "password": station.users["engineer"].password,
        "extra": {} if station.ca_file is None else {"verify": station.ca_file},
    }
