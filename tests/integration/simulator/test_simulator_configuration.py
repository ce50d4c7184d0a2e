"""Configuration over REST."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rest_caller import RestCaller

    from airflow_provider_wincc.simulator import Simulator


@pytest.fixture
def five_tags(station: Simulator) -> list[str]:
    names = [f"T.Page{number}" for number in range(5)]
    for name in names:
        station.set(name, 1)
    return names


def names_of(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [row["variableName"] for row in answer["variables"]]


@pytest.mark.parametrize(
    ("path", "key", "name_key", "name"),
    [
        ("/tagManagement/Connections", "connections", "connectionName", "S7_Line3"),
        ("/tagManagement/Groups", "groups", "groupName", "Line3"),
        ("/tagManagement/StructureTypes", "structureTypes", "name", "Tank"),
        ("/tagManagement/StructureVariables", "structureVariables", "name", "Tank2"),
        ("/tagManagement/variables", "variables", "variableName", "@LocalMachineName"),
    ],
)
def test_lists_come_in_an_object_under_their_name(
    rest: RestCaller, path: str, key: str, name_key: str, name: str
) -> None:
    content = rest.get(path).json()

    assert list(content) == [key]
    assert name in [row[name_key] for row in content[key]]


@pytest.mark.parametrize(
    ("path", "key", "name"),
    [
        ("/tagManagement/Connection/s7_line3", "connectionName", "S7_Line3"),
        ("/tagManagement/Group/Plant", "groupName", "Plant"),
        ("/tagManagement/StructureType/Tank", "name", "Tank"),
    ],
)
def test_one_thing_comes_as_an_object(rest: RestCaller, path: str, key: str, name: str) -> None:
    assert rest.get(path).json()[key] == name


@pytest.mark.parametrize("kind", ["Connection", "Group", "StructureType", "StructureVariable"])
def test_an_unknown_thing_gets_404_naming_it(rest: RestCaller, kind: str) -> None:
    answer = rest.get(f"/tagManagement/{kind}/Nowhere")

    assert answer.status_code == 404
    assert "'Nowhere'" in answer.json()["error"]


def test_a_structure_type_names_its_members(rest: RestCaller) -> None:
    members = rest.get("/tagManagement/StructureType/Tank").json()["members"]

    assert [member["name"] for member in members] == ["Level", "Inflow", "Setpoint", "ValveOpen"]


def test_instances_are_found_by_type(rest: RestCaller) -> None:
    tanks = {"structureVariables": [{"name": "Tank1", "typeName": "Tank"}, {"name": "Tank2", "typeName": "Tank"}]}

    assert rest.get("/tagManagement/StructureVariable/Tank").json() == tanks
    asked = {"typeNames": ["Tank"]}
    assert rest.call("POST", "/tagManagement/StructureVariables", json=asked).json() == tanks


def test_a_tag_shows_what_is_configured(rest: RestCaller) -> None:
    item = rest.get("/tagManagement/variable/Line3.Count").json()

    assert (item["variableName"], item["dataType"], item["connection"], item["group"]) == (
        "Line3.Count",
        7,
        "S7_Line3",
        "Line3",
    )


def test_an_unknown_tag_has_no_configuration(rest: RestCaller) -> None:
    answer = rest.get("/tagManagement/variable/T.Typo")

    assert answer.json() == {"variableName": "T.Typo", "error": "Not Found"}


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("Tank?.Level", ["Tank1.Level", "Tank2.Level"]),
        ("*_NONE_*", []),
        ("tank1.*", ["Tank1.Level", "Tank1.Inflow", "Tank1.Setpoint", "Tank1.ValveOpen"]),
        ("@Local*", ["@LocalMachineName"]),
        ("[T]*", []),
    ],
)
def test_tags_are_found_by_wildcards_in_the_query_or_the_body(rest: RestCaller, pattern: str, found: list[str]) -> None:
    path = "/tagManagement/variables"

    by_query = rest.call("POST", path, params={"variableName": pattern})
    by_body = rest.call("POST", path, json={"variableName": pattern})
    by_get = rest.get(path, params={"variableName": pattern})

    assert [names_of(answer.json()) for answer in (by_query, by_body, by_get)] == [found] * 3


def test_the_query_goes_before_the_body(rest: RestCaller) -> None:
    answer = rest.call(
        "POST",
        "/tagManagement/variables",
        params={"variableName": "Tank1.Level"},
        json={"variableName": "Tank2.*"},
    )

    assert names_of(answer.json()) == ["Tank1.Level"]


def test_a_slow_pattern_is_answered_all_the_same(station: Simulator, rest: RestCaller) -> None:
    station.set("T." + "a" * 120, 1)

    answer = rest.get("/tagManagement/variables", params={"variableName": "*" * 60 + "b"}, timeout=5)

    assert names_of(answer.json()) == []


def test_pages_follow_the_continuation_point_of_the_object(rest: RestCaller, five_tags: list[str]) -> None:
    query: dict[str, str | int] = {"variableName": "T.Page*", "itemLimit": 2}
    pages, points = [], []
    for _ in range(3):
        content = rest.get("/tagManagement/variables", params=query).json()
        pages.append(names_of(content))
        points.append(content.get("continuationPoint"))
        query["continuationPoint"] = content.get("continuationPoint", 0)

    assert pages == [five_tags[:2], five_tags[2:4], five_tags[4:]]
    assert points == [2, 4, None]


def test_a_page_that_ends_exactly_has_no_continuation_point(rest: RestCaller, five_tags: list[str]) -> None:
    query = {"variableName": "T.Page*", "itemLimit": 5}

    content = rest.get("/tagManagement/variables", params=query).json()

    assert names_of(content) == five_tags
    assert "continuationPoint" not in content


def test_a_page_behind_the_end_is_empty(rest: RestCaller, five_tags: list[str]) -> None:
    query = {"variableName": "T.Page*", "itemLimit": 2, "continuationPoint": len(five_tags) + 5}

    assert rest.get("/tagManagement/variables", params=query).json() == {"variables": []}


@pytest.mark.parametrize("word", ["itemLimit", "continuationPoint"])
@pytest.mark.parametrize("value", ["-1", "two", "", "1.5"])
def test_paging_that_is_no_whole_number_gets_400(rest: RestCaller, word: str, value: str) -> None:
    answer = rest.get("/tagManagement/Groups", params={word: value})

    assert answer.status_code == 400
    assert word in answer.json()["error"]


def test_connections_are_paged_as_well(rest: RestCaller) -> None:
    content = rest.get("/tagManagement/Connections", params={"itemLimit": 1}).json()

    assert content == {
        "connections": [{"connectionName": "Internal", "communicationDriver": "Internal tags"}],
        "continuationPoint": 1,
    }
