"""Archives of the simulated station, over a real socket, in every dialect."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_wincc.client import (
    WinCCNotFoundError,
    WinCCPermissionError,
    WinCCServiceUnavailableError,
    WinCCTagError,
    WinCCTagNotFoundError,
)
from airflow_provider_wincc.simulator import Dialect, SimulatedArchive, SimulatedArchiveTag, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow_provider_wincc.client import WinCCClient

ARCHIVE = "Kiln"
TAGS = ["Temperature", "Burner", "Drift", "Doubled", "Never"]
START = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
END = START + timedelta(hours=2)
# The clock in Berlin goes back at 01:00 UTC.
CLOCK_CHANGE = datetime(2025, 10, 26, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def archive_station() -> Iterator[Simulator]:
    archive = SimulatedArchive(
        ARCHIVE,
        [
            SimulatedArchiveTag("Temperature", bad_quality=0.1),
            SimulatedArchiveTag("Burner", kind="binary", period_ms=7_000),
            SimulatedArchiveTag("Drift", kind="on_change", period_ms=5_000),
            SimulatedArchiveTag(
                "Doubled",
                period_ms=60_000,
                duplicate_every=2,
                duplicate_count=60,
                gaps=[(START + timedelta(minutes=20), START + timedelta(minutes=50))],
            ),
            SimulatedArchiveTag("Never", rows=[]),
        ],
    )
    other = SimulatedArchive("Ofen Süd/2", [SimulatedArchiveTag("Temperature")])
    with Simulator(plant="still", archives=[archive, other]) as station:
        yield station


@pytest.fixture
def station(archive_station: Simulator) -> Simulator:
    """A station with two archives, as good as new."""
    archive_station.clear_faults()
    archive_station.start_service()
    archive_station.set_dialect(**asdict(Dialect()))
    archive_station.clear_requests()
    return archive_station


def expected(station: Simulator, tags: list[str], start: datetime, end: datetime) -> list[tuple[Any, ...]]:
    rows = [
        (tag, row.timestamp, row.value, row.quality)
        for tag in tags
        for row in station.archive(ARCHIVE).rows(tag, start, end)
    ]
    return sorted(rows, key=lambda row: row[1])


def read(client: WinCCClient, tags: list[str] = TAGS, start: datetime = START, end: datetime = END) -> list[Any]:
    rows = client.read_archive(ARCHIVE, tags, start, end)
    return [(row.tag, row.timestamp, row.value, row.quality.code) for row in rows]


@pytest.mark.parametrize(
    "dialect",
    [
        {},
        {"archive_row_keys": "datetime", "key_case": "camel", "archive_flags": True},
        {"archive_order": "descending", "archive_rows_kept": "last", "envelope": "wrapped"},
        {"archive_begin_inclusive": False, "archive_end_inclusive": False},
        {"archive_max_values": "whole_answer"},
        {"archive_max_values": "whole_answer", "archive_rows_kept": "last", "archive_order": "descending"},
        {"archive_limit": 150},
        {"archive_limit": 150, "archive_max_values": "whole_answer"},
        {"archive_no_rows": "missing"},
        {"value_typing": "json", "timestamps": "seven_digits"},
        {"timestamps": "offset", "quality_typing": "int"},
        {"timestamps": "no_zone"},
    ],
    ids=str,
)
@pytest.mark.parametrize("form", ["single", "multiple"])
def test_every_row_comes_once_in_every_dialect(
    station: Simulator, open_client: Callable[..., WinCCClient], dialect: dict[str, Any], form: str
) -> None:
    station.set_dialect(**{name: value for name, value in dialect.items() if name in asdict(Dialect())})
    client = open_client(archive_form=form, archive_max_values=2_000)

    assert read(client) == expected(station, TAGS, START, END)


@pytest.mark.parametrize("form", ["nested", "flat"])
def test_both_answers_to_a_request_for_several_archives_are_read(
    station: Simulator, open_client: Callable[..., WinCCClient], form: str
) -> None:
    station.set_dialect(archive_form=form)

    assert read(open_client(archive_form="multiple")) == expected(station, TAGS, START, END)


@pytest.mark.parametrize("most", [500, 20_000])
@pytest.mark.parametrize(
    ("start", "end"),
    [(-3, 3), (-0.5, 0.5), (-0.5, 3), (-3, 0.5), (0, 0.3), (0.999, 2), (1, 2), (-1, 0), (-2, -1)],
    ids=str,
)
def test_the_hour_that_comes_twice_is_read_whole_in_local_time(
    station: Simulator, open_client: Callable[..., WinCCClient], start: float, end: float, most: int
) -> None:
    station.set_dialect(archive_times="local")
    client = open_client(archive_times="local", timezone="Europe/Berlin", archive_max_values=most)
    interval = CLOCK_CHANGE + timedelta(hours=start), CLOCK_CHANGE + timedelta(hours=end)

    assert read(client, TAGS, *interval) == expected(station, TAGS, *interval)
    assert len(station.requests) < 80


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"])
def test_a_zone_that_the_station_does_not_have_shifts_what_is_asked_for_and_nothing_else(
    station: Simulator, open_client: Callable[..., WinCCClient], zone: str
) -> None:
    client = open_client(archive_times="utc_z", timezone=zone)

    assert read(client) == expected(station, TAGS, START, END)


def test_an_archive_whose_name_no_path_carries_is_asked_for_in_the_body(
    station: Simulator, client: WinCCClient
) -> None:
    rows = list(client.read_archive("Ofen Süd/2", ["Temperature"], START, END))

    assert len(rows) == 7_200
    assert {request.path for request in station.requests} == {"/tagLogging/Values"}


@pytest.mark.parametrize("dialect", [{}, {"archive_max_values": "whole_answer"}], ids=str)
@pytest.mark.parametrize("form", ["single", "multiple"])
def test_the_latest_row_of_each_tag(
    station: Simulator, open_client: Callable[..., WinCCClient], dialect: dict[str, str], form: str
) -> None:
    station.set_dialect(**dialect)
    now = datetime.now(UTC)

    latest = open_client(archive_form=form).read_latest_archived(ARCHIVE, ["Burner", "Temperature", "Never"])

    assert list(latest) == ["Burner", "Temperature"]
    assert all(now - timedelta(seconds=10) < row.timestamp for row in latest.values())


def test_lists_of_archives_tags_and_timers(client: WinCCClient) -> None:
    assert [archive.name for archive in client.list_archives(page_size=1)] == [ARCHIVE, "Ofen Süd/2"]
    assert [(tag.name, tag.archive) for tag in client.list_archive_tags(ARCHIVE, page_size=2)] == [
        (tag, ARCHIVE) for tag in TAGS
    ]
    assert "1 second" in [timer.name for timer in client.list_timers()]


@pytest.mark.parametrize("good_pages", [0, 1], ids=["first page", "second page"])
def test_a_page_that_comes_without_a_body_hides_no_tags(
    station: Simulator, client: WinCCClient, good_pages: int
) -> None:
    listed = client.list_archive_tags(ARCHIVE, page_size=1)
    names = [next(listed).name for _ in range(good_pages)]
    station.fail_next("empty_body")

    names += [tag.name for tag in listed]

    assert names == [*TAGS]


@pytest.mark.parametrize("form", ["single", "multiple"])
def test_an_unknown_archive_is_named(open_client: Callable[..., WinCCClient], form: str) -> None:
    client = open_client(archive_form=form)

    for call in (
        lambda: list(client.read_archive("Klin", TAGS, START, END)),
        lambda: client.read_latest_archived("Klin", TAGS),
        lambda: list(client.list_archive_tags("Klin")),
    ):
        with pytest.raises(WinCCNotFoundError, match="no archive 'Klin'") as caught:
            call()
        assert not isinstance(caught.value, WinCCTagError)
        assert "list_archives" in caught.value.hint


@pytest.mark.parametrize("unknown_tag", ["error", "missing", "empty", "not_found_json", "not_found_html"])
@pytest.mark.parametrize("tags", [["Typo"], ["Temperature", "Typo", "Burner", "Tpyo"]], ids=len)
def test_unknown_tags_are_named_in_every_form(
    station: Simulator, client: WinCCClient, unknown_tag: str, tags: list[str]
) -> None:
    station.set_dialect(unknown_tag=unknown_tag)

    for call in (
        lambda: list(client.read_archive(ARCHIVE, tags, START, END)),
        lambda: client.read_latest_archived(ARCHIVE, tags),
    ):
        with pytest.raises(WinCCTagNotFoundError, match="'Typo'") as caught:
            call()
        assert set(caught.value.errors) == {"Typo", "Tpyo"} & set(tags)
        assert "list_archive_tags" in caught.value.hint


def test_a_segment_change_of_a_moment_goes_unnoticed(station: Simulator, client: WinCCClient) -> None:
    station.fail_next("segment_change")
    station.fail_next("empty_archive")

    assert read(client) == expected(station, TAGS, START, END)


def test_a_segment_change_that_lasts_is_an_error_that_may_pass(station: Simulator, client: WinCCClient) -> None:
    station.fail_next("segment_change", 2)

    with pytest.raises(WinCCTagError, match="segment of the archive is being changed") as caught:
        read(client)

    assert caught.value.retryable
    assert set(caught.value.errors) == set(TAGS)


def test_a_request_that_breaks_is_sent_again(station: Simulator, client: WinCCClient) -> None:
    station.fail_next("drop_before", 2)

    assert read(client) == expected(station, TAGS, START, END)


@pytest.mark.parametrize("ask_ahead", [False, True])
def test_no_row_is_missing_where_the_service_stops_in_the_middle(
    station: Simulator, client: WinCCClient, ask_ahead: bool
) -> None:
    windows = client.read_archive_windows(ARCHIVE, TAGS, START, END, ask_ahead=ask_ahead)
    next(windows)
    station.stop_service()

    with pytest.raises(WinCCServiceUnavailableError):
        list(windows)


def test_a_limit_that_the_station_insists_on_is_told(station: Simulator, client: WinCCClient) -> None:
    station.set_dialect(archive_limit=1_000, archive_above_limit="refuse")

    with pytest.raises(WinCCTagError, match="at most 1000") as caught:
        read(client)

    assert "archive_max_values" in caught.value.hint


def test_a_user_without_rights_gets_a_permission_error(open_client: Callable[..., WinCCClient]) -> None:
    with pytest.raises(WinCCPermissionError):
        read(open_client("guest"))


def test_requests_are_sent_only_as_far_as_rows_are_taken(station: Simulator, client: WinCCClient) -> None:
    rows = client.read_archive(ARCHIVE, ["Temperature"], START, START + timedelta(days=90))

    assert station.requests == []
    assert next(rows).timestamp == START
    assert len(station.requests) <= 3


def test_what_is_asked_ahead_is_still_one_request_at_a_time(station: Simulator, client: WinCCClient) -> None:
    rows = 0
    for window in client.read_archive_windows(ARCHIVE, TAGS, START, END, ask_ahead=True):
        rows += window.row_count
        client.read_tags(["Tank1.Level"])

    assert rows == len(expected(station, TAGS, START, END))
    assert {record.in_flight for record in station.requests} == {1}
