"""What the client hands out: qualities, data types, tag values and tag failures."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow_provider_wincc.client.storable import storable_tag_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pendulum

Scalar = bool | int | float | str
"""A value that a tag can hold."""


class QualityLevel(StrEnum):
    """The three words for a quality."""

    GOOD = "good"
    UNCERTAIN = "uncertain"
    BAD = "bad"


_LEVELS = (QualityLevel.BAD, QualityLevel.UNCERTAIN, QualityLevel.GOOD, QualityLevel.GOOD)
_LIMITS = ("none", "low", "high", "constant")

# WinCC information system, "Quality codes of tags"; the limit bits are masked off before the look-up.
_MEANINGS = {
    0x00: "bad, no special reason",
    0x04: "bad, configuration error",
    0x08: "bad, not connected",
    0x0C: "bad, device failure",
    0x10: "bad, sensor failure",
    0x14: "bad, no communication, last usable value",
    0x18: "bad, no communication, no usable value",
    0x1C: "bad, out of service",
    0x20: "bad, local diagnosis",
    0x28: "bad, process-related, maintenance",
    0x40: "uncertain, no special reason",
    0x44: "uncertain, last usable value",
    0x48: "uncertain, substitute value",
    0x4C: "uncertain, initial value",
    0x50: "uncertain, sensor conversion inaccurate",
    0x54: "uncertain, engineering range violated",
    0x58: "uncertain, sub-normal",
    0x5C: "uncertain, configuration error",
    0x60: "uncertain, simulated value",
    0x64: "uncertain, sensor calibration",
    0x68: "uncertain, maintenance demanded",
    0x80: "good",
    0x84: "good, active update event",
    0x88: "good, active advisory alarm",
    0x8C: "good, active critical alarm",
    0x90: "good, unacknowledged update event",
    0x94: "good, unacknowledged advisory alarm",
    0x98: "good, unacknowledged critical alarm",
    0xA0: "good, initiate fail-safe",
    0xA4: "good, maintenance required",
    0xA8: "good, maintenance demanded",
    0xC0: "good (cascade)",
    0xC4: "good (cascade), initialisation acknowledged",
    0xC8: "good (cascade), initialisation requested",
    0xCC: "good (cascade), not invited",
    0xD4: "good (cascade), do not select",
    0xD8: "good (cascade), local override",
    0xE0: "good (cascade), initiate fail-safe",
}
_SIMULATED = 0x60
_LOCAL_OVERRIDE = 0xD8


@dataclass(frozen=True, slots=True)
class Quality:
    """A WinCC quality code: one byte ``QQSSSSLL`` of level, sub-status and limit.

    Native good is 0x80, OPC good is 0xC0; both top-bit patterns are good. Source: WinCC information system,
    "Quality codes of tags".
    """

    code: int

    def __post_init__(self) -> None:
        if not 0 <= self.code <= 0xFF:
            raise ValueError(f"a quality code is one byte (0 to 255), not {self.code}")

    @property
    def level(self) -> QualityLevel:
        """Good, uncertain or bad."""
        return _LEVELS[self.code >> 6]

    @property
    def is_good(self) -> bool:
        """Whether the top bits say good (0x80 or 0xC0)."""
        return self.code >= 0x80

    @property
    def is_uncertain(self) -> bool:
        """Whether the top bits say uncertain."""
        return self.level is QualityLevel.UNCERTAIN

    @property
    def is_bad(self) -> bool:
        """Whether the top bits say bad."""
        return self.level is QualityLevel.BAD

    @property
    def limit(self) -> str:
        """The limit bits as a word: ``none``, ``low``, ``high`` or ``constant``."""
        return _LIMITS[self.code & 0x03]

    @property
    def is_simulated(self) -> bool:
        """Whether the value is a simulated one."""
        return self.code & 0xFC == _SIMULATED

    @property
    def is_local_override(self) -> bool:
        """Whether somebody on site has overridden the value."""
        return self.code & 0xFC == _LOCAL_OVERRIDE

    @property
    def meaning(self) -> str:
        """The code in words; the level alone for a code that the table does not have."""
        return _MEANINGS.get(self.code & 0xFC, self.level.value)

    def __str__(self) -> str:
        return f"{self.meaning} (0x{self.code:02X})"

    @classmethod
    def parse(cls, raw: object) -> Quality:
        """Read a quality as stations write it: ``128``, ``"128"``, ``"0x80"``, ``"16#80"``, ``"GOOD"``.

        :raises ValueError: when it is none of these.
        """
        text = raw if isinstance(raw, str) else str(raw)
        if isinstance(raw, bool) or not isinstance(raw, str | int | float) or len(text) > _LONGEST_QUALITY:
            raise ValueError(f"not a quality code: {text[:_LONGEST_QUALITY]!r}")
        return _parse_quality(text)


_LONGEST_QUALITY = 64
_QUALITY_WORDS = {"good": 0x80, "uncertain": 0x40, "bad": 0x00}


@lru_cache(maxsize=1024)
def _parse_quality(text: str) -> Quality:
    stripped = text.strip().lower()
    if stripped in _QUALITY_WORDS:
        return Quality(_QUALITY_WORDS[stripped])
    for prefix in ("0x", "16#"):
        if stripped.startswith(prefix):
            return Quality(_hexadecimal(stripped[len(prefix) :], text))
    try:
        number = float(stripped)
    except ValueError:
        raise ValueError(f"not a quality code: {text!r}") from None
    if not number.is_integer():
        raise ValueError(f"not a quality code: {text!r}")
    return Quality(int(number))


def _hexadecimal(digits: str, text: str) -> int:
    if not re.fullmatch(r"[0-9a-f]{1,16}", digits):
        raise ValueError(f"not a quality code: {text!r}")
    return int(digits, 16)


class DataType(StrEnum):
    """Types of WinCC tags, by the names that tag management shows in short form."""

    BOOL = "bool"
    INT8 = "int8"
    UINT8 = "uint8"
    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    INT = "int"
    FLOAT = "float"
    TEXT = "text"

    @classmethod
    def parse(cls, name: object) -> DataType:
        """Read a type given as a member, its name, or Python's ``bool``, ``int``, ``float``, ``str``.

        :raises ValueError: naming the known types.
        """
        known = {bool: cls.BOOL, int: cls.INT, float: cls.FLOAT, str: cls.TEXT}
        if isinstance(name, type) and name in known:
            return known[name]
        try:
            return cls(str(name).strip().lower())
        except ValueError:
            names = ", ".join(member.value for member in cls)
            raise ValueError(f"unknown data type {name!r}; known are {names}") from None

    @property
    def integer_range(self) -> tuple[int, int] | None:
        """Lowest and highest value of an integer type of fixed width, else None."""
        match = re.fullmatch(r"(u?)int(\d+)", self.value)
        if match is None:
            return None
        bits = int(match[2])
        return (0, 2**bits - 1) if match[1] else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)

    @property
    def is_integer(self) -> bool:
        """Whether it is one of the integer types."""
        return self is DataType.INT or self.integer_range is not None

    @property
    def is_float(self) -> bool:
        """Whether it is one of the floating-point types."""
        return self in {DataType.FLOAT, DataType.FLOAT32, DataType.FLOAT64}


class TagValue(NamedTuple):
    """One reading of one tag: value, quality, timestamp.

    A named tuple, because ten thousand of them are made in one read. ``raw`` takes no part in comparisons.

    :param name: the tag as it was asked for.
    :param value: bool, int, float or text, as far as the text of the value allows; None for "not a number".
    :param quality: the quality code.
    :param timestamp: when the value was formed or last changed, timezone-aware in UTC; None when the station
        sent none or one that cannot be read (``raw`` has its text).
    :param text: the value as text, exactly as the station sent it.
    :param data_type: WinCC's number for the type; opaque, because no public table of it exists.
    :param raw: the item of the answer, unchanged.
    """

    name: str
    value: Scalar | None
    quality: Quality
    timestamp: pendulum.DateTime | None = None
    text: str = ""
    data_type: int | None = None
    raw: Mapping[str, Any] = MappingProxyType({})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TagValue) and self[:-1] == other[:-1]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:-1])

    def __repr__(self) -> str:
        return f"TagValue({self.name!r}, {self.value!r}, {str(self.quality)!r}, {self.timestamp})"

    def as_type(self, data_type: DataType | str | type) -> TagValue:
        """Return the same reading with its value read as the given type.

        :raises ValueError: when the value's text cannot be read that way; it names the tag.
        """
        wanted = DataType.parse(data_type)
        try:
            return self._replace(value=read_as(self.text, wanted))
        except ValueError as error:
            raise ValueError(f"tag {self.name!r}: {error}") from None

    def to_json(self) -> dict[str, Any]:
        """Return the reading as plain JSON types: ``value``, ``quality``, ``quality_code``, ``timestamp``.

        NUL and half surrogate pairs in a text become U+FFFD, because Airflow can neither pass them on nor store them.
        """
        return {
            "value": storable_tag_value(self.value),
            "quality": self.quality.level.value,
            "quality_code": self.quality.code,
            "timestamp": None if self.timestamp is None else self.timestamp.isoformat(),
        }


class FailureKind(StrEnum):
    """Why a single tag of a request failed."""

    NOT_FOUND = "not found"
    NOT_CONNECTED = "not connected"
    UNREADABLE = "unreadable"
    WRONG_TYPE = "wrong type"
    REFUSED = "refused"
    FAILED = "failed"


_FAILURE_HINTS = {
    FailureKind.NOT_FOUND: "Check the spelling of the tag, and whether it is released for web access.",
    FailureKind.NOT_CONNECTED: "The station has no connection to the controller of this tag at the moment.",
    FailureKind.WRONG_TYPE: "Ask for a type that the tag has, or leave the type out.",
    FailureKind.REFUSED: "Check the type and limits of the tag in WinCC, and whether the user may write it.",
}
_LASTING_FAILURES = {FailureKind.NOT_FOUND, FailureKind.WRONG_TYPE, FailureKind.REFUSED}


@dataclass(frozen=True, slots=True)
class TagFailure:
    """Why one tag failed.

    :param kind: the reason in our own classes.
    :param reason: the station's own words, or ours where it had none.
    :param code: the station's ``errorcode``, where it sent one.
    """

    kind: FailureKind
    reason: str
    code: int | None = None

    @property
    def retryable(self) -> bool:
        """Whether trying again can help."""
        return self.kind not in _LASTING_FAILURES

    @property
    def hint(self) -> str:
        """What the user can do about it."""
        return _FAILURE_HINTS.get(self.kind, "")

    def __str__(self) -> str:
        code = "" if not self.code else f", error code {self.code}"
        return f"{self.kind.value}: {self.reason}{code}" if self.reason != self.kind.value else f"{self.reason}{code}"


@dataclass(frozen=True, slots=True)
class TagReadings:
    """What came of a read: ``values`` of the tags that could be read, ``failures`` of those that could not."""

    values: dict[str, TagValue]
    failures: dict[str, TagFailure]


@dataclass(frozen=True, slots=True)
class TagInfo:
    """A tag as tag management lists it.

    :param name: name of the tag.
    :param raw: everything the station said of it, keys unchanged; which keys there are differs by version.
    """

    name: str
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


# Written so that nothing is lost: leading zeros ("000123"), a plus sign, or an exponent without a sign ("23E4", which
# no station writes for a number) make an identifier.
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]\d+)?", re.ASCII)
_NOT_A_NUMBER = re.compile(r"[+-]?(?:nan|inf|infinity|∞|1\.#(?:qnan|snan|ind|inf)\d*)", re.IGNORECASE)
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_BINARY = 1
_MAX_DIGITS = 400
SMALLEST_INTEGER = -(2**63)
LARGEST_INTEGER = 2**64 - 1


def read_value(text: str, data_type: int | None = None) -> Scalar | None:
    """Turn the text of a value into bool, int, float or text, only as far as the text itself allows.

    ``"true"`` is True, ``"71.25"`` is 71.25, ``"18422"`` is 18422, ``"000123"`` stays text, and the forms of
    "not a number" and infinity give None. ``data_type`` 1 (binary) makes ``"1"`` and ``"0"`` a bool. A whole number
    of more than 64 bits stays text, too: no integer tag holds one, and Airflow cannot pass one on.
    """
    value = read_value_of_any_size(text, data_type)
    return text if isinstance(value, int) and not has_64_bits(value) else value


def has_64_bits(number: int) -> bool:
    """Whether an integer tag can hold the number, with or without a sign."""
    return SMALLEST_INTEGER <= number <= LARGEST_INTEGER


def read_value_of_any_size(text: str, data_type: int | None = None) -> Scalar | None:
    """Turn the text of a value into one as :func:`read_value` does, whole numbers of up to 400 digits among them."""
    number = _NUMBER.fullmatch(text) if len(text) <= _MAX_DIGITS else None
    if number is None or data_type == _BINARY:
        lowered = text.lower()
        if lowered in {"true", "false"} or (data_type == _BINARY and lowered in _BOOLEANS):
            return _BOOLEANS[lowered]
    if number is None:
        return None if _NOT_A_NUMBER.fullmatch(text) else text
    if number.lastindex is None and text != "-0":
        return int(text)
    value = float(text)
    return value if math.isfinite(value) else None


def read_number(text: str) -> int | float | None:
    """Read a text as a number: point or, where no point is, comma; None for "not a number" and infinity.

    :raises ValueError: when it is no number.
    """
    stripped = text.strip()
    if "." not in stripped and stripped.count(",") == 1:
        stripped = stripped.replace(",", ".")
    if _NOT_A_NUMBER.fullmatch(stripped):
        return None
    if len(stripped) > _MAX_DIGITS or not re.fullmatch(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", stripped):
        raise ValueError(f"{text!r} is not a number")
    if re.fullmatch(r"[+-]?\d+", stripped):
        return int(stripped)
    number = float(stripped)
    return number if math.isfinite(number) else None


def read_as(text: str, data_type: DataType) -> Scalar | None:
    """Read a text as the given type; None where a number is asked for and it is "not a number".

    :raises ValueError: when the text cannot be read that way, or lies outside the type's range.
    """
    if data_type is DataType.TEXT:
        return text
    if data_type is DataType.BOOL:
        lowered = text.strip().lower()
        if lowered not in _BOOLEANS:
            raise ValueError(f"{text!r} is not a bool (true, false, 1 or 0)")
        return _BOOLEANS[lowered]
    if text.strip().lower() in {"true", "false"}:
        raise ValueError(f"{text!r} is a bool, not a number")
    number = read_number(text)
    if number is None:
        return None
    if data_type.is_float:
        try:
            return float(number)
        except OverflowError:
            return None
    if isinstance(number, float) and not number.is_integer():
        raise ValueError(f"{text!r} is not a whole number")
    whole = int(number)
    limits = data_type.integer_range or (SMALLEST_INTEGER, LARGEST_INTEGER)
    if not limits[0] <= whole <= limits[1]:
        raise ValueError(f"{text!r} is outside the range of {data_type.value}, {limits[0]} to {limits[1]}")
    return whole
