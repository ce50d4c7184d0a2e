"""Messages over the control interface."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from rest_caller import RestCaller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import requests

    from airflow_provider_wincc.simulator import Simulator

    Control = Callable[..., requests.Response]


@pytest.fixture
def station(message_station: Simulator) -> Simulator:
    return message_station


@pytest.fixture
def control(station: Simulator) -> Iterator[Control]:
    """Calls ``/simulator/messages`` without a login."""
    caller = RestCaller(station, user=None)
    with closing(caller.session):

        def call(method: str, **options: Any) -> requests.Response:
            return caller.session.request(method, f"{station.url}/simulator/messages", timeout=10, **options)

        yield call


def test_pending_messages_and_the_archive_are_shown(station: Simulator, control: Control) -> None:
    station.raise_message(1001, process_values=[95.5, 90.0], instance="Pump1")
    station.lock_message(1002)
    station.hide_message(2001)
    shown = control("GET").json()

    assert [row["number"] for row in shown["pending"]] == [3001, 1001]
    assert [row["number"] for row in shown["hidden_pending"]] == [2001]
    assert (shown["locked"], shown["hidden"]) == ([1002], [2001])
    assert [row["state"] for row in shown["archive"]] == [1, 1, 1, 4, 10]
    assert shown["archive_rows"] == 5
    row = shown["pending"][-1]
    assert (row["texts"][0], row["process_values"], row["instance"]) == ("Tank1 level high", [95.5, 90.0], "Pump1")
    assert (row["class_name"], row["type_name"], row["seconds"]) == ("Error", "Alarm", None)


def test_the_archive_is_shown_in_part(station: Simulator, control: Control) -> None:
    station.burst_of_messages(1500)
    shown = control("GET").json()

    assert (shown["archive_rows"], len(shown["archive"])) == (1502, 1000)
    assert shown["archive"][-1]["counter"] == station.message_archive[-1].counter


def test_what_python_does_can_be_done(station: Simulator, control: Control) -> None:
    wishes: list[dict[str, Any]] = [
        {"do": "raise", "number": 1001, "texts": ["Own"], "process_values": [1], "time": "2026-03-02T12:00:00+01:00"},
        {"do": "acknowledge", "number": 1001, "user": "Anna", "time": "2026-03-02T11:00:01Z"},
        {"do": "clear", "number": 1001, "time": "2026-03-02T11:00:02Z"},
        {"do": "lock", "number": 1001},
        {"do": "unlock", "number": 1001},
        {"do": "hide", "number": 1001},
        {"do": "show", "number": 1001},
        {"do": "clear", "number": 1001},
    ]
    answers = [control("POST", json=wish) for wish in wishes]
    rows = [record for record in station.message_archive if record.number == 1001]

    assert [answer.json() for answer in answers] == [{"done": True}] * 7 + [{"done": False}]
    assert [int(record.state) for record in rows] == [1, 3, 2, 4, 5, 10, 11]
    assert (rows[0].text, rows[0].time.isoformat(), rows[1].user) == ("Own", "2026-03-02T11:00:00+00:00", "Anna")


def test_a_burst_is_asked_for(station: Simulator, control: Control) -> None:
    control("POST", json={"do": "burst", "count": 25, "class_name": "Process"})

    assert len([record for record in station.pending_messages if record.class_name == "Process"]) == 26


def test_messages_are_reset(station: Simulator, control: Control) -> None:
    station.burst_of_messages(10)
    cleared = control("DELETE")

    assert cleared.status_code == 204
    assert [record.number for record in station.message_archive] == [2001, 3001]


@pytest.mark.parametrize("action", ["raise", "clear", "acknowledge", "lock", "unlock", "hide", "show"])
def test_an_unknown_number_gets_404_with_those_that_there_are(control: Control, action: str) -> None:
    answer = control("POST", json={"do": action, "number": 4711})

    assert answer.status_code == 404
    assert "no message 4711; it has 1001, 1002, " in answer.json()["error"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("[]", "expected a JSON object, not list"),
        ("{}", 'expected {"do": action}, the action one of raise, clear, acknowledge,'),
        ('{"do": ["raise"]}', 'expected {"do": action}'),
        ('{"do": "raise"}', "'raise' needs number beside it"),
        ('{"do": "raise", "number": 1001, "colour": 1}', "unknown beside 'raise': colour; allowed: number, texts"),
        ('{"do": "raise", "number": 1001, "texts": "one"}', "texts is a list of up to 10, not 'one'"),
        ('{"do": "raise", "number": 1001, "process_values": [null]}', "each of process_values is a finite number"),
        ('{"do": "raise", "number": 1001, "time": "soon"}', "time is a text such as"),
        ('{"do": "raise", "number": 1001, "time": 5}', "time is a text such as"),
        ('{"do": "raise", "number": 1001, "time": "2026-03-02T12:00:00"}', "time is a datetime with a zone"),
        ('{"do": "burst", "count": 0}', "count is a whole number from 1 to 10000"),
        ('{"do": "burst", "count": 5, "class_name": ["Error"]}', "class_name is one of Error, Warning, Process"),
        ('{"do": "burst", "count": 5, "class_name": null}', "class_name is one of Error, Warning, Process"),
    ],
)
def test_bad_input_gets_400_saying_what_was_expected(
    station: Simulator, control: Control, body: str, text: str
) -> None:
    answer = control("POST", data=body.encode())

    assert answer.status_code == 400
    assert text in answer.json()["error"]
    assert len(station.message_archive) == 2
