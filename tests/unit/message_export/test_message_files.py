"""Messages as files of each form: read back as what they were, and whole or not there."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from airflow.sdk import ObjectStoragePath
from airflow.sdk.io import attach
from exported_messages import NASTY, START, at, exported, message
from fsspec.implementations.memory import MemoryFileSystem
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from airflow_provider_wincc import __version__
from airflow_provider_wincc.archive_export.errors import ArchiveTargetError
from airflow_provider_wincc.message_export import files
from airflow_provider_wincc.message_export.columns import COLUMNS, cells_of
from airflow_provider_wincc.message_export.csv_form import csv_bytes, original_text
from airflow_provider_wincc.message_export.files import write_files
from airflow_provider_wincc.message_export.json_lines_form import json_lines_bytes
from airflow_provider_wincc.message_export.parquet_form import MESSAGE_SCHEMA, parquet_bytes
from airflow_provider_wincc.messages import MessagePattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from airflow_provider_wincc.client.messages.values import Message

MESSAGES = [
    message(0.123, "Tank1 level high", process_values=(0.1 + 0.2, "auto"), counter=1),
    message(1, NASTY, number=1002, comment="", user="=cmd|' /C calc'!A0"),
    message(2, None, number=None, state=None, state_code=None, class_name=None, other={"AG_NR": 3}),
]
FULL_WIDTH = ["\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20x"]
FORMULAS = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x1b=1", "\x9b=1", "'=1", *FULL_WIDTH]


def read_csv(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def read_parquet(data: bytes) -> pa.Table:
    return parquet.read_table(io.BytesIO(data))


def cells_in(data: bytes) -> Iterator[str]:
    """Yield the raw cells of a CSV file of one message, as a spreadsheet in a country with semicolons cuts them."""
    (_, line) = data.decode().split("\r\n", 1)
    yield from re.split(r"[;\t\r\n]", line)


def test_a_parquet_file_has_the_fixed_schema_and_every_cell() -> None:
    table = read_parquet(parquet_bytes(MESSAGES, {}))

    assert table.schema.equals(MESSAGE_SCHEMA)
    assert table.to_pylist() == [cells_of(each) for each in MESSAGES]
    assert table.schema.field("time").type == pa.timestamp("ms", tz="UTC")
    assert not table.schema.field("time").nullable
    assert table.schema.field("process_value_10").type == pa.float64()


def test_a_parquet_file_without_messages_has_the_schema_too() -> None:
    table = read_parquet(parquet_bytes([], {}))

    assert (table.num_rows, table.schema.equals(MESSAGE_SCHEMA)) == (0, True)


def test_json_lines_have_all_keys_in_every_line_and_no_character_that_ends_one() -> None:
    lines = json_lines_bytes(MESSAGES, {}).decode().splitlines()

    told = [json.loads(line, parse_constant=pytest.fail) for line in lines]
    assert [list(line) for line in told] == [list(COLUMNS)] * 3
    assert told[0]["time"] == "2026-03-02T08:00:00.123000Z"
    assert told[1]["text_1"] == NASTY
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", "".join(lines))
    assert told[2] == {**dict.fromkeys(COLUMNS), "time": "2026-03-02T08:00:02.000000Z", "other": '{"AG_NR": 3}'}


def test_a_csv_file_has_a_header_and_every_cell() -> None:
    data = csv_bytes(MESSAGES, {})
    rows = read_csv(data)

    assert list(rows[0]) == list(COLUMNS)
    assert len(rows) == 3
    first = rows[0]
    assert (first["number"], first["state"], first["time"]) == ("1001", "came in", "2026-03-02T08:00:00.123000Z")
    assert float(first["process_value_1"]) == 0.1 + 0.2
    assert first["process_text_2"] == "auto"
    assert original_text(rows[1]["text_1"]) == NASTY
    # An empty text stands in quotes; where there is none, nothing stands.
    assert data.count(b',"",') == 1
    assert data.endswith(b'"{""AG_NR"": 3}"\r\n')


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula_in_a_spreadsheet(text: str) -> None:
    for name in ("text_1", "comment", "instance", "process_text_1"):
        data = csv_bytes([message(0, text, comment=text, instance=text, process_values=(text,))], {})
        (row,) = read_csv(data)
        assert row[name].startswith(f"'{text[0]}")
        assert original_text(row[name]) == text


def test_no_text_becomes_a_formula_where_cells_are_cut_at_semicolons_and_line_breaks() -> None:
    data = csv_bytes([message(0, "Pump 3;=HYPERLINK(A1)\n+1\r\n@x;;-2\t=3")], {})

    assert not [cell for cell in cells_in(data) if cell[:1] in {"=", "+", "-", "@"}]


def test_what_begins_no_formula_is_not_marked() -> None:
    (row,) = read_csv(
        csv_bytes(
            [
                message(0, "Tank1 = 5 - 3; a@b\r\nnext"),
            ],
            {},
        )
    )

    assert row["text_1"] == "Tank1 = 5 - 3; a@b\r\nnext"


def test_negative_numbers_are_numbers_in_csv() -> None:
    (row,) = read_csv(csv_bytes([message(0, process_values=(-5.5,), counter=-3)], {}))

    assert (row["process_value_1"], row["counter"]) == ("-5.5", "-3")


texts = st.text(st.characters(), max_size=12) | st.lists(
    st.sampled_from(["=", "'", ";", "\t", "\r", "\n", '"', ",", "\x00", "\ud800", "a", "-"]), max_size=8
).map("".join)


@given(st.lists(texts, min_size=1, max_size=10), texts)
@settings(deadline=None)
def test_all_forms_read_back_as_the_same_texts(blocks: list[str], comment: str) -> None:
    one = message(0, texts=tuple(blocks), comment=comment)
    kept = {name: cell for name, cell in cells_of(one).items() if name.startswith("text_") or name == "comment"}

    (in_parquet,) = read_parquet(parquet_bytes([one], {})).to_pylist()
    (in_json,) = (json.loads(line) for line in json_lines_bytes([one], {}).decode().split("\n")[:-1])
    (in_csv,) = read_csv(csv_bytes([one], {}))

    assert {name: in_parquet[name] for name in kept} == kept
    assert {name: in_json[name] for name in kept} == kept
    assert {name: original_text(in_csv[name]) for name in kept} == {name: cell or "" for name, cell in kept.items()}


@pytest.fixture(scope="module", autouse=True)
def _memory_store() -> None:
    attach("memory", fs=MemoryFileSystem())


@pytest.fixture(params=["file", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """An empty folder on a local disk, or in a store."""
    where = "file://" if request.param == "file" else "memory://bucket"
    return ObjectStoragePath(f"{where}{tmp_path}")


def names_below(folder: Any) -> list[str]:
    base = folder.path
    return sorted(path.removeprefix(base).lstrip("/") for path in folder.fs.find(base))


def write(folder: Any, messages: Sequence[Message], **how: Any) -> list[str]:
    return write_and_keep(folder, messages, **how)[0]


def write_and_keep(folder: Any, messages: Sequence[Message], **how: Any) -> tuple[list[str], list[str]]:
    arguments = {"file_format": "json_lines", "partition_by": None, "file_name": "messages"}
    of_export = {name: how.pop(name) for name in ("start", "end", "pattern", "known_since", "is_full") if name in how}
    return write_files(exported(messages, **of_export), folder, **{**arguments, **how})


def numbers_in(folder: Any, name: str) -> list[int]:
    return [json.loads(line)["number"] for line in (folder / name).read_text().splitlines()]


def test_a_file_of_each_form_is_named_by_its_start(folder: Any) -> None:
    for form in ("parquet", "csv", "json_lines"):
        write(folder, MESSAGES, file_format=form, file_name="messages_My filter")

    assert names_below(folder) == [f"messages_My_filter_20260302T080000Z.{end}" for end in ("csv", "jsonl", "parquet")]


def test_each_message_lies_in_the_file_of_its_hour_and_hours_without_any_have_one_too(folder: Any) -> None:
    messages = [message(second, number=number) for number, second in enumerate([0, 3599.999, 3600, 3 * 3600 - 1])]

    paths = write(folder, messages, end=at(3 * 3600 + 60), partition_by="hour")

    names = [f"date=2026-03-02/hour={hour:02}/messages_20260302T{hour:02}0000Z.jsonl" for hour in (8, 9, 10, 11)]
    assert paths == [str(folder / name) for name in names]
    assert [numbers_in(folder, name) for name in names] == [[0, 1], [2], [3], []]


def test_a_parquet_file_tells_where_its_messages_come_from(folder: Any) -> None:
    pattern = MessagePattern(class_name="Err*")
    (path,) = write(folder, MESSAGES, file_format="parquet", pattern=pattern)

    metadata = parquet.read_metadata(io.BytesIO(ObjectStoragePath(path).read_bytes())).metadata
    told = {key.decode(): json.loads(value) for key, value in metadata.items() if key.startswith(b"wincc.")}
    assert told == {
        "wincc.rest_filter": "Errors",
        "wincc.message_list": "short_term_archive",
        "wincc.pattern": {"class_name": "Err*"},
        "wincc.language": "de-DE",
        "wincc.station": "https://plant.example:34568",
        "wincc.start": "2026-03-02T08:00:00.000000Z",
        "wincc.end": "2026-03-02T09:00:00.000000Z",
        "wincc.may_lack_messages": False,
        "wincc.provider_version": __version__,
        "wincc.schema_version": 1,
    }


@pytest.mark.parametrize("is_full", [True, False])
def test_a_file_to_whose_start_the_answer_does_not_reach_back_is_not_replaced(folder: Any, is_full: bool) -> None:
    how = {"end": at(3 * 3600), "partition_by": "hour"}
    write(folder, [message(5, number=5), message(3605, number=6)], **how)

    paths, kept = write_and_keep(folder, [message(3660, number=7)], **how, known_since=at(3660), is_full=is_full)

    hours = [f"date=2026-03-02/hour={hour:02}/messages_20260302T{hour:02}0000Z.jsonl" for hour in (8, 9, 10)]
    assert (kept, paths) == ([str(folder / name) for name in hours[:2]], [str(folder / hours[2])])
    assert [numbers_in(folder, name) for name in hours] == [[5], [6], []]


@pytest.mark.parametrize(("is_full", "first"), [(True, 9), (False, 8)])
def test_an_hour_before_the_answer_begins_has_a_new_file_only_if_the_answer_is_not_full(
    folder: Any, is_full: bool, first: int
) -> None:
    write(folder, [message(3660)], end=at(2 * 3600), partition_by="hour", known_since=at(3660), is_full=is_full)

    hours = range(first, 10)
    assert names_below(folder) == [
        f"date=2026-03-02/hour={hour:02}/messages_20260302T{hour:02}0000Z.jsonl" for hour in hours
    ]


def test_a_file_says_from_when_on_its_messages_are_known(folder: Any) -> None:
    (path,) = write(folder, [message(60)], file_format="parquet", known_since=at(60))

    metadata = parquet.read_metadata(io.BytesIO(ObjectStoragePath(path).read_bytes())).metadata
    assert json.loads(metadata[b"wincc.start"]) == "2026-03-02T08:01:00.000000Z"
    assert json.loads(metadata[b"wincc.may_lack_messages"]) is True


def test_a_file_of_an_answer_that_is_not_full_covers_its_hour(folder: Any) -> None:
    (path,) = write(folder, [message(60)], file_format="parquet", known_since=at(60), is_full=False)

    metadata = parquet.read_metadata(io.BytesIO(ObjectStoragePath(path).read_bytes())).metadata
    assert json.loads(metadata[b"wincc.start"]) == "2026-03-02T08:00:00.000000Z"
    assert json.loads(metadata[b"wincc.may_lack_messages"]) is False


def test_the_same_messages_again_leave_the_same_bytes(folder: Any) -> None:
    (path,) = write(folder, MESSAGES, file_format="parquet")
    before = ObjectStoragePath(path).read_bytes()

    assert write(folder, MESSAGES, file_format="parquet") == [path]
    assert ObjectStoragePath(path).read_bytes() == before


def test_a_failure_at_a_later_file_leaves_none(folder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []

    def fail_at_the_third(messages: Any, facts: Any) -> bytes:
        written.append(facts)
        if len(written) == 3:
            raise MemoryError
        return b"x"

    write(folder, MESSAGES, partition_by="hour")
    before = names_below(folder)
    monkeypatch.setattr(files, "json_lines_bytes", fail_at_the_third)

    with pytest.raises(MemoryError):
        write(folder, MESSAGES, end=at(4 * 3600), partition_by="hour")

    assert names_below(folder) == before
    assert numbers_in(folder, before[0]) == [1001, 1002, None]


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    with pytest.raises(ArchiveTargetError, match=r"taken/.* could not be written"):
        write(tmp_path / "taken", MESSAGES)


def test_the_times_of_csv_read_back_as_the_same_moments() -> None:
    rows = read_csv(csv_bytes([message(0.123), message(59.999)], {}))

    assert [datetime.fromisoformat(row["time"]) for row in rows] == [at(0.123), at(59.999)]
    assert datetime.fromisoformat(rows[0]["time"]) > START
