"""The retry policy in a real Airflow: which tasks are tried again, how often, and how soon."""

from __future__ import annotations

import json

import pytest

from airflow_provider_wincc.simulator import Simulator
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="Airflow has retry policies from 3.3"),
]


def test_only_a_station_that_is_away_is_tried_again(airflow):
    with Simulator(plant="still") as station:
        wrong_login = {
            "conn_type": "wincc",
            "host": station.url,
            "login": "engineer",
            "password": "wrong",
            "extra": {"verify": station.ca_file},
        }
        # Two tries of the task; within each the client does not read again after a 500.
        station.fail_next("server_error", count=2)
        station.fail_next("drop_before", method="PUT")

        run = airflow.run("wincc_retried.py", station, wrong_login=json.dumps(wrong_login))

        assert run.states == {
            "away_twice": "success",
            "login_refused": "failed",
            "unknown_tag": "failed",
            "in_doubt": "failed",
        }, run.output[-6000:]
        statuses = [request.status for request in station.requests]
        assert statuses[:3] == [500, 500, 200]
        assert statuses.count(401) == 1
        assert len([request for request in station.requests if "Tank9" in request.path]) == 1
        assert len([request for request in station.requests if request.method == "PUT"]) == 1
