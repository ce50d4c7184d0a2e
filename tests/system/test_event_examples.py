"""The examples of events and branches in a real Airflow, and what a write leaves in its asset event."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from airflow_provider_wincc.simulator import Simulator

pytestmark = pytest.mark.system

AT_SPEED = 0b11


def asset_events(airflow):
    database = Path(airflow._environment["AIRFLOW_HOME"]) / "airflow.db"
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(
            "SELECT asset.uri, asset_event.extra, asset_event.source_run_id"
            " FROM asset_event JOIN asset ON asset.id = asset_event.asset_id"
        ).fetchall()
    return [(uri, json.loads(extra), run_id) for uri, extra, run_id in rows]


def test_a_true_condition_writes_and_the_asset_event_carries_the_receipt(airflow):
    with Simulator(plant="still") as station:
        station.set("Line3.StatusWord", AT_SPEED)

        run = airflow.run("wincc_conditional.py", station)

        assert run.state == "success", run.output[-4000:]
        assert run.states["leave_tank"] == run.states["report_unknown"] == "skipped"
        assert [(write.tag, write.value) for write in station.writes] == [("Tank2.Setpoint", 55.0)]
        ((uri, extra, run_id),) = [
            event for event in asset_events(airflow) if event[1].get("dag_id") == "wincc_conditional"
        ]
        assert uri == "wincc://wincc_default/Tank2.Setpoint"
        assert extra == run.results["fill_tank"]
        assert extra["run_id"] == run_id
        assert extra["receipts"][0]["outcome"] == "verified"


@pytest.mark.parametrize(
    ("quality", "taken", "skipped"), [(0x80, "leave_tank", "report_unknown"), (0x00, "report_unknown", "leave_tank")]
)
def test_false_and_unknown_go_their_own_ways_and_nothing_is_written(airflow, quality, taken, skipped):
    with Simulator(plant="still") as station:
        station.set("Line3.StatusWord", 0, quality=quality)

        run = airflow.run("wincc_conditional.py", station)

        assert run.state == "success", run.output[-4000:]
        assert (run.states[taken], run.states[skipped], run.states["fill_tank"]) == ("success", "skipped", "skipped")
        assert station.writes == []


def test_the_event_driven_example_can_be_started_by_hand_too(airflow):
    with Simulator(plant="still") as station:
        run = airflow.run("wincc_event_driven.py", station)

        assert run.state == "success", run.output[-4000:]
        assert run.results["check_quality"] == {"batches": [], "recipe": "R-001", "tank_in_range": True}
