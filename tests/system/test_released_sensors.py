"""Two hundred deferred sensors in a real Airflow, released by one change of one tag."""

from __future__ import annotations

import math

import pytest
from components import Components

from airflow_provider_wincc.simulator import Simulator

pytestmark = [pytest.mark.system, pytest.mark.long]

SENSORS = 200
# 201 tags, at most 150 in a request.
REQUESTS_PER_CYCLE = 2


class Sensors:
    """The states of the sensors of the one run."""

    def __init__(self, airflow):
        self._airflow = airflow

    def count(self, state):
        (row,) = self._airflow.rows(f"SELECT count(*) FROM task_instance WHERE state = '{state}'")
        return row[0]


def test_one_change_of_one_tag_releases_two_hundred_sensors_at_a_handful_of_requests(tmp_path):
    tags = {"Released": False, **{f"Unit{number}.Ready": True for number in range(SENSORS)}}
    with (
        Simulator(plant="still", tags=tags) as station,
        Components(tmp_path, "wincc_released.py", station, AIRFLOW__CORE__PARALLELISM="8") as airflow,
    ):
        sensors = Sensors(airflow)
        airflow.start("api-server", "scheduler", "triggerer")
        airflow.run("dags", "trigger", "wincc_released")
        airflow.wait("deferring all", lambda: sensors.count("deferred") == SENSORS, seconds=300)
        station.clear_requests()
        airflow.wait("six readings", lambda: len(station.requests) >= 6 * REQUESTS_PER_CYCLE)
        station.set("Released", value=True)
        airflow.wait("releasing all", lambda: sensors.count("deferred") == 0)
        airflow.wait("finishing some", lambda: sensors.count("success") >= 20)
        requests = station.requests

        assert sensors.count("failed") + sensors.count("up_for_retry") == 0
        # The triggerer alone has read since all were deferred: the union of their tags, once per interval of 1 s.
        assert {request.in_flight for request in requests} == {1}
        assert len({request.connection for request in requests}) == 1
        seconds = requests[-1].at.timestamp() - requests[0].at.timestamp()
        assert len(requests) <= REQUESTS_PER_CYCLE * (math.ceil(seconds) + 1)
        assert len({name for request in requests for name in request.body["variableNames"]}) == SENSORS + 1
