"""Rows read as whole columns are the rows as they were sent, one by one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from airflow_provider_wincc.client.archives.columns import columns_of, in_time_order, trimmed
from airflow_provider_wincc.client.archives.learned_rows import LearnedForm
from airflow_provider_wincc.client.archives.raw_columns import UnreadableEntryError

if TYPE_CHECKING:
    from airflow_provider_wincc.client import ArchiveColumns

BERLIN = ZoneInfo("Europe/Berlin")
MOMENT = datetime(2026, 3, 2, 8, 15, 30, 120_000, tzinfo=UTC)


def columns(*rows: dict[str, Any]) -> ArchiveColumns:
    return columns_of("A", list(rows), BERLIN, lambda error, row: error)


def read_wholly(*rows: dict[str, Any]) -> ArchiveColumns:
    read = columns(*rows)
    assert len({len(read), len(read.timestamps), len(read.values), len(read.qualities)}) == 1
    return read


def values(*raw: object) -> list[Any]:
    return columns(*({"timestamp": "2026-03-02T08:15:30.120Z", "value": value} for value in raw)).values


MOMENTS = st.one_of(
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).flatmap(  # noqa: DTZ001  the zone is part of the text
        lambda moment: st.sampled_from(
            [
                moment.isoformat() + "Z",
                moment.isoformat(timespec="milliseconds") + "Z",
                moment.isoformat(timespec="seconds") + "Z",
                moment.isoformat(timespec="milliseconds"),
                moment.isoformat(timespec="microseconds") + "0Z",
                moment.isoformat(" ", timespec="seconds") + "+05:30",
                moment.strftime("%d.%m.%Y %H:%M:%S"),
                moment.strftime("%Y%m%dT%H%M%SZ"),
                f" {moment.isoformat()} ",
            ]
        )
    ),
    st.integers(10**11, 2 * 10**12),
    st.sampled_from(["", "soon", None, True, "2026-03-02", "2026-13-02T08:15:30Z", "2026-W10-1T08:15:30Z"]),
)
NUMBERS = st.floats(width=32).map(str) | st.integers().map(str) | st.floats().map("{:.3f}".format)
VALUES = st.one_of(
    NUMBERS,
    st.floats(),
    st.integers(),
    st.booleans(),
    st.none(),
    st.text(alphabet="0123456789.-+eE_ \nnaiftrue", max_size=6),
    st.sampled_from(["true", "False", "1.#QNAN", "∞", "000123", "1e5", "1e+999", "9" * 320, "٣", "1\n", "[1]"]),
    st.just([1]),
)
QUALITIES = st.sampled_from([128, "128", "0x80", "16#18", "GOOD", "bad", "", None, 76.0, True, 1, 300, "x"])
FLAGS = st.sampled_from([0, 1, "8392704", "0x10", None, "x", 2**70, 1.0, True])
FORMS = st.sampled_from(
    [
        ("timestamp", "value", "qualitycode", "flags"),
        ("TimeStamp", "Value", "qualityCode", "Flags"),
        ("datetime", "realvalue", "quality", "id"),
        ("time", "value"),
        ("ts", "quality", "id", "value"),
        ("value", "id"),
        ("timestamp",),
    ]
)


@st.composite
def row_lists(draw: st.DrawFn) -> list[dict[str, Any]]:
    form = draw(FORMS)
    like = {
        "time": draw(st.sampled_from([MOMENTS, st.just("2026-03-02T08:15:30.120Z")])),
        "value": draw(st.sampled_from([VALUES, NUMBERS])),
    }

    def entry(key: str) -> Any:
        lowered = key.lower()
        if "value" in lowered:
            return draw(like["value"])
        if "quality" in lowered:
            return draw(QUALITIES)
        return draw(FLAGS) if lowered in {"flags", "id"} else draw(like["time"])

    forms = [form if draw(st.integers(0, 9)) else draw(FORMS) for _ in range(draw(st.integers(1, 6)))]
    return [{key: entry(key) for key in each} for each in forms]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_text_without_a_character_takes_its_place_among_the_values(count: int) -> None:
    read = read_wholly(*[{"time": "2026-03-02T08:15:30.120Z", "value": ""}] * count)

    assert list(read.values) == [None] * count


@given(rows=row_lists())
def test_many_rows_are_read_like_each_of_them_alone(rows: list[dict[str, Any]]) -> None:
    alone: list[ArchiveColumns] = []
    unreadable = None
    for position, row in enumerate(rows):
        try:
            # With a row of another form beside it, so that it is read in the patient way.
            alone.append(read_wholly({"ts": "2026-03-02T08:15:30Z", "": None, "x": None, "y": None, "z": None}, row))
        except UnreadableEntryError:
            unreadable = position
            break

    if unreadable is not None:
        with pytest.raises(UnreadableEntryError):
            read_wholly(*rows)
        return
    together = read_wholly(*rows)
    assert together.timestamps == [each.timestamps[1] for each in alone]
    assert repr(together.values) == repr([each.values[1] for each in alone])
    assert together.qualities == [each.qualities[1] for each in alone]
    assert (together.flags or [None] * len(rows)) == [each.flags[1] if each.flags else None for each in alone]
    assert {type(moment) for moment in together.timestamps} == {datetime}
    assert {moment.utcoffset() for moment in together.timestamps} == {timedelta(0)}


@given(first=row_lists(), rows=row_lists())
def test_rows_of_a_form_that_was_seen_before_are_read_like_any_others(
    first: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> None:
    form = LearnedForm()
    form.learn([{"variableName": "A", "values": first}])
    try:
        content = json.dumps([{"variableName": "A", "values": rows}, {"variableName": "B"}], allow_nan=False).encode()
    except ValueError:
        reject()
    items = form.read(content)
    if items is None:
        assert {tuple(row) for row in rows} != {tuple(first[0])} or any(has_unusual_entry(row) for row in rows)
        return

    learned = items[0]["values"]
    assert [type(row) for row in learned] == [type(learned[0])] * len(rows)
    assert outcome(learned) == outcome(rows)


def has_unusual_entry(row: dict[str, Any]) -> bool:
    return any(isinstance(entry, list | dict) or (type(entry) is int and abs(entry) >= 2**63) for entry in row.values())


def outcome(rows: list[Any]) -> str:
    try:
        read = columns_of("A", rows, BERLIN, lambda error, row: UnreadableRowError(f"{error} {sorted(row.items())}"))
        return repr((read.timestamps, read.values, read.qualities, read.flags, read.timestamp_texts))
    except UnreadableRowError as error:
        return str(error)


class UnreadableRowError(Exception):
    pass


def test_answers_of_many_forms_are_not_learned_for_ever() -> None:
    form = LearnedForm()
    answers = [[{"variableName": "A", "values": [{f"key{number}": 1}]}] for number in range(8)]

    for answer in answers:
        form.read(json.dumps(answer).encode())
        form.learn(answer)

    assert form.read(json.dumps(answers[-1]).encode()) is None


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (["70.9", "-1", "0", "1.5e-05", "1E+3"], [70.9, -1.0, 0.0, 1.5e-05, 1000.0]),
        (["true", "false", "True"], [True, False, True]),
        (["1", "NaN", "1.#QNAN", "-1.#IND", "∞", "1e+999", ""], [1.0, None, None, None, None, None, None]),
        (
            ["B-2026", "000123", "1e5", "+1", ".5", "5.", "1_0", " 1"],
            ["B-2026", "000123", "1e5", "+1", ".5", "5.", "1_0", " 1"],
        ),
        ([1, 2.5, True, None, "x"], [1.0, 2.5, True, None, "x"]),
        (["x", "1" + "0" * 24], ["x", 1e24]),
        ([10**400, float("inf"), float("nan")], [None, None, None]),
    ],
)
def test_values_are_floats_bools_texts_or_nothing(raw: list[object], read: list[object]) -> None:
    assert values(*raw) == read
    assert list(map(type, values(*raw))) == list(map(type, read))


@pytest.mark.parametrize(
    ("text", "is_handed_on"),
    [
        ("2026-03-02T08:15:30.120Z", True),
        ("2026-03-02T08:15:30.1200000Z", False),
        ("2026-03-02T09:15:30.120+01:00", False),
        ("2026-03-02T09:15:30.120", False),
        ("02.03.2026 09:15:30", False),
    ],
)
def test_timestamps_of_every_form_are_utc(text: str, is_handed_on: bool) -> None:
    read = columns({"timestamp": text, "value": "1"}, {"timestamp": text, "value": "1"})

    assert read.timestamps[0].replace(microsecond=120_000) == MOMENT
    assert read.timestamp_texts == ([text, text] if is_handed_on else None)


def test_texts_of_different_length_are_handed_on_when_all_have_a_z() -> None:
    texts = ["2026-03-02T08:15:30Z", "2026-03-02T08:15:30.5Z"]

    assert columns(*({"ts": text, "value": 1} for text in texts)).timestamp_texts == texts


def test_a_missing_quality_is_good_and_missing_flags_are_none() -> None:
    read = columns({"time": "2026-03-02T08:15:30Z", "value": "1"})

    assert (read.qualities, read.flags) == ([0x80], None)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"value": "1"}, "no readable timestamp"),
        ({"timestamp": "yesterday", "value": "1"}, "no readable timestamp"),
        ({"timestamp": "2026-03-02T08:15:30Z", "value": {}}, "the value is a dict"),
        ({"timestamp": "2026-03-02T08:15:30Z", "quality": "fine"}, "not a quality code"),
        ({"timestamp": "2026-03-02T08:15:30Z", "quality": 256}, "one byte"),
    ],
)
def test_a_row_that_cannot_be_read_is_pointed_out(row: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnreadableEntryError, match=reason) as caught:
        read_wholly({"timestamp": "2026-03-02T08:15:30Z", "value": "1"}, row)

    assert caught.value.position == 1


def sent(*seconds: int) -> ArchiveColumns:
    return columns(
        *({"timestamp": f"2026-03-02T08:15:{second:02}Z", "value": number} for number, second in enumerate(seconds))
    )


@pytest.mark.parametrize(
    ("seconds", "newest_first", "order"),
    [
        ((1, 2, 2, 3), False, [0, 1, 2, 3]),
        ((3, 2, 2, 1), False, [3, 2, 1, 0]),
        ((3, 2, 2, 1), True, [3, 2, 1, 0]),
        ((2, 2, 2), False, [0, 1, 2]),
        ((2, 2, 2), True, [2, 1, 0]),
        ((2, 3, 1, 2), False, [2, 0, 3, 1]),
    ],
)
def test_rows_are_put_into_time_order(seconds: tuple[int, ...], newest_first: bool, order: list[int]) -> None:
    ordered = in_time_order(sent(*seconds), newest_first=newest_first)

    assert ordered.values == order
    assert ordered.timestamps == sorted(ordered.timestamps)
    assert ordered.timestamp_texts == sorted(ordered.timestamp_texts or [])


@pytest.mark.parametrize(("first", "last", "kept"), [(0, 60, [0, 1, 2, 3]), (2, 3, [1, 2]), (3, 3, None), (4, 9, None)])
def test_columns_are_trimmed_to_a_half_open_span(first: int, last: int, kept: list[int] | None) -> None:
    minute = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)

    part = trimmed(sent(1, 2, 2, 3), minute + timedelta(seconds=first), minute + timedelta(seconds=last))

    assert (part and part.values) == kept
