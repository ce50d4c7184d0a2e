"""Every write of a handoff meets every fault: the order starts exactly once and ends well."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from handoff_runs import PAYLOAD, run_handoff, run_with_retries, tags_of
from simulated_units import UNIT, simulated_unit
from task_context import new_context

from airflow_provider_wincc.client import WinCCClient
from airflow_provider_wincc.simulator import Simulator

READ_TIMEOUT = 0.4
FAULTS = {
    "drop_before": {},
    "drop_after": {},
    "stall": {"seconds": 2 * READ_TIMEOUT},
    "delay": {"seconds": 2 * READ_TIMEOUT},
    "unavailable": {},
}
WRITES = {
    "A": ["payload", "commit", "start", "clear"],
    "B": ["ask", "payload", "commit", "start", "clear"],
    "C": ["payload", "commit", "release", "start", "clear"],
    "D": ["payload", "commit", "release", "start", "clear"],
}
STATIONS = [(profile, fault) for profile in WRITES for fault in FAULTS]
AT_A_TIME = 10
_order_ids = count(1)


@pytest.fixture(scope="module")
def stations(stop_later):
    """Profile and fault → a station of its own with one unit, behind a connection named after them."""
    started = {}
    with pytest.MonkeyPatch.context() as environment:
        for profile, fault in STATIONS:
            station = Simulator(plant="still", units=[simulated_unit(profile=profile)])
            station.start()
            connection = {
                "conn_type": "wincc",
                "host": station.url,
                "login": "engineer",
                "password": station.users["engineer"].password,
                "extra": {"verify": station.ca_file, "read_timeout": READ_TIMEOUT},
            }
            environment.setenv(f"AIRFLOW_CONN_{connection_id(profile, fault).upper()}", json.dumps(connection))
            started[profile, fault] = station
        yield started
    for station in started.values():
        stop_later(station)


def connection_id(profile, fault):
    return f"{profile}_{fault}"


@pytest.fixture
def meet(stations, monkeypatch):
    """Let each station's fault meet the write of a name, however many writes are sent before it."""
    sent = {station.url: count() for station in stations.values()}
    number_of = {}
    case_of = {station.url: case for case, station in stations.items()}
    met = set()
    write_tags = WinCCClient.write_tags

    def write_and_meet_the_fault(client, values):
        url = client.settings.station
        if next(sent[url]) == number_of[url]:
            case = case_of[url]
            stations[case].fail_next(case[1], method="PUT", **FAULTS[case[1]])
            met.add(case)
        return write_tags(client, values)

    monkeypatch.setattr(WinCCClient, "write_tags", write_and_meet_the_fault)

    def choose(write):
        for (profile, _), station in stations.items():
            if write in WRITES[profile]:
                number_of[station.url] = WRITES[profile].index(write)
        return met

    return choose


@pytest.mark.parametrize("write", ["ask", "payload", "commit", "release", "start", "clear"])
def test_an_order_whose_write_meets_any_fault_starts_once_and_ends_well(stations, meet, write):
    cases = [(profile, fault) for profile, fault in STATIONS if write in WRITES[profile]]
    order_id = f"{next(_order_ids):06}"
    met = meet(write)

    def run(case):
        profile, _ = case
        result = run_with_retries(
            "poke",
            new_context(),
            order_id=order_id,
            tags=tags_of(profile=profile),
            wincc_conn_id=connection_id(*case),
        )
        unit = stations[case].unit(UNIT)
        starts = [start.payload for start in unit.starts if start.order_id == order_id]
        return result["outcome"], starts, unit.state

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        ends = dict(zip(cases, pool.map(run, cases), strict=True))

    assert ends == dict.fromkeys(cases, ("successful", [PAYLOAD], "none"))
    assert met == set(cases)


@pytest.mark.usefixtures("connect")
@pytest.mark.parametrize("units", [[simulated_unit()]], ids=["one unit"])
@pytest.mark.parametrize("fault", ["garbage", "empty_body", "html_body", "missing_rows", "drop_after"])
def test_an_order_whose_writes_are_all_answered_badly_is_written_once_and_ends_well(station, context, fault):
    station.fail_next(fault, count=99, method="PUT")

    result = run_handoff("poke", context)

    assert result["outcome"] == "successful"
    assert [request.method for request in station.requests].count("PUT") == len(WRITES["A"])
    assert [start.payload for start in station.unit(UNIT).starts] == [PAYLOAD]
