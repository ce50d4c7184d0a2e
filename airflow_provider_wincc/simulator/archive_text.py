"""Archived rows as JSON text, in the dialect of the station: many rows a second, hence without dicts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.simulator.archive_moments import HOUR, moment_of
from airflow_provider_wincc.simulator.values import json_of, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.simulator.archive_series import Chunk
    from airflow_provider_wincc.simulator.dialect import Dialect

_GOOD = 0x80


class RowWriter:
    """Writes rows; made once for each dialect.

    :param quality: how a quality code is shown.
    """

    def __init__(self, dialect: Dialect, quality: Callable[[int], int | str]) -> None:
        camel = dialect.key_case == "camel"
        if dialect.archive_row_keys == "timestamp":
            time_key, quality_key = "timestamp", "qualityCode" if camel else "qualitycode"
        else:
            time_key, quality_key = "dateTime" if camel else "datetime", "quality"
        self._descending = dialect.archive_order == "descending"
        self._hours_ahead = 1 if dialect.timestamps == "offset" else 0
        self._time_key = f',"{time_key}":"'
        self._fractions = _fractions(dialect.timestamps, f'","{quality_key}":')
        # The flags of real archives are not published; here they say no more than that something is not good.
        self._tails = [
            json.dumps(quality(code)) + (f',"flags":{int(code != _GOOD)}' if dialect.archive_flags else "") + "}"
            for code in range(256)
        ]
        shown = json_of if dialect.value_typing == "json" else text_of
        self._numbers = _Texts(shown)
        # They are apart from the numbers, because true equals 1.
        self._bools = _Texts(shown)

    def rows(self, chunks: Iterable[Chunk]) -> str:
        """Write rows as they stand between the brackets of a list."""
        texts = [",".join(self._chunk(chunk)) for chunk in chunks]
        if self._descending:
            texts.reverse()
        return ",".join(texts)

    def _chunk(self, chunk: Chunk) -> list[str]:
        hour = moment_of((chunk.hour + self._hours_ahead) * HOUR).strftime("%Y-%m-%dT%H:")
        before = f"{self._time_key}{hour}"
        seconds, fractions, tails = _SECONDS, self._fractions, self._tails
        values = self._texts(chunk)
        rows = [
            f'{{"value":{value}{before}{seconds[offset // 1000]}{fractions[offset % 1000]}{tails[quality]}'
            for value, offset, quality in zip(values, chunk.offsets, chunk.qualities, strict=True)
        ]
        if self._descending:
            rows.reverse()
        return rows

    def _texts(self, chunk: Chunk) -> Iterable[str]:
        first = chunk.values[0]
        if isinstance(first, bool):
            return map(self._bools.__getitem__, chunk.values)
        if isinstance(first, float):
            return map(self._numbers.__getitem__, chunk.values)
        return [json.dumps(value, ensure_ascii=False) for value in chunk.values]


class _Texts(dict[Any, str]):
    """The texts of values; most come again and again."""

    def __init__(self, shown: Callable[[Scalar], Scalar]) -> None:
        super().__init__()
        self._shown = shown

    def __missing__(self, value: Scalar) -> str:
        text = json.dumps(self._shown(value))
        if len(self) < _REMEMBERED:
            self[value] = text
        return text


_REMEMBERED = 200_000


_SECONDS = [f"{second // 60:02}:{second % 60:02}" for second in range(3600)]


def _fractions(form: str, after: str) -> list[str]:
    mark = {"z": "Z", "offset": "+01:00", "no_zone": "", "no_fraction": "Z", "seven_digits": "0000Z"}[form]
    if form == "no_fraction":
        return [f"{mark}{after}"] * 1000
    return [f".{fraction:03}{mark}{after}" for fraction in range(1000)]
