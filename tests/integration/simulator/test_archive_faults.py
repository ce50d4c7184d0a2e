"""Faults that archives meet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from rest_caller import RestCaller

    from airflow_provider_wincc.simulator import Simulator

TAGS = ["Tank1_Level", "Tank1_ValveOpen"]
ONE = "/tagLogging/Archive/ProcessData/Value/Tank1_Level"
MANY = "/tagLogging/Archive/ProcessData/values"


def read(rest: RestCaller, *tags: str) -> Any:
    return rest.call("POST", MANY, params={"maxValues": 2}, json={"variableNames": list(tags or TAGS)})


def read_several(rest: RestCaller) -> Any:
    variables = [{"name": tag} for tag in TAGS]
    body = {"archives": [{"name": "ProcessData", "variables": variables}]}
    return rest.call("POST", "/tagLogging/Values", json=body).json()["archives"][0]["variables"]


def qualities(items: list[dict[str, Any]]) -> list[list[str]]:
    return [[row["qualitycode"] for row in item["values"]] for item in items]


def test_an_archive_is_empty_for_as_many_requests_as_asked(station: Simulator, rest: RestCaller) -> None:
    station.fail_next("empty_archive", count=2)

    counts = [[len(item["values"]) for item in read(rest).json()] for _ in range(3)]

    assert counts == [[0, 0], [0, 0], [2, 2]]


def test_a_segment_change_gives_an_error_for_each_tag(station: Simulator, rest: RestCaller) -> None:
    station.fail_next("segment_change", count=2, path="/tagLogging/*")
    error = "The database segment of the archive is being changed"

    assert read(rest).json() == [{"variableName": tag, "error": error} for tag in TAGS]
    assert read_several(rest) == [{"name": tag, "error": error} for tag in TAGS]
    assert [len(item["values"]) for item in read(rest).json()] == [2, 2]


@pytest.mark.parametrize("fault", ["empty_archive", "segment_change"])
def test_archive_faults_wait_for_reads_of_their_archive(station: Simulator, rest: RestCaller, fault: str) -> None:
    station.fail_next(fault, path="/tagLogging/Archive/ProcessData/*")

    rest.read("Tank1.Level")
    rest.get("/tagLogging/Archive/ProcessData/Variables")
    whole = read_several(rest)
    spoilt, good = rest.get(ONE).json(), rest.get(ONE).json()

    assert [len(item["values"]) for item in whole] == [1, 1]
    assert not spoilt.get("values")
    assert len(good["values"]) == 1


def test_bad_quality_spoils_the_rows_of_a_read(station: Simulator, rest: RestCaller) -> None:
    station.fail_next("bad_quality")

    assert [qualities(read(rest).json()) for _ in range(2)] == [[["24"] * 2] * 2, [["128"] * 2] * 2]


def test_a_quality_fault_for_a_tag_waits_for_it_and_spoils_it_alone(station: Simulator, rest: RestCaller) -> None:
    station.fail_next("bad_quality", tag="tank1_valveopen", count=3)

    assert qualities(read(rest, "Tank1_Level").json()) == [["128"] * 2]
    assert qualities(read(rest).json()) == [["128"] * 2, ["24"] * 2]
    assert qualities(read_several(rest)) == [["128"], ["24"]]
    names = {"variableNames": ["ProcessData\\Tank1_ValveOpen"]}
    assert qualities(rest.call("POST", "/tagLogging/Values", json=names).json()["archives"][0]["variables"]) == [["24"]]


def test_initial_quality_gives_start_values(station: Simulator, rest: RestCaller) -> None:
    station.fail_next("initial_quality")

    items = read(rest).json()

    assert [[row["value"] for row in item["values"]] for item in items] == [["0", "0"], ["false", "false"]]
    assert qualities(items) == [["76"] * 2] * 2


def test_missing_rows_leaves_out_the_last_tag(station: Simulator, rest: RestCaller) -> None:
    station.fail_next("missing_rows", count=2)

    assert [item["variableName"] for item in read(rest).json()] == ["Tank1_Level"]
    assert [item["name"] for item in read_several(rest)] == ["Tank1_Level"]


def test_statuses_spoilt_bodies_and_drops_meet_archives_as_well(station: Simulator, rest: RestCaller) -> None:
    for fault in ("server_error", "unavailable", "garbage", "drop_after"):
        station.fail_next(fault, path=MANY)

    assert [read(rest).status_code, read(rest).status_code] == [500, 503]
    with pytest.raises(requests.JSONDecodeError):
        read(rest).json()
    with pytest.raises(requests.ConnectionError):
        read(rest)
    assert read(rest).status_code == 200


@pytest.mark.parametrize("body", [{"archives": 1}, {"archives": [{"variables": [1]}]}, {"variableNames": [1]}, [1]])
def test_a_fault_for_a_tag_is_not_upset_by_a_body_that_is_wrong(
    station: Simulator, rest: RestCaller, body: object
) -> None:
    station.fail_next("bad_quality", tag="Tank1_Level")

    assert rest.call("POST", "/tagLogging/Values", json=body).status_code == 400
