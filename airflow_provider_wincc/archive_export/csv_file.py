"""Rows or buckets as a CSV file."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, BinaryIO

from airflow_provider_wincc.archive_export.archive_file import ArchiveFile
from airflow_provider_wincc.archive_export.moments import to_text
from airflow_provider_wincc.archive_export.rows import merged_rows, split_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from airflow_provider_wincc.archive_export.aggregates import ResampledValue
    from airflow_provider_wincc.archive_export.archive_file import BinaryTarget
    from airflow_provider_wincc.archive_export.facts import ArchiveFacts
    from airflow_provider_wincc.client.archives.values import ArchiveWindow


class CsvFile(ArchiveFile):
    """A CSV file as RFC 4180 has it (comma, CRLF, UTF-8, a header line), with the columns of the Parquet file.

    Timestamps are ISO 8601 in UTC with ``Z`` and microseconds. Numbers are written so that they read back as the same
    float. Nothing stands where there is no value; an empty text cannot be told from that.
    """

    def __init__(self, file: BinaryTarget, facts: ArchiveFacts) -> None:
        super().__init__(file, facts)
        buckets = ("tag", "start", "end", "count", *(aggregate.value for aggregate in facts.aggregates))
        self._write_lines([buckets if facts.aggregates else ("tag", "timestamp", "value", "text", "quality", "flags")])

    @staticmethod
    def holds_rows(file: BinaryIO) -> bool:
        """Whether something stands behind the header."""
        file.readline()
        return bool(file.read(1))

    def _write_rows(self, window: ArchiveWindow) -> None:
        self._write_lines(
            (tag, to_text(timestamp), *split_value(value), quality, flags)
            for tag, timestamp, value, quality, flags in merged_rows(window)
        )

    def _write_buckets(self, buckets: Sequence[ResampledValue]) -> None:
        self._write_lines(
            (
                bucket.tag,
                to_text(bucket.start),
                to_text(bucket.end),
                bucket.count,
                *map(bucket.value_of, self._facts.aggregates),
            )
            for bucket in buckets
        )

    def _write_lines(self, lines: Iterable[Sequence[Any]]) -> None:
        # csv writes a float as its repr, and None as nothing.
        text = io.StringIO(newline="")
        csv.writer(text).writerows(lines)
        self._file.write(text.getvalue().encode())
