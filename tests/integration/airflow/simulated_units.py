"""Units for the tests of the handoff: fast, alive while the plant stands still, and with image skew."""

from __future__ import annotations

from airflow_provider_wincc.simulator import SimulatedUnit

UNIT = "U1"
SETTLE_WINDOW = 0.04


def simulated_unit(name=UNIT, **settings):
    """Make the settings of a unit whose orders take a tenth of a second."""
    fast = {"speed": 50.0, "run_seconds": 5.0, "skew": 0.01, "scan_seconds": 0.01, "runs_when_frozen": True}
    return SimulatedUnit(name=name, **{**fast, **settings})


def lasting_unit(name=UNIT, **settings):
    """Make the settings of a unit whose orders run for half a minute, unless they are brought to their end.

    It stands still with the plant, which the tests of the handoff freeze at first: thaw it.
    """
    return simulated_unit(name, **{"run_seconds": 1500.0, "runs_when_frozen": False, **settings})


def finish(station):
    """Bring what runs in lasting units to its end, at once."""
    station.freeze()
    station.step(31)
    station.thaw()
