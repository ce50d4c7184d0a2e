from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from archive_windows import BAD, MORNING, NINE, at, row, window, windows_between
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_wincc.archive_export.gaps import Coverage, Gap, GapFinder
from airflow_provider_wincc.client.errors import WinCCConfigurationError

if TYPE_CHECKING:
    from datetime import datetime

    from archive_windows import ArchiveRow

MINUTE = timedelta(minutes=1)


def covered(
    rows: list[ArchiveRow],
    *,
    longest_gap: timedelta | None = MINUTE,
    end: datetime = NINE,
    edges: list[datetime] | None = None,
    tags: tuple[str, ...] = ("A",),
) -> Coverage:
    finder = GapFinder(tags, start=MORNING, end=end, longest_gap=longest_gap)
    for each in windows_between(rows, edges or [at(-3600), at(7200)]):
        finder.add(each)
    return finder.finish()


def test_every_tag_has_its_rows_and_first_and_last_timestamp() -> None:
    coverage = covered([row(5), row(10, quality=BAD), row(20), row(7, tag="B")], tags=("A", "B", "C"))

    a, b, c = coverage.tags.values()
    assert (a.rows, a.good_rows, a.first, a.last) == (3, 2, at(5), at(20))
    assert (b.rows, b.good_rows, b.first, b.last) == (1, 1, at(7), at(7))
    assert (c.rows, c.good_rows, c.first, c.last) == (0, 0, None, None)
    assert (coverage.row_count, coverage.good_row_count, coverage.first, coverage.last) == (4, 3, at(5), at(20))


def test_a_gap_is_longer_than_the_longest_time_allowed() -> None:
    coverage = covered([row(0), row(60), row(120.001), row(150)], end=at(200))

    assert coverage.gaps == (Gap("A", at(60), at(120.001)),)


def test_time_before_the_first_row_and_after_the_last_one_can_be_gaps() -> None:
    coverage = covered([row(100), row(130)], end=at(300))

    assert coverage.gaps == (Gap("A", MORNING, at(100)), Gap("A", at(130), at(300)))


def test_a_tag_without_rows_is_one_gap() -> None:
    assert covered([]).gaps == (Gap("A", MORNING, NINE),)


def test_rows_outside_the_interval_count_nowhere() -> None:
    coverage = covered([row(-10), row(10, quality=BAD), row(50)], end=at(50), longest_gap=timedelta(seconds=9))

    assert (coverage.row_count, coverage.good_row_count) == (1, 0)
    assert coverage.gaps == (Gap("A", MORNING, at(10)), Gap("A", at(10), at(50)))


def test_without_a_limit_there_are_no_gaps() -> None:
    assert covered([row(3000)], longest_gap=None).gap_count == 0


def test_the_longest_hundred_gaps_are_remembered_and_all_are_counted() -> None:
    seconds = [0]
    for number in range(150):
        seconds.append(seconds[-1] + 61 + number)

    coverage = covered([row(second) for second in seconds], end=at(seconds[-1] + 1), edges=[MORNING, at(10**6)])

    assert coverage.gap_count == 150
    assert [gap.start for gap in coverage.gaps] == [at(second) for second in seconds[50:150]]


def test_it_becomes_plain_json_with_times_in_utc() -> None:
    told = covered([row(0), row(90), row(91, quality=BAD)], end=at(100), tags=("A", "B")).to_json()

    assert json.loads(json.dumps(told)) == told
    assert told == {
        "rows": 3,
        "good_rows": 2,
        "first": "2026-03-02T08:00:00.000000Z",
        "last": "2026-03-02T08:01:31.000000Z",
        "gap_count": 2,
        "gaps": [
            {
                "tag": "A",
                "start": "2026-03-02T08:00:00.000000Z",
                "end": "2026-03-02T08:01:30.000000Z",
                "seconds": 90.0,
            },
            {
                "tag": "B",
                "start": "2026-03-02T08:00:00.000000Z",
                "end": "2026-03-02T08:01:40.000000Z",
                "seconds": 100.0,
            },
        ],
        "tags": {
            "A": {
                "rows": 3,
                "good_rows": 2,
                "first": "2026-03-02T08:00:00.000000Z",
                "last": "2026-03-02T08:01:31.000000Z",
                "gap_count": 1,
            },
            "B": {"rows": 0, "good_rows": 0, "first": None, "last": None, "gap_count": 1},
        },
    }


def test_a_wrong_limit_is_refused() -> None:
    with pytest.raises(WinCCConfigurationError, match="longest_gap is"):
        covered([], longest_gap=timedelta(0))


@given(
    st.lists(st.integers(-10, 110), max_size=30).map(sorted),
    st.lists(st.integers(-9, 109), unique=True).map(sorted),
    st.integers(1, 40),
)
def test_gaps_are_those_between_all_rows_however_the_windows_are_cut(
    seconds: list[int], cuts: list[int], limit: int
) -> None:
    edges = [at(second) for second in (-10, *cuts, 111)]

    coverage = covered(
        [row(second) for second in seconds], longest_gap=timedelta(seconds=limit), end=at(100), edges=edges
    )

    inside = [second for second in seconds if 0 <= second < 100]
    expected = [(a, b) for a, b in pairwise([0, *inside, 100]) if b - a > limit]
    assert coverage.gaps == tuple(Gap("A", at(a), at(b)) for a, b in expected)
    assert coverage.row_count == len(inside)


def test_a_window_without_rows_changes_nothing() -> None:
    finder = GapFinder(["A"], start=MORNING, end=NINE, longest_gap=MINUTE)

    finder.add(window([]))

    assert finder.finish().gap_count == 1
