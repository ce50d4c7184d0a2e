"""Whichever way a station cuts its answers, every row comes, and comes once."""

from __future__ import annotations

from itertools import pairwise, product
from typing import TYPE_CHECKING

import pytest
from archive_station import START, Habits, StationInMemory, at, plain
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_wincc.client import WinCCError, WinCCResponseError
from airflow_provider_wincc.client.archives.rows import rows_of_window

if TYPE_CHECKING:
    from airflow_provider_wincc.client.archives.reader import ArchiveReader

HOUR = 3_600_000
ALL_HABITS = [
    Habits(begin, end, per_tag, first, cap, cap_per_tag, descending)
    for begin, end, per_tag, first, (cap, cap_per_tag), descending in product(
        (True, False),
        (True, False),
        (True, False),
        (True, False),
        ((None, False), (130, False), (130, True)),
        (True, False),
    )
]


def read_all(
    station: StationInMemory, length: int, reader: ArchiveReader | None = None, *, ask_ahead: bool = False
) -> None:
    tags = list(station.rows)
    windows = (reader or station.reader()).windows("ProcessData", tags, START, at(length), ask_ahead=ask_ahead)
    assert plain(row for window in windows for row in rows_of_window(window)) == station.expected(
        tags, START, at(length)
    )


@pytest.mark.parametrize("habits", ALL_HABITS, ids=str)
def test_every_row_comes_once_from_every_kind_of_station(habits: Habits) -> None:
    dense = [second * 1000 for second in range(0, 3600, 2)]
    edges = [600_000] * 40 + [600_001] * 30 + [1_200_000] * 60
    station = StationInMemory(
        {"Dense": dense, "Edges": edges, "Sparse": range(5, HOUR, 977_000), "None": []}, habits, archive_max_values=200
    )

    read_all(station, HOUR)


@st.composite
def stations(draw: st.DrawFn) -> tuple[StationInMemory, int, int]:
    length = draw(st.sampled_from([50, 3_000, 90_000, 3 * HOUR]))
    moments = st.integers(-2_000, length + 2_000)
    bursts = st.lists(st.tuples(moments, st.integers(1, 4)), max_size=40)
    regular = st.tuples(moments, st.integers(1, max(1, length // 20))).map(
        lambda series: [(moment, 1) for moment in range(series[0], length, series[1])[:200]]
    )
    series = draw(st.lists(st.one_of(bursts, regular, st.just([])), min_size=1, max_size=5))
    rows = {
        f"T{number}": [moment for moment, times in bursts for _ in range(times)] for number, bursts in enumerate(series)
    }
    # So few rows of one tag at one millisecond that no cap can hide some of them.
    rows = {tag: [moment for moment in moments if moments.count(moment) <= 20] for tag, moments in rows.items()}
    habits = draw(
        st.builds(
            Habits,
            *[st.booleans()] * 4,
            cap=st.one_of(st.none(), st.integers(30, 200)),
            cap_per_tag=st.booleans(),
            descending=st.booleans(),
            tag_by_tag=st.booleans(),
        )
    )
    batch = draw(st.integers(1, 5))
    most = draw(st.integers(5, 300))
    return StationInMemory(rows, habits, archive_batch_size=batch, archive_max_values=most), length, 25


@given(case=stations(), ask_ahead=st.booleans())
@settings(max_examples=150)
def test_random_series_come_whole_from_random_stations(case: tuple[StationInMemory, int, int], ask_ahead: bool) -> None:
    station, length, certain_rows = case
    reader = station.reader(certain_rows)

    windows = reader.windows("ProcessData", list(station.rows), START, at(length), ask_ahead=ask_ahead)
    rows = plain(row for window in windows for row in rows_of_window(window))

    wanted = station.expected(station.rows, START, at(length))
    assert [moment for _, moment, _ in rows] == [moment for _, moment, _ in wanted]
    # As long as all rows of a station share one moment, nothing tells that it sends the newest first.
    assert sorted(rows) == sorted(wanted) if station.habits.descending else rows == wanted


@given(case=stations(), data=st.data(), ask_ahead=st.booleans())
@settings(max_examples=50)
def test_windows_cover_the_interval_without_a_hole(
    case: tuple[StationInMemory, int, int], data: st.DataObject, ask_ahead: bool
) -> None:
    station, length, certain_rows = case
    first = START + (at(length) - START) * data.draw(st.floats(0, 0.9))

    reader = station.reader(certain_rows)
    windows = list(reader.windows("ProcessData", list(station.rows), first, at(length), ask_ahead=ask_ahead))

    assert windows[0].start == first
    assert windows[-1].end == at(length)
    assert all(before.end == after.start for before, after in pairwise(windows))
    assert all(
        window.start <= moment < window.end
        for window in windows
        for columns in window.columns
        for moment in columns.timestamps
    )
    assert sum(window.row_count for window in windows) == len(station.expected(station.rows, first, at(length)))


@pytest.mark.parametrize("ask_ahead", [False, True])
@pytest.mark.parametrize("habits", [Habits(), Habits(limit_per_tag=False), Habits(descending=True)], ids=str)
def test_an_ordinary_series_costs_hardly_more_requests_than_its_rows_need(habits: Habits, ask_ahead: bool) -> None:
    tags = {f"T{number}": range(number, 4 * HOUR, 1000) for number in range(10)}
    station = StationInMemory(tags, habits, archive_max_values=8_000)

    read_all(station, 4 * HOUR, ask_ahead=ask_ahead)

    assert len(station.requests) <= 1.3 * 144_000 / 6_000 + 15


def test_what_was_proven_is_known_in_the_next_read() -> None:
    station = StationInMemory({"A": range(0, HOUR, 1000)})
    reader = station.reader()
    read_all(station, HOUR, reader)
    before = len(station.requests)

    read_all(station, HOUR, reader)

    assert len(station.requests) - before <= before - 4


def test_a_silent_cap_is_learned_once() -> None:
    station = StationInMemory({"A": range(0, HOUR, 100), "B": range(0, HOUR, 100)}, Habits(cap=1_000, cap_per_tag=True))

    read_all(station, HOUR)

    assert len(station.requests) <= 1.3 * 36_000 / 750 + 20


def test_begin_and_end_are_whole_seconds_as_long_as_windows_are() -> None:
    station = StationInMemory({"A": range(0, HOUR, 1000)})

    list(station.reader().rows("ProcessData", ["A"], at(250), at(HOUR - 250)))

    assert {moment.microsecond for _, *span in station.requests for moment in span} == {0}


def test_more_rows_of_one_millisecond_than_asked_for_come_by_asking_for_more() -> None:
    station = StationInMemory({"A": [5_000] * 700 + [5_001] * 3, "B": [5_000]}, archive_max_values=100)

    read_all(station, 10_000)


def test_more_rows_of_one_millisecond_than_the_station_hands_out_are_an_error() -> None:
    station = StationInMemory({"A": [*range(0, 60_000, 10), *[70_000] * 700]}, Habits(cap=300))

    with pytest.raises(WinCCError, match="'A' has 300 rows or more") as caught:
        list(station.reader().rows("ProcessData", ["A"], START, at(100_000)))

    assert not caught.value.retryable


def test_rows_that_are_archived_while_a_record_is_proven_are_no_cap() -> None:
    station = StationInMemory({"A": range(0, 500_000, 1000)})
    late = [(at(moment), float(number)) for number, moment in enumerate(range(500_000, 590_000, 10_000), start=500)]
    station.before_answer = lambda number: station.rows["A"].append(late.pop(0)) if late else None
    reader = station.reader()

    read_all(station, 600_000, reader)

    assert reader._limits.cap is reader._limits.cap_of_tag is None


@pytest.mark.parametrize(
    "silent", [[0], [1], [2], [7], [0, 1], range(6), range(5, 11), range(9, 14), range(30, 33)], ids=str
)
@pytest.mark.parametrize("gap", [(0, 0), (HOUR, 3 * HOUR)], ids=["dense", "gap"])
@pytest.mark.parametrize("ask_ahead", [False, True])
def test_an_empty_spell_of_the_station_loses_nothing(silent: list[int], gap: tuple[int, int], ask_ahead: bool) -> None:
    moments = [moment for moment in range(0, 6 * HOUR, 1000) if not gap[0] <= moment < gap[1]]
    station = StationInMemory({"A": moments, "B": moments[::7]}, archive_max_values=900)
    station.silent = silent

    read_all(station, 6 * HOUR, ask_ahead=ask_ahead)


@pytest.mark.parametrize("cap", [100, 101, 120, 299])
@pytest.mark.parametrize("keeps_first", [True, False])
@pytest.mark.parametrize("tags", ["A", "ABCD"])
def test_an_answer_with_as_many_rows_as_the_last_record_may_be_cut_and_is_proven(
    cap: int, keeps_first: bool, tags: str
) -> None:
    series = {tag: range(0, HOUR, 2000 * len(tags)) for tag in tags}
    station = StationInMemory(series, Habits(cap=cap, keeps_first=keeps_first))

    read_all(station, HOUR)


def test_of_two_tags_that_are_both_at_the_cap_each_is_proven() -> None:
    # The station shows 150 rows of either; those of B lie in one of the parts that split A.
    complete = range(0, 600_000, 4_000)
    cut = [500_000 + 20 * number for number in range(400)]
    station = StationInMemory({"A": complete, "B": cut}, Habits(cap=150, cap_per_tag=True))

    read_all(station, 600_000)


def test_rows_of_the_overlap_do_not_hide_that_rows_are_missing() -> None:
    # Were it split at 101 s, the second part would be cut by as many rows as its overlap brings.
    moments = [*(100_000 + 10 * number for number in range(70)), *range(101_500, 200_000, 250)]
    station = StationInMemory({"A": moments}, Habits(cap=120))

    read_all(station, 600_000)


@pytest.mark.parametrize("habits", ALL_HABITS[::5], ids=str)
def test_an_interval_may_begin_and_end_at_any_millisecond(habits: Habits) -> None:
    station = StationInMemory({"A": range(0, 60_000, 10)}, habits)
    start, end = at(1_255), at(58_745)

    rows = plain(station.reader().rows("ProcessData", ["A"], start, end))

    assert rows == station.expected(["A"], start, end)


@pytest.mark.parametrize("later", [[], [3 * HOUR]], ids=["trailing", "inner"])
def test_a_gap_right_behind_a_crowded_moment_comes_to_an_end(later: list[int]) -> None:
    # The rows before the gap lie in the overlap of every request for it, and fill its answer alone.
    station = StationInMemory({"A": [*[600_000 - 1] * 60, *later]}, archive_max_values=50)

    read_all(station, 4 * HOUR)

    assert len(station.requests) < 300


def test_a_tag_that_has_no_rows_for_a_moment_is_asked_for_again() -> None:
    station = StationInMemory({"A": range(0, HOUR, 1000), "B": range(0, HOUR, 1000)}, archive_max_values=900)
    station.silent, station.silent_tags = [8], {"B"}

    read_all(station, HOUR)


@pytest.mark.parametrize("length", [HOUR // 12, HOUR], ids=["one window", "many"])
def test_a_batch_that_has_no_rows_for_a_moment_in_the_first_window_is_asked_for_again(length: int) -> None:
    # So few rows that no answer is proven by further requests: the second one is for the second batch.
    tags = {f"T{number:02}": range(number, HOUR, 180_000) for number in range(40)}
    station = StationInMemory(tags, archive_batch_size=20)
    station.silent = [1]

    read_all(station, length)


def test_tags_without_rows_cost_one_more_request_of_each_batch() -> None:
    tags: dict[str, list[int]] = {f"T{number:02}": [] for number in range(60)}
    station = StationInMemory({**tags, "T00": list(range(0, HOUR, 60_000))})
    every = list(station.rows)
    few = HOUR // 12

    read_all(station, few)

    asked = [names for names, *_ in station.requests]
    missed = every[1:]
    assert asked == [every[:20], every[20:40], every[40:], missed[:20], missed[20:40], missed[40:]]


def test_rows_of_a_tag_that_was_silent_from_the_first_window_on_are_an_error_and_not_a_gap() -> None:
    station = StationInMemory({"A": range(0, 2 * HOUR, 1000), "B": range(0, 2 * HOUR, 1000)}, archive_max_values=900)
    station.silent, station.silent_tags = range(8), {"B"}

    with pytest.raises(
        WinCCResponseError, match=r"no rows of 'B' from 2026-03-02T07:00:00.* and has some now"
    ) as caught:
        list(station.reader().rows("ProcessData", ["A", "B"], START, at(2 * HOUR)))

    assert caught.value.retryable


def test_tags_that_begin_later_are_no_error_and_are_looked_for_once() -> None:
    begin = {"A": 0, "B": 2 * HOUR, "C": 2 * HOUR, "D": 3 * HOUR}
    rows = {tag: range(first, 4 * HOUR, 1000) for tag, first in begin.items()}
    station = StationInMemory(rows, archive_max_values=900)

    read_all(station, 4 * HOUR)

    looked = [names for names, *_ in station.requests if "A" not in names]
    assert looked == [["B", "C", "D"], ["B", "C"], ["D"]]


def test_rows_of_one_tag_that_turn_up_too_late_are_an_error_and_not_a_gap() -> None:
    station = StationInMemory({"A": range(0, 2 * HOUR, 1000), "B": range(0, 2 * HOUR, 1000)}, archive_max_values=900)
    station.silent, station.silent_tags = range(8, 14), {"B"}

    with pytest.raises(WinCCResponseError, match=r"no rows of 'B' from .* and has some now") as caught:
        list(station.reader().rows("ProcessData", ["A", "B"], START, at(2 * HOUR)))

    assert caught.value.retryable


def test_a_tag_that_really_stops_and_comes_back_is_no_error() -> None:
    paused = [*range(0, HOUR, 1000), *range(3 * HOUR, 4 * HOUR, 1000)]
    station = StationInMemory({"A": range(0, 4 * HOUR, 1000), "B": paused}, archive_max_values=900)

    read_all(station, 4 * HOUR)


def test_a_long_gap_costs_few_requests() -> None:
    month = 30 * 24 * HOUR
    moments = [*range(0, HOUR, 1000), *range(month, month + HOUR, 1000)]
    station = StationInMemory({"A": moments}, archive_max_values=1_000)

    read_all(station, month + 2 * HOUR)

    assert len(station.requests) < 80


def test_an_interval_without_any_rows_is_one_empty_window() -> None:
    station = StationInMemory({"A": []})

    windows = list(station.reader().windows("ProcessData", ["A"], START, at(24 * HOUR)))

    assert [(window.start, window.end, window.columns) for window in windows] == [(START, at(24 * HOUR), ())]


def test_windows_are_bounded_in_rows_over_all_batches() -> None:
    tags = {f"T{number:02}": range(number, HOUR // 2, 500) for number in range(40)}
    station = StationInMemory(tags, archive_batch_size=4)

    windows = list(station.reader().windows("ProcessData", list(tags), START, at(HOUR // 2)))

    assert max(window.row_count for window in windows) < 65_000


def test_a_burst_that_is_followed_by_silence_comes_to_an_end() -> None:
    # The overlap of the windows behind it takes the burst in again, so that these are full and become shorter.
    station = StationInMemory({"A": [HOUR // 2] * 400}, archive_max_values=200)

    read_all(station, HOUR)

    assert len(station.requests) < 300


@pytest.mark.parametrize("cap", [150, 200, 300])
def test_a_burst_above_a_silent_cap_is_an_error_when_there_are_rows_within_a_month(cap: int) -> None:
    rows = [HOUR // 2] * 400 + [24 * HOUR]
    station = StationInMemory({"A": rows}, Habits(cap=cap), archive_max_values=200)

    with pytest.raises(WinCCError, match="hands out no more"):
        list(station.reader().rows("ProcessData", ["A"], START, at(HOUR)))


def test_a_burst_that_is_whole_is_proven_by_the_rows_around_it() -> None:
    rows = [HOUR // 2] * 150 + [24 * HOUR]
    station = StationInMemory({"A": rows})

    assert len(list(station.reader().rows("ProcessData", ["A"], START, at(HOUR)))) == 150
