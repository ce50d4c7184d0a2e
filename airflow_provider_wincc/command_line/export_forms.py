"""Forms of files by the endings of their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.archive_export.file_names import FILE_ENDINGS
from airflow_provider_wincc.client.errors import WinCCConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from airflow_provider_wincc.archive_export.archive_file import ArchiveFile
    from airflow_provider_wincc.client.messages.values import Message

    MessageForm = Callable[[Iterable[Message], Mapping[str, str]], bytes]

_FORMS = {ending: form for form, ending in FILE_ENDINGS.items()}


def archive_form(out: Path) -> type[ArchiveFile]:
    """Return the form of an archive's file.

    :raises WinCCConfigurationError: when the ending is none of ours, or the form needs what is not installed.
    """
    form = _form_of(out)
    if form == "csv":
        from airflow_provider_wincc.archive_export.csv_file import CsvFile

        return CsvFile
    if form == "json_lines":
        from airflow_provider_wincc.archive_export.json_lines_file import JsonLinesFile

        return JsonLinesFile
    try:
        from airflow_provider_wincc.archive_export.parquet_file import ParquetFile
    except ImportError as error:
        raise _without_parquet(error) from None
    return ParquetFile


def message_form(out: Path) -> MessageForm:
    """Return what makes the bytes of a file of messages.

    :raises WinCCConfigurationError: when the ending is none of ours, or the form needs what is not installed.
    """
    form = _form_of(out)
    if form == "csv":
        from airflow_provider_wincc.message_export.csv_form import csv_bytes

        return csv_bytes
    if form == "json_lines":
        from airflow_provider_wincc.message_export.json_lines_form import json_lines_bytes

        return json_lines_bytes
    try:
        from airflow_provider_wincc.message_export.parquet_form import parquet_bytes
    except ImportError as error:
        raise _without_parquet(error) from None
    return parquet_bytes


def _form_of(out: Path) -> str:
    form = _FORMS.get(out.suffix.lower())
    if form is None:
        raise WinCCConfigurationError(
            f"The ending of {out.name!r} names no form of file.",
            hint=f"Let --out end in one of {', '.join(_FORMS)}.",
        )
    return form


def _without_parquet(error: ImportError) -> WinCCConfigurationError:
    return WinCCConfigurationError(
        f"Parquet files cannot be written here: {error}.",
        hint="Install airflow-provider-wincc[arrow], or let --out end in .csv or .jsonl.",
    )
