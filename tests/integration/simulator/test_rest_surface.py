"""Every request of the surface that is known is answered, and the page about it has the same ones."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rest_caller import RestCaller
from rest_surface import REQUESTS, Request

from airflow_provider_wincc.simulator.openapi_requests import CONTINUATION_POINT, wire_name

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator import Simulator

PAGE = (Path(__file__).parents[3] / "docs" / "rest-surface.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if re.match(r"\| `(GET|POST|PUT) ", line)
]
PAGED = [request for request in REQUESTS if CONTINUATION_POINT in request.operation.query]
OF_MESSAGES = [request for request in REQUESTS if request.route.is_of_messages]
IN_TWO_LANGUAGES = [request for request in OF_MESSAGES if "LimitValue" not in request.route.shape]


def answered(rest: RestCaller, request: Request, path: str | None = None, **options: Any) -> Any:
    answer = rest.call(request.verb, path or request.path, json=request.body, **options)
    assert answer.status_code == 200, answer.text
    return answer.json()


def keys_of(content: Any) -> list[str]:
    return list(content[0] if isinstance(content, list) else content)


def test_the_page_has_exactly_the_requests_that_are_answered() -> None:
    described = Counter(row[0].strip("`") for row in ROWS)

    assert described == Counter(str(request) for request in REQUESTS)


def test_the_page_says_of_each_request_what_it_is_for_and_what_it_takes() -> None:
    described = {row[0].strip("`"): (row[1], re.findall(r"`(\w+)`", row[2])) for row in ROWS}

    assert described == {
        str(request): (request.operation.purpose, [name.partition(" ")[0] for name in request.operation.query])
        for request in REQUESTS
    }


def test_the_page_says_of_each_request_and_answer_how_sure_it_is() -> None:
    words = {word for row in ROWS for word in row[5].split(", ")}

    assert words == {"common", "seen", "assumed"}
    assert [row[0] for row in ROWS if len(row[5].split(", ")) != 2 or not (row[3] and row[4])] == []


def test_what_no_program_was_seen_to_read_is_not_called_seen() -> None:
    sure_of = {row[0]: (row[4], row[5].split(", ")[1]) for row in ROWS}

    assert [
        name for name, (known_from, word) in sure_of.items() if ("program" in known_from) == (word == "assumed")
    ] == []


def test_each_request_is_there_once() -> None:
    surface = Counter(request.route.shape.split("/")[1] for request in REQUESTS)

    assert surface == {"tagManagement": 16, "tagLogging": 11, "alarmLogging": 21}


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_each_request_is_answered(message_station: Simulator, rest: RestCaller, request_: Request) -> None:
    message_station.set("Tank1.Level", 95.0)

    content = answered(rest, request_)

    assert content
    assert "error" not in content


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_the_case_of_a_path_is_ignored(message_station: Simulator, rest: RestCaller, request_: Request) -> None:
    message_station.set("Tank1.Level", 95.0)

    content = answered(rest, request_, request_.path_in_other_case)

    # Its values may have changed between the two; an archive has a new row each second.
    assert keys_of(content) == keys_of(answered(rest, request_))


@pytest.mark.parametrize("request_", PAGED, ids=str)
@pytest.mark.parametrize("form", ["object", "header", "offset"])
def test_each_list_comes_in_pages(station: Simulator, rest: RestCaller, request_: Request, form: str) -> None:
    station.set_dialect(continuation=form)
    body = {} if request_.body is not None else None
    whole = rest.call(request_.verb, request_.path, json=body).json()
    key = next(iter(whole))
    items, point = [], 0
    for _ in whole[key]:
        answer = rest.call(request_.verb, request_.path, json=body, params={"ITEMLIMIT": 1, "continuationpoint": point})
        content = answer.json()
        items += content[key]
        following = {
            "object": content.get("continuationPoint"),
            "header": answer.headers.get("continuationPoint"),
            "offset": point + 1,
        }[form]
        point = 0 if following is None else int(following)

    assert items == whole[key]
    assert point == (len(items) if form == "offset" else 0)


@pytest.mark.parametrize("request_", [each for each in REQUESTS if each not in PAGED], ids=str)
def test_what_has_no_pages_takes_no_paging(rest: RestCaller, request_: Request) -> None:
    # Whether a parameter that makes no sense is looked at shows whether it is known.
    answer = rest.call(request_.verb, request_.path, json=request_.body, params={"itemLimit": "none"})

    assert answer.status_code == 200


@pytest.mark.parametrize("request_", IN_TWO_LANGUAGES, ids=str)
def test_messages_are_answered_in_the_language_that_is_asked_for(
    message_station: Simulator, rest: RestCaller, request_: Request
) -> None:
    message_station.lock_message(1002)
    message_station.set("Tank1.Level", 95.0)
    message_station.hide_message(1001)
    message_station.burst_of_messages(1)

    english = answered(rest, request_, headers={"Accept-Language": "en-US", "Content-Language": "en-US"})
    german = answered(rest, request_, headers={"Accept-Language": "de-DE", "Content-Language": "en-US"})

    assert english != german
    assert list(english) == list(german)


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_a_request_without_a_login_gets_401(station: Simulator, request_: Request) -> None:
    anonymous = RestCaller(station, None)

    with anonymous.session:
        answer = anonymous.call(request_.verb, request_.path, json=request_.body)

    assert answer.status_code == 401


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_another_verb_gets_405_with_those_that_there_are(rest: RestCaller, request_: Request) -> None:
    answer = rest.call("DELETE", request_.path)

    assert answer.status_code == 405
    assert answer.headers["Allow"].split(", ") == sorted(request_.route.operations)


@pytest.mark.parametrize(("browse", "allowed"), [("get", "GET"), ("post", "POST")])
def test_browsing_by_one_verb_allows_no_other(station: Simulator, rest: RestCaller, browse: str, allowed: str) -> None:
    station.set_dialect(browse=browse)

    assert rest.call("DELETE", "/tagManagement/variables").headers["Allow"] == allowed


@pytest.mark.parametrize("request_", OF_MESSAGES, ids=str)
def test_an_older_station_has_no_messages(station: Simulator, rest: RestCaller, request_: Request) -> None:
    station.set_dialect(has_messages=False)

    assert rest.get(request_.path).status_code == 404


def test_parameters_are_found_in_any_case() -> None:
    assert {wire_name(name) for request in REQUESTS for name in request.operation.query} == {
        "itemlimit",
        "continuationpoint",
        "variablename",
        "begin",
        "end",
        "maxvalues",
    }


@pytest.mark.parametrize("window", ["begin=yesterday", "maxValues=0", "end=2026-02-30T00:00:00"])
def test_a_window_that_makes_no_sense_is_refused_beside_a_list_of_archives_too(rest: RestCaller, window: str) -> None:
    asked = {"archives": [{"name": "ProcessData", "variables": [{"name": "Tank1_Level"}]}]}

    assert rest.call("POST", f"/tagLogging/Values?{window}", json=asked).status_code == 400
