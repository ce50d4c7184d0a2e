"""The runtime lists of messages over REST."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from rest_caller import RestCaller
from simulator_waiting import wait_until

from airflow_provider_wincc.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

NOON = datetime(2026, 3, 2, 12, 0, 0, 310_000, tzinfo=UTC)
LISTS = [
    "MessageList",
    "ShortTermArchive",
    "LongTermArchive",
    "HitList",
    "LockList",
    "Hidelist",
    "HiddenMessageList",
]


@pytest.fixture
def station(message_station: Simulator) -> Simulator:
    return message_station


def rows(rest: RestCaller, path: str, **options: Any) -> list[dict[str, Any]]:
    answer = rest.get(f"/alarmLogging/{path}", **options)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["messages"]
    return found


def numbers(rest: RestCaller, path: str, **options: Any) -> list[int]:
    return [row["msgNo"] for row in rows(rest, path, **options)]


def test_a_row_of_the_message_list_says_what_is_pending(station: Simulator, rest: RestCaller) -> None:
    station.raise_message(1001, process_values=[95.5, 90.0], time=NOON)
    counter = station.message_archive[0].counter

    assert rows(rest, "MessageList/Errors") == [
        {
            "msgNo": 1001,
            "className": "Error",
            "class": 1,
            "typeName": "Alarm",
            "type": 1,
            "text1": "Tank1 level high",
            "text2": "Tank1",
            "text3": "Level 95.5 %, limit 90.0 %",
            "priority": 8,
            "state": 1,
            "dateTime": "2026-03-02T12:00:00.310Z",
            "pValue1": 95.5,
            "pValue2": 90.0,
            "counter": counter,
        }
    ]


def test_a_row_of_the_archive_says_who_acknowledged_and_how_long_it_was_in(
    station: Simulator, rest: RestCaller
) -> None:
    station.raise_message(1001, instance="Pump1", time=NOON)
    station.clear_message(1001, time=NOON.replace(second=2))
    station.acknowledge_message(1001, user="Anna", time=NOON.replace(second=3))
    came, gone, acknowledged = rows(rest, "ShortTermArchive/Errors")

    assert [row["state"] for row in (came, gone, acknowledged)] == [1, 2, 3]
    assert gone["timeDiff"] == 2000
    assert {row["instance"] for row in (came, gone, acknowledged)} == {"Pump1"}
    assert (acknowledged["userName"], acknowledged["computerName"]) == ("Anna", "SIMULATOR")
    assert {"userName", "timeDiff"} & set(came) == set()


@pytest.mark.parametrize(
    ("rest_filter", "found"),
    [
        ("All", [2001, 3001, 1001, 2002]),
        ("all", [2001, 3001, 1001, 2002]),
        ("Errors", [1001]),
        ("Warnings", [2001, 2002]),
        ("Process", [3001]),
    ],
)
@pytest.mark.parametrize("message_list", ["MessageList", "ShortTermArchive", "LongTermArchive"])
def test_a_filter_lets_its_class_pass(
    station: Simulator, rest: RestCaller, message_list: str, rest_filter: str, found: list[int]
) -> None:
    station.raise_message(1001)
    station.raise_message(2002)

    assert numbers(rest, f"{message_list}/{rest_filter}") == found


def test_locked_and_hidden_messages_have_lists_of_their_own(station: Simulator, rest: RestCaller) -> None:
    station.lock_message(1002)
    station.hide_message(2001)
    station.hide_message(1001)

    assert [(row["msgNo"], row["state"]) for row in rows(rest, "LockList/All")] == [(1002, 4)]
    assert [(row["msgNo"], row["state"]) for row in rows(rest, "Hidelist/All")] == [(2001, 10), (1001, 10)]
    assert [(row["msgNo"], row["state"]) for row in rows(rest, "HiddenMessageList/All")] == [(2001, 1)]
    assert numbers(rest, "MessageList/All") == [3001]
    assert numbers(rest, "Hidelist/Warnings") == [2001]


def test_the_hit_list_counts_what_came_in_and_how_long_it_was_in(station: Simulator, rest: RestCaller) -> None:
    for second in (0, 10):
        station.raise_message(1001, time=NOON.replace(second=second))
        station.clear_message(1001, time=NOON.replace(second=second + 1 + second // 5))
    hits = rows(rest, "HitList/All")

    assert [(hit["msgNo"], hit["frequency"]) for hit in hits] == [(1001, 2), (2001, 1), (3001, 1)]
    assert (hits[0]["totalDuration"], hits[0]["averageDuration"]) == (4000, 2000)
    assert {"state", "dateTime", "counter"} & set(hits[0]) == set()
    assert numbers(rest, "HitList/All?maxValues=1") == [1001]


@pytest.mark.parametrize(("query", "found"), [("", 1000), ("?maxValues=3", 3), ("?maxValues=1000", 1000)])
@pytest.mark.parametrize("archive", ["ShortTermArchive", "LongTermArchive"])
def test_an_archive_gives_its_newest_rows(
    station: Simulator, rest: RestCaller, archive: str, query: str, found: int
) -> None:
    station.burst_of_messages(1500)
    newest = [record.counter for record in station.message_archive[-found:]]

    assert [row["counter"] for row in rows(rest, f"{archive}/All{query}")] == newest


@pytest.mark.parametrize("query", ["maxValues=0", "maxValues=-1", "maxValues=ten", "maxValues=1.5"])
def test_a_number_of_rows_that_is_none_gets_400(station: Simulator, rest: RestCaller, query: str) -> None:
    answer = rest.get(f"/alarmLogging/ShortTermArchive/All?{query}")

    assert answer.status_code == 400
    assert "maxValues is a whole number" in answer.json()["error"]


@pytest.mark.parametrize("message_list", LISTS)
def test_an_unknown_filter_gets_404_naming_it(station: Simulator, rest: RestCaller, message_list: str) -> None:
    answer = rest.get(f"/alarmLogging/{message_list}/Typo")

    assert answer.status_code == 404
    assert answer.json() == {"error": "There is no REST filter 'Typo'"}


def test_the_case_of_a_path_is_ignored(station: Simulator, rest: RestCaller) -> None:
    assert rest.get("/ALARMLOGGING/hideList/All").json() == {"messages": []}


def test_texts_and_names_come_in_the_language_that_is_accepted(station: Simulator, rest: RestCaller) -> None:
    station.raise_message(1001, process_values=[95.5, 90])
    row = rows(rest, "MessageList/Errors", headers={"Accept-Language": "de-DE"})[0]

    assert (row["className"], row["typeName"], row["text1"]) == ("Fehler", "Alarm", "Füllstand Tank1 hoch")
    assert row["text3"] == "Füllstand 95.5 %, Grenze 90.0 %"


def test_the_name_of_the_filter_is_in_the_language_of_the_content(station: Simulator, rest: RestCaller) -> None:
    german = {"Content-Language": "de-DE"}

    found = rows(rest, "MessageList/Warnungen", headers=german)

    assert [(row["msgNo"], row["className"]) for row in found] == [(2001, "Warning")]
    assert rest.get("/alarmLogging/MessageList/Warnings", headers=german).status_code == 404
    assert rest.get("/alarmLogging/MessageList/Warnungen").status_code == 404


@pytest.mark.parametrize("header", ["Accept-Language", "Content-Language"])
def test_an_unknown_language_is_taken_as_english(station: Simulator, rest: RestCaller, header: str) -> None:
    found = rows(rest, "MessageList/Warnings", headers={header: "fr-FR"})

    assert found[0]["text1"] == "Mixer1 waits for its start"


def test_control_characters_and_markup_come_through_as_they_are(station: Simulator, rest: RestCaller) -> None:
    own = 'x\x00\x1b[2J\u2028{{ 1 }}</script>"\\ '
    station.raise_message(2002)
    station.raise_message(1001, texts=[own])
    strange, raised = rows(rest, "MessageList/All")[-2:]

    assert strange["text1"] == "<b>Filter</b> {{ ds }} \x1b[31mred\x1b[0m\nsecond line\t\x07"
    assert raised["text1"] == own


def test_a_burst_of_5000_messages_is_listed_whole_and_soon(station: Simulator, rest: RestCaller) -> None:
    begin = time.process_time()
    station.burst_of_messages(5000)
    found = rows(rest, "MessageList/Errors")

    # It takes a tenth of a second.
    assert time.process_time() - begin < 5
    assert len({row["msgNo"] for row in found}) == 5000
    assert [row["counter"] for row in found] == [record.counter for record in station.message_archive[-5000:]]


def test_a_message_that_changes_is_shown_as_it_is_now(station: Simulator, rest: RestCaller) -> None:
    station.raise_message(1001)
    came = rows(rest, "MessageList/Errors")
    station.acknowledge_message(1001)
    acknowledged = rows(rest, "MessageList/Errors")
    station.clear_message(1001)

    assert [row["state"] for row in (*came, *acknowledged)] == [1, 3]
    assert rows(rest, "MessageList/Errors") == []


def test_a_message_is_acknowledged_over_rest_in_the_name_of_the_user(station: Simulator, rest: RestCaller) -> None:
    station.raise_message(1001)
    rest.write("Messages.Acknowledge", 1001)
    read_back = rest.get("/tagManagement/Value/Messages.Acknowledge").json()["value"]

    row = rows(rest, "MessageList/Errors")[0]
    assert (row["state"], row["userName"], read_back) == (3, "engineer", "1001")


@pytest.mark.parametrize("user", ["viewer", "guest", None])
def test_reading_messages_needs_a_user_who_may_read(station: Simulator, user: str | None) -> None:
    caller = RestCaller(station, user=user)
    with closing(caller.session):
        status = caller.get("/alarmLogging/MessageList/All").status_code

    assert status == {"viewer": 200, "guest": 403, None: 401}[user]


def test_only_get_is_answered(station: Simulator, rest: RestCaller) -> None:
    assert rest.call("POST", "/alarmLogging/MessageList/All").status_code == 405
    assert rest.get("/alarmLogging/Elsewhere").status_code == 404
    assert rest.get("/alarmLogging/MessageList").status_code == 404


@pytest.fixture
def moving() -> Iterator[Simulator]:
    with Simulator(tls=False) as station:
        yield station


def test_the_demo_plant_raises_its_messages_by_itself(moving: Simulator) -> None:
    caller = RestCaller(moving)
    with closing(caller.session):
        moving.set("Tank1.Level", 89.0)
        moving.set("Tank1.Setpoint", 95.0)
        wait_until(lambda: numbers(caller, "MessageList/Errors") == [1001], what="the tank to be too full")
        caller.write("Messages.Acknowledge", 1001)
        caller.write("Tank1.Setpoint", 40.0)
        wait_until(lambda: numbers(caller, "MessageList/Errors") == [], what="the message to leave")
        wait_until(lambda: moving.get("Messages.Acknowledge").value == 0, what="the tag to be set back")

    assert [int(record.state) for record in moving.message_archive if record.number == 1001] == [1, 3, 2]
