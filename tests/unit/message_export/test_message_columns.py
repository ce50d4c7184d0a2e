"""What stands in the columns of a message, and what of its texts can be kept."""

from __future__ import annotations

import json
import math
from datetime import timedelta

import pytest
from exported_messages import NASTY, at, message
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_wincc.client.messages.values import Message, MessageState
from airflow_provider_wincc.client.storable import storable, storable_text
from airflow_provider_wincc.message_export.columns import COLUMNS, cells_of

FULL = message(
    1.25,
    texts=("Tank1 level high", None, "Hall 3"),
    process_values=(96.4, "auto", True, None, 2**53 + 1, -7),
    state=MessageState.WENT_OUT_AND_ACKNOWLEDGED,
    state_code=7,
    class_number=1,
    type_name="Alarm",
    type_number=2,
    priority=8,
    instance="Line3",
    user="Meier",
    computer="OS01",
    comment="seen",
    counter=2207,
    duration=timedelta(seconds=90, milliseconds=5),
    server="Srv1",
    other={"AG_NR": 3, "Größe": None},
)


def test_every_field_has_its_column() -> None:
    told = {name: cell for name, cell in cells_of(FULL).items() if cell is not None}

    assert told == {
        "number": 1001,
        "state": "went out and acknowledged",
        "state_code": 7,
        "time": at(1.25),
        "class_name": "Error",
        "class_number": 1,
        "type_name": "Alarm",
        "type_number": 2,
        "text_1": "Tank1 level high",
        "text_3": "Hall 3",
        "process_value_1": 96.4,
        "process_text_2": "auto",
        "process_value_3": 1.0,
        "process_text_5": "9007199254740993",
        "process_value_6": -7.0,
        "priority": 8,
        "instance": "Line3",
        "user": "Meier",
        "computer": "OS01",
        "comment": "seen",
        "counter": 2207,
        "duration_seconds": 90.005,
        "server": "Srv1",
        "other": '{"AG_NR": 3, "Größe": null}',
    }


def test_a_message_of_which_nothing_is_said_has_all_columns_too() -> None:
    cells = cells_of(Message())

    assert list(cells) == list(COLUMNS) == list(cells_of(FULL))
    assert set(cells.values()) == {None}


def test_a_state_that_nobody_knows_keeps_its_number() -> None:
    cells = cells_of(message(state=None, state_code=99))

    assert (cells["state"], cells["state_code"]) == (None, 99)


@pytest.mark.parametrize(("value", "text"), [(math.inf, "inf"), (-math.inf, "-inf"), (math.nan, "nan")])
def test_a_number_that_databases_refuse_is_kept_as_text(value: float, text: str) -> None:
    cells = cells_of(message(process_values=(value,)))

    assert (cells["process_value_1"], cells["process_text_1"]) == (None, text)


def test_control_characters_and_markup_are_kept_as_they_are() -> None:
    cells = cells_of(message(text=NASTY, comment=NASTY))

    assert (cells["text_1"], cells["comment"]) == (NASTY, NASTY)


def test_nul_and_half_surrogate_pairs_are_replaced_in_every_text() -> None:
    broken, mended = "a\x00b\ud83dc\udc00", "a\ufffdb\ufffdc\ufffd"
    cells = cells_of(
        message(
            texts=(broken,) * 10,
            process_values=(broken,) * 10,
            other={broken: [broken, {"x": broken}]},
            **dict.fromkeys(("class_name", "type_name", "instance", "user", "computer", "comment", "server"), broken),
        )
    )

    texts = [cell for name, cell in cells.items() if isinstance(cell, str) and name not in {"other", "state"}]
    assert texts == [mended] * 27
    assert json.loads(str(cells["other"])) == {mended: [mended, {"x": mended}]}


def test_what_json_has_no_number_for_becomes_a_word_in_other() -> None:
    cells = cells_of(message(other={"X": [math.nan, 1.5], "Y": {"Z": math.inf}}))

    assert json.loads(str(cells["other"]), parse_constant=pytest.fail) == {"X": ["nan", 1.5], "Y": {"Z": "inf"}}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(json_values)
def test_what_is_storable_is_json_in_utf_8_and_stays_so(value: object) -> None:
    kept = storable(value)

    written = json.dumps(kept, allow_nan=False, ensure_ascii=False)
    assert json.loads(written.encode().decode()) == kept
    assert "\\u0000" not in written
    assert storable(kept) == kept


@given(st.text())
def test_a_text_without_nul_stays_as_it_is(text: str) -> None:
    assert storable_text(text.replace("\x00", "")) == text.replace("\x00", "")
