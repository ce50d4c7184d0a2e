from __future__ import annotations

import csv
import io
import json
import math
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from archive_windows import BAD, MORNING, NINE, at, facts, row, window, windows_between
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from airflow_provider_wincc import __version__
from airflow_provider_wincc.archive_export.aggregates import Aggregate, ResampledValue
from airflow_provider_wincc.archive_export.arrow import ARCHIVE_SCHEMA, resampled_schema
from airflow_provider_wincc.archive_export.csv_file import CsvFile
from airflow_provider_wincc.archive_export.json_lines_file import JsonLinesFile
from airflow_provider_wincc.archive_export.parquet_file import ROWS_IN_A_GROUP, ParquetFile
from airflow_provider_wincc.client.storable import storable_text

if TYPE_CHECKING:
    from archive_windows import ArchiveRow

    from airflow_provider_wincc.archive_export.archive_file import ArchiveFile
    from airflow_provider_wincc.client.archives.values import ArchiveWindow

FORMS = [ParquetFile, CsvFile, JsonLinesFile]
AGGREGATES = (Aggregate.MEAN, Aggregate.LAST, Aggregate.GOOD_COUNT)
BUCKETS = [
    ResampledValue("A", MORNING, at(60), 3, mean=0.1 + 0.2, last=-1e-300, good_count=2),
    ResampledValue("B", MORNING, at(60), 1, good_count=0),
]
ROWS = [
    row(0, 0.1 + 0.2),
    row(0, True, tag="B", quality=0xC0),
    row(0.000001, 'a "quoted", text\r\nof two lines: Größe', tag="C", flags=7),
    row(1, None, quality=BAD),
    row(2, 1e22),
]


def written(form: type[ArchiveFile], windows: list[ArchiveWindow]) -> bytes:
    target = io.BytesIO()
    with form(target, facts()) as file:
        for each in windows:
            file.write(each)
    assert file.rows == sum(each.row_count for each in windows)
    return target.getvalue()


def written_buckets(form: type[ArchiveFile]) -> bytes:
    target = io.BytesIO()
    with form(target, facts(aggregates=AGGREGATES)) as file:
        file.write_buckets(BUCKETS[:1])
        file.write_buckets([])
        file.write_buckets(BUCKETS[1:])
    assert file.rows == 2
    return target.getvalue()


def test_a_parquet_file_has_the_rows_and_the_fixed_schema() -> None:
    table = parquet.read_table(io.BytesIO(written(ParquetFile, windows_between(ROWS, [MORNING, at(1), at(1.5), NINE]))))

    assert table.schema.equals(ARCHIVE_SCHEMA)
    assert table["tag"].to_pylist() == ["A", "B", "C", "A", "A"]
    assert table["timestamp"].to_pylist() == [each.timestamp for each in ROWS]
    assert table["value"].to_pylist() == [0.1 + 0.2, 1.0, None, None, 1e22]
    assert table["text"].to_pylist() == [None, None, ROWS[2].value, None, None]
    assert table["quality"].to_pylist() == [0x80, 0xC0, 0x80, 0, 0x80]
    assert table["flags"].to_pylist() == [None, None, 7, None, None]


def test_a_parquet_file_tells_where_its_rows_come_from() -> None:
    metadata = parquet.read_metadata(io.BytesIO(written(ParquetFile, []))).metadata

    told = {key.decode(): json.loads(value) for key, value in metadata.items() if key.startswith(b"wincc.")}
    assert told == {
        "wincc.archive": "ProcessData",
        "wincc.station": "https://plant.example:34568",
        "wincc.tags": ["A", "B", "C"],
        "wincc.start": "2026-03-02T08:00:00.000000Z",
        "wincc.end": "2026-03-02T09:00:00.000000Z",
        "wincc.provider_version": __version__,
        "wincc.schema_version": 1,
    }


def test_a_parquet_file_without_rows_can_be_read() -> None:
    table = parquet.read_table(io.BytesIO(written(ParquetFile, [window([])])))

    assert (table.num_rows, table.schema.equals(ARCHIVE_SCHEMA)) == (0, True)


def test_row_groups_gather_many_windows() -> None:
    part = [row(number / 1000) for number in range(20_000)]
    windows = [window(part)] * 27

    metadata = parquet.read_metadata(io.BytesIO(written(ParquetFile, windows)))

    groups = [metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)]
    assert groups == [280_000, 260_000]
    assert ROWS_IN_A_GROUP <= groups[0] < ROWS_IN_A_GROUP + 20_000


def test_long_texts_end_a_row_group_before_they_fill_the_memory() -> None:
    windows = [window([row(0, "x" * 2**20)])] * 100

    assert parquet.read_metadata(io.BytesIO(written(ParquetFile, windows))).num_row_groups == 2


def test_buckets_in_parquet_have_their_own_schema_and_facts() -> None:
    table = parquet.read_table(io.BytesIO(written_buckets(ParquetFile)))

    assert table.schema.equals(resampled_schema(AGGREGATES))
    assert table["mean"].to_pylist() == [0.1 + 0.2, None]
    assert json.loads(table.schema.metadata[b"wincc.every_seconds"]) == 60.0
    assert json.loads(table.schema.metadata[b"wincc.aggregates"]) == ["mean", "last", "good_count"]


def test_a_csv_file_is_as_the_standard_has_it() -> None:
    text = written(CsvFile, [window(ROWS)]).decode()

    assert text == (
        "tag,timestamp,value,text,quality,flags\r\n"
        "A,2026-03-02T08:00:00.000000Z,0.30000000000000004,,128,\r\n"
        "B,2026-03-02T08:00:00.000000Z,1.0,,192,\r\n"
        'C,2026-03-02T08:00:00.000001Z,,"a ""quoted"", text\r\nof two lines: Größe",128,7\r\n'
        "A,2026-03-02T08:00:01.000000Z,,,0,\r\n"
        "A,2026-03-02T08:00:02.000000Z,1e+22,,128,\r\n"
    )


def test_buckets_in_csv_have_a_column_for_each_aggregate() -> None:
    assert written_buckets(CsvFile).decode() == (
        "tag,start,end,count,mean,last,good_count\r\n"
        "A,2026-03-02T08:00:00.000000Z,2026-03-02T08:01:00.000000Z,3,0.30000000000000004,-1e-300,2\r\n"
        "B,2026-03-02T08:00:00.000000Z,2026-03-02T08:01:00.000000Z,1,,,0\r\n"
    )


def test_json_lines_have_all_keys_in_every_line() -> None:
    lines = written(JsonLinesFile, [window(ROWS[1:4])]).decode().splitlines()

    assert [json.loads(line) for line in lines] == [
        {
            "tag": "B",
            "timestamp": "2026-03-02T08:00:00.000000Z",
            "value": 1.0,
            "text": None,
            "quality": 192,
            "flags": None,
        },
        {
            "tag": "C",
            "timestamp": "2026-03-02T08:00:00.000001Z",
            "value": None,
            "text": ROWS[2].value,
            "quality": 128,
            "flags": 7,
        },
        {
            "tag": "A",
            "timestamp": "2026-03-02T08:00:01.000000Z",
            "value": None,
            "text": None,
            "quality": 0,
            "flags": None,
        },
    ]


def test_buckets_in_json_lines() -> None:
    first, second = map(json.loads, written_buckets(JsonLinesFile).decode().splitlines())

    assert (first["tag"], first["start"], first["count"], first["mean"]) == (
        "A",
        "2026-03-02T08:00:00.000000Z",
        3,
        0.1 + 0.2,
    )
    assert second == {**first, "tag": "B", "count": 1, "mean": None, "last": None, "good_count": 0}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_json_has_neither_nan_nor_infinity(value: float) -> None:
    (line,) = written(JsonLinesFile, [window([row(0, value)])]).decode().splitlines()

    assert json.loads(line, parse_constant=pytest.fail)["value"] is None


numbers = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(max_size=8) | st.text(alphabet="a\x00\ud800\udfff", max_size=4)


@given(st.lists(st.one_of(numbers, texts), max_size=20))
@settings(deadline=None)
def test_all_forms_read_back_as_the_same_values(values: list[float | str]) -> None:
    part = window([row(number, value) for number, value in enumerate(values)])
    shown = [storable_text(value) if isinstance(value, str) else value for value in values]

    table = parquet.read_table(io.BytesIO(written(ParquetFile, [part])))
    lines = [json.loads(line) for line in written(JsonLinesFile, [part]).decode().split("\n")[:-1]]
    in_csv = list(csv.DictReader(io.StringIO(written(CsvFile, [part]).decode(), newline="")))

    assert [
        a if b is None else b for a, b in zip(table["value"].to_pylist(), table["text"].to_pylist(), strict=True)
    ] == shown
    assert [line["value"] if line["text"] is None else line["text"] for line in lines] == shown
    assert [float(line["value"]) if line["value"] else line["text"] for line in in_csv] == shown
    assert [datetime.fromisoformat(line["timestamp"]) for line in in_csv] == [
        at(number) for number in range(len(values))
    ]


def part_timestamps(part: ArchiveWindow) -> list[datetime]:
    return [moment for columns in part.columns for moment in columns.timestamps]


@pytest.mark.parametrize("form", FORMS)
def test_rows_and_buckets_do_not_mix(form: type[ArchiveFile]) -> None:
    with form(io.BytesIO(), facts()) as rows, pytest.raises(TypeError, match="holds rows"):
        rows.write_buckets(BUCKETS)
    with form(io.BytesIO(), facts(aggregates=AGGREGATES)) as buckets, pytest.raises(TypeError, match="holds buckets"):
        buckets.write(window(ROWS))


def test_merged_rows_are_the_same_in_every_form() -> None:
    rows: list[ArchiveRow] = [row(number % 7, float(number), tag="ABC"[number % 3]) for number in range(60)]
    part = window(sorted(rows, key=lambda each: each.timestamp))

    table = parquet.read_table(io.BytesIO(written(ParquetFile, [part])))
    lines = [json.loads(line) for line in written(JsonLinesFile, [part]).decode().splitlines()]

    assert [line["value"] for line in lines] == table["value"].to_pylist()
