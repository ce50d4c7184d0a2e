"""``@task.wincc_write`` in a real Airflow: outputs of tasks as arguments, mapping and retries."""

from __future__ import annotations

import pytest

from airflow_provider_wincc.simulator import Simulator

pytestmark = pytest.mark.system


def test_what_functions_compute_is_written_and_proved(airflow):
    with Simulator(plant="still") as station:
        station.set("Tank1.Level", 44.0)

        run = airflow.run("wincc_computed.py", station)

        assert run.state == "success", run.output[-4000:]
        assert run.results["show_receipt"] == ["verified"]
        assert run.results["each_tank[1]"]["map_index"] == 1
        assert run.results["at_the_second_try"]["try_number"] == 2
        writes = [(write.tag, write.value) for write in station.writes]
        assert writes[0] == ("Tank1.Setpoint", 22.0)
        # Mapped tasks run in no particular order.
        assert sorted(writes[1:3]) == [("Tank1.Setpoint", 61.5), ("Tank2.Setpoint", 61.5)]
        assert writes[3:] == [("Tank1.Setpoint", 72.0)]
