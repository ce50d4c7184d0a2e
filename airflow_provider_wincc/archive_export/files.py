"""A reading of an archive into files, all of which get their names when the last one is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from airflow_provider_wincc.archive_export.csv_file import CsvFile
from airflow_provider_wincc.archive_export.errors import nothing_for_rows
from airflow_provider_wincc.archive_export.file_names import FILE_ENDINGS, path_of
from airflow_provider_wincc.archive_export.json_lines_file import JsonLinesFile
from airflow_provider_wincc.archive_export.partitions import cut_buckets, cut_window, partitions_of
from airflow_provider_wincc.archive_export.whole_file import WholeFiles
from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.passwords import without_passwords

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from airflow_provider_wincc.archive_export.archive_file import ArchiveFile
    from airflow_provider_wincc.archive_export.partitions import Partition
    from airflow_provider_wincc.archive_export.reading import ArchiveReading
    from airflow_provider_wincc.archive_export.whole_file import WholeFile


def write_files(
    reading: ArchiveReading, folder: Any, *, file_format: str, partition_by: str | None, file_name: str
) -> dict[str, Any]:
    """Read all of the interval into files; return ``paths`` and, when resampled, ``buckets``.

    :param folder: an ``ObjectStoragePath`` or a ``Path``.
    :param file_format: one of :data:`FILE_ENDINGS`.
    :param file_name: what the names of the files begin with; the start of their time is added.
    :raises ArchiveTargetError: when the folder refuses, or a file without rows would replace one that has some. Nothing
        new stands under the names, unless it refused only when complete files got their names one after the other.
    :raises WinCCError: when reading failed; nothing new stands under the names.
    """
    partitions = partitions_of(reading.interval.start, reading.interval.end, partition_by)
    with _Files(reading, folder, partitions, file_format, file_name) as files:
        if reading.resampling is None:
            for window in reading.windows():
                for partition, part in cut_window(window, partitions):
                    files.at(partition).write(part)
        else:
            for buckets in reading.buckets():
                for partition, some in cut_buckets(buckets, partitions):
                    files.at(partition).write_buckets(some)
        paths = files.finish()
    return {"paths": paths} if reading.resampling is None else {"paths": paths, "buckets": files.rows}


class _Files:
    """The files of an export, one open at a time.

    One without rows is written too: it says that there were none. But it replaces no file that has rows: an archive
    deletes its old rows, and that file may be their last copy.
    """

    def __init__(
        self, reading: ArchiveReading, folder: Any, partitions: Sequence[Partition], file_format: str, file_name: str
    ) -> None:
        self._reading = reading
        self._folder = folder
        self._partitions = partitions
        self._kind = _kind_of(file_format)
        self._ending = FILE_ENDINGS[file_format]
        self._file_name = file_name
        self._files = WholeFiles()
        self._open: tuple[WholeFile, ArchiveFile] | None = None
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and self._open is not None:
            self._open[1].abandon()
        self._files.__exit__(kind, error, trace)

    def at(self, partition: Partition) -> ArchiveFile:
        """Return the file of a partition; those before it are complete then."""
        while not self._files or self._partitions[len(self._files) - 1] != partition:
            self._begin_next()
        if self._open is None:
            raise TypeError("the files are finished")
        return self._open[1]

    def finish(self) -> list[str]:
        """Complete the rest, give all files their names and return these."""
        while len(self._files) < len(self._partitions):
            self._begin_next()
        self._end_open()
        return self._files.appear()

    def _begin_next(self) -> None:
        self._end_open()
        partition = self._partitions[len(self._files)]
        whole = self._files.begin(self._folder / path_of(partition, self._file_name, self._ending))
        self._open = whole, self._kind(whole, self._reading.facts(partition.start, partition.end))

    def _end_open(self) -> None:
        if self._open is not None:
            whole, file = self._open
            file.close()
            self.rows += file.rows
            self._open = None
            whole.complete()
            if not file.rows:
                self._check_that_none_stand(whole)

    def _check_that_none_stand(self, whole: WholeFile) -> None:
        if whole.replaces_one_that(self._kind.holds_rows):
            name = without_passwords(whole.name)
            partition = self._partitions[len(self._files) - 1]
            raise nothing_for_rows(
                self._reading.archive,
                partition.start,
                partition.end,
                standing=f"rows stand in the file {name}",
                to_delete="this file",
            )


def _kind_of(file_format: str) -> type[ArchiveFile]:
    if file_format == "csv":
        return CsvFile
    if file_format == "json_lines":
        return JsonLinesFile
    try:
        from airflow_provider_wincc.archive_export.parquet_file import ParquetFile
    except ImportError as error:
        raise WinCCConfigurationError(
            f"Parquet files cannot be written here: {error}.", hint="Or choose the file_format 'csv' or 'json_lines'."
        ) from error
    return ParquetFile
