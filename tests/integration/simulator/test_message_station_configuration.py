"""The configuration of the message system over REST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from rest_caller import RestCaller

    from airflow_provider_wincc.simulator import Simulator

GERMAN = {"Accept-Language": "de-DE"}
TANK1 = {
    "msgNo": 1001,
    "className": "Error",
    "typeName": "Alarm",
    "text1": "Tank1 level high",
    "text2": "Tank1",
    "text3": "Level @1%.1f@ %, limit @2%.1f@ %",
    "priority": 8,
}
LIMIT = {"variableName": "Tank1.Level", "msgNo": 1001, "kind": "upper limit", "limit": 90.0, "hysteresis": 5.0}


@pytest.mark.parametrize(
    ("path", "key", "name_key", "names"),
    [
        ("MessageClasses", "messageClasses", "name", ["Error", "Warning", "Process"]),
        ("MessageTypes", "messageTypes", "name", ["Alarm", "Warning", "Operating message"]),
        ("Messages", "messages", "msgNo", [1001, 1002, 2001, 2002, 3001]),
        ("LimitValues", "limitValues", "variableName", ["Tank1.Level", "Tank2.Level"]),
        ("MessageGroups", "messageGroups", "name", ["Tanks", "Mixing", "Packing"]),
        ("RestFilters", "restFilters", "name", ["All", "Errors", "Warnings", "Process"]),
    ],
)
def test_lists_come_in_an_object_under_their_name(
    rest: RestCaller, path: str, key: str, name_key: str, names: list[object]
) -> None:
    content = rest.get(f"/alarmLogging/{path}").json()

    assert list(content) == [key]
    assert [row[name_key] for row in content[key]] == names


def test_blocks_are_of_three_kinds(rest: RestCaller) -> None:
    blocks = rest.get("/alarmLogging/MessageBlocks").json()["messageBlocks"]

    assert {block["kind"] for block in blocks} == {"system", "user text", "process value"}
    assert {"name": "Message text", "kind": "user text"} in blocks


@pytest.mark.parametrize(
    ("path", "item"),
    [
        ("MessageClass/error", {"name": "Error", "id": 1, "acknowledgement": True}),
        ("MessageClass/Warning", {"name": "Warning", "id": 2, "acknowledgement": False}),
        ("MessageType/Operating%20message", {"name": "Operating message", "id": 3, "className": "Process"}),
        ("MessageBlock/Point%20of%20error", {"name": "Point of error", "kind": "user text"}),
        ("Message/1001", TANK1),
        ("LimitValue/tank1.level", LIMIT),
        ("MessageGroup/Tanks", {"name": "Tanks", "msgNos": [1001, 1002]}),
        ("RestFilter/All", {"name": "All"}),
        ("RestFilter/Warnings", {"name": "Warnings", "className": "Warning"}),
    ],
)
def test_one_thing_comes_as_an_object(rest: RestCaller, path: str, item: dict[str, Any]) -> None:
    assert rest.get(f"/alarmLogging/{path}").json() == item


def test_a_message_for_bursts_has_a_configuration(rest: RestCaller) -> None:
    row = rest.get("/alarmLogging/Message/20017").json()

    assert (row["msgNo"], row["className"], row["text1"]) == (20_017, "Warning", "Burst message 20017")


@pytest.mark.parametrize(
    "path",
    [
        "MessageClass/Typo",
        "MessageType/Typo",
        "MessageBlock/Typo",
        "Message/Typo",
        "Message/4711",
        f"Message/{'9' * 200}",
        "Message/²",
        "LimitValue/Typo",
        "MessageGroup/Typo",
        "RestFilter/Typo",
    ],
)
def test_an_unknown_thing_gets_404_naming_it(rest: RestCaller, path: str) -> None:
    answer = rest.get(f"/alarmLogging/{path}")

    assert answer.status_code == 404
    assert f"'{path.partition('/')[2]}'" in answer.json()["error"]


@pytest.mark.parametrize(
    ("path", "english", "german"),
    [
        ("MessageClass", "Error", "Fehler"),
        ("MessageType", "Operating message", "Betriebsmeldung"),
        ("MessageBlock", "Point of error", "Störort"),
        ("MessageGroup", "Tanks", "Behälter"),
        ("RestFilter", "Errors", "Fehler"),
    ],
)
def test_names_have_languages_in_the_path_and_in_the_answer(
    rest: RestCaller, path: str, english: str, german: str
) -> None:
    asked_in_german = rest.get(f"/alarmLogging/{path}/{german}", headers={"Content-Language": "de-DE"})
    answered_in_german = rest.get(f"/alarmLogging/{path}/{english}", headers=GERMAN)
    english_name_as_german = rest.get(f"/alarmLogging/{path}/{english}", headers={"Content-Language": "de-DE"})

    assert asked_in_german.json()["name"] == english
    assert answered_in_german.json()["name"] == german
    assert english_name_as_german.status_code == 404


def test_lists_come_in_the_language_that_is_accepted(rest: RestCaller) -> None:
    filters = rest.get("/alarmLogging/RestFilters", headers=GERMAN).json()["restFilters"]
    messages = rest.get("/alarmLogging/Messages", headers=GERMAN).json()["messages"]

    assert [row["name"] for row in filters] == ["Alle", "Fehler", "Warnungen", "Prozess"]
    assert messages[-1]["text1"] == "Linie3 läuft"
    assert messages[-1]["typeName"] == "Betriebsmeldung"


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("MessageClasses", "messageClasses"),
        ("MessageTypes", "messageTypes"),
        ("MessageBlocks", "messageBlocks"),
        ("Messages", "messages"),
        ("LimitValues", "limitValues"),
        ("MessageGroups", "messageGroups"),
    ],
)
def test_pages_follow_the_continuation_point(rest: RestCaller, path: str, key: str) -> None:
    whole = rest.get(f"/alarmLogging/{path}").json()[key]
    rows: list[object] = []
    query: dict[str, int] | None = {"itemLimit": 2}
    while query is not None:
        content = rest.get(f"/alarmLogging/{path}", params=query).json()
        assert len(content[key]) <= 2
        rows += content[key]
        point = content.get("continuationPoint")
        query = None if point is None else {"itemLimit": 2, "continuationPoint": point}

    assert rows == whole


def test_rest_filters_come_all_at_once(rest: RestCaller) -> None:
    content = rest.get("/alarmLogging/RestFilters", params={"itemLimit": 1, "continuationPoint": 2}).json()

    assert len(content["restFilters"]) == 4
    assert "continuationPoint" not in content


def test_the_next_page_is_told_in_a_header_where_the_dialect_says_so(station: Simulator, rest: RestCaller) -> None:
    station.set_dialect(continuation="header")

    answer = rest.get("/alarmLogging/Messages", params={"itemLimit": 2})

    assert answer.headers["continuationPoint"] == "2"
    assert list(answer.json()) == ["messages"]
