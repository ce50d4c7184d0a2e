from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import responses

from demo.errors import DemoError
from demo.station import Station, UnitStart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DESCRIPTION = {
    "url": "https://127.0.0.1:4711",
    "ca_file": "/tmp/ca.pem",
    "users": {"engineer": {"password": "s3cret-word", "role": "full"}},
}


@pytest.fixture
def answering() -> Iterator[Callable[[object], Station]]:
    """Make a station whose simulator answers a question about its units with the given document."""
    with responses.RequestsMock() as network:

        def answer(document: object) -> Station:
            network.get("https://station.example/simulator/units", json=document)
            return Station(url="https://station.example", ca_file="", user="engineer", password="s3cret-word")

        yield answer


def test_the_description_becomes_an_airflow_connection() -> None:
    station = Station.from_description(json.dumps(DESCRIPTION))

    assert json.loads(station.airflow_connection()) == {
        "conn_type": "wincc",
        "host": "https://127.0.0.1:4711",
        "login": "engineer",
        "password": "s3cret-word",
        "extra": {"verify": "/tmp/ca.pem"},
    }


def test_the_password_is_not_in_the_repr() -> None:
    assert "s3cret-word" not in repr(Station.from_description(json.dumps(DESCRIPTION)))


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps(DESCRIPTION | {"users": {}})])
def test_a_description_of_another_form_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(DemoError, match=r"Expected JSON with url, ca_file and users\.engineer\.password"):
        Station.from_description(text)


def test_a_station_that_does_not_answer_is_reported_as_such() -> None:
    station = Station(url="http://127.0.0.1:1", ca_file="", user="engineer", password="s3cret-word")

    with pytest.raises(DemoError, match="The simulated station did not answer GET /simulator/units") as caught:
        station.unit_record("Mixer1")

    assert "s3cret-word" not in str(caught.value)


def test_what_the_unit_did_is_read_with_its_times(answering: Callable[[object], Station]) -> None:
    station = answering(
        {
            "Mixer1": {
                "starts": [{"order_id": "000101", "payload": {"Quantity": 70.0}, "at": "2026-03-01T06:30:01+00:00"}],
                "timeline": [
                    {"order_id": "000101", "event": "offered", "detail": "", "at": "2026-03-01T06:30:00+00:00"},
                    {"order_id": "000101", "event": "ended", "detail": "ok", "at": "2026-03-01T06:30:02+00:00"},
                ],
            }
        }
    )

    record = station.unit_record("Mixer1")

    assert record.starts == (UnitStart("000101", {"Quantity": 70.0}, datetime(2026, 3, 1, 6, 30, 1, tzinfo=UTC)),)
    assert [event.text for event in record.events] == ["offered", "ended, ok"]


@pytest.mark.parametrize("answer", [{}, [], {"Mixer1": {}}, {"Mixer1": {"starts": [{}], "timeline": []}}])
def test_an_answer_of_another_form_is_refused_with_what_was_expected(
    answering: Callable[[object], Station], answer: object
) -> None:
    with pytest.raises(DemoError, match="Expected starts and timeline of unit Mixer1"):
        answering(answer).unit_record("Mixer1")
