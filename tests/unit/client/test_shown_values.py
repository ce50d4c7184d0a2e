"""Whether a reading shows a value that was written."""

from __future__ import annotations

import struct

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from airflow_provider_wincc.client import Quality, TagValue
from airflow_provider_wincc.client.models import read_value
from airflow_provider_wincc.value_types import may_be_unchanged, shows_value

FLOATS32 = st.floats(width=32, allow_nan=False, allow_infinity=False)


def reading(text: str, quality: int = 0x80) -> TagValue:
    return TagValue("A", read_value(text), Quality(quality), text=text)


def float32(number: float) -> float:
    return float(struct.unpack("f", struct.pack("f", number))[0])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.3333333", 1 / 3),
        ("0.333333", 1 / 3),
        ("0,3333333", 1 / 3),
        ("3.333333E-05", 1 / 30000),
        ("0.333333343267441", 1 / 3),
        ("12345.68", 12345.678),
        ("12.5", 12.5000000001),
        ("2000001.5", 2000001.5),
        ("16777216", 16777217.0),
        ("1E+20", 1e20),
        ("9007199254740993", 2**53 + 1),
    ],
)
def test_a_value_is_shown_as_the_float32_that_it_became_or_with_the_digits_of_one(text: str, value: float) -> None:
    assert shows_value(reading(text), value, 0)
    assert not shows_value(reading(text, quality=0x18), value, 0)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2000000", 2000001.5),
        ("2000000.0", 2000001.5),
        ("1", 1.000004),
        ("12.5", 12.46),
        ("50", 50.4),
        ("0.33", 1 / 3),
        ("0", 1e-5),
        ("9007199254740992", 2**53 + 1),
        ("16777216", 16777217),
        ("1e+300", 2e300),
        ("9" * 400, 5.0),
        ("9" * 400, 5),
        ("full", 5.0),
        ("nan", 5.0),
    ],
)
def test_another_value_is_not_shown_however_near(text: str, value: float) -> None:
    assert not shows_value(reading(text), value, 0)


@pytest.mark.parametrize(("text", "is_shown"), [("49.5", True), ("50.5", True), ("50.6", False), ("49.4", False)])
def test_a_number_may_differ_by_the_tolerance(text: str, *, is_shown: bool) -> None:
    assert shows_value(reading(text), 50, 0.5) is is_shown
    assert shows_value(reading(text), 50.0, 0.5) is is_shown


@given(FLOATS32, st.sampled_from(["{!r}", "{:.7g}", "{:.9g}"]))
def test_every_float32_is_shown_by_a_station_of_seven_digits_or_more(number: float, form: str) -> None:
    assert shows_value(reading(form.format(number)), number, 0)


@given(st.floats(-1e30, 1e30), st.floats(-1e30, 1e30))
def test_two_floats_that_are_two_to_a_station_with_all_digits_are_never_the_same(one: float, other: float) -> None:
    assume(float32(one) != float32(other))
    shown = f"{one:.17e}"

    assert not shows_value(reading(shown), other, 0)


def test_a_reading_says_nothing_of_a_write_when_it_is_near_and_the_one_before() -> None:
    assert may_be_unchanged(reading("40"), reading("40.0"), 40.4)
    assert not may_be_unchanged(reading("40.4"), reading("40"), 40.4)
    assert not may_be_unchanged(reading("40"), reading("40"), 40.0)
    assert not may_be_unchanged(reading("40.3"), reading("40"), 40.4)
    assert not may_be_unchanged(reading("true"), reading("true"), value=True)
    assert not may_be_unchanged(reading("A"), reading("A"), "A")
