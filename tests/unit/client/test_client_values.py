"""Values, qualities and timestamps as stations write them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_wincc.client import DataType, Quality, QualityLevel, TagValue
from airflow_provider_wincc.client.models import read_as, read_number, read_value
from airflow_provider_wincc.client.timestamps import read_timestamp

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18422", 18422),
        ("-7", -7),
        ("0", 0),
        ("18446744073709551615", 2**64 - 1),
        ("71.25", 71.25),
        ("-0.5", -0.5),
        ("-0", -0.0),
        ("1E-05", 1e-05),
        ("1.5e+300", 1.5e300),
        ("true", True),
        ("False", False),
        ("NaN", None),
        ("-1.#IND", None),
        ("1.#QNAN", None),
        ("∞", None),
        ("-Infinity", None),
        ("1e+999", None),
    ],
)
def test_a_text_that_is_a_value_becomes_one(text: str, value: object) -> None:
    read = read_value(text)

    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "000123",
        "+5",
        "12E3",
        "0x10",
        "1,5",
        "1.",
        ".5",
        " 5",
        "5 ",
        "1_000",
        "٣",
        "1٣",
        "B-2026-0042",
        "",
        "9" * 401,
        str(2**64),
        str(-(2**63) - 1),
        "123456789012345678901234",
    ],
)
def test_a_text_that_a_number_would_not_give_back_stays_text(text: str) -> None:
    assert read_value(text) == text


@pytest.mark.parametrize(("text", "value"), [("1", True), ("0", False), ("2", 2)])
def test_one_and_zero_of_a_binary_tag_are_bools(text: str, value: object) -> None:
    assert read_value(text, 1) is value or read_value(text, 1) == value
    assert type(read_value(text, 1)) is type(value)


@given(st.integers(-(2**63), 2**64 - 1))
def test_every_whole_number_round_trips(number: int) -> None:
    assert read_value(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_round_trips(number: float) -> None:
    read = read_value(repr(number))

    assert isinstance(read, float)
    assert math.copysign(1, read) == math.copysign(1, number)
    assert read == number


@given(st.text())
def test_a_text_that_became_a_whole_number_is_spelled_as_one(text: str) -> None:
    value = read_value(text)

    assert str(value) == text or not isinstance(value, int) or isinstance(value, bool)


@given(st.text())
def test_any_text_can_be_read_as_text(text: str) -> None:
    assert read_as(text, DataType.TEXT) == text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("71.25", 71.25),
        ("71,25", 71.25),
        (" 5 ", 5),
        ("+5", 5),
        ("007", 7),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("nan", None),
    ],
)
def test_a_number_is_read_with_point_or_comma(text: str, number: float | None) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize("text", ["", "five", "1.234,5", "1,2,3", "0x10", "1 000"])
def test_a_text_that_is_no_number_is_an_error_that_quotes_it(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        read_number(text)


@pytest.mark.parametrize("value", [2**64 - 1, -(2**63), 0.5, True, None, "a\x00\ud800b"])
def test_what_leaves_of_a_reading_is_what_airflow_can_pass_on_and_store(value: Any) -> None:
    told = TagValue("A", value, Quality(128)).to_json()["value"]

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(told)) == told
    assert told == ("a\ufffd\ufffdb" if isinstance(value, str) else value)


@pytest.mark.parametrize(
    ("text", "data_type", "value"),
    [
        ("000123", DataType.INT, 123),
        ("000123", DataType.TEXT, "000123"),
        ("5.0", DataType.INT16, 5),
        ("1", DataType.BOOL, True),
        ("FALSE", DataType.BOOL, False),
        ("5", DataType.FLOAT32, 5.0),
        ("NaN", DataType.FLOAT64, None),
        ("-128", DataType.INT8, -128),
        ("18446744073709551615", DataType.INT, 2**64 - 1),
        ("9" * 400, DataType.FLOAT, None),
    ],
)
def test_a_text_is_read_as_the_type_asked_for(text: str, data_type: DataType, value: object) -> None:
    read = read_as(text, data_type)

    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "data_type", "said"),
    [
        ("-129", DataType.INT8, "int8, -128 to 127"),
        ("-1", DataType.UINT16, "uint16, 0 to 65535"),
        ("5.5", DataType.INT, "not a whole number"),
        ("18446744073709551616", DataType.INT, "outside the range of int"),
        ("1e300", DataType.INT, "outside the range of int"),
        ("2", DataType.BOOL, "not a bool"),
        ("true", DataType.INT, "is a bool"),
        ("abc", DataType.FLOAT, "not a number"),
    ],
)
def test_a_text_that_does_not_fit_the_type_is_an_error_that_says_why(text: str, data_type: DataType, said: str) -> None:
    reading = TagValue("Tank1.Level", None, Quality(128), text=text)

    with pytest.raises(ValueError, match=said) as caught:
        reading.as_type(data_type)

    assert "Tank1.Level" in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (128, 128),
        ("128", 128),
        (" 192 ", 192),
        (128.0, 128),
        ("0x80", 128),
        ("0X4c", 76),
        ("16#80", 128),
        ("GOOD", 128),
        ("Uncertain", 64),
        ("bad", 0),
    ],
)
def test_a_quality_is_read_from_every_form(raw: object, code: int) -> None:
    assert Quality.parse(raw).code == code


@pytest.mark.parametrize(
    "raw", ["", "fine", "0x", "0xZZ", "0x-80", "16#", -1, 256, "0x100", 1.5, "nan", True, None, [128]]
)
def test_a_quality_that_cannot_be_read_is_an_error_that_quotes_it(raw: object) -> None:
    with pytest.raises(ValueError, match="quality code"):
        Quality.parse(raw)


@given(st.integers(0, 255))
def test_the_top_bits_alone_decide_the_level_of_a_quality(code: int) -> None:
    quality = Quality(code)

    assert quality.is_good == (code & 0x80 != 0)
    assert quality.is_uncertain == (code & 0xC0 == 0x40)
    assert quality.is_bad == (code & 0xC0 == 0)
    assert quality.level.value in str(quality)


@given(st.integers(0, 63))
def test_the_limit_bits_do_not_change_the_meaning_of_a_quality(upper_bits: int) -> None:
    qualities = [Quality(upper_bits * 4 + limit) for limit in range(4)]

    assert len({(quality.meaning, quality.level) for quality in qualities}) == 1
    assert [quality.limit for quality in qualities] == ["none", "low", "high", "constant"]


@pytest.mark.parametrize(
    ("code", "meaning"), [(0x80, "good"), (24, "no usable value"), (76, "initial value"), (0xD8, "local override")]
)
def test_a_quality_has_a_meaning_in_words(code: int, meaning: str) -> None:
    assert meaning in Quality(code).meaning


def test_simulated_and_overridden_values_are_recognised_with_any_limit() -> None:
    assert all(Quality(0x60 + limit).is_simulated for limit in range(4))
    assert all(Quality(0xD8 + limit).is_local_override for limit in range(4))
    assert not Quality(0x80).is_simulated
    assert Quality(0xD8).level is QualityLevel.GOOD


MOMENT = datetime(2026, 3, 2, 8, 15, 30, 120000, tzinfo=UTC)
LOCAL_TIMES = st.datetimes(datetime.fromisoformat("1980-01-01"), datetime.fromisoformat("2100-01-01"))
WHOLE_SECOND = MOMENT.replace(microsecond=0)


@pytest.mark.parametrize(
    ("raw", "zone", "moment"),
    [
        ("2026-03-02T08:15:30.120Z", UTC, MOMENT),
        ("2026-03-02T08:15:30.12Z", BERLIN, MOMENT),
        ("2026-03-02T09:15:30.120+01:00", UTC, MOMENT),
        ("2026-03-02T08:15:30.120", UTC, MOMENT),
        ("2026-03-02T09:15:30.120", BERLIN, MOMENT),
        ("2026-03-02 08:15:30.120", UTC, MOMENT),
        ("2026-03-02T08:15:30Z", UTC, WHOLE_SECOND),
        ("2026-03-02T08:15:30", UTC, WHOLE_SECOND),
        ("2026-03-02T08:15:30.1200000Z", UTC, MOMENT),
        ("02.03.2026 08:15:30", UTC, WHOLE_SECOND),
        ("02.03.2026 09:15:30", BERLIN, WHOLE_SECOND),
        ("3/2/2026 8:15:30 AM", UTC, WHOLE_SECOND),
        ("1772439330120", BERLIN, MOMENT),
        (1772439330120, BERLIN, MOMENT),
        (1772439330120.0, BERLIN, MOMENT),
        ("99999999999999", UTC, datetime(5138, 11, 16, 9, 46, 39, 999000, tzinfo=UTC)),
    ],
)
def test_a_timestamp_is_read_from_every_form(raw: object, zone: tzinfo, moment: datetime) -> None:
    read = read_timestamp(raw, zone)

    assert read == moment
    assert read is not None
    assert read.utcoffset() == timedelta(0)


@given(LOCAL_TIMES, st.integers(0, 7))
def test_zero_to_seven_digits_of_fraction_are_read(moment: datetime, digits: int) -> None:
    fraction = f".{moment.microsecond:06d}0"[: digits + 1] if digits else ""
    text = f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"

    kept = min(digits, 6)
    microsecond = moment.microsecond // 10 ** (6 - kept) * 10 ** (6 - kept)
    assert read_timestamp(text, UTC) == moment.replace(microsecond=microsecond, tzinfo=UTC)


@given(LOCAL_TIMES, st.integers(-14 * 60, 14 * 60))
def test_an_offset_is_kept_in_mind_whatever_the_zone_of_the_station(moment: datetime, minutes: int) -> None:
    written = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))

    assert read_timestamp(written.isoformat(), BERLIN) == written


@pytest.mark.parametrize(
    ("local", "moment"),
    [
        ("2026-07-01T10:00:00", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        ("2026-12-01T10:00:00", datetime(2026, 12, 1, 9, tzinfo=UTC)),
        ("2026-10-25T01:59:59", datetime(2026, 10, 24, 23, 59, 59, tzinfo=UTC)),
        ("2026-10-25T02:30:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25T03:00:00", datetime(2026, 10, 25, 2, tzinfo=UTC)),
    ],
)
def test_a_local_time_follows_daylight_saving_and_is_the_first_of_two_in_doubt(local: str, moment: datetime) -> None:
    assert read_timestamp(local, BERLIN) == moment


@pytest.mark.parametrize("raw", [None, "", "yesterday", "2026-03-02", "20260302", 5, True, [], "31.31.2026 10:00:00"])
def test_a_timestamp_that_cannot_be_read_is_none(raw: object) -> None:
    assert read_timestamp(raw, UTC) is None
