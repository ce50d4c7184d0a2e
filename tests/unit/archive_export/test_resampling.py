from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pendulum
import pytest
from archive_windows import BAD, MORNING, UNCERTAIN, at, row, window, windows_between

from airflow_provider_wincc.archive_export.resampling import Aggregate, ResampledValue, Resampler
from airflow_provider_wincc.client.errors import WinCCConfigurationError

if TYPE_CHECKING:
    from archive_windows import ArchiveRow

MINUTE = timedelta(minutes=1)


def resampler(*aggregates: Aggregate, **arguments: Any) -> Resampler:
    chosen: dict[str, Any] = {"start": MORNING, "end": at(600), "tags": ["A", "B"], "every": MINUTE, **arguments}
    return Resampler(chosen.pop("every"), aggregates or list(Aggregate), **chosen)


def resampled(rows: list[ArchiveRow], *aggregates: Aggregate, **arguments: Any) -> list[ResampledValue]:
    buckets = resampler(*aggregates, **arguments)
    return [*buckets.add(window(rows, start=at(-600), end=at(3600))), *buckets.finish()]


def test_a_bucket_has_the_aggregates_of_its_rows() -> None:
    rows = [row(0, 2.0), row(15, 8.0), row(30, 5.0)]

    assert resampled(rows, end=at(60)) == [
        ResampledValue(
            "A",
            MORNING,
            at(60),
            count=3,
            min=2.0,
            max=8.0,
            mean=5.0,
            time_weighted_mean=(2.0 * 15 + 8.0 * 15 + 5.0 * 30) / 60,
            last=5.0,
            good_count=3,
        )
    ]


def test_only_what_was_asked_for_is_worked_out() -> None:
    assert resampled([row(0, 2.0)], Aggregate.MAX) == [ResampledValue("A", MORNING, at(60), 1, max=2.0)]


def test_aggregates_may_be_given_by_name_and_are_taken_once() -> None:
    assert Resampler(MINUTE, ["max", "last", "max"], start=MORNING, end=at(60), tags=["A"]).aggregates == (
        Aggregate.MAX,
        Aggregate.LAST,
    )


@pytest.mark.parametrize(
    "row_that_does_not_enter",
    [
        row(30, 1000.0, quality=BAD),
        row(30, 1000.0, quality=UNCERTAIN),
        row(30, "1000"),
        row(30, None),
        row(30, float("nan")),
        row(30, float("inf")),
    ],
    ids=["bad", "uncertain", "text", "none", "nan", "infinite"],
)
def test_a_row_that_is_not_good_or_no_number_is_only_counted(row_that_does_not_enter: ArchiveRow) -> None:
    (bucket,) = resampled([row(0, 2.0), row_that_does_not_enter], end=at(60))

    assert bucket == ResampledValue("A", MORNING, at(60), 2, 2.0, 2.0, 2.0, 2.0, 2.0, 1)


def test_a_bucket_without_a_good_row_has_counts_and_nothing_else() -> None:
    assert resampled([row(0, quality=BAD), row(70, quality=BAD)], end=at(60)) == [
        ResampledValue("A", MORNING, at(60), 1, good_count=0)
    ]


def test_good_of_the_cascade_kind_is_good() -> None:
    assert resampled([row(0, 3.0, quality=0xC0)], Aggregate.LAST)[0].last == 3.0


def test_true_and_false_count_as_one_and_zero() -> None:
    (bucket,) = resampled([row(0, True), row(15, False)], end=at(60))

    assert bucket == ResampledValue("A", MORNING, at(60), 2, 0.0, 1.0, 0.5, 0.25, 0.0, 2)
    assert type(bucket.max) is float


def test_a_value_holds_on_into_the_buckets_after_it() -> None:
    buckets = resampled([row(30, 4.0)], Aggregate.TIME_WEIGHTED_MEAN, end=at(180))

    assert [(bucket.start, bucket.count, bucket.time_weighted_mean) for bucket in buckets] == [
        (MORNING, 1, 4.0),
        (at(60), 0, 4.0),
        (at(120), 0, 4.0),
    ]


def test_time_after_a_bad_row_does_not_count_until_the_next_good_one() -> None:
    rows = [row(0, 10.0), row(20, 10.0, quality=BAD), row(40, 40.0)]

    (bucket,) = resampled(rows, Aggregate.TIME_WEIGHTED_MEAN, end=at(60))

    assert bucket.time_weighted_mean == 25.0


def test_time_before_the_first_row_does_not_count() -> None:
    assert resampled([row(59, 7.0)], Aggregate.TIME_WEIGHTED_MEAN, end=at(60))[0].time_weighted_mean == 7.0


def test_of_rows_of_one_timestamp_the_last_is_in_force_and_all_are_counted() -> None:
    (bucket,) = resampled([row(0, 1.0), row(0, 100.0), row(0, 5.0)], end=at(60))

    assert (bucket.time_weighted_mean, bucket.last, bucket.count, bucket.max) == (5.0, 5.0, 3, 100.0)


def test_a_row_before_the_start_gives_only_the_value_in_force() -> None:
    rows = [row(-500, 50.0), row(-10, 2.0), row(30, 4.0)]

    (bucket,) = resampled(rows, end=at(60))

    assert bucket == ResampledValue("A", MORNING, at(60), 1, 4.0, 4.0, 4.0, 3.0, 4.0, 1)


def test_rows_from_the_end_on_are_left_out() -> None:
    assert [bucket.count for bucket in resampled([row(0), row(60)], Aggregate.LAST, end=at(60))] == [1]


def test_a_value_holds_no_longer_than_it_may() -> None:
    rows = [row(0, 10.0), row(50, 20.0)]

    buckets = resampled(rows, Aggregate.TIME_WEIGHTED_MEAN, longest_hold=timedelta(seconds=30), end=at(300))

    assert [(bucket.start, bucket.time_weighted_mean) for bucket in buckets] == [
        (MORNING, (10.0 * 30 + 20.0 * 10) / 40),
        (at(60), 20.0),
    ]


def test_a_carried_in_value_holds_from_its_own_timestamp() -> None:
    rows = [row(-20, 10.0)]

    buckets = resampled(rows, Aggregate.TIME_WEIGHTED_MEAN, longest_hold=timedelta(seconds=20), end=at(60))

    assert buckets == []


def test_buckets_begin_at_whole_multiples_since_1970_and_are_cut_at_the_ends_of_the_interval() -> None:
    rows = [row(second) for second in range(30, 200)]

    buckets = resampled(rows, Aggregate.GOOD_COUNT, start=at(50), end=at(170))

    assert [(bucket.start, bucket.end, bucket.good_count) for bucket in buckets] == [
        (at(50), at(60), 10),
        (at(60), at(120), 60),
        (at(120), at(170), 50),
    ]


def test_an_interval_within_one_bucket_is_one_bucket() -> None:
    (bucket,) = resampled([row(10)], Aggregate.LAST, every=timedelta(days=36_500), start=at(5), end=at(20))

    assert (bucket.start, bucket.end) == (at(5), at(20))


def test_without_a_value_in_force_a_bucket_without_rows_is_left_out() -> None:
    buckets = resampled([row(0), row(500)], Aggregate.MEAN)

    assert [bucket.start for bucket in buckets] == [MORNING, at(480)]


def test_every_bucket_of_every_tag_comes_when_asked_for() -> None:
    buckets = resampled([row(70)], Aggregate.MEAN, with_empty=True, end=at(180))

    assert [(bucket.start, bucket.tag, bucket.count, bucket.mean) for bucket in buckets] == [
        (at(0), "A", 0, None),
        (at(0), "B", 0, None),
        (at(60), "A", 1, 1.0),
        (at(60), "B", 0, None),
        (at(120), "A", 0, None),
        (at(120), "B", 0, None),
    ]


def test_buckets_come_in_order_of_their_start_and_then_of_the_tags() -> None:
    rows = [row(0), row(60), row(0, tag="B"), row(60, tag="B")]

    buckets = resampled(rows, Aggregate.LAST, tags=["B", "A"])

    assert [(bucket.start, bucket.tag) for bucket in buckets] == [
        (at(0), "B"),
        (at(0), "A"),
        (at(60), "B"),
        (at(60), "A"),
    ]


def test_a_bucket_is_handed_out_with_the_window_in_which_it_ends() -> None:
    buckets = resampler(Aggregate.GOOD_COUNT)
    first, second = windows_between([row(0), row(59), row(60)], [MORNING, at(59), at(60)])

    assert buckets.add(first) == []
    assert [bucket.good_count for bucket in buckets.add(second)] == [2]
    assert buckets.finish() == []


def test_windows_that_end_before_the_interval_are_finished_up_to_its_end() -> None:
    buckets = resampler(Aggregate.TIME_WEIGHTED_MEAN, end=at(150))
    buckets.add(window([row(0)], end=at(90)))

    assert [(bucket.start, bucket.end) for bucket in buckets.finish()] == [(at(60), at(120)), (at(120), at(150))]
    assert buckets.finish() == []


def test_batches_bound_how_many_buckets_are_there_at_once() -> None:
    second = timedelta(seconds=1)
    buckets = resampler(Aggregate.TIME_WEIGHTED_MEAN, every=second)

    batches = list(buckets.batches([window([row(0)])], at_most=256))

    assert [len(batch) for batch in batches] == [256, 256, 88]
    assert [bucket.start for batch in batches for bucket in batch] == [at(number) for number in range(600)]


def test_a_mean_of_many_numbers_loses_no_small_ones() -> None:
    rows = [row(0, 1e16), *(row(1, 1.0) for _ in range(1000)), row(2, -1e16)]

    assert resampled(rows, Aggregate.MEAN)[0].mean == 1000 / 1002


def test_a_sum_beyond_the_range_of_floats_gives_an_infinite_mean_and_never_nan() -> None:
    assert resampled([row(0, 1.7e308), row(1, 1.7e308)], Aggregate.MEAN)[0].mean == float("inf")


def test_the_times_of_airflow_may_be_given() -> None:
    start = pendulum.datetime(2026, 3, 2, 9, tz="Europe/Berlin")

    buckets = resampled([row(30)], Aggregate.LAST, start=start, end=start.add(minutes=1))

    assert [(bucket.start, bucket.end) for bucket in buckets] == [(MORNING, at(60))]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"every": timedelta(0)}, "every is"),
        ({"every": timedelta(seconds=-1)}, "every is"),
        ({"every": 60}, "every is 60"),
        ({"longest_hold": timedelta(0)}, "longest_hold is"),
        ({"tags": []}, "tags is empty"),
        ({"tags": "A"}, "not a list"),
        ({"end": MORNING}, "begins at"),
        ({"start": datetime(2026, 3, 2)}, "no time zone"),  # noqa: DTZ001  what is tested
        ({"end": datetime(2020, 1, 1, tzinfo=UTC)}, "begins at"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(WinCCConfigurationError, match=said):
        resampler(Aggregate.LAST, **arguments)


@pytest.mark.parametrize(
    ("aggregates", "said"),
    [(["median"], "median"), ([], "empty"), ("mean", "not a list"), (None, "not a list"), ([None], "None")],
)
def test_wrong_aggregates_are_named_together_with_the_known_ones(aggregates: Any, said: str) -> None:
    with pytest.raises(WinCCConfigurationError, match=said) as raised:
        Resampler(MINUTE, aggregates, start=MORNING, end=at(60), tags=["A"])

    assert "time_weighted_mean" in raised.value.hint


def test_windows_out_of_order_are_refused() -> None:
    buckets = resampler(Aggregate.LAST)
    buckets.add(window([], start=at(60), end=at(120)))

    with pytest.raises(WinCCConfigurationError, match="came after one that ends at"):
        buckets.add(window([], start=at(0), end=at(60)))


def test_rows_of_a_tag_that_was_not_named_are_refused() -> None:
    with pytest.raises(WinCCConfigurationError, match="'C'"):
        resampler(Aggregate.LAST).add(window([row(0, tag="C")]))
