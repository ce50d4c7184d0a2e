"""Series of archived rows, without a request."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_wincc.simulator import (
    ArchivedRow,
    DailySpan,
    SimulatedArchive,
    SimulatedArchiveTag,
    Simulator,
    UnknownArchiveError,
    UnknownTagError,
)
from airflow_provider_wincc.simulator.archive_series import Chunk, earliest_rows, latest_rows
from airflow_provider_wincc.simulator.archives import ProcessValueArchive

if TYPE_CHECKING:
    from collections.abc import Iterable

START = datetime(2026, 3, 2, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)


def archive_of(**words: Any) -> ProcessValueArchive:
    return ProcessValueArchive(SimulatedArchive("A", [SimulatedArchiveTag("T", **words)]))


def rows_of(archive: ProcessValueArchive, start: datetime = START, length: timedelta = HOUR) -> list[ArchivedRow]:
    return list(archive.rows("T", start, start + length))


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def flat(chunks: Iterable[Chunk]) -> list[tuple[int, Any, int]]:
    return [
        (chunk.hour * 3_600_000 + offset, value, quality)
        for chunk in chunks
        for offset, value, quality in zip(chunk.offsets, chunk.values, chunk.qualities, strict=True)
    ]


def test_a_process_value_has_a_row_each_period_between_its_limits() -> None:
    rows = rows_of(archive_of(period_ms=500, low=20, high=30))

    assert [row.timestamp for row in rows] == [START + timedelta(milliseconds=500) * n for n in range(7200)]
    assert {row.quality for row in rows} == {128}
    assert all(20 <= row.value <= 30 for row in rows)
    assert len({row.value for row in rows}) > 100


def test_the_end_of_a_span_does_not_belong_to_it_and_the_start_does() -> None:
    archive = archive_of()

    first = rows_of(archive, length=timedelta(seconds=2))

    assert [row.timestamp.second for row in first] == [0, 1]


def test_a_process_value_has_a_wave_over_the_day() -> None:
    values = [row.value for row in rows_of(archive_of(period_ms=60_000), length=timedelta(days=1))]
    hours = [sum(values[n : n + 60]) / 60 for n in range(0, 1440, 60)]

    assert max(hours) - min(hours) > 30
    assert max(abs(one - other) for one, other in pairwise(hours)) < 10


def test_a_binary_value_changes_now_and_then() -> None:
    values = [row.value for row in rows_of(archive_of(kind="binary"))]

    assert set(values) == {True, False}
    assert 10 < sum(one != other for one, other in pairwise(values)) < 120


def test_rows_on_change_come_at_irregular_distances() -> None:
    rows = rows_of(archive_of(kind="on_change", period_ms=5000))
    distances = {later.timestamp - earlier.timestamp for earlier, later in pairwise(rows)}

    assert len(distances) > 100
    assert min(distances) > timedelta(0)
    assert 700 < len(rows) < 740


def test_another_seed_or_name_gives_another_series() -> None:
    tags = [SimulatedArchiveTag("T"), SimulatedArchiveTag("U"), SimulatedArchiveTag("V", seed=1)]
    archive = ProcessValueArchive(SimulatedArchive("A", tags))

    series = [tuple(row.value for row in archive.rows(tag.name, START, START + HOUR)) for tag in tags]

    assert len(set(series)) == 3


def test_another_process_makes_the_same_rows() -> None:
    code = """
from datetime import UTC, datetime, timedelta
from airflow_provider_wincc.simulator import SimulatedArchive, SimulatedArchiveTag, Simulator
station = Simulator(archives=[SimulatedArchive("A", [SimulatedArchiveTag("T", bad_quality=0.1)])])
start = datetime(2026, 3, 2, 7, tzinfo=UTC)
print([tuple(row[1:]) for row in station.archive("A").rows("T", start, start + timedelta(hours=1))])
"""
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert finished.stdout.strip() == str([tuple(row[1:]) for row in rows_of(archive_of(bad_quality=0.1))])


KINDS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["process", "binary", "on_change"]),
        "period_ms": st.sampled_from([1, 7, 500, 1000, 90_000]),
        "duplicate_every": st.sampled_from([None, 1, 3, 50]),
        "duplicate_count": st.sampled_from([1, 2, 5]),
        "gaps": st.sampled_from([(), (DailySpan(time(7), 0.02),), ((START, START + timedelta(milliseconds=301)),)]),
        "bad_quality": st.sampled_from([0.0, 0.3, (DailySpan(time(6, 59, 59), 0.03),)]),
        "first": st.sampled_from([datetime(2020, 1, 1, tzinfo=UTC), START]),
    }
)


@settings(deadline=None)
@given(words=KINDS, cuts=st.lists(st.integers(-500, 3000), min_size=2, max_size=5).map(sorted))
def test_a_span_is_the_sum_of_its_parts(words: dict[str, Any], cuts: list[int]) -> None:
    archive = archive_of(**words)
    moments = [START + timedelta(milliseconds=cut) for cut in cuts]

    parts = [list(archive.rows("T", start, end)) for start, end in pairwise(moments)]
    whole = list(archive.rows("T", moments[0], moments[-1]))

    assert [row for part in parts for row in part] == whole
    assert archive.count("T", moments[0], moments[-1]) == len(whole)
    assert whole == sorted(whole, key=lambda row: row.timestamp)
    assert all(moments[0] <= row.timestamp < moments[-1] for row in whole)


@settings(deadline=None)
@given(words=KINDS, length=st.integers(0, 3000), limit=st.integers(0, 400))
def test_the_earliest_and_the_latest_rows_are_the_ends_of_the_span(
    words: dict[str, Any], length: int, limit: int
) -> None:
    series = archive_of(**words).series("T")
    assert series is not None
    start, end = milliseconds(START), milliseconds(START) + length
    whole = flat(series.chunks(start, end))

    assert flat(earliest_rows(series, start, end, limit)) == whole[:limit]
    assert flat(latest_rows(series, start, end, limit)) == whole[len(whole) - min(limit, len(whole)) :]


def test_a_series_of_hundreds_of_millions_of_rows_costs_nothing_until_it_is_asked_for() -> None:
    archive = archive_of(period_ms=1, last=START)
    series = archive.series("T")
    assert series is not None

    assert archive.count("T", datetime(2020, 1, 1, tzinfo=UTC), START + HOUR) > 190_000_000_000
    assert [row[0] for row in flat(latest_rows(series, series.since(), series.until(), 2))] == [
        milliseconds(START) - 1,
        milliseconds(START),
    ]


def test_duplicates_share_a_millisecond_and_are_now_the_same_now_not() -> None:
    rows = rows_of(archive_of(duplicate_every=10, duplicate_count=4), length=timedelta(seconds=20))
    copies = [row for row in rows if row.timestamp == START + timedelta(seconds=9)]

    assert len(rows) == 20 + 2 * 3
    assert len(copies) == 4
    assert copies[0] == copies[1] != copies[2] == copies[3]


def test_gaps_have_no_rows() -> None:
    ten_past = START + timedelta(minutes=10)
    archive = archive_of(gaps=[(ten_past, START + timedelta(minutes=20)), DailySpan(time(7, 15), 15)])

    rows = rows_of(archive)

    assert len(rows) == 3600 - 20 * 60
    assert not any(ten_past <= row.timestamp < START + timedelta(minutes=30) for row in rows)
    assert rows[600].timestamp == START + timedelta(minutes=30)


def test_a_daily_span_goes_over_midnight() -> None:
    midnight = datetime(2026, 3, 3, tzinfo=UTC)
    archive = archive_of(gaps=[DailySpan(time(23, 50), 20)])

    assert archive.count("T", midnight - timedelta(minutes=10), midnight + timedelta(minutes=11)) == 60


def test_a_share_of_the_rows_is_not_good() -> None:
    qualities = [row.quality for row in rows_of(archive_of(bad_quality=0.2))]

    assert set(qualities) == {128, 24, 76}
    assert 500 < 3600 - qualities.count(128) < 950


def test_a_span_in_which_no_row_is_good() -> None:
    bad = (START + timedelta(seconds=10), START + timedelta(seconds=20))
    rows = rows_of(archive_of(bad_quality=[bad], bad_qualities=[8]))

    assert [row.timestamp.second for row in rows if row.quality == 8] == list(range(10, 20))


def test_a_series_ends_with_its_last_moment_or_now() -> None:
    last = START + timedelta(seconds=3)

    assert [row.timestamp for row in rows_of(archive_of(last=last))][-1] == last
    now = datetime.now(UTC)
    newest = rows_of(archive_of(), start=now - HOUR, length=2 * HOUR)[-1].timestamp
    assert now - timedelta(seconds=1) <= newest <= datetime.now(UTC)


def test_rows_by_hand_come_in_time_order_and_keep_the_order_of_one_moment() -> None:
    later = START + timedelta(minutes=90)
    archive = archive_of(rows=[(later, True, 128), (START, 5, 24), (START, "text", 76), (START, None, 128)])

    assert rows_of(archive, length=2 * HOUR) == [
        (START, 5.0, 24),
        (START, "text", 76),
        (START, None, 128),
        (later, True, 128),
    ]
    assert archive.count("T", START, later) == 3


def test_what_there_is_not_is_named() -> None:
    archive = archive_of()

    with pytest.raises(UnknownTagError, match="archive 'A' of the simulated station has no tag 'Typo'"):
        archive.rows("Typo", START, START)
    with pytest.raises(ValueError, match="start is a datetime with a zone"):
        archive.count("T", START.replace(tzinfo=None), START)
    with pytest.raises(UnknownArchiveError, match="no archive 'Typo'; it has 'ProcessData'"):
        Simulator().archive("Typo")
    with pytest.raises(ValueError, match="two archives have the name 'a'"):
        Simulator(archives=[SimulatedArchive("A"), SimulatedArchive("a")])


def test_the_demo_plant_has_an_archive() -> None:
    archive = Simulator(plant="still").archive("processdata")

    assert archive.name == "ProcessData"
    assert all(archive.count(tag.name, START - HOUR, START) > 0 for tag in archive.tags)
