from __future__ import annotations

import math
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from archive_windows import BAD, GOOD, MORNING, at, row, window, windows_between
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_wincc.archive_export.aggregates import Aggregate, ResampledValue
from airflow_provider_wincc.archive_export.arrow import (
    ARCHIVE_SCHEMA,
    buckets_to_batch,
    record_batch_reader,
    resampled_schema,
    window_to_batch,
)
from airflow_provider_wincc.client.archives.values import ArchiveColumns, ArchiveWindow
from airflow_provider_wincc.client.errors import WinCCConnectionError
from airflow_provider_wincc.client.storable import storable_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive_windows import ArchiveRow

    from airflow_provider_wincc.client.archives.values import Archived

TAGS = ("A", "B", "C")

values = st.one_of(st.floats(), st.booleans(), st.none(), st.text(alphabet=st.characters(codec="utf-8"), max_size=5))
rows_of_a_tag = st.lists(
    st.builds(
        row,
        st.integers(0, 2 * 10**6).map(lambda count: count / 10**6),
        values,
        quality=st.integers(0, 255),
        flags=st.none() | st.integers(-(2**63), 2**63 - 1),
    ),
    max_size=15,
).map(lambda rows: sorted(rows, key=lambda each: each.timestamp))


def test_the_schema_is_fixed() -> None:
    assert [(field.name, str(field.type), field.nullable) for field in ARCHIVE_SCHEMA] == [
        ("tag", "dictionary<values=string, indices=int32, ordered=0>", False),
        ("timestamp", "timestamp[us, tz=UTC]", False),
        ("value", "double", True),
        ("text", "string", True),
        ("quality", "uint8", False),
        ("flags", "int64", True),
    ]


@given(st.lists(rows_of_a_tag, min_size=3, max_size=3), st.booleans())
@settings(deadline=None)
def test_a_batch_has_exactly_the_rows_in_time_order(parts: list[list[ArchiveRow]], with_texts: bool) -> None:
    rows = [each._replace(tag=tag) for tag, part in zip(TAGS, parts, strict=True) for each in part]

    batch = window_to_batch(window(rows, with_texts=with_texts), tags=TAGS)

    assert batch.schema == ARCHIVE_SCHEMA
    batch.validate(full=True)
    assert batch.to_pylist() == [as_stored(each) for each in sorted(rows, key=lambda each: each.timestamp)]


def as_stored(each: ArchiveRow) -> dict[str, object]:
    text = storable_text(each.value) if isinstance(each.value, str) else None
    is_number = isinstance(each.value, float | bool) and not math.isnan(each.value)
    return {
        "tag": each.tag,
        "timestamp": each.timestamp,
        "value": float(each.value) if is_number else None,
        "text": text,
        "quality": each.quality,
        "flags": each.flags,
    }


def test_rows_of_one_timestamp_stay_in_the_order_of_the_tags_and_of_the_station() -> None:
    rows = [row(1, 1.0, tag="B"), row(1, 2.0, tag="B"), row(1, 3.0, tag="A"), row(0, 4.0, tag="A")]

    batch = window_to_batch(window(sorted(rows, key=lambda each: each.timestamp), tags=("B", "A")), tags=("B", "A"))

    assert batch["value"].to_pylist() == [4.0, 1.0, 2.0, 3.0]


def test_rows_keep_their_order_among_very_many_of_one_timestamp() -> None:
    numbers = [float(number) for number in range(5000)]
    rows = [row(1, number, tag=tag) for tag in ("A", "B") for number in numbers]

    batch = window_to_batch(window([*rows, row(2, -1.0)]), tags=TAGS)

    assert batch["value"].to_pylist() == [*numbers, *numbers, -1.0]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02T08:00:00Z", MORNING),
        ("2026-03-02T08:00:00.25Z", at(0.25)),
        ("2026-03-02T08:00:00.1234567Z", MORNING + timedelta(microseconds=123456)),
        ("2026-03-02T08:00:00,5Z", at(0.5)),
        ("20260302T080000Z", MORNING),
    ],
)
def test_texts_that_arrow_cannot_read_are_taken_from_the_timestamps(text: str, moment: datetime) -> None:
    columns = ArchiveColumns("A", [moment], [1.0], [GOOD], timestamp_texts=[text])

    batch = window_to_batch(ArchiveWindow(MORNING, at(10), (columns,)), tags=TAGS)

    assert batch["timestamp"].to_pylist() == [moment]


def test_texts_of_one_tag_alone_are_enough_for_nothing_and_harm_nothing() -> None:
    first = ArchiveColumns("A", [at(1)], [1.0], [GOOD], timestamp_texts=["2026-03-02T08:00:01Z"])
    second = ArchiveColumns("B", [at(0)], [2.0], [BAD])

    batch = window_to_batch(ArchiveWindow(MORNING, at(10), (first, second)), tags=TAGS)

    assert batch["timestamp"].to_pylist() == [at(0), at(1)]
    assert batch["tag"].to_pylist() == ["B", "A"]


@pytest.mark.parametrize(
    "moment", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)]
)
def test_any_time_that_python_knows_is_exact(moment: datetime) -> None:
    columns = ArchiveColumns("A", [moment], [1.0], [GOOD])

    batch = window_to_batch(ArchiveWindow(moment, moment, (columns,)), tags=TAGS)

    assert batch["timestamp"].to_pylist() == [moment]


def test_half_a_surrogate_pair_does_not_end_an_export() -> None:
    assert window_to_batch(window([row(0, "a\ud800b")]), tags=TAGS)["text"].to_pylist() == ["a\ufffdb"]


def test_a_window_without_rows_is_an_empty_batch() -> None:
    batch = window_to_batch(window([]), tags=TAGS)

    assert (batch.num_rows, batch.schema) == (0, ARCHIVE_SCHEMA)


@pytest.mark.parametrize("value", [1.5, "text"])
def test_batches_of_all_windows_fit_together(value: Archived) -> None:
    rows = [row(0, tag="C"), row(10, value), row(20, tag="B")]
    windows = windows_between(rows, [at(0), at(10), at(20), at(30)])

    table = pa.Table.from_batches([window_to_batch(each, tags=TAGS) for each in windows])

    assert table["tag"].to_pylist() == ["C", "A", "B"]
    assert {tuple(chunk.dictionary.to_pylist()) for chunk in table["tag"].chunks} == {TAGS}


def test_the_reader_reads_a_window_only_when_it_is_asked_for() -> None:
    asked = []

    def windows() -> Iterator[ArchiveWindow]:
        for number in range(3):
            asked.append(number)
            yield window([row(number)], start=at(number), end=at(number + 1))

    reader = record_batch_reader(windows(), TAGS)

    assert asked == []
    assert reader.schema == ARCHIVE_SCHEMA
    assert reader.read_next_batch().num_rows == 1
    assert asked == [0]
    assert reader.read_all().num_rows == 2


def test_the_reader_passes_over_windows_without_rows() -> None:
    reader = record_batch_reader(windows_between([row(25)], [at(0), at(10), at(20), at(30)]), TAGS)

    assert reader.read_next_batch()["timestamp"].to_pylist() == [at(25)]


def test_an_error_of_the_station_comes_through_the_reader_as_it_is() -> None:
    def windows() -> Iterator[ArchiveWindow]:
        yield window([row(0)])
        raise WinCCConnectionError("The station went away.")

    reader = record_batch_reader(windows(), TAGS)
    reader.read_next_batch()

    with pytest.raises(WinCCConnectionError, match="went away"):
        reader.read_next_batch()


def test_buckets_become_a_batch_with_a_column_for_each_aggregate() -> None:
    aggregates = (Aggregate.MEAN, Aggregate.GOOD_COUNT)
    buckets = [
        ResampledValue("B", at(0), at(60), 3, mean=1.5, good_count=2),
        ResampledValue("A", at(60), at(120), 1, good_count=0),
    ]

    batch = buckets_to_batch(buckets, tags=TAGS, aggregates=aggregates)

    assert batch.schema == resampled_schema(aggregates)
    assert batch.schema.names == ["tag", "start", "end", "count", "mean", "good_count"]
    assert batch.to_pylist() == [
        {"tag": "B", "start": at(0), "end": at(60), "count": 3, "mean": 1.5, "good_count": 2},
        {"tag": "A", "start": at(60), "end": at(120), "count": 1, "mean": None, "good_count": 0},
    ]


def test_what_needs_no_arrow_loads_none() -> None:
    package = "airflow_provider_wincc.archive_export"
    names = ["resampling", "gaps", "partitions", "whole_file", "csv_file", "json_lines_file", "facts", "rows"]
    code = f"""
import importlib, sys
for name in {names!r}:
    importlib.import_module("{package}." + name)
print("pyarrow" in sys.modules)
"""

    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert finished.stdout.strip() == "False"


def test_where_arrow_is_missing_the_error_says_how_to_get_it() -> None:
    code = """
import sys
sys.modules["pyarrow"] = None
import airflow_provider_wincc.archive_export.parquet_file
"""

    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert "pip install 'airflow-provider-wincc[arrow]'" in finished.stderr
