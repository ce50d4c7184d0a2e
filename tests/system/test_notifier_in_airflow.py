"""Notifiers as callbacks of tasks that a real Airflow runs, and the check of a station before them."""

from __future__ import annotations

import json
import re

import pytest

from airflow_provider_wincc.simulator import Simulator
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        not AIRFLOW_V_3_3_PLUS, reason="the callbacks of a test run are told the exception from Airflow 3.3 on"
    ),
]

SECRET = "erp-secret-4711"


def test_the_plant_is_told_what_became_of_each_task_and_no_task_ends_otherwise_for_it(airflow):
    erp = json.dumps({"conn_type": "generic", "host": "erp", "login": "airflow", "password": SECRET})
    with Simulator(plant="still", tags={"Line3.JobStatus": 0, "Line3.JobText": ""}) as station:
        run = airflow.run("wincc_notified.py", station, erp=erp)

        assert [(write.tag, write.value) for write in station.writes] == [
            ("Line3.JobText", "wincc_notified.fails: *** was refused"),
            ("Line3.JobStatus", 2),
            ("Line3.JobText", "wincc_notified.fails_too: no order"),
            ("Line3.JobStatus", 2),
            ("Line3.JobText", "skipped"),
            ("Line3.JobStatus", 4),
            ("Line3.JobText", "again: not yet"),
            ("Line3.JobStatus", 3),
            ("Line3.JobText", "works_at_last is done"),
            ("Line3.JobStatus", 1),
        ], run.output[-4000:]
        assert run.states == {
            "check": "success",
            "fails": "failed",
            "fails_too": "failed",
            "is_skipped": "skipped",
            "works_at_last": "success",
            "cannot_tell": "success",
        }
        assert "status 'A' not written" in run.output
        checked = run.results["check"]
        assert {step["result"] for step in checked["steps"]} == {"passed"}
        assert checked["writable"] == {"Line3.JobStatus": None}
        assert re.search(r"what +result +ms +detail", run.output)
