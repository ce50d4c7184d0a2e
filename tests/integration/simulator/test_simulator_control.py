"""Control over HTTP."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import requests
from rest_caller import RestCaller

from airflow_provider_wincc.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def control(station: Simulator) -> Iterator[Callable[..., requests.Response]]:
    """Calls a path of the station's origin without a login."""
    caller = RestCaller(station, user=None)
    with closing(caller.session):

        def call(method: str, path: str, **options: Any) -> requests.Response:
            return caller.session.request(method, station.url + path, timeout=10, **options)

        yield call


def test_the_page_says_what_this_is(control: Callable[..., requests.Response]) -> None:
    answer = control("GET", "/")

    assert answer.headers["Content-Type"].startswith("text/html")
    assert "It is not WinCC" in answer.text
    assert '<a href="/simulator/state">' in answer.text


def test_a_path_that_is_not_there_gets_404(control: Callable[..., requests.Response]) -> None:
    assert control("GET", "/elsewhere").status_code == 404
    assert control("GET", "/simulator/elsewhere").status_code == 404


def test_the_state_shows_tags_requests_faults_dialect_and_writes(
    station: Simulator, rest: RestCaller, control: Callable[..., requests.Response]
) -> None:
    station.set("T.A", float("inf"), quality=76)
    station.fail_next("delay", method="PUT", seconds=0.01, count=3)
    rest.write("Tank1.Setpoint", 40)
    rest.get("/tagManagement/Value/Tank1.Level")
    rest.get("/tagManagement/Value/Tank2.Level")

    state = control("GET", "/simulator/state").json()

    assert (state["plant"], state["frozen"], state["service"]) == ("still", True, "on")
    assert (state["tags"]["T.A"]["value"], state["tags"]["T.A"]["quality"]) == ("Infinity", 76)
    assert state["requests"] == {
        "PUT /tagManagement/Value/{tag}": 1,
        "GET /tagManagement/Value/{tag}": 2,
    }
    assert [(fault["fault"], fault["count"]) for fault in state["faults"]] == [("delay", 2)]
    assert state["dialect"]["value_typing"] == "text"
    assert (state["writes"][-1]["tag"], state["writes"][-1]["value"]) == ("Tank1.Setpoint", 40.0)


def test_no_password_is_shown(station: Simulator, control: Callable[..., requests.Response]) -> None:
    shown = "".join(control("GET", path).text for path in ("/", "/simulator/state", "/simulator/requests"))

    assert not any(user.password in shown for user in station.users.values())


def test_faults_are_asked_for_and_cleared(rest: RestCaller, control: Callable[..., requests.Response]) -> None:
    wish = {"fault": "server_error", "count": 2, "method": "POST", "path": "/tagManagement/*"}

    made = control("POST", "/simulator/faults", json=wish)
    status = rest.read("Tank1.Level").status_code
    cleared = control("DELETE", "/simulator/faults")

    assert (made.status_code, status, cleared.status_code) == (201, 500, 204)
    assert rest.read("Tank1.Level").status_code == 200


def test_tags_are_set_and_defined(station: Simulator, control: Callable[..., requests.Response]) -> None:
    station.set("T.Known", 1.0, data_type="float32")

    answer = control("POST", "/simulator/tags", json={"T.Known": 42, "T.New": "text"})

    assert answer.status_code == 204
    assert (station.get("T.Known").value, station.get("T.New").value) == (42.0, "text")


def test_when_one_tag_cannot_be_set_none_is(station: Simulator, control: Callable[..., requests.Response]) -> None:
    station.set("T.Known", 1.0)

    answer = control("POST", "/simulator/tags", json={"T.Known": 2.0, "T.Bad": None})

    assert answer.status_code == 400
    assert "'T.Bad'" in answer.json()["error"]
    assert station.get("T.Known").value == 1.0


def test_the_dialect_is_changed(rest: RestCaller, control: Callable[..., requests.Response]) -> None:
    answer = control("POST", "/simulator/dialect", json={"quality": "int"})

    assert answer.json()["quality"] == "int"
    assert rest.read("Tank1.Level").json()[0]["qualitycode"] == 128


def test_requests_are_listed_and_cleared(
    station: Simulator, rest: RestCaller, control: Callable[..., requests.Response]
) -> None:
    rest.read("Tank1.Level")

    listed = control("GET", "/simulator/requests").json()
    cleared = control("DELETE", "/simulator/requests")

    assert [(item["method"], item["path"], item["body"]) for item in listed] == [
        ("POST", "/tagManagement/Values", {"variableNames": ["Tank1.Level"]})
    ]
    assert (cleared.status_code, station.requests) == (204, [])


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        ("faults", b"{}", 'expected {"fault": name}'),
        ("faults", b'{"fault": "stall", "how": 1}', "unknown: how"),
        ("faults", b'{"fault": "explode"}', "unknown fault 'explode'"),
        ("faults", b'{"fault": ["stall"]}', "unknown fault"),
        ("faults", b"[]", "expected a JSON object, not list"),
        ("tags", b"oops", "expected a JSON object"),
        ("tags", b'{"": 1}', "name of a tag"),
        ("tags", b'{"Tank1.Setpoint": "fast"}', "tag 'Tank1.Setpoint'"),
        ("dialect", b'{"colour": 1}', "no dialect switch 'colour'"),
        ("dialect", b'{"quality": ["int"]}', "'quality' is one of text, int, hex"),
    ],
)
def test_bad_input_gets_400_saying_what_was_expected(
    control: Callable[..., requests.Response], path: str, body: bytes, text: str
) -> None:
    answer = control("POST", f"/simulator/{path}", data=body)

    assert answer.status_code == 400
    assert text in answer.json()["error"]


def test_other_machines_may_not_control_the_station() -> None:
    address = own_address()
    with Simulator(host="0.0.0.0", tls=False, plant="still") as station, requests.Session() as session:
        session.trust_env = False
        origin = f"http://{address}:{station.port}"

        page = session.get(f"{origin}/", timeout=10)
        answers = [
            session.get(f"{origin}/simulator/state", timeout=10),
            session.post(f"{origin}/simulator/faults", json={"fault": "stall"}, timeout=10),
            session.get(f"{origin}/simulator/state", headers={"X-Forwarded-For": "127.0.0.1"}, timeout=10),
        ]

    assert page.status_code == 200
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert "from its own machine only" in answers[0].json()["error"]


def own_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing, only chooses the way out
        except OSError:
            pytest.skip("this machine has no address but loopback")
        return str(probe.getsockname()[0])
