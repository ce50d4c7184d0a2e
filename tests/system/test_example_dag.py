"""The example DAG from end to end: a real Airflow runs it, deferral and trigger included, against a real socket."""

from __future__ import annotations

import pytest

from airflow_provider_wincc.simulator import Simulator

pytestmark = pytest.mark.system


def test_the_example_reads_waits_writes_and_proves_it(airflow):
    with Simulator(plant="demo") as station:
        run = airflow.run("wincc_tags.py", station)

        assert run.state == "success", run.output[-4000:]
        assert run.states["fill_tank"] == "success"
        assert run.states["tank_is_full"] == "skipped"
        assert run.results["wait_until_ready"]["Mixer1.State"]["value"] == "IDLE"
        assert run.results["read_after"]["Tank1.Setpoint"]["value"] == 60
        assert station.get("Mixer1.Speed").value == pytest.approx(450, abs=5)
        assert [write.tag for write in station.writes] == ["Tank1.Setpoint", "Mixer1.SpeedSetpoint"]
        assert station.users["engineer"].password not in run.output
        assert {request.in_flight for request in station.requests} == {1}


def test_a_full_tank_takes_the_other_branch(airflow):
    with Simulator(plant="still") as station:
        station.set("Tank1.Level", 75.0)
        station.set("Mixer1.Speed", 450.0)

        run = airflow.run("wincc_tags.py", station)

        assert run.state == "success", run.output[-4000:]
        assert (run.states["fill_tank"], run.states["tank_is_full"]) == ("skipped", "success")
        assert [write.tag for write in station.writes] == ["Mixer1.SpeedSetpoint"]


def test_a_refused_login_fails_the_run_after_one_request_and_nothing_is_written(airflow):
    with Simulator(plant="still") as station:
        station.fail_next("unauthorized", count=999)

        run = airflow.run("wincc_tags.py", station)

        assert run.state == "failed"
        assert "user name and password" in run.output
        assert station.writes == []
        assert len(station.requests) == 1
