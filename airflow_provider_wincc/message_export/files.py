"""Messages into files, all of which get their names when the last one is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.archive_export.file_names import FILE_ENDINGS, path_of
from airflow_provider_wincc.archive_export.partitions import partitions_of
from airflow_provider_wincc.archive_export.whole_file import WholeFiles, has_file
from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.message_export.csv_form import csv_bytes
from airflow_provider_wincc.message_export.json_lines_form import json_lines_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from airflow_provider_wincc.client.messages.values import Message
    from airflow_provider_wincc.message_export.exported import ExportedMessages

    Form = Callable[[Iterable[Message], Mapping[str, str]], bytes]


def write_files(
    exported: ExportedMessages, folder: Any, *, file_format: str, partition_by: str | None, file_name: str
) -> tuple[list[str], list[str]]:
    """Write a file for each partition, also one without messages, which may replace an old one.

    Return the paths of the files that were written, and of those that an earlier run has written and that stay: of a
    partition to whose start the answer does not reach back. One of which nothing is known has no new file either.

    :param folder: an ``ObjectStoragePath`` or a ``Path``.
    :param file_format: one of :data:`~airflow_provider_wincc.archive_export.file_names.FILE_ENDINGS`.
    :param file_name: what the names of the files begin with; the start of their time is added.
    :raises ArchiveTargetError: when the folder refuses. Nothing new stands under the names, unless it refused only when
        complete files got their names one after the other.
    """
    form = _form_of(file_format)
    kept = []
    with WholeFiles() as files:
        for partition in partitions_of(exported.interval.start, exported.interval.end, partition_by):
            target = folder / path_of(partition, file_name, FILE_ENDINGS[file_format])
            if partition.start < exported.known_since and has_file(target):
                kept.append(str(target))
                continue
            if exported.may_lack_messages and partition.end <= exported.known_since:
                continue
            file = files.begin(target)
            messages = exported.within(partition.start, partition.end)
            file.write(form(messages, exported.facts(partition.start, partition.end)))
            file.complete()
        return files.appear(), kept


def _form_of(file_format: str) -> Form:
    if file_format == "csv":
        return csv_bytes
    if file_format == "json_lines":
        return json_lines_bytes
    try:
        from airflow_provider_wincc.message_export.parquet_form import parquet_bytes
    except ImportError as error:
        raise WinCCConfigurationError(
            f"Parquet files cannot be written here: {error}.", hint="Or choose the file_format 'csv' or 'json_lines'."
        ) from error
    return parquet_bytes
