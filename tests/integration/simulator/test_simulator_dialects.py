"""Each switch of the dialect."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_wincc.simulator import Dialect

if TYPE_CHECKING:
    from rest_caller import RestCaller

    from airflow_provider_wincc.simulator import Simulator

WHEN = datetime(2026, 3, 2, 8, 15, 30, 120_000, tzinfo=UTC)


def test_json_typing_gives_numbers_and_booleans(station: Simulator, rest: RestCaller) -> None:
    station.set("T.F", 71.25)
    station.set("T.I", 18422)
    station.set("T.B", True)
    station.set("T.T", "000042")
    station.set("T.N", float("nan"))
    station.set_dialect(value_typing="json")

    rows = rest.read("T.F", "T.I", "T.B", "T.T", "T.N").json()

    assert [row["value"] for row in rows] == [71.25, 18422, True, "000042", "NaN"]


def test_camel_case_writes_quality_code_and_error_code(station: Simulator, rest: RestCaller) -> None:
    station.set("T.A", 1)
    station.set_dialect(key_case="camel")

    read = rest.read("T.A").json()[0]
    written = rest.write("T.A", 2).json()

    assert (read["qualityCode"], read["errorCode"]) == ("128", 0)
    assert written == {"variableName": "T.A", "errorCode": 0}
    assert "qualitycode" not in read


ITEM = {"variableName": "T.Typo", "error": "Not Found"}
CODE = {"variableName": "T.Typo", "errorcode": 2048}


@pytest.mark.parametrize(
    ("form", "status", "content"),
    [
        ("error", 200, ITEM),
        ("missing", 200, None),
        ("empty", 200, None),
        ("not_found_json", 404, {"error": "Not Found"}),
        ("not_found_html", 404, "html"),
        ("error_code", 200, CODE),
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_single_unknown_tag_takes_each_form(
    station: Simulator, rest: RestCaller, *, form: str, status: int, content: object, method: str
) -> None:
    station.set_dialect(unknown_tag=form)

    answer = rest.call(method, "/tagManagement/Value/T.Typo", json={"value": 1} if method == "PUT" else None)

    assert answer.status_code == status
    if content == "html":
        assert answer.text.startswith("<!DOCTYPE html>")
    elif content is None:
        assert answer.content == b""
    else:
        assert answer.json() == content


@pytest.mark.parametrize(
    ("form", "among_known", "alone"),
    [
        ("error", ["T.A", ITEM], (200, [ITEM])),
        ("missing", ["T.A"], (200, [])),
        ("empty", ["T.A"], (200, None)),
        ("not_found_json", ["T.A", ITEM], (404, {"error": "Not Found"})),
        ("not_found_html", ["T.A", ITEM], (404, "html")),
        ("error_code", ["T.A", CODE], (200, [CODE])),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_unknown_tags_in_lists_take_each_form(
    station: Simulator,
    rest: RestCaller,
    *,
    form: str,
    among_known: list[object],
    alone: tuple[int, object],
    method: str,
) -> None:
    station.set("T.A", 1)
    station.set_dialect(unknown_tag=form)

    def ask(*names: str) -> tuple[int, Any]:
        answer = rest.read(*names) if method == "POST" else rest.write_many(dict.fromkeys(names, 1))
        if answer.text.startswith("<!DOCTYPE html>"):
            return answer.status_code, "html"
        return answer.status_code, answer.json() if answer.content else None

    status, rows = ask("T.A", "T.Typo")
    assert status == 200
    assert [row["variableName"] if row["variableName"] == "T.A" else row for row in rows] == among_known
    assert ask("T.Typo") == alone


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("z", "2026-03-02T08:15:30.120Z"),
        ("offset", "2026-03-02T09:15:30.120+01:00"),
        ("no_zone", "2026-03-02T08:15:30.120"),
        ("no_fraction", "2026-03-02T08:15:30Z"),
        ("seven_digits", "2026-03-02T08:15:30.1200000Z"),
    ],
)
def test_timestamps_take_each_form(station: Simulator, rest: RestCaller, form: str, text: str) -> None:
    station.set("T.A", 1, timestamp=WHEN)
    station.set_dialect(timestamps=form)

    assert rest.read("T.A").json()[0]["timestamp"] == text


@pytest.mark.parametrize(("form", "shown"), [("text", "76"), ("int", 76), ("hex", "0x4C")])
def test_quality_takes_each_form(station: Simulator, rest: RestCaller, form: str, shown: object) -> None:
    station.set("T.A", 1, quality=76)
    station.set_dialect(quality=form)

    assert rest.read("T.A").json()[0]["qualitycode"] == shown


def test_wrapped_lists_come_in_an_object(station: Simulator, rest: RestCaller) -> None:
    station.set("T.A", 1)
    station.set_dialect(envelope="wrapped")

    assert [row["value"] for row in rest.read("T.A").json()["values"]] == ["1"]
    assert rest.write_many({"T.A": 2}).json() == {"values": [{"variableName": "T.A", "errorcode": 0}]}
    assert rest.get("/tagManagement/Value/T.A").json()["value"] == "2"


def test_the_first_read_gives_the_start_value_with_initial_quality(station: Simulator, rest: RestCaller) -> None:
    station.set("T.First", 55.5)
    station.set_dialect(initial_quality_on_first_read=True)

    rows = [rest.read("T.First", "t.first").json() for _ in range(2)]

    assert [(row["value"], row["qualitycode"]) for row in rows[0]] == [("0", "76"), ("0", "76")]
    assert [(row["value"], row["qualitycode"]) for row in rows[1]] == [("55.5", "128"), ("55.5", "128")]


@pytest.mark.parametrize(("form", "get", "post"), [("get", 200, 405), ("post", 405, 200), ("both", 200, 200)])
def test_browsing_answers_the_verbs_it_has(
    station: Simulator, rest: RestCaller, form: str, get: int, post: int
) -> None:
    station.set_dialect(browse=form)

    assert rest.get("/tagManagement/variables").status_code == get
    assert rest.call("POST", "/tagManagement/variables").status_code == post


@pytest.mark.parametrize(
    ("form", "in_object", "in_header"), [("object", 2, None), ("header", None, "2"), ("offset", None, None)]
)
def test_the_continuation_point_is_handed_back_in_each_form(
    station: Simulator, rest: RestCaller, form: str, in_object: int | None, in_header: str | None
) -> None:
    station.set_dialect(continuation=form)

    answer = rest.get("/tagManagement/variables", params={"itemLimit": 2})

    assert answer.json().get("continuationPoint") == in_object
    assert answer.headers.get("continuationPoint") == in_header


def test_switches_that_are_left_out_stay(station: Simulator, rest: RestCaller) -> None:
    station.set_dialect(quality="int")
    station.set_dialect(key_case="camel")

    assert rest.read("Tank1.Level").json()[0]["qualityCode"] == 128


def test_an_unknown_switch_or_value_is_refused_by_name(station: Simulator) -> None:
    with pytest.raises(ValueError, match="'quality' is one of text, int, hex, not 'decimal'"):
        Dialect(quality="decimal")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'initial_quality_on_first_read' is one of True, False, not 'yes'"):
        station.set_dialect(initial_quality_on_first_read="yes")
    with pytest.raises(ValueError, match="no dialect switch 'colour'; known are value_typing"):
        station.set_dialect(colour="red")
