"""Runtime values over REST."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from rest_caller import RestCaller

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.simulator import Simulator

WHEN = datetime(2026, 3, 2, 8, 15, 30, 120_000, tzinfo=UTC)


def test_one_float_is_read_as_an_object_with_all_keys(station: Simulator, rest: RestCaller) -> None:
    station.set("T.Flow", 71.25, data_type="float32", timestamp=WHEN)

    answer = rest.get("/tagManagement/Value/T.Flow")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json() == {
        "variableName": "T.Flow",
        "dataType": 8,
        "value": "71.25",
        "timestamp": "2026-03-02T08:15:30.120Z",
        "qualitycode": "128",
        "errorcode": 0,
    }


@pytest.mark.parametrize(
    ("value", "data_type", "text", "number"),
    [
        (True, "bool", "true", 1),
        (-7, "int8", "-7", 2),
        (7, "uint8", "7", 3),
        (-300, "int16", "-300", 4),
        (65535, "uint16", "65535", 5),
        (18422, "int32", "18422", 6),
        (4294967295, "uint32", "4294967295", 7),
        (42.3, "float32", "42.3", 8),
        (40.0, "float32", "40", 8),
        (0.1 + 0.2, "float64", "0.30000000000000004", 9),
        ("000042", "text", "000042", 11),
        (-(2**63), "int64", "-9223372036854775808", 20),
        (2**64 - 1, "uint64", "18446744073709551615", 21),
        (math.nan, "float64", "NaN", 9),
        (-math.inf, "float64", "-Infinity", 9),
    ],
)
def test_each_type_has_its_text_and_number(
    station: Simulator, rest: RestCaller, *, value: float | str, data_type: str, text: str, number: int
) -> None:
    station.set("T.Typed", value, data_type=data_type)

    item = rest.get("/tagManagement/Value/T.Typed").json()

    assert (item["value"], item["dataType"]) == (text, number)


def test_many_tags_come_back_in_the_order_asked_with_repeats(station: Simulator, rest: RestCaller) -> None:
    station.set("T.A", 1)
    station.set("T.B", "x")

    rows = rest.read("T.B", "T.A", "T.B").json()

    assert [(row["variableName"], row["value"]) for row in rows] == [
        ("T.B", "x"),
        ("T.A", "1"),
        ("T.B", "x"),
    ]


def test_the_name_is_answered_as_it_was_asked_for(station: Simulator, rest: RestCaller) -> None:
    station.set("T.Mixed", 5)

    assert rest.read("t.mIXED").json()[0]["variableName"] == "t.mIXED"
    assert rest.get("/tagManagement/Value/T.MIXED").json()["value"] == "5"


def test_an_unknown_tag_in_a_list_gives_an_item_with_an_error(station: Simulator, rest: RestCaller) -> None:
    station.set("T.A", 1)

    rows = rest.read("T.A", "T.Typo").json()

    assert rows[0]["errorcode"] == 0
    assert rows[1] == {"variableName": "T.Typo", "error": "Not Found"}


def test_a_single_unknown_tag_gives_an_object_with_an_error(rest: RestCaller) -> None:
    answer = rest.get("/tagManagement/Value/T.NoSuchTag")

    assert (answer.status_code, answer.json()) == (200, {"variableName": "T.NoSuchTag", "error": "Not Found"})


def test_an_empty_list_gives_an_empty_array(rest: RestCaller) -> None:
    assert rest.read().json() == []


def test_quality_error_code_and_error_of_a_tag_are_answered(station: Simulator, rest: RestCaller) -> None:
    station.set("T.Down", 3.5, quality=8, error_code=1, error="connection not established")

    row = rest.read("T.Down").json()[0]

    assert (row["qualitycode"], row["errorcode"], row["error"]) == ("8", 1, "connection not established")


@pytest.mark.parametrize("path", ["/tagmanagement/VALUES", "/TagManagement/values", "/tagManagement/Values"])
def test_the_case_of_the_path_is_ignored(rest: RestCaller, path: str) -> None:
    answer = rest.call("POST", path, json={"variableNames": ["Tank1.Level"]})

    assert answer.json()[0]["variableName"] == "Tank1.Level"


def test_the_case_of_the_service_name_is_ignored(rest: RestCaller) -> None:
    answer = rest.session.get(f"{rest.origin}/winccRESTservice/tagManagement/Value/Tank1.Level", timeout=10)

    assert answer.json()["variableName"] == "Tank1.Level"


NAMES = [
    "T.a/b",
    "T.#1",
    "T.100%",
    "T.%2F",
    "T.two words",
    "T.Pumpe_Süd.2RunState",
    "T.搅拌机1.3Alarm",
    "T.zero\u200cwidth",
    "T.State[1]",
    "T.a?b&c=d",
    "T.a+b",
    "Server::T.x@y",
    "T." + "名" * 126,
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_read_and_written_in_a_path(station: Simulator, rest: RestCaller, name: str) -> None:
    station.set(name, 1)

    written = rest.write(quote(name, safe=""), 2)
    item = rest.get(f"/tagManagement/Value/{quote(name, safe='')}").json()

    assert written.json() == {"variableName": name, "errorcode": 0}
    assert (item["variableName"], item["value"]) == (name, "2")
    assert station.requests[-1].path == f"/tagManagement/Value/{name}"
    station.remove(name)


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_read_and_written_in_a_list(station: Simulator, rest: RestCaller, name: str) -> None:
    station.set(name, 1)

    written = rest.write_many({name: 3}).json()
    rows = rest.read(name).json()

    assert written == [{"variableName": name, "errorcode": 0}]
    assert (rows[0]["variableName"], rows[0]["value"]) == (name, "3")
    station.remove(name)


def test_a_name_without_its_zero_width_character_is_another_name(station: Simulator, rest: RestCaller) -> None:
    station.set("T.zero\u200cwidth", 1)

    assert rest.read("T.zerowidth").json()[0]["error"] == "Not Found"


@pytest.mark.parametrize(
    ("data_type", "sent", "held"),
    [
        ("float32", 42.5, 42.5),
        ("float32", "42.5", 42.5),
        ("float32", 42, 42.0),
        ("float64", "1e3", 1000.0),
        ("bool", True, True),
        ("bool", 0, False),
        ("bool", "1", True),
        ("bool", "False", False),
        ("int16", "-12", -12),
        ("int16", 12.0, 12),
        ("uint64", 2**64 - 1, 2**64 - 1),
        ("text", "000042", "000042"),
        ("text", "", ""),
        ("text", 42, "42"),
    ],
)
def test_a_value_that_fits_is_written(
    station: Simulator, rest: RestCaller, data_type: str, sent: object, held: object
) -> None:
    first: dict[str, Scalar] = {"text": "x", "bool": held is False}
    station.set("T.W", first.get(data_type, 1), data_type=data_type)

    answer = rest.write("T.W", sent)

    assert answer.json() == {"variableName": "T.W", "errorcode": 0}
    assert station.get("T.W").value == held
    assert type(station.get("T.W").value) is type(held)


@pytest.mark.parametrize(
    ("data_type", "sent", "code"),
    [
        ("float32", "fast", 128),
        ("float32", True, 128),
        ("float32", 1e39, 32),
        ("float64", -(10**400), 64),
        ("float64", "1e999", 32),
        ("int16", 70000, 32),
        ("int16", -70000, 64),
        ("uint8", -1, 64),
        ("int32", 1.5, 128),
        ("int32", "", 128),
        ("int32", None, 128),
        ("bool", 2, 128),
        ("bool", "yes", 128),
        ("text", ["x"], 128),
        ("text", None, 128),
    ],
)
def test_a_value_that_does_not_fit_is_refused_and_changes_nothing(
    station: Simulator, rest: RestCaller, data_type: str, sent: object, code: int
) -> None:
    first: dict[str, Scalar] = {"text": "x", "bool": True}
    station.set("T.W", first.get(data_type, 1), data_type=data_type)
    before, writes = station.get("T.W"), station.writes

    answer = rest.write("T.W", sent)

    assert answer.status_code == 200
    assert answer.json()["errorcode"] == code
    assert data_type in answer.json()["error"]
    assert (station.get("T.W"), station.writes) == (before, writes)


def test_a_write_moves_the_timestamp(station: Simulator, rest: RestCaller) -> None:
    station.set("T.W", 1.0, timestamp=WHEN)

    rest.write("T.W", 2.0)

    assert abs(datetime.now(UTC) - station.get("T.W").timestamp) < timedelta(minutes=1)


def test_each_item_of_a_write_stands_for_itself(station: Simulator, rest: RestCaller) -> None:
    station.set("T.Good", 1.0)
    station.set("T.Small", 1, data_type="int8")

    rows = rest.write_many({"T.Good": 2.0, "T.Typo": 1, "T.Small": 300}).json()

    assert rows[0] == {"variableName": "T.Good", "errorcode": 0}
    assert rows[1] == {"variableName": "T.Typo", "error": "Not Found"}
    assert rows[2]["errorcode"] == 32
    assert (station.get("T.Good").value, station.get("T.Small").value) == (2.0, 1)


def test_a_tag_with_an_error_code_refuses_writes(station: Simulator, rest: RestCaller) -> None:
    station.set("T.Down", 1.0, quality=8, error_code=1, error="connection not established")

    row = rest.write("T.Down", 2.0).json()

    assert row == {"variableName": "T.Down", "errorcode": 1, "error": "connection not established"}
    assert station.get("T.Down").value == 1.0


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/tagManagement/Values", b"{"),
        ("POST", "/tagManagement/Values", b""),
        ("POST", "/tagManagement/Values", b'["Tank1.Level"]'),
        ("POST", "/tagManagement/Values", b'{"variableNames": [1]}'),
        ("POST", "/tagManagement/Values", b'{"variableNames": ["\\ud800"]}'),
        ("POST", "/tagManagement/Values", b"[" * 100_000),
        ("PUT", "/tagManagement/Value/Tank1.Setpoint", b"42"),
        ("PUT", "/tagManagement/Value/Tank1.Setpoint", b'{"Value": 1}'),
        ("PUT", "/tagManagement/Value/Tank1.Setpoint", b'{"value": NaN}'),
        ("PUT", "/tagManagement/Value/Tank1.Setpoint", b'{"value": 1e999}'),
        ("PUT", "/tagManagement/Values", b'{"variableName": "Tank1.Setpoint", "value": 1}'),
        ("PUT", "/tagManagement/Values", b'[{"variableName": "Tank1.Setpoint"}]'),
        ("PUT", "/tagManagement/Values", b'[{"value": 1}]'),
        ("POST", "/tagManagement/StructureVariables", b'{"typeNames": "Tank"}'),
        ("POST", "/tagManagement/variables", b'{"variableName": 1}'),
    ],
)
def test_a_malformed_body_gets_400_with_a_reason(rest: RestCaller, method: str, path: str, body: bytes) -> None:
    answer = rest.call(method, path, data=body)

    assert answer.status_code == 400
    assert answer.json()["error"].startswith("Bad request: ")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/tagManagement",
        "/tagManagement/Other",
        "/tagManagement/Value/a/b",
        "/tagLogging/Archive/a/b",
        "/alarmLogging",
    ],
)
def test_other_paths_get_404_with_html(rest: RestCaller, path: str) -> None:
    answer = rest.get(path)

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "<html>" in answer.text


def test_a_verb_that_a_path_does_not_have_gets_405(rest: RestCaller) -> None:
    assert rest.call("DELETE", "/tagManagement/Values").status_code == 405


def test_a_path_that_is_not_utf8_gets_400(rest: RestCaller) -> None:
    assert rest.get("/tagManagement/Value/%FF").status_code == 400


def test_a_service_that_is_switched_off_answers_503_until_it_is_on_again(station: Simulator, rest: RestCaller) -> None:
    station.stop_service()
    off = rest.read("Tank1.Level")
    station.start_service()
    on = rest.read("Tank1.Level")

    assert (off.status_code, off.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert on.status_code == 200
