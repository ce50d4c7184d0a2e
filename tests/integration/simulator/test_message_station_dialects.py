"""Each switch of the dialect that is about messages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from rest_caller import RestCaller

    from airflow_provider_wincc.simulator import Simulator

AT = datetime(2026, 3, 2, 8, 14, 58, 310_000, tzinfo=UTC)
ERRORS = "/alarmLogging/MessageList/Errors"
EMPTY_BLOCKS = {f"{block}{place}": None for block in ("Text", "PValue") for place in range(1, 11)}
CAMEL = {
    "msgNo": 1001,
    "className": "Error",
    "class": 1,
    "typeName": "Alarm",
    "type": 1,
    "text1": "High",
    "priority": 8,
    "state": 3,
    "dateTime": "2026-03-02T08:14:58.310Z",
    "pValue1": 95.5,
    "pValue2": True,
    "instance": "Pump1",
    "userName": "Anna",
    "computerName": "SIMULATOR",
}
OLE_DB = {
    **EMPTY_BLOCKS,
    "MsgNo": 1001,
    "ClassName": "Error",
    "Class": 1,
    "TypeName": "Alarm",
    "Type": 1,
    "Text1": "High",
    "Priority": 8,
    "State": 3,
    "DateTime": "2026-03-02T08:14:58.310Z",
    "PValue1": 95.5,
    "PValue2": True,
    "Instance": "Pump1",
    "UserName": "Anna",
    "ComputerName": "SIMULATOR",
    "TimeDiff": None,
}
OPC_UA = {
    "OS_EVENTID": 1001,
    "CLASSNAME": "Error",
    "CLASSID": 1,
    "TYPENAME": "Alarm",
    "TYPEID": 1,
    "TEXT01": "High",
    "PRIORITY": 8,
    "MODIFYSTATE": 3,
    "STATETEXT": "Acknowledged",
    "DATETIME": "2026-03-02T08:14:58.310Z",
    "PROCESSVALUE01": 95.5,
    "PROCESSVALUE02": True,
    "INSTANCE": "Pump1",
    "USER": "Anna",
    "COMPUTER": "SIMULATOR",
}


@pytest.fixture
def station(message_station: Simulator) -> Simulator:
    message_station.raise_message(1001, texts=["High"], process_values=[95.5, True], instance="Pump1", time=AT)
    message_station.acknowledge_message(1001, user="Anna", time=AT)
    return message_station


def row_of(rest: RestCaller, **options: Any) -> dict[str, Any]:
    (row,) = rest.get(ERRORS, **options).json()["messages"]
    found: dict[str, Any] = row
    return found


@pytest.mark.parametrize(("keys", "row"), [("camel", CAMEL), ("ole_db", OLE_DB), ("opc_ua", OPC_UA)])
def test_rows_have_the_keys_of_each_spelling(
    station: Simulator, rest: RestCaller, keys: str, row: dict[str, Any]
) -> None:
    counter = station.message_archive[1].counter
    station.set_dialect(message_keys=keys)

    counted = {"camel": {"counter": counter}, "ole_db": {"Counter": counter}, "opc_ua": {}}[keys]
    assert row_of(rest) == {**row, **counted}


def test_the_state_in_words_has_a_language(station: Simulator, rest: RestCaller) -> None:
    station.set_dialect(message_keys="opc_ua")

    assert row_of(rest, headers={"Accept-Language": "de-DE"})["STATETEXT"] == "Quittiert"


@pytest.mark.parametrize("keys", ["camel", "ole_db", "opc_ua"])
def test_everything_can_be_text(station: Simulator, rest: RestCaller, keys: str) -> None:
    station.set_dialect(message_keys=keys, message_typing="text")
    row = row_of(rest)

    assert {type(value) for value in row.values()} <= {str, type(None)}
    assert {"1001", "3", "95.5", "true"} <= set(row.values())


@pytest.mark.parametrize(
    ("timestamps", "whole", "split"),
    [
        ("z", "2026-03-02T08:14:58.310Z", "2026-03-02T08:14:58Z"),
        ("offset", "2026-03-02T09:14:58.310+01:00", "2026-03-02T09:14:58+01:00"),
        ("no_zone", "2026-03-02T08:14:58.310", "2026-03-02T08:14:58"),
        ("no_fraction", "2026-03-02T08:14:58Z", "2026-03-02T08:14:58Z"),
        ("seven_digits", "2026-03-02T08:14:58.3100000Z", "2026-03-02T08:14:58Z"),
    ],
)
def test_times_take_each_form(station: Simulator, rest: RestCaller, timestamps: str, whole: str, split: str) -> None:
    station.set_dialect(timestamps=timestamps)
    in_one = row_of(rest)
    station.set_dialect(message_time="split")
    in_two = row_of(rest)

    assert (in_one["dateTime"], in_one.get("ms")) == (whole, None)
    assert (in_two["dateTime"], in_two["ms"]) == (split, 310)


@pytest.mark.parametrize("path", [ERRORS, "/alarmLogging/HitList/Errors"])
def test_rows_come_bare_or_wrapped(station: Simulator, rest: RestCaller, path: str) -> None:
    wrapped = rest.get(path).json()
    station.set_dialect(message_envelope="bare")

    assert list(wrapped) == ["messages"]
    assert rest.get(path).json() == wrapped["messages"]


def test_the_newest_rows_may_come_first(station: Simulator, rest: RestCaller) -> None:
    archive = "/alarmLogging/ShortTermArchive/Errors"
    ascending = rest.get(archive).json()["messages"]
    station.set_dialect(message_order="descending")

    assert [row["state"] for row in ascending] == [1, 3]
    assert rest.get(archive).json()["messages"] == ascending[::-1]
    assert [row["state"] for row in rest.get(f"{archive}?maxValues=1").json()["messages"]] == [3]


@pytest.mark.parametrize("message_list", ["ShortTermArchive", "LongTermArchive", "HitList"])
def test_too_many_rows_are_cut_or_refused(station: Simulator, rest: RestCaller, message_list: str) -> None:
    station.burst_of_messages(1200)
    path = f"/alarmLogging/{message_list}/All?maxValues=5000"
    cut = rest.get(path)
    station.set_dialect(message_above_limit="refuse")
    refused = rest.get(path)

    assert (cut.status_code, len(cut.json()["messages"])) == (200, 1000)
    assert refused.status_code == 400
    assert "maxValues is a whole number from 1 to 1000, not 5000" in refused.json()["error"]
    assert rest.get(path.replace("5000", "1000")).status_code == 200


@pytest.mark.parametrize("message_list", ["MessageList", "LongTermArchive", "HitList"])
def test_an_unknown_filter_may_get_200_with_an_error(station: Simulator, rest: RestCaller, message_list: str) -> None:
    station.set_dialect(unknown_filter="error")

    answer = rest.get(f"/alarmLogging/{message_list}/Typo")

    assert (answer.status_code, answer.json()) == (200, {"error": "There is no REST filter 'Typo'"})


@pytest.mark.parametrize(
    "path", ["MessageList/All", "ShortTermArchive/Typo", "RestFilters", "RestFilter/All", "Messages", "Message/1001"]
)
def test_an_older_station_has_no_message_area(station: Simulator, rest: RestCaller, path: str) -> None:
    station.set_dialect(has_messages=False)

    answer = rest.get(f"/alarmLogging/{path}")

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert rest.get("/tagManagement/Value/Messages.Pending").status_code == 200
