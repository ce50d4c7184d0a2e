"""What of a text from the plant reaches the terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_wincc.command_line.shown_text import shown, shown_lines


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tank 1: 40 %", "Tank 1: 40 %"),
        ("Grün 加热", "Grün 加热"),
        ("[red]x[/red]", "[red]x[/red]"),
        ("\x1b[2J", r"\x1b[2J"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\x9b2J", r"\x9b2J"),
        ("\u202eabc", r"\u202eabc"),
        ("\u2028", r"\u2028"),
        ("\ud800", r"\ud800"),
        ("", ""),
    ],
)
def test_what_a_terminal_would_obey_is_written_out(text: str, expected: str) -> None:
    assert shown(text) == expected


@given(st.text(st.characters(exclude_categories=[])))
def test_nothing_that_steers_is_left_whatever_the_text(text: str) -> None:
    categories = {unicodedata.category(character) for character in shown(text)}

    assert categories.isdisjoint({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def test_line_breaks_of_our_own_texts_stay() -> None:
    assert shown_lines("first \x1b\nsecond") == "first \\x1b\nsecond"
