"""Archived values over REST."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from rest_caller import RestCaller

from airflow_provider_wincc.simulator import Dialect, SimulatedArchive, SimulatedArchiveTag, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

START = datetime(2026, 3, 2, 7, tzinfo=UTC)
FIVE = [(START + timedelta(seconds=n), float(n), 24 if n == 2 else 128) for n in range(5)]


@pytest.fixture(scope="module")
def archive_station() -> Iterator[Simulator]:
    archives = [
        SimulatedArchive(
            "Ovens",
            [
                SimulatedArchiveTag("Five", rows=FIVE),
                SimulatedArchiveTag("Two", rows=FIVE[:2]),
                SimulatedArchiveTag("On", rows=[(START, True, 128), (START, False, 128)]),
                SimulatedArchiveTag("Words", rows=[(START, 'Größe "3"', 128), (START, None, 76)]),
                SimulatedArchiveTag("None", rows=[]),
                SimulatedArchiveTag("Long", period_ms=100, duplicate_every=7, bad_quality=0.1),
                SimulatedArchiveTag("Odd name/%", rows=FIVE[:1]),
            ],
        ),
        SimulatedArchive("Coolers", [SimulatedArchiveTag("Six", rows=FIVE), SimulatedArchiveTag("Five", rows=[])]),
    ]
    with Simulator(plant="still", archives=archives) as station:
        yield station


@pytest.fixture
def station(archive_station: Simulator) -> Simulator:
    archive_station.clear_faults()
    archive_station.clear_requests()
    archive_station.set_dialect(**asdict(Dialect()))
    return archive_station


@pytest.fixture
def archives(station: Simulator) -> Iterator[ArchiveCaller]:
    caller = ArchiveCaller(station)
    with closing(caller.session):
        yield caller


class ArchiveCaller(RestCaller):
    """Calls the archives of the station."""

    def archive(self, *tags: str, archive: str = "Ovens", **query: Any) -> Any:
        return self.call(
            "POST", f"/tagLogging/Archive/{archive}/values", params=query, json={"variableNames": list(tags)}
        )

    def several(self, *archives: dict[str, Any]) -> Any:
        return self.call("POST", "/tagLogging/Values", json={"archives": list(archives)})


def values_of(answer: Any, place: int = 0) -> list[str]:
    return [row["value"] for row in answer.json()[place]["values"]]


WINDOW = {"begin": "2026-03-02T07:00:00", "end": "2026-03-02T07:00:04"}


def test_a_window_has_an_item_for_each_tag_with_its_rows(archives: ArchiveCaller) -> None:
    answer = archives.archive("Two", "On", **WINDOW)

    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.json() == [
        {
            "variableName": "Two",
            "values": [
                {"value": "0", "timestamp": "2026-03-02T07:00:00.000Z", "qualitycode": "128"},
                {"value": "1", "timestamp": "2026-03-02T07:00:01.000Z", "qualitycode": "128"},
            ],
        },
        {
            "variableName": "On",
            "values": [
                {"value": "true", "timestamp": "2026-03-02T07:00:00.000Z", "qualitycode": "128"},
                {"value": "false", "timestamp": "2026-03-02T07:00:00.000Z", "qualitycode": "128"},
            ],
        },
    ]


def test_rows_are_those_that_the_station_says_it_has(station: Simulator, archives: ArchiveCaller) -> None:
    end = START + timedelta(hours=3)

    answer = archives.archive("Long", begin="2026-03-02T07:00:00Z", end="2026-03-02T09:59:59.999Z").json()[0]

    assert [
        (datetime.fromisoformat(row["timestamp"]), float(row["value"]), int(row["qualitycode"]))
        for row in answer["values"]
    ] == list(station.archive("Ovens").rows("Long", START, end))


def test_text_and_no_value_are_written_as_json(archives: ArchiveCaller) -> None:
    assert values_of(archives.archive("Words", **WINDOW)) == ['Größe "3"', None]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["4"]),
        ({"maxValues": 2}, ["3", "4"]),
        ({"end": "2026-03-02T07:00:02"}, ["2"]),
        ({"end": "2026-03-02T07:00:02", "maxValues": 2}, ["1", "2"]),
        ({"begin": "2026-03-02T07:00:02"}, ["2", "3", "4"]),
        ({**WINDOW, "maxValues": 2}, ["0", "1"]),
        ({**WINDOW, "begin": "2026-03-02T08:00:00+01:00", "maxValues": 1}, ["0"]),
        ({"begin": "2026-03-02T07:00:00.001", "end": "2026-03-02T07:00:01.5Z"}, ["1"]),
        ({"begin": "2026-03-02T07:00:02.000", "end": "2026-03-02T07:00:02"}, ["2"]),
        ({"Begin": "2026-03-02T07:00:03", "MAXVALUES": 1}, ["3"]),
    ],
)
def test_times_and_the_limit_choose_the_rows(archives: ArchiveCaller, query: dict[str, Any], found: list[str]) -> None:
    assert values_of(archives.archive("Five", **query)) == found


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"begin": "yesterday"}, "a time looks like 2026-03-02T07:00:00.000, not 'yesterday'"),
        ({"begin": "2026-13-02T07:00:00"}, "a time looks like"),
        ({"end": "2026-03-02"}, "a time looks like"),
        ({"begin": "2026-03-02T07:00:01", "end": "2026-03-02T07:00:00"}, "after its end"),
        ({"maxValues": "0"}, "maxValues is a whole number from 1, not 0"),
        ({"maxValues": "-1"}, "maxValues is a whole number from 0, not '-1'"),
        ({"maxValues": "many"}, "maxValues is a whole number"),
    ],
)
def test_a_query_that_makes_no_sense_gets_400(archives: ArchiveCaller, query: dict[str, Any], text: str) -> None:
    answer = archives.archive("Five", **query)

    assert answer.status_code == 400
    assert text in answer.json()["error"]


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        ("/tagLogging/Archive/Ovens/values", ["Five"], "variableNames"),
        ("/tagLogging/Values", {}, '"archives" or "variableNames"'),
        ("/tagLogging/Values", [], '"archives" or "variableNames"'),
        ("/tagLogging/Values", {"archives": {"name": "Ovens"}}, "expected"),
        ("/tagLogging/Values", {"archives": [{"name": "Ovens"}]}, "expected"),
        ("/tagLogging/Values", {"archives": [{"name": "Ovens", "variables": ["Five"]}]}, '"name" of a tag'),
        ("/tagLogging/Values", {"archives": [{"name": "Ovens", "variables": [{}]}]}, '"name" of a tag'),
        (
            "/tagLogging/Values",
            {"archives": [{"name": "Ovens", "variables": [{"name": "Five", "range": 60}]}]},
            "the unit of range is not known",
        ),
        (
            "/tagLogging/Values",
            {"archives": [{"name": "Ovens", "variables": [{"name": "Five", "maxValues": "9"}]}]},
            "maxValues is a whole number from 1, not '9'",
        ),
        (
            "/tagLogging/Values",
            {"archives": [{"name": "Ovens", "variables": [{"name": "Five", "timeFrom": 5}]}]},
            "a time looks like",
        ),
    ],
)
def test_a_body_that_makes_no_sense_gets_400(archives: ArchiveCaller, path: str, body: Any, text: str) -> None:
    answer = archives.call("POST", path, json=body)

    assert answer.status_code == 400
    assert text in answer.json()["error"]


def test_a_single_tag_comes_as_an_object(archives: ArchiveCaller) -> None:
    latest = archives.get("/tagLogging/Archive/Ovens/Value/five").json()
    window = archives.get("/taglogging/archive/OVENS/value/Odd%20name%2F%25", params=WINDOW).json()

    assert (latest["variableName"], [row["value"] for row in latest["values"]]) == ("five", ["4"])
    assert (window["variableName"], len(window["values"])) == ("Odd name/%", 1)


def test_an_unknown_archive_gets_404_naming_it(archives: ArchiveCaller) -> None:
    answers = [
        archives.archive("Five", archive="Typo"),
        archives.get("/tagLogging/Archive/Typo/Value/Five"),
        archives.several(
            {"name": "Ovens", "variables": [{"name": "Five"}]}, {"name": "Typo", "variables": [{"name": "Five"}]}
        ),
    ]

    assert [(answer.status_code, answer.json()["error"]) for answer in answers] == [
        (404, "There is no archive 'Typo'")
    ] * 3


ITEM = {"variableName": "Typo", "error": "Not Found"}
CODE = {"variableName": "Typo", "errorcode": 2048}


@pytest.mark.parametrize(
    ("form", "among_known", "alone", "single"),
    [
        ("error", [ITEM], (200, [ITEM]), (200, ITEM)),
        ("missing", [], (200, []), (200, None)),
        ("empty", [], (200, None), (200, None)),
        ("not_found_json", [ITEM], (404, {"error": "Not Found"}), (404, {"error": "Not Found"})),
        ("error_code", [CODE], (200, [CODE]), (200, CODE)),
    ],
)
def test_an_unknown_tag_takes_each_form(
    station: Simulator, archives: ArchiveCaller, *, form: str, among_known: list[Any], alone: Any, single: Any
) -> None:
    station.set_dialect(unknown_tag=form)

    several = archives.archive("Five", "Typo").json()
    lone = archives.archive("Typo")
    one = archives.get("/tagLogging/Archive/Ovens/Value/Typo")

    assert [several[0]["variableName"], *several[1:]] == ["Five", *among_known]
    assert (lone.status_code, lone.json() if lone.content else None) == alone
    assert (one.status_code, one.json() if one.content else None) == single


def two_archives(archives: ArchiveCaller) -> Any:
    window = {"timeFrom": "2026-03-02T07:00:00Z", "timeTo": "2026-03-02T07:00:09Z"}
    return archives.several(
        {"name": "Ovens", "variables": [{"name": "Five", **window, "maxValues": 1}, {"name": "Typo"}]},
        {"name": "Coolers", "variables": [{"name": "Six", "maxValues": 2}]},
    ).json()


def row(number: int) -> dict[str, str]:
    return {"value": str(number), "timestamp": f"2026-03-02T07:00:0{number}.000Z", "qualitycode": "128"}


def test_several_archives_are_answered_nested(archives: ArchiveCaller) -> None:
    assert two_archives(archives) == {
        "archives": [
            {
                "name": "Ovens",
                "variables": [{"name": "Five", "values": [row(0)]}, {"name": "Typo", "error": "Not Found"}],
            },
            {"name": "Coolers", "variables": [{"name": "Six", "values": [row(3), row(4)]}]},
        ]
    }


def test_several_archives_are_answered_flat(station: Simulator, archives: ArchiveCaller) -> None:
    station.set_dialect(archive_form="flat")

    assert two_archives(archives) == [
        {"archiveName": "Ovens", "variableName": "Five", "values": [row(0)]},
        ITEM | {"archiveName": "Ovens"},
        {"archiveName": "Coolers", "variableName": "Six", "values": [row(3), row(4)]},
    ]


def test_names_alone_are_found_with_and_without_their_archive(station: Simulator, archives: ArchiveCaller) -> None:
    station.set_dialect(archive_form="flat")
    names = ["Coolers\\Five", "five", "Six", "Typo\\Five", "Typo"]

    items = archives.call("POST", "/tagLogging/Values", json={"variableNames": names}).json()

    assert [(item["archiveName"], item["variableName"], len(item.get("values", "?"))) for item in items] == [
        ("Coolers", "Five", 0),
        ("Ovens", "five", 1),
        ("Coolers", "Six", 1),
        ("Typo", "Five", 1),
        ("", "Typo", 1),
    ]
    assert [item.get("error") for item in items] == [None, None, None, "Not Found", "Not Found"]


def test_a_request_is_recorded_with_its_query_and_body(station: Simulator, archives: ArchiveCaller) -> None:
    archives.archive("Five", maxValues=3)

    record = station.requests[-1]

    assert (record.path, record.query, record.body, record.status) == (
        "/tagLogging/Archive/Ovens/values",
        {"maxValues": "3"},
        {"variableNames": ["Five"]},
        200,
    )


def test_who_may_read_values_may_read_archives(station: Simulator) -> None:
    statuses = {}
    for user in ("viewer", "guest", None):
        caller = ArchiveCaller(station, user)
        with closing(caller.session):
            statuses[user] = caller.archive("Five").status_code

    assert statuses == {"viewer": 200, "guest": 403, None: 401}
