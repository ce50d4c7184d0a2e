"""Whether a value fits a tag, judged by what the station reads back for it or by the type that the caller names."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCWriteRefusedError
from airflow_provider_wincc.client.models import DataType, read_as, read_number, read_value
from airflow_provider_wincc.client.wire import field_of

if TYPE_CHECKING:
    from airflow_provider_wincc.client.models import Scalar, TagValue

_LARGEST_FLOAT32 = 3.4028234663852886e38
_DIGITS_OF_C = 6
_DIGITS_OF_DOTNET = 7


def fit_value(name: str, value: Scalar, reading: TagValue, declared: DataType | None = None) -> Scalar:
    """Return the value as the tag's type, without changing what it says: ``"42.5"`` for a number tag is 42.5.

    :param reading: what the tag reads now; its type is the tag's type where none is declared.
    :param declared: the tag's type, where the caller names it.
    :raises WinCCWriteRefusedError: when the value does not fit; it names tag, value and what is expected.
    """
    try:
        return _fit_reading(value, reading) if declared is None else _fit_declared(value, declared)
    except ValueError as error:
        reason = str(error)
    if declared is None:
        told = f" The tag now reads {reading.text!r}."
        hint = (
            f'Correct the value; or, if it is right, name the tag\'s type: types={{"{name}": "text"}} '
            f"(known types: {', '.join(DataType)})."
        )
    else:
        told, hint = "", "Correct the value, or the type that the task names for the tag."
    raise WinCCWriteRefusedError(
        f"The value {value!r} does not fit tag {name!r}: {reason}.{told} Nothing was sent.", hint=hint
    )


def shows_value(reading: TagValue, value: Scalar, tolerance: float) -> bool:
    """Whether a reading is of good quality and shows a value.

    Whole numbers must be equal but for ``tolerance``; other numbers may also be the same one as a 32-bit float, or
    as a station shows it that has six or seven digits for one.
    """
    if not reading.quality.is_good:
        return False
    try:
        if isinstance(value, bool):
            return read_as(reading.text, DataType.BOOL) is value
        if isinstance(value, str):
            return reading.text == value
        number = read_number(reading.text)
    except ValueError:
        return False
    if number is None:
        return False
    if _differ_at_most(number, value, tolerance):
        return True
    return isinstance(value, float) and (
        _is_same_float32(number, value) or _is_shown_with_fewer_digits(reading.text, number, value)
    )


def may_be_unchanged(reading: TagValue, before: TagValue, value: Scalar) -> bool:
    """Whether a reading that shows a value may be what the tag showed before anybody wrote that value.

    So it is when it is near enough to the value, but neither equal to it nor another reading than the one before.
    """
    if isinstance(value, bool | str) or reading.value != before.value:
        return False
    return read_number(reading.text) != value


def _differ_at_most(number: float, other: float, tolerance: float) -> bool:
    if number == other:
        return True
    try:
        return abs(number - other) <= tolerance
    except OverflowError:
        return False


def _is_same_float32(number: float, other: float) -> bool:
    rounded = _as_float32(number)
    return rounded is not None and rounded == _as_float32(other)


def _as_float32(number: float) -> float | None:
    try:
        (rounded,) = struct.unpack("<f", struct.pack("<f", float(number)))
    except OverflowError:
        return None
    return float(rounded)


def _is_shown_with_fewer_digits(text: str, number: float, value: float) -> bool:
    digits = len(re.sub(r"\D", "", re.split("[eE]", text)[0]).lstrip("0"))
    if digits > _DIGITS_OF_DOTNET:
        return False
    # Of seven, zeros at the end may be left out. Of six they may not: "1" would then stand for 1.000004.
    precisions = {_DIGITS_OF_DOTNET, digits} if digits == _DIGITS_OF_C else {_DIGITS_OF_DOTNET}
    stored = {value, _as_float32(value) or value}
    return any(float(f"{each:.{precision}g}") == number for each in stored for precision in precisions)


def _fit_declared(value: Scalar, declared: DataType) -> Scalar:
    if declared is DataType.TEXT:
        if isinstance(value, bool | float):
            raise ValueError("a text is expected")
        return _text(value)
    if isinstance(value, bool) and declared is not DataType.BOOL:
        raise ValueError(f"a number ({declared.value}) is expected, not a bool")
    fitted = read_as(str(value).lower() if isinstance(value, bool) else _text(value), declared)
    if fitted is None:
        raise ValueError("a finite number is expected")
    if declared is DataType.FLOAT32 and abs(float(fitted)) > _LARGEST_FLOAT32:
        raise ValueError("it is outside the range of float32")
    return fitted


def _fit_reading(value: Scalar, reading: TagValue) -> Scalar:
    shown = reading.value
    if isinstance(shown, bool):
        return _fit_declared(value, DataType.BOOL)
    if isinstance(shown, str):
        if isinstance(value, str):
            return value
        raise ValueError("a text is expected")
    if isinstance(value, bool):
        # Some stations show a binary tag as 0 and 1.
        if shown not in (0, 1):
            raise ValueError("a number is expected, not a bool")
        return value
    number = read_value(value) if isinstance(value, str) else value
    is_certain = not isinstance(field_of(reading.raw, "value"), str)
    if isinstance(number, str) or (isinstance(value, str) and not is_certain and str(number) != value):
        # "0042" or "1.10" may be an order number in a text tag that happens to show digits now.
        raise ValueError("a number is expected, written plainly, without needless zeros (42, 42.5)")
    if number is None:
        raise ValueError("a finite number is expected")
    return number


def _text(value: int | float | str) -> str:
    # Classes made of these three, such as NumPy's float and enumerations, say more in their own text than the value.
    if isinstance(value, str):
        return str.__str__(value)
    return float.__repr__(value) if isinstance(value, float) else int.__repr__(value)
