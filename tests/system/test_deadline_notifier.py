"""A deadline that is missed, and the callback that a real triggerer runs for it."""

from __future__ import annotations

import pytest
from components import Components

from airflow_provider_wincc.simulator import Simulator
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_2_PLUS

pytestmark = [
    pytest.mark.system,
    pytest.mark.long,
    pytest.mark.skipif(not AIRFLOW_V_3_2_PLUS, reason="Airflow has deadlines with such callbacks from 3.2"),
]


def test_the_triggerer_tells_the_plant_that_a_run_is_late(tmp_path):
    with (
        Simulator(plant="still", tags={"Line3.JobStatus": 0, "Line3.JobText": ""}) as station,
        Components(tmp_path, "wincc_late.py", station) as airflow,
    ):
        airflow.start("scheduler", "triggerer")
        airflow.run("dags", "trigger", "wincc_late", "--run-id", "shift_1")
        airflow.wait("telling the plant", lambda: len(station.writes) >= 2)
        airflow.wait("the callback's end", lambda: ("success",) in airflow.rows("SELECT state FROM callback"))

        assert [(write.tag, write.value) for write in station.writes] == [
            ("Line3.JobText", "wincc_late shift_1 is late"),
            ("Line3.JobStatus", 5),
        ]
