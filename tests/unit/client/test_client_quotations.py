"""What of a station's words stands in an error: a short piece, printable, without half a secret."""

from __future__ import annotations

import time

import pytest

from airflow_provider_wincc.client.models import Quality
from airflow_provider_wincc.client.quotations import json_start, reason_of, start_of
from airflow_provider_wincc.client.secrets import redacted_start
from airflow_provider_wincc.client.timestamps import read_timestamp
from airflow_provider_wincc.client.wire import find_items, parse_body, whole_number


def test_a_reason_is_one_printable_line_of_at_most_500_characters() -> None:
    reason = reason_of("bad\r\nvalue \x1b[31m \u202e" + "x" * 10_000)

    assert reason.startswith("bad value \\x1b[31m \\u202e")
    assert reason.isprintable()
    assert len(reason) == 500


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("<html><title>Sign in</title><p>Who are you?</p>", "Who are you?"),
        ("<style>a > b { }</style>Hello", "Hello"),
        ("<style>never closed", ""),
        ("a < b", "a < b"),
    ],
)
def test_markup_is_left_out_of_the_start_of_an_answer(text: str, start: str) -> None:
    assert start_of(text) == start


@pytest.mark.parametrize("piece", ["<", "<style>", "</", "<script><"])
def test_markup_without_an_end_is_looked_through_once(piece: str) -> None:
    started = time.process_time()

    start_of(piece * 20_000)

    assert time.process_time() - started < 1


@pytest.mark.parametrize("cut", range(95, 110))
def test_no_part_of_a_secret_is_left_where_a_text_is_cut(cut: int) -> None:
    shown = redacted_start("y" * 100 + "secret-0123456789" + "z" * 1000, ("secret-0123456789", "0123456789"), cut)

    assert "secret" not in shown
    assert "0123" not in shown


def test_the_start_of_a_value_is_written_without_the_rest() -> None:
    assert json_start([{"a": None}]) == '[{"a": null}]'
    assert len(json_start([0] * 1_000_000)) < 100_000


@pytest.mark.parametrize("depth", [33, 200, 900])
@pytest.mark.parametrize("kind", ["[]", "{}"])
def test_what_is_nested_deeper_than_any_answer_is_unreadable(kind: str, depth: int) -> None:
    opening, closing = ("[", "]") if kind == "[]" else ('{"a":', "}")

    with pytest.raises(ValueError, match=r"^[\[{]"):
        parse_body((opening * depth + "1" + closing * depth).encode())


def test_brackets_in_a_text_are_no_nesting() -> None:
    assert parse_body(b'["' + b"[" * 1000 + b'", {"a": "' + b"{" * 1000 + b'"}]') == ["[" * 1000, {"a": "{" * 1000}]


def test_an_answer_of_more_items_than_there_can_be_is_unreadable() -> None:
    assert len(find_items([{}] * 200, most=200)) == 200
    with pytest.raises(ValueError, match=r"^\[\{\}"):
        find_items([{}] * 201, most=200)


@pytest.mark.parametrize("raw", [2**64, -(2**64), 1e30, "9" * 65, "0x" + "f" * 63, 10**400])
def test_a_whole_number_has_64_bits(raw: object) -> None:
    assert whole_number(raw) is None
    assert whole_number("0xFFFFFFFFFFFFFFFF") == 2**64 - 1


def test_a_text_of_megabytes_is_no_time_and_no_quality() -> None:
    text = "1" * 1_000_000

    assert read_timestamp(text, None) is None  # type: ignore[arg-type]  # not looked at
    with pytest.raises(ValueError, match="not a quality code") as caught:
        Quality.parse(text)
    assert len(str(caught.value)) < 200
