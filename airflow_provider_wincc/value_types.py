"""Whether a value fits a tag, judged by what the station reads back for it or by the type that the caller names."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCWriteRefusedError
from airflow_provider_wincc.client.models import DataType, read_as, read_number, read_value

if TYPE_CHECKING:
    from airflow_provider_wincc.client.models import Scalar, TagValue

_LARGEST_FLOAT32 = 3.4028234663852886e38


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

    Whole numbers must be equal but for ``tolerance``; other numbers may also differ by what a 32-bit float cannot
    hold.
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
    relative = 1e-6 if isinstance(value, float) else 0.0
    return math.isclose(number, value, rel_tol=relative, abs_tol=tolerance)


def _fit_declared(value: Scalar, declared: DataType) -> Scalar:
    if declared is DataType.TEXT:
        if isinstance(value, bool | float):
            raise ValueError("a text is expected")
        return str(value)
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
    if isinstance(number, str):
        # "0042" may be an order number in a text tag that happens to show digits now.
        raise ValueError("a number is expected, written plainly (42, 42.5)")  # noqa: TRY004  becomes a refusal
    if number is None:
        raise ValueError("a finite number is expected")
    return number


def _text(value: int | float | str) -> str:
    return value if isinstance(value, str) else repr(value)
