"""Messages as payloads: what JSON can carry, and where they are cut."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from message_rows import row

from airflow_provider_wincc.client.messages.values import Message
from airflow_provider_wincc.messages.payloads import MOST_BYTES, ToldMessage, cut, pack, tell, unpack

SEEN_AT = "2026-03-02T08:00:05+00:00"


def of_size(size):
    return ToldMessage({"text": "x" * (size - len('{"text":""}'))}, SEEN_AT, size)


def test_a_message_is_told_as_it_is():
    message = row(1001, 1.25, texts=("Tank <b>high</b>\x1b[31m\n", None, "Füllstand 液位"), priority=8)

    told = tell(message, SEEN_AT)

    assert told.content == message.to_json()
    assert Message.from_json(told.content) == message
    assert told.size == len(json.dumps(told.content, separators=(",", ":")))


def test_what_airflow_could_not_carry_is_told_otherwise():
    deep = "bottom"
    for _ in range(300):
        deep = [deep]
    message = row(
        1,
        texts=("half \ud800 pair", "nul \0"),
        process_values=(float("inf"),),
        duration=timedelta(seconds=2),
        other={"Deep\udfff": deep, "Number": float("nan"), "Long": 10**30, "True": True, "Nested": {"a": [1, None]}},
    )

    content = tell(message, SEEN_AT).content

    assert content["texts"] == ["half \ufffd pair", "nul \ufffd"]
    assert content["process_values"] == ["inf"]
    assert content["duration"] == 2.0
    assert content["other"]["Number"] is None
    assert content["other"]["Long"] == str(10**30)
    assert content["other"]["True"] is True
    assert content["other"]["Nested"] == {"a": [1, None]}
    text = json.dumps(content, allow_nan=False, ensure_ascii=False).encode().decode()
    assert "nested deeper than 16 levels" in text
    assert "bottom" not in text


def test_parts_are_cut_by_number():
    parts = cut([of_size(100)] * 1001, 500)

    assert [len(part) for part in parts] == [500, 500, 1]


def test_parts_are_cut_by_size_and_a_message_never_is():
    large, small = of_size(MOST_BYTES + 1), of_size(MOST_BYTES // 2)

    assert cut([small, small, small, large, small], 500) == [[small, small], [small], [large], [small]]


def test_nothing_is_no_part():
    assert cut([], 500) == []


@given(st.lists(st.integers(20, MOST_BYTES * 2), max_size=30), st.integers(1, 10))
def test_no_message_is_lost_by_cutting_and_no_part_is_too_large(sizes, most):
    messages = [of_size(size) for size in sizes]

    parts = cut(messages, most)

    assert [message for part in parts for message in part] == messages
    for part in parts:
        assert 1 <= len(part) <= most
        assert len(part) == 1 or sum(message.size for message in part) <= MOST_BYTES
    # As few as can be: the first of a part did not fit into the one before.
    for part, following in pairwise(parts):
        assert len(part) == most or sum(message.size for message in [*part, following[0]]) > MOST_BYTES


def test_packed_messages_are_small_and_come_back():
    messages = [tell(row(number, number / 1000, class_name="Error"), SEEN_AT) for number in range(500)]

    packed = pack(messages)

    assert unpack(packed) == messages
    assert len(packed) < sum(message.size for message in messages) / 4


@pytest.mark.parametrize("text", ["", "no base64!", "aGVsbG8=", pack([])[:-4]])
def test_what_is_not_packed_messages_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        unpack(text)
