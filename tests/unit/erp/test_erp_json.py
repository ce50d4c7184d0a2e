"""JSON in columns, and rows that can or cannot be read."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.erp.json_columns import json_text, read_json_object
from airflow_provider_wincc.erp.staged_order import read_row, status_of_unreadable

ROW: dict[str, Any] = {
    "order_id": "000042",
    "revision": 1,
    "unit": "Mixer1",
    "payload": '{"WorkMaster": "R-001", "Quantity": 100.5}',
    "priority": 5,
    "status": "claimed",
    "claimed_by": "line/run",
    "claimed_at": "2026-03-01T06:30:00.000Z",
    "attempt": "a1",
    "note": None,
    "reason": None,
}
STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | STORABLE,
    lambda items: st.lists(items, max_size=3) | st.dictionaries(STORABLE, items, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(STORABLE, VALUES, max_size=4))
def test_a_json_object_comes_back_as_it_was(value: dict[str, Any]) -> None:
    assert read_json_object(json_text(value, what="the note")) == value


def test_characters_that_postgresql_cannot_store_do_not_cost_the_result() -> None:
    text = json_text({"id\x00": ["A\x00", "\ud800"]}, what="the result")

    assert json.loads(text) == {"id\ufffd": ["A\ufffd", "\ufffd"]}


@pytest.mark.parametrize("value", [{"level": float("nan")}, {"level": object()}, [1], None])
def test_what_is_no_json_object_is_refused_by_its_name(value: Any) -> None:
    with pytest.raises(WinCCConfigurationError, match="The note of order '7'"):
        json_text(value, what="the note of order '7'")


@pytest.mark.parametrize("payload", ["", "{", "[1]", '"text"', "null", '{"Quantity": NaN}', None, 7, [1]])
def test_a_payload_that_cannot_be_read_is_an_error_that_names_the_order(payload: Any) -> None:
    row = ROW | {"payload": payload, "attempt": None}

    with pytest.raises(WinCCConfigurationError, match=r"payload of order '000042' is not.*nothing was sent"):
        read_row(row)
    assert status_of_unreadable(row) == "failed"


@pytest.mark.parametrize("begun", [{"attempt": "a1"}, {"attempt": None, "note": '{"stage": "starting"}'}])
def test_a_payload_that_was_broken_after_an_attempt_has_begun_asks_for_a_person(begun: dict[str, Any]) -> None:
    row = ROW | {"payload": "[]"} | begun

    with pytest.raises(WinCCConfigurationError, match="Find out at the unit") as caught:
        read_row(row)
    assert "nothing was sent" not in str(caught.value)
    assert status_of_unreadable(row) == "needs_decision"


@pytest.mark.parametrize("payload", ["{}", "not JSON either"])
def test_a_note_that_cannot_be_read_asks_for_a_person_because_the_order_may_have_run(payload: str) -> None:
    row = ROW | {"note": "started?", "payload": payload}

    with pytest.raises(WinCCConfigurationError, match="of order '000042' is not JSON"):
        read_row(row)
    assert status_of_unreadable(row) == "needs_decision"


def test_a_row_is_the_same_order_from_either_database() -> None:
    moment = datetime(2026, 3, 1, 7, 30, tzinfo=timezone(timedelta(hours=1)))
    from_postgresql = ROW | {"payload": json.loads(ROW["payload"]), "claimed_at": moment, "note": None}

    order = read_row(ROW)

    assert order == read_row(from_postgresql)
    assert order.note == {}
    assert json.loads(json.dumps(order.to_json()))["order_id"] == "000042"
