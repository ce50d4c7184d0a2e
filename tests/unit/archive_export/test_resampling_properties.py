"""The resampler against a computation that looks at all rows at once, second by second."""

from __future__ import annotations

import math
from datetime import timedelta
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

from archive_windows import (
    BAD,
    GOOD,
    UNCERTAIN,
    ArchiveRow,
    at,
    row,
    windows_between,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_wincc.archive_export.resampling import Aggregate, ResampledValue, Resampler

TAGS = ("A", "B")
FIRST, LAST = -20, 140
"""Seconds of what is read; the interval that is resampled lies within."""

values = st.one_of(
    st.floats(min_value=-1e6, max_value=1e6), st.booleans(), st.sampled_from(["text", None, math.nan, math.inf])
)
rows_of_a_tag = st.lists(
    st.builds(row, st.integers(FIRST, LAST - 1), values, quality=st.sampled_from([GOOD, GOOD, 0xC4, UNCERTAIN, BAD])),
    max_size=40,
).map(lambda rows: sorted(rows, key=lambda each: each.timestamp))
edges = st.lists(st.integers(FIRST + 1, LAST - 1), unique=True, max_size=12).map(
    lambda inner: [at(second) for second in (FIRST, *sorted(inner), LAST)]
)
unhurried = settings(deadline=None, max_examples=300)


class Case(NamedTuple):
    """What is resampled, in seconds from :data:`MORNING`."""

    rows: list[ArchiveRow]
    start: int
    end: int
    every: int
    hold: int | None
    with_empty: bool


@st.composite
def cases(draw: st.DrawFn) -> Case:
    rows = [each._replace(tag=tag) for tag in TAGS for each in draw(rows_of_a_tag)]
    start = draw(st.integers(0, 60))
    end = draw(st.integers(start + 1, 120))
    return Case(
        rows,
        start,
        end,
        draw(st.sampled_from([1, 7, 20, 60, 3600])),
        draw(st.none() | st.integers(1, 40)),
        draw(st.booleans()),
    )


@given(cases(), edges)
@unhurried
def test_buckets_are_those_of_a_plain_computation(case: Case, edges: list) -> None:
    found = resampled(case, edges)

    expected = [
        bucket
        for first, last in buckets_between(case.start, case.end, case.every)
        for tag in TAGS
        if (bucket := computed(case, tag, first, last))
    ]
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected, strict=True):
        assert (ours.tag, ours.start, ours.end) == (theirs.tag, theirs.start, theirs.end)
        assert (ours.count, ours.good_count) == (theirs.count, theirs.good_count)
        assert (ours.min, ours.max, ours.last) == (theirs.min, theirs.max, theirs.last)
        assert_close(ours.mean, theirs.mean)
        assert_close(ours.time_weighted_mean, theirs.time_weighted_mean)


@given(cases(), edges)
@unhurried
def test_where_the_windows_are_cut_makes_no_difference_at_all(case: Case, edges: list) -> None:
    assert resampled(case, edges) == resampled(case, [at(FIRST), at(LAST)])


@given(cases(), edges, st.integers(1, 5))
@unhurried
def test_batches_hold_the_same_buckets(case: Case, edges: list, at_most: int) -> None:
    windows = windows_between(case.rows, edges)

    batches = list(resampler_of(case).batches(windows, at_most=at_most))

    assert [bucket for batch in batches for bucket in batch] == resampled(case, edges)
    assert all(1 <= len(batch) <= at_most for batch in batches)


def resampler_of(case: Case) -> Resampler:
    return Resampler(
        timedelta(seconds=case.every),
        list(Aggregate),
        start=at(case.start),
        end=at(case.end),
        tags=TAGS,
        longest_hold=None if case.hold is None else timedelta(seconds=case.hold),
        with_empty=case.with_empty,
    )


def resampled(case: Case, edges: list) -> list[ResampledValue]:
    buckets = resampler_of(case)
    found = [bucket for window in windows_between(case.rows, edges) for bucket in buckets.add(window)]
    return [*found, *buckets.finish()]


def buckets_between(start: int, end: int, every: int) -> list[tuple[int, int]]:
    """Seconds; 8 o'clock is a multiple of 20, 60 and 3600 seconds since 1970, but of 7 it is not."""
    offset = int(at(0).timestamp())
    inner = [second for second in range(start + 1, end) if (second + offset) % every == 0]
    return list(pairwise([start, *inner, end]))


def computed(case: Case, tag: str, first: int, last: int) -> ResampledValue | None:
    rows = [each for each in case.rows if each.tag == tag]
    inside = [each for each in rows if at(first) <= each.timestamp < at(last)]
    good = [float(each.value) for each in inside if is_good(each)]
    known = [value for second in range(first, last) if (value := in_force(rows, second, case.hold)) is not None]
    if not (inside or known or case.with_empty):
        return None
    return ResampledValue(
        tag,
        at(first),
        at(last),
        len(inside),
        min(good, default=None),
        max(good, default=None),
        fmean(good) if good else None,
        fmean(known) if known else None,
        good[-1] if good else None,
        len(good),
    )


def in_force(rows: list[ArchiveRow], second: int, hold: int | None) -> float | None:
    """Return the value in force for the whole second that begins then: all timestamps are whole seconds."""
    before = [each for each in rows if each.timestamp <= at(second)]
    if not before or not is_good(before[-1]):
        return None
    if hold is not None and at(second) - before[-1].timestamp >= timedelta(seconds=hold):
        return None
    return float(before[-1].value)


def is_good(each: ArchiveRow) -> bool:
    return each.quality >= 0x80 and isinstance(each.value, float | bool) and math.isfinite(each.value)


def assert_close(ours: float | None, theirs: float | None) -> None:
    assert (ours is None) == (theirs is None)
    assert ours is None or math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
