from __future__ import annotations

import json

import pytest

from demo.errors import DemoError
from demo.station import Station, tags_mentioned

DESCRIPTION = {
    "url": "https://127.0.0.1:4711",
    "ca_file": "/tmp/ca.pem",
    "users": {"engineer": {"password": "s3cret-word", "role": "full"}},
}


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

    with pytest.raises(DemoError, match="The simulated station did not answer GET /variables") as caught:
        station.tag_names()

    assert "s3cret-word" not in str(caught.value)


def test_tags_are_found_as_keys_and_as_texts_at_any_depth() -> None:
    data = [{"Tank1.Level": {"value": 40}}, {"written": [{"tag": "Tank1.Setpoint", "new": 80}]}, None, "Line3"]

    found = tags_mentioned(data, ["Tank1.Level", "Tank1.Setpoint", "Tank2.Level"])

    assert found == {"Tank1.Level", "Tank1.Setpoint"}


def test_a_text_that_only_holds_a_tag_is_not_that_tag() -> None:
    assert tags_mentioned(["Tank1.Levels", "the Tank1.Level"], ["Tank1.Level"]) == set()
