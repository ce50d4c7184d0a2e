"""How tags are written in answers, in the dialect of the station."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.models import DataType
from airflow_provider_wincc.simulator.archive_text import RowWriter
from airflow_provider_wincc.simulator.message_text import MessageWriter
from airflow_provider_wincc.simulator.values import json_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.simulator.dialect import Dialect
    from airflow_provider_wincc.simulator.tags import Refused, SimulatedTag

Row = dict[str, Any]

TAG_NOT_FOUND = 0x0800
_INITIAL_QUALITY = 76

# DM_VARTYPE of the WinCC ODK. That the REST service uses it is a guess, and the two 64-bit types are not in it.
DATA_TYPE_NUMBERS = {
    DataType.BOOL: 1,
    DataType.INT8: 2,
    DataType.UINT8: 3,
    DataType.INT16: 4,
    DataType.UINT16: 5,
    DataType.INT32: 6,
    DataType.UINT32: 7,
    DataType.FLOAT32: 8,
    DataType.FLOAT64: 9,
    DataType.TEXT: 11,
    DataType.INT64: 20,
    DataType.UINT64: 21,
}


class Renderer:
    """Writes tags and errors as rows of an answer; made once for each dialect.

    ``archived`` writes archived rows, ``messages`` rows of messages.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        camel = dialect.key_case == "camel"
        self._quality_key = "qualityCode" if camel else "qualitycode"
        self._code_key = "errorCode" if camel else "errorcode"
        self._value: Callable[[Scalar], Scalar] = text_of if dialect.value_typing == "text" else json_of
        self._time = _TIMES[dialect.timestamps]
        self._quality = _QUALITIES[dialect.quality]
        self.archived = RowWriter(dialect, self._quality)
        self.messages = MessageWriter(dialect, self._time)

    def reading(self, asked: str, tag: SimulatedTag, quality: int | None = None) -> Row:
        """Write the value of a tag under the name by which it was asked for.

        :param quality: put in place of the tag's own, where given.
        """
        row: Row = {
            "variableName": asked,
            "dataType": DATA_TYPE_NUMBERS[tag.data_type],
            "value": self._value(tag.value),
            "timestamp": self._time(tag.timestamp),
            self._quality_key: self._quality(tag.quality if quality is None else quality),
            self._code_key: tag.error_code,
        }
        if tag.error:
            row["error"] = tag.error
        return row

    def initial(self, asked: str, tag: SimulatedTag) -> Row:
        """Write the start value of a tag that has not been acquired yet."""
        return {**self.reading(asked, tag, _INITIAL_QUALITY), "value": self._value(tag.start_value)}

    def written(self, asked: str, refused: Refused | None = None) -> Row:
        """Write the outcome of a write."""
        if refused is None:
            return {"variableName": asked, self._code_key: 0}
        return {"variableName": asked, self._code_key: refused.code, "error": refused.error}

    def unknown(self, asked: str) -> Row:
        """Write the row of a tag that is not there."""
        if self.dialect.unknown_tag == "error_code":
            return {"variableName": asked, self._code_key: TAG_NOT_FOUND}
        return {"variableName": asked, "error": "Not Found"}

    def configured(self, tag: SimulatedTag) -> Row:
        """Write what is configured of a tag."""
        return {
            "variableName": tag.name,
            "dataType": DATA_TYPE_NUMBERS[tag.data_type],
            "connection": tag.connection,
            "group": tag.group,
            "unit": tag.unit,
            "comment": tag.description,
        }

    def listed(self, rows: list[Row]) -> list[Row] | dict[str, list[Row]]:
        """Put a list of values into its envelope."""
        return rows if self.dialect.envelope == "bare" else {"values": rows}


def _milliseconds(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")


_OFFSET = timezone(timedelta(hours=1))
_TIMES: dict[str, Callable[[datetime], str]] = {
    "z": lambda moment: _milliseconds(moment) + "Z",
    "offset": lambda moment: moment.astimezone(_OFFSET).isoformat(timespec="milliseconds"),
    "no_zone": _milliseconds,
    "no_fraction": lambda moment: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "seven_digits": lambda moment: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z"),
}
_QUALITIES: dict[str, Callable[[int], int | str]] = {
    "text": str,
    "int": int,
    "hex": lambda code: f"0x{code:02X}",
}
