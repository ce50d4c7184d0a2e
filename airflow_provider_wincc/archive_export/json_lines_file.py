"""Rows or buckets as a file of JSON lines."""

from __future__ import annotations

import json
from math import isfinite
from typing import TYPE_CHECKING, Any, BinaryIO

from airflow_provider_wincc.archive_export.archive_file import ArchiveFile
from airflow_provider_wincc.archive_export.moments import to_text
from airflow_provider_wincc.archive_export.rows import merged_rows, split_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from airflow_provider_wincc.archive_export.aggregates import Aggregate, ResampledValue
    from airflow_provider_wincc.client.archives.values import Archived, ArchiveWindow

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_quoted = json.encoder.encode_basestring


class JsonLinesFile(ArchiveFile):
    """One JSON object a line, in UTF-8, with the columns of the Parquet file as keys; all keys stand in every line.

    Timestamps are ISO 8601 in UTC with ``Z`` and microseconds. An infinite number becomes null: JSON has none.
    """

    @staticmethod
    def holds_rows(file: BinaryIO) -> bool:
        """Whether there is a line."""
        return bool(file.read(1))

    def _write_rows(self, window: ArchiveWindow) -> None:
        self._write_lines(_line(*row) for row in merged_rows(window))

    def _write_buckets(self, buckets: Sequence[ResampledValue]) -> None:
        self._write_lines(_encode(_bucket(bucket, self._facts.aggregates)) for bucket in buckets)

    def _write_lines(self, lines: Iterable[str]) -> None:
        self._file.write("".join(f"{line}\n" for line in lines).encode())


def _line(tag: str, timestamp: datetime, value: Archived | None, quality: int, flags: int | None) -> str:
    # Put together by hand: an encoder's walk through a dict takes several times as long.
    number, text = split_value(value)
    return (
        f'{{"tag":{_quoted(tag)},"timestamp":"{to_text(timestamp)}",'
        f'"value":{"null" if number is None or not isfinite(number) else repr(number)},'
        f'"text":{"null" if text is None else _quoted(text)},'
        f'"quality":{quality},"flags":{"null" if flags is None else flags}}}'
    )


def _bucket(bucket: ResampledValue, aggregates: Sequence[Aggregate]) -> dict[str, Any]:
    return {
        "tag": bucket.tag,
        "start": to_text(bucket.start),
        "end": to_text(bucket.end),
        "count": bucket.count,
        **{aggregate.value: _finite(bucket.value_of(aggregate)) for aggregate in aggregates},
    }


def _finite(number: float | None) -> float | None:
    return number if number is not None and isfinite(number) else None
