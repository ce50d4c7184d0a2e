"""Each switch of the dialect that is about archives."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from rest_caller import RestCaller

from airflow_provider_wincc.simulator import Dialect, SimulatedArchive, SimulatedArchiveTag, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Read = Callable[..., Any]

START = datetime(2026, 3, 2, 7, tzinfo=UTC)
ROWS = [(START + timedelta(seconds=n, milliseconds=120), n + 0.5, 24 if n == 2 else 128) for n in range(5)]
WINDOW = {"begin": "2026-03-02T07:00:00.120", "end": "2026-03-02T07:00:04.120"}


@pytest.fixture(scope="module")
def read() -> Iterator[Read]:
    """Reads the archive in a dialect."""
    tags = [
        SimulatedArchiveTag("A", rows=ROWS),
        SimulatedArchiveTag("B", rows=ROWS),
        SimulatedArchiveTag("On", rows=[(START, True, 128)]),
        SimulatedArchiveTag("None", rows=[]),
    ]
    with Simulator(plant="still", archives=[SimulatedArchive("P", tags)]) as station:
        caller = RestCaller(station)

        def read_archive(*names: str, query: dict[str, Any] | None = None, **switches: Any) -> Any:
            station.set_dialect(**{**{name: getattr(Dialect(), name) for name in Dialect.__slots__}, **switches})
            return caller.call(
                "POST",
                "/tagLogging/Archive/P/values",
                params=WINDOW if query is None else query,
                json={"variableNames": list(names)},
            )

        with closing(caller.session):
            yield read_archive


def values_of(answer: Any) -> list[list[str]]:
    return [[row["value"] for row in item["values"]] for item in answer.json()]


ALL = ["0.5", "1.5", "2.5", "3.5", "4.5"]


@pytest.mark.parametrize(
    ("switches", "row"),
    [
        ({}, {"value": "2.5", "timestamp": "2026-03-02T07:00:02.120Z", "qualitycode": "24"}),
        (
            {"value_typing": "json", "quality": "int"},
            {"value": 2.5, "timestamp": "2026-03-02T07:00:02.120Z", "qualitycode": 24},
        ),
        (
            {"key_case": "camel", "timestamps": "offset", "quality": "hex"},
            {"value": "2.5", "timestamp": "2026-03-02T08:00:02.120+01:00", "qualityCode": "0x18"},
        ),
        (
            {"archive_row_keys": "datetime", "timestamps": "no_zone"},
            {"value": "2.5", "datetime": "2026-03-02T07:00:02.120", "quality": "24"},
        ),
        (
            {"archive_row_keys": "datetime", "key_case": "camel", "timestamps": "no_fraction"},
            {"value": "2.5", "dateTime": "2026-03-02T07:00:02Z", "quality": "24"},
        ),
        (
            {"archive_flags": True, "timestamps": "seven_digits"},
            {"value": "2.5", "timestamp": "2026-03-02T07:00:02.1200000Z", "qualitycode": "24", "flags": 1},
        ),
    ],
)
def test_rows_are_written_in_each_form(read: Read, switches: dict[str, Any], row: dict[str, Any]) -> None:
    assert read("A", **switches).json()[0]["values"][2] == row


@pytest.mark.parametrize(("typing", "shown"), [("text", "true"), ("json", True)])
def test_a_binary_value_takes_each_form(read: Read, typing: str, shown: object) -> None:
    assert read("On", query={}, value_typing=typing).json()[0]["values"][0]["value"] == shown


@pytest.mark.parametrize(
    ("switches", "query", "found"),
    [
        ({"archive_order": "descending"}, WINDOW, ALL[::-1]),
        ({"archive_order": "descending"}, {**WINDOW, "maxValues": 2}, ["1.5", "0.5"]),
        ({"archive_rows_kept": "last"}, {**WINDOW, "maxValues": 2}, ["3.5", "4.5"]),
        ({"archive_begin_inclusive": False}, WINDOW, ALL[1:]),
        ({"archive_end_inclusive": False}, WINDOW, ALL[:-1]),
        ({"archive_limit": 3}, {**WINDOW, "maxValues": 4}, ALL[:3]),
        ({"archive_limit": 3}, WINDOW, ALL[:3]),
        ({"archive_limit": 3, "archive_above_limit": "refuse"}, {**WINDOW, "maxValues": 3}, ALL[:3]),
        ({"archive_times": "local"}, {"begin": "2026-03-02T08:00:03", "end": "2026-03-02T08:00:09"}, ALL[3:]),
        ({"archive_times": "local"}, {"begin": "2026-03-02T07:00:03Z", "end": "2026-03-02T08:00:09"}, ALL[3:]),
    ],
)
def test_the_rows_of_a_window_take_each_form(
    read: Read, switches: dict[str, Any], query: dict[str, Any], found: list[str]
) -> None:
    assert values_of(read("A", query=query, **switches)) == [found]


def test_a_limit_that_is_refused_gets_400(read: Read) -> None:
    answer = read("A", query={"maxValues": 4}, archive_limit=3, archive_above_limit="refuse")

    assert answer.status_code == 400
    assert "maxValues is at most 3, not 4" in answer.json()["error"]


@pytest.mark.parametrize(
    ("form", "found"), [("per_tag", [ALL[:4], ALL[:4], ["true"]]), ("whole_answer", [ALL[:4], [], []])]
)
def test_the_limit_holds_for_each_tag_or_for_all(read: Read, form: str, found: list[list[str]]) -> None:
    query = {"begin": "2026-03-02T07:00:00", "maxValues": 4}

    assert values_of(read("A", "B", "On", query=query, archive_max_values=form)) == found


@pytest.mark.parametrize(
    ("form", "item"), [("empty", {"variableName": "None", "values": []}), ("missing", {"variableName": "None"})]
)
def test_a_tag_without_rows_takes_each_form(read: Read, form: str, item: dict[str, Any]) -> None:
    assert read("None", archive_no_rows=form).json() == [item]


def test_a_list_comes_in_its_envelope(read: Read) -> None:
    content = read("None", envelope="wrapped").json()

    assert content == {"values": [{"variableName": "None", "values": []}]}


@pytest.mark.parametrize("limit", [0, True, 1.5, "20"])
def test_a_limit_that_is_none_is_refused(limit: Any) -> None:
    with pytest.raises(ValueError, match="'archive_limit' is a whole number from 1, or None, not"):
        Dialect(archive_limit=limit)
