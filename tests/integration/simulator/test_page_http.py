"""The page for people and what it asks the station for, without a browser."""

from __future__ import annotations

import configparser
import json
import re
from dataclasses import fields
from fnmatch import fnmatch
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from airflow_provider_wincc.simulator import Dialect, Fault, Simulator
from airflow_provider_wincc.simulator.control import control_app
from airflow_provider_wincc.simulator.control_access import SECURITY_HEADERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WEB = Path(str(files("airflow_provider_wincc.simulator"))) / "web"
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(WEB.iterdir())}


@pytest.fixture
def control(station: Simulator) -> Iterator[Callable[..., requests.Response]]:
    """Calls a path of the station's origin without a login."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = station.ca_file

        def call(method: str, path: str, **options: Any) -> requests.Response:
            return session.request(method, station.url + path, timeout=10, **options)

        yield call


def test_each_file_of_the_page_is_served_and_packed_into_wheels(control: Callable[..., requests.Response]) -> None:
    setup = configparser.ConfigParser()
    setup.read(Path(__file__).parents[3] / "setup.cfg", encoding="utf-8")
    packed = setup["options.package_data"]["airflow_provider_wincc.simulator"]

    for name, text in TEXTS.items():
        answer = control("GET", "/" if name == "index.html" else f"/page/{name}")
        assert (answer.status_code, answer.text) == (200, text)
        assert fnmatch(f"web/{name}", packed)


@pytest.mark.parametrize(
    "path", ["/page/", "/page/index.html", "/page/page.py", "/page/..%2fpage.py", "/page/%2e%2e/%2e%2e/setup.cfg"]
)
def test_no_other_file_can_be_asked_for(control: Callable[..., requests.Response], path: str) -> None:
    assert control("GET", path).status_code == 404


def test_the_page_needs_nothing_from_elsewhere_and_makes_no_markup_of_texts() -> None:
    everything = "\n".join(TEXTS.values()).replace("http://www.w3.org/", "")
    scripts = "\n".join(text for name, text in TEXTS.items() if name.endswith(".js"))
    used = set(re.findall(r'(?:href|src|from|import)[= ]"(/page/[\w.]+)"', everything))

    assert re.findall(r"(?:https?:)?//[\w.-]+\.\w+", everything) == []
    assert used == {f"/page/{name}" for name in TEXTS if name != "index.html"}
    assert not re.search(r"(inner|outer|Adjacent)HTML|HTMLUnsafe|document\.write|eval\(|Function\(|DOMParser", scripts)
    assert not re.search(r"\son\w+=|style=|javascript:", TEXTS["index.html"])


@pytest.mark.parametrize("path", ["/", "/page/page.js", "/simulator/live", "/simulator/connection", "/nowhere"])
def test_each_answer_has_the_headers_that_keep_a_browser_in_bounds(
    control: Callable[..., requests.Response], path: str
) -> None:
    headers = control("GET", path).headers

    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert not re.search(r"unsafe|\*|https?:|data:", policy)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "wincc.example"},
        {"Host": "127.0.0.1.example:34568"},
        {"Host": "localhost.example"},
        {"Host": "192.0.2.7"},
        {"Host": "[fe80::1]"},
        {"Host": "[::1"},
        {"Host": "user@example.org"},
        {"Origin": "https://example.org"},
        {"Origin": "null"},
        {"Origin": "https://localhost:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/simulator/connection"),
        ("GET", "/simulator/live"),
        ("GET", "/simulator/state"),
        ("POST", "/simulator/faults"),
        ("DELETE", "/simulator/requests"),
    ],
)
def test_pages_of_other_sites_neither_see_nor_control_the_station(
    station: Simulator, control: Callable[..., requests.Response], method: str, path: str, headers: dict[str, str]
) -> None:
    answer = control(method, path, headers=headers, data=b'{"fault": "stall"}')

    assert answer.status_code == 403
    assert answer.json()["error"].startswith("the station can")
    assert station.users["engineer"].password not in answer.text
    assert control("GET", "/simulator/state").json()["faults"] == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "localhost:34568"},
        {"Host": "LOCALHOST"},
        {"Host": "[::1]:34568"},
        {"Host": "127.0.0.2"},
        {"Host": "localhost:1", "Origin": "https://localhost:1", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
    ids=str,
)
def test_the_page_itself_and_programs_are_let_in(
    control: Callable[..., requests.Response], headers: dict[str, str]
) -> None:
    assert control("GET", "/simulator/connection", headers=headers).status_code == 200


def test_the_page_is_served_under_any_name_as_it_holds_nothing(control: Callable[..., requests.Response]) -> None:
    answer = control("GET", "/", headers={"Host": "wincc.example", "Sec-Fetch-Site": "cross-site"})

    assert (answer.status_code, answer.text) == (200, TEXTS["index.html"])


def test_the_connection_is_the_one_that_airflow_takes(
    station: Simulator, control: Callable[..., requests.Response]
) -> None:
    assert control("GET", "/simulator/connection").json() == {
        "conn_type": "wincc",
        "host": station.url,
        "login": "engineer",
        "password": station.users["engineer"].password,
        "extra": {"verify": station.ca_file},
    }


def test_no_password_is_in_what_the_page_asks_for_all_the_time(
    station: Simulator, control: Callable[..., requests.Response]
) -> None:
    text = control("GET", "/simulator/live").text + control("GET", "/simulator/switches").text

    assert [name for name, user in station.users.items() if user.password in text] == []


def test_after_the_first_look_only_changes_are_told(
    station: Simulator, control: Callable[..., requests.Response]
) -> None:
    station.set("T.Same", 1)
    station.set("T.Other", 1)
    station.set("T.Gone", 1)
    first = look(control)
    second = look(control, first["mark"])
    station.set("T.Other", 2)
    station.remove("T.Gone")
    station.fail_next("delay")
    third = look(control, second["mark"])
    late = look(control, first["mark"])

    assert first["whole"]
    assert {tag["name"] for tag in first["tags"]} == {*station.tag_names, "T.Gone"}
    assert set(first["sections"]) == {"station", "units", "messages", "requests", "faults", "dialect"}
    assert (second["whole"], second["tags"], second["gone"]) == (False, [], [])
    for changes in (third, late):
        assert [(tag["name"], tag["value"]) for tag in changes["tags"]] == [("T.Other", "2")]
        assert changes["gone"] == ["T.Gone"]
        assert [fault["fault"] for fault in changes["sections"]["faults"]] == ["delay"]
    assert "dialect" not in third["sections"]


@pytest.mark.parametrize(
    "mark", ["", "nonsense", "-", ".", "00000000-5.00000000-5", "\u0661-\u0661.\u0661-\u0661", "%00", "x" * 5000]
)
def test_an_unknown_mark_gets_everything(
    station: Simulator, control: Callable[..., requests.Response], mark: str
) -> None:
    changes = look(control, mark)

    assert changes["whole"]
    assert len(changes["tags"]) == len(station.tag_names)


def test_a_mark_from_the_future_gets_everything(control: Callable[..., requests.Response]) -> None:
    tags, _, sections = look(control)["mark"].partition(".")

    assert look(control, f"{tags}999.{sections}")["whole"]
    assert look(control, f"{tags}{'9' * 5000}.{sections}")["whole"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2**62 + 1, "4611686018427387905"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        ("\ud800 half", "\ud800 half"),
        ("x" * 5000, "x" * 400 + "…"),
        ("</script>", "</script>"),
    ],
)
def test_no_value_breaks_or_bends_the_answer(
    station: Simulator, control: Callable[..., requests.Response], value: Any, shown: str
) -> None:
    station.set("T.Value", value)

    values = {tag["name"]: tag["value"] for tag in json.loads(control("GET", "/simulator/live").content)["tags"]}

    assert values["T.Value"] == shown


def test_looking_leaves_no_trace_among_the_requests(
    station: Simulator, control: Callable[..., requests.Response]
) -> None:
    look(control)

    assert station.requests == []


def test_all_faults_and_switches_are_told_with_what_they_do(control: Callable[..., requests.Response]) -> None:
    switches = control("GET", "/simulator/switches").json()

    assert [fault["name"] for fault in switches["faults"]] == list(Fault)
    assert [switch["name"] for switch in switches["dialect"]] == [switch.name for switch in fields(Dialect)]
    assert [one["name"] for one in [*switches["faults"], *switches["dialect"]] if not one["description"]] == []
    assert {fault["name"]: fault["seconds"] for fault in switches["faults"] if fault["seconds"]} == {
        "delay": 1.0,
        "stall": 30.0,
    }
    assert [fault["name"] for fault in switches["faults"] if fault["takes_tag"]] == ["bad_quality", "initial_quality"]
    for switch in switches["dialect"]:
        for choice in switch["choices"] or [None, 7]:
            Dialect().changed(**{switch["name"]: choice})  # raises when there is no such choice
        assert switch["default"] == getattr(Dialect(), switch["name"])


def test_faults_of_one_kind_are_forgotten(station: Simulator, control: Callable[..., requests.Response]) -> None:
    for fault in ("delay", "stall", "delay"):
        station.fail_next(fault)

    answer = control("DELETE", "/simulator/faults", params={"fault": "delay"})
    wrong = control("DELETE", "/simulator/faults", params={"fault": "dely"})

    assert answer.status_code == 204
    assert [fault["fault"] for fault in control("GET", "/simulator/state").json()["faults"]] == ["stall"]
    assert (wrong.status_code, "unknown fault 'dely'" in wrong.json()["error"]) == (400, True)


def test_plant_and_service_are_switched(station: Simulator, control: Callable[..., requests.Response]) -> None:
    def do(action: str) -> tuple[bool, bool, str]:
        done = control("POST", "/simulator/station", json={"do": action}).json()["done"]
        state = control("GET", "/simulator/state").json()
        return done, state["frozen"], state["service"]

    assert do("stop_service") == (True, True, "off")
    assert do("stop_service") == (False, True, "off")
    assert do("start_service") == (True, True, "on")
    assert do("thaw") == (True, False, "on")
    assert do("freeze") == (True, True, "on")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"do": "explode"}', "freeze, thaw, stop_service, start_service"),
        (b'{"do": "freeze", "seconds": 3}', "unknown beside 'freeze': seconds"),
        (b"[]", "expected a JSON object"),
    ],
)
def test_a_wrong_wish_gets_400_saying_what_was_expected(
    control: Callable[..., requests.Response], body: bytes, text: str
) -> None:
    answer = control("POST", "/simulator/station", data=body)

    assert answer.status_code == 400
    assert text in answer.json()["error"]


def test_each_path_of_the_control_interface_is_described() -> None:
    described = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text(encoding="utf-8")
    app = control_app(Simulator()._state, dict)

    paths = {route.path for route in app.routes if route.path.startswith("/simulator")}  # type: ignore[attr-defined]

    assert len(paths) > 10
    assert [path for path in paths if path not in described] == []


def look(control: Callable[..., requests.Response], mark: str = "") -> dict[str, Any]:
    answer = control("GET", "/simulator/live", params={"since": mark})
    assert answer.status_code == 200
    changes: dict[str, Any] = answer.json()
    return changes
