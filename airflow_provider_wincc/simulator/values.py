"""Values of tags: what a tag of a type accepts, and how the value is written as text."""

from __future__ import annotations

import math
import re
import struct

from airflow_provider_wincc.client.models import DataType, Scalar
from airflow_provider_wincc.simulator.errors import WrongValueError

# Bits of WinCC's tag state, which stand in for the error codes of the REST service (those are not published).
ABOVE_RANGE = 0x0020
BELOW_RANGE = 0x0040
CONVERSION = 0x0080


def accept(value: object, data_type: DataType, *, finite: bool = True) -> Scalar:
    """Turn a value into what a tag of the type holds.

    Numbers may come as text with a decimal point, booleans as ``true``, ``false``, 0 or 1. A text tag takes
    numbers and booleans by their text.

    :param finite: refuse infinity and "not a number", which JSON cannot carry.
    :raises WrongValueError: when the value is of another kind or outside the range of the type.
    """
    if isinstance(value, bool | int | float | str):
        if data_type is DataType.TEXT:
            return value if isinstance(value, str) else text_of(value)
        if data_type is DataType.BOOL:
            return _accept_bool(value)
        if not isinstance(value, bool):
            number = _read_number(value) if isinstance(value, str) else value
            if number is not None:
                return _accept_number(number, data_type, finite=finite)
    raise _conversion_error(value, data_type)


def text_of(value: Scalar) -> str:
    """Write a value as the station does: ``true``, ``42``, ``42.5``, ``NaN``, or the text itself."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if math.isfinite(value):
        return repr(value).removesuffix(".0")
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def json_of(value: Scalar) -> Scalar:
    """Give a value as JSON can carry it; infinity and "not a number" become text."""
    return text_of(value) if isinstance(value, float) and not math.isfinite(value) else value


def start_value(data_type: DataType) -> Scalar:
    """Give the value of a tag that has never been acquired: false, 0 or an empty text."""
    if data_type is DataType.TEXT:
        return ""
    if data_type is DataType.BOOL:
        return False
    return 0.0 if data_type.is_float else 0


def type_of(value: object) -> DataType:
    """Choose the type of a new tag by its first value.

    :raises WrongValueError: when it is neither bool, int, float nor text.
    """
    if isinstance(value, bool):
        return DataType.BOOL
    if isinstance(value, int):
        return DataType.INT32 if -(2**31) <= value < 2**31 else DataType.INT64
    if isinstance(value, float):
        return DataType.FLOAT64
    if isinstance(value, str):
        return DataType.TEXT
    raise WrongValueError(f"a tag holds a bool, int, float or text, not {type(value).__name__}", code=CONVERSION)


_WIDTHS = {DataType.INT: DataType.INT64, DataType.FLOAT: DataType.FLOAT64}


def stored_type(data_type: DataType | str | type) -> DataType:
    """Give the type of fixed width that a tag gets: ``int`` becomes int64, ``float`` float64.

    :raises ValueError: when there is no such type.
    """
    wanted = DataType.parse(data_type)
    return _WIDTHS.get(wanted, wanted)


def _accept_bool(value: Scalar) -> bool:
    plain = value.strip().lower() if isinstance(value, str) else value
    if plain in {True, "true", "1"}:
        return True
    if plain in {False, "false", "0"}:
        return False
    raise _conversion_error(value, DataType.BOOL)


_NUMBER = re.compile(r"[+-]?\d{1,400}(\.\d{0,400})?([eE][+-]?\d{1,4})?")


def _read_number(text: str) -> int | float | None:
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None
    return float(match[0]) if match[1] or match[2] else int(match[0])


def _accept_number(number: float, data_type: DataType, *, finite: bool) -> Scalar:
    limits = data_type.integer_range
    if limits is None:
        return _accept_float(number, data_type, finite=finite)
    if isinstance(number, float):
        if not number.is_integer():
            raise _conversion_error(number, data_type)
        number = int(number)
    if number > limits[1]:
        raise _range_error(number, data_type, ABOVE_RANGE)
    if number < limits[0]:
        raise _range_error(number, data_type, BELOW_RANGE)
    return number


def _accept_float(number: float, data_type: DataType, *, finite: bool) -> float:
    code = ABOVE_RANGE if number > 0 else BELOW_RANGE
    try:
        wide = float(number)
        if finite and not math.isfinite(wide):
            raise _range_error(number, data_type, code)
        return _shortest_float32(wide) if data_type is DataType.FLOAT32 else wide
    except OverflowError:
        raise _range_error(number, data_type, code) from None


_SINGLE = struct.Struct("<f")
_ENOUGH_DIGITS = 9


def _shortest_float32(number: float) -> float:
    # 42.3 stays 42.3, as the station shows it, and does not become 42.29999923706055.
    packed = _SINGLE.pack(number)
    for digits in range(7, _ENOUGH_DIGITS):
        short = float(f"{number:.{digits}g}")
        if _SINGLE.pack(short) == packed:
            return short
    return float(f"{number:.{_ENOUGH_DIGITS}g}")


def _conversion_error(value: object, data_type: DataType) -> WrongValueError:
    shown = repr(value)
    shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
    return WrongValueError(f"Conversion error: {shown} is not a value of type {data_type.value}", code=CONVERSION)


def _range_error(number: float, data_type: DataType, code: int) -> WrongValueError:
    side = "above" if code == ABOVE_RANGE else "below"
    limits = data_type.integer_range
    span = f", {limits[0]} to {limits[1]}" if limits else ""
    shown = f"{number:g}" if isinstance(number, float) else str(number)[:40]
    return WrongValueError(f"Range error: {shown} is {side} the range of {data_type.value}{span}", code=code)
