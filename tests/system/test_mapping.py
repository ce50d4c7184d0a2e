"""Dynamic task mapping and TaskFlow outputs as arguments, in a real Airflow."""

from __future__ import annotations

import pytest

from airflow_provider_wincc.simulator import Simulator

pytestmark = pytest.mark.system


def test_operators_take_mapped_arguments_and_outputs_of_tasks(airflow):
    with Simulator(plant="still") as station:
        run = airflow.run("wincc_mapping.py", station)

        assert run.state == "success", run.output[-4000:]
        assert run.results["read_output"]["Tank2.Setpoint"]["value"] == 52.5
        assert run.results["wait_mapped[0]"]["Tank1.Level"]["quality"] == "good"
        assert run.results["wait_mapped[1]"]["Tank1.ValveOpen"]["value"] is False
        assert run.results["write_mapped[0]"]["map_index"] == 0
        assert run.results["write_mapped[1]"]["receipts"][0]["new_value"] == 62.5
        assert run.results["read_mapped[1]"]["Tank2.Setpoint"]["value"] == 62.5
        # Mapped tasks run in no particular order.
        assert sorted(write.value for write in station.writes) == [51.5, 52.5, 61.5, 62.5]
