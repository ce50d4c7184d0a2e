"""Archives, their tags and timers over REST."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rest_caller import RestCaller

    from airflow_provider_wincc.simulator import Simulator

LEVEL = {"variableName": "Tank1_Level", "archiveName": "ProcessData", "acquisitionCycle": "1 second"}


@pytest.mark.parametrize(
    ("path", "key", "name_key", "name"),
    [
        ("/tagLogging/Archives", "archives", "archiveName", "ProcessData"),
        ("/tagLogging/Archive/ProcessData/Variables", "variables", "variableName", "Mixer1_Speed"),
        ("/tagLogging/Variables", "variables", "variableName", "Tank1_ValveOpen"),
        ("/tagLogging/Timers", "timers", "name", "1 second"),
    ],
)
def test_lists_come_in_an_object_under_their_name(
    rest: RestCaller, path: str, key: str, name_key: str, name: str
) -> None:
    content = rest.get(path).json()

    assert list(content) == [key]
    assert name in [row[name_key] for row in content[key]]


@pytest.mark.parametrize(
    ("path", "item"),
    [
        (
            "/tagLogging/Archive/processdata",
            {"archiveName": "ProcessData", "archiveType": "ProcessValueArchive", "variableCount": 7},
        ),
        ("/tagLogging/Archive/ProcessData/Variable/tank1_level", LEVEL),
        ("/tagLogging/Variable/Tank1_Level", LEVEL),
        ("/tagLogging/Variable/ProcessData%5CTank1_Level", LEVEL),
        ("/tagLogging/Timer/500%20ms", {"name": "500 ms", "milliseconds": 500}),
    ],
)
def test_one_thing_comes_as_an_object(rest: RestCaller, path: str, item: dict[str, object]) -> None:
    assert rest.get(path).json() == item


@pytest.mark.parametrize(
    "path",
    [
        "/tagLogging/Archive/Typo",
        "/tagLogging/Archive/Typo/Variables",
        "/tagLogging/Archive/Typo/Variable/Tank1_Level",
        "/tagLogging/Timer/Typo",
    ],
)
def test_an_unknown_thing_gets_404_naming_it(rest: RestCaller, path: str) -> None:
    answer = rest.get(path)

    assert answer.status_code == 404
    assert "'Typo'" in answer.json()["error"]


@pytest.mark.parametrize(
    "path",
    ["/tagLogging/Archive/ProcessData/Variable/Typo", "/tagLogging/Variable/Typo", "/tagLogging/Variable/X%5CTypo"],
)
def test_an_unknown_archive_tag_has_no_configuration(rest: RestCaller, path: str) -> None:
    assert rest.get(path).json() == {"variableName": "Typo", "error": "Not Found"}


def test_pages_follow_the_continuation_point(station: Simulator, rest: RestCaller) -> None:
    names, point = [], 0
    while point is not None:
        query = {"itemLimit": 3, "continuationPoint": point}
        content = rest.get("/tagLogging/Archive/ProcessData/Variables", params=query).json()
        names.append([row["variableName"] for row in content["variables"]])
        point = content.get("continuationPoint")

    assert [len(page) for page in names] == [3, 3, 1]
    assert [name for page in names for name in page] == [tag.name for tag in station.archive("ProcessData").tags]
