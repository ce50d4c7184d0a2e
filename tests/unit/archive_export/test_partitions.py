from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from archive_windows import MORNING, at, row, window
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_wincc.archive_export.aggregates import ResampledValue
from airflow_provider_wincc.archive_export.partitions import Partition, cut_buckets, cut_window, partitions_of
from airflow_provider_wincc.client.errors import WinCCConfigurationError


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def test_without_partitions_there_is_one_of_all() -> None:
    assert partitions_of(utc(2026, 3, 2, 7, 30), utc(2026, 3, 5), None) == [
        Partition(utc(2026, 3, 2, 7, 30), utc(2026, 3, 5), "")
    ]


def test_days_begin_at_midnight_in_utc_and_the_ends_are_cut() -> None:
    cet = timezone(timedelta(hours=1))

    assert partitions_of(datetime(2026, 2, 28, 23, 30, tzinfo=cet), datetime(2026, 3, 2, tzinfo=cet), "day") == [
        Partition(utc(2026, 2, 28, 22, 30), utc(2026, 3, 1), "date=2026-02-28/"),
        Partition(utc(2026, 3, 1), utc(2026, 3, 1, 23), "date=2026-03-01/"),
    ]


def test_hours_lie_in_the_folder_of_their_day() -> None:
    partitions = partitions_of(utc(2026, 3, 2, 7, 15), utc(2026, 3, 2, 9), "hour")

    assert partitions == [
        Partition(utc(2026, 3, 2, 7, 15), utc(2026, 3, 2, 8), "date=2026-03-02/hour=07/"),
        Partition(utc(2026, 3, 2, 8), utc(2026, 3, 2, 9), "date=2026-03-02/hour=08/"),
    ]


@pytest.mark.parametrize(
    ("start", "end", "by", "said"),
    [
        (at(0), at(1), "week", "'week'"),
        (at(0), at(1), "", "''"),
        (at(1), at(1), "day", "begins at"),
        (datetime(2026, 3, 2), at(1), "day", "no time zone"),  # noqa: DTZ001  what is tested
    ],
)
def test_a_wrong_argument_is_named(start: datetime, end: datetime, by: str, said: str) -> None:
    with pytest.raises(WinCCConfigurationError, match=said):
        partitions_of(start, end, by)


def test_a_window_is_cut_with_all_of_its_columns() -> None:
    rows = [row(-1, 1.0, flags=1), row(0, 2.0, quality=0xC0, flags=2), row(1, "x", flags=3), row(1, tag="B")]
    whole = window(rows, start=at(-60), end=at(60), with_texts=True)

    parts = list(cut_window(whole, partitions_of(at(-3600), at(3600), "hour")))

    assert [(partition.path, part.start, part.end) for partition, part in parts] == [
        ("date=2026-03-02/hour=07/", at(-60), MORNING),
        ("date=2026-03-02/hour=08/", MORNING, at(60)),
    ]
    (before,) = parts[0][1].columns
    assert (before.values, before.flags) == ([1.0], [1])
    a, b = parts[1][1].columns
    assert (a.tag, a.timestamps, a.values) == ("A", [at(0), at(1)], [2.0, "x"])
    assert (a.qualities, a.flags) == ([0xC0, 0x80], [2, 3])
    assert a.timestamp_texts == ["2026-03-02T08:00:00.000000Z", "2026-03-02T08:00:01.000000Z"]
    assert (b.tag, b.flags) == ("B", None)


def test_a_window_within_a_partition_is_handed_on_as_it_is() -> None:
    whole = window([row(5)], start=at(0), end=at(10))

    ((_, part),) = cut_window(whole, partitions_of(at(0), at(3600), "hour"))

    assert part is whole


def test_a_window_without_rows_still_reaches_its_partitions() -> None:
    parts = list(cut_window(window([], start=at(-5), end=at(5)), partitions_of(at(-3600), at(3600), "hour")))

    assert [part.row_count for _, part in parts] == [0, 0]


def test_what_lies_outside_the_partitions_is_left_out() -> None:
    whole = window([row(-1), row(0), row(10)], start=at(-60), end=at(60))

    parts = list(cut_window(whole, partitions_of(at(0), at(10), "hour")))

    assert [part.columns[0].timestamps for _, part in parts] == [[at(0)]]


def test_a_window_after_the_partitions_has_no_part() -> None:
    whole = window([row(25)], start=at(20), end=at(30))

    assert list(cut_window(whole, partitions_of(at(0), at(10), None))) == []


@given(
    st.lists(st.integers(0, 3 * 3600), max_size=30).map(sorted),
    st.integers(-3600, 3 * 3600),
    st.integers(1, 3 * 3600),
)
def test_no_row_is_lost_or_doubled_at_an_edge(seconds: list[int], first: int, length: int) -> None:
    whole = window([row(second) for second in seconds], start=at(first), end=at(first + length))

    parts = list(cut_window(whole, partitions_of(at(-3600), at(6 * 3600 + 1), "hour")))

    rows = [moment for _, part in parts for columns in part.columns for moment in columns.timestamps]
    assert rows == [moment for columns in whole.columns for moment in columns.timestamps]
    assert parts[0][1].start == whole.start
    assert parts[-1][1].end == whole.end
    for partition, part in parts:
        assert partition.start <= part.start <= part.end <= partition.end


def test_a_bucket_belongs_where_it_starts() -> None:
    buckets = [ResampledValue("A", at(second), at(second + 420), 1) for second in (-420, -210, 0)]

    parts = list(cut_buckets(buckets, partitions_of(at(-3600), at(3600), "hour")))

    assert [(partition.path, part) for partition, part in parts] == [
        ("date=2026-03-02/hour=07/", buckets[:2]),
        ("date=2026-03-02/hour=08/", buckets[2:]),
    ]
