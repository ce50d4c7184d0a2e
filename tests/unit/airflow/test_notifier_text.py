from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_wincc.notifications.display_text import SHORTEST_LIMIT, display_text


@given(st.text(), st.integers(min_value=SHORTEST_LIMIT, max_value=100))
def test_a_text_is_one_printable_line_within_the_limit(text, limit):
    shown = display_text(text, limit)

    assert len(shown) <= limit
    assert shown.isprintable()
    assert shown == " ".join(shown.split())


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=50))
def test_what_prints_and_fits_is_left_as_it_is(text):
    assert display_text(text, 50 + SHORTEST_LIMIT) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Tank 1 fährt nicht", "Tank 1 fährt nicht"),
        ("first\r\nsecond\tthird", "first second third"),
        ("\x00a\x07b\x1b[31mc\x7f", "a b [31mc"),
        ("right\u202eto left\u200b\ufeff", "right to left"),
        ("half \ud800 a pair", "half a pair"),
        ("  spaces   around  ", "spaces around"),
        ("<b>{{ markup }}</b>", "<b>{{ markup }}</b>"),
        ("", ""),
        ("x" * 20, "x" * 20),
        ("x" * 21, "x" * 17 + "..."),
        ("x" * 16 + " yyyyyy", "x" * 16 + "..."),
    ],
)
def test_examples(text, shown):
    assert display_text(text, 20) == shown
