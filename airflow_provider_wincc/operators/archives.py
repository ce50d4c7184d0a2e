"""Operators that export process value archives into files and databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.archive_export.partitions import PartitionBy
from airflow_provider_wincc.operators.archive_operator import ArchiveOperator
from airflow_provider_wincc.operators.execution import check_choice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow_provider_wincc.archive_export.reading import ArchiveReading

FILE_FORMATS = ("parquet", "csv", "json_lines")


class WinCCArchiveToObjectStorageOperator(ArchiveOperator):
    """Exports an archive into files in a folder or bucket, in bounded memory; returns paths, row counts and gaps.

    Files get their names when all of them are complete: nobody sees half an export, and a file of an earlier run is
    replaced as a whole. Running the same interval again gives the same files under the same names. A file that has
    rows is never replaced by one without: the archive may have deleted them.

    What happens on failure: nothing is left under the final names, and files of an earlier run stand as they were,
    unless the target refuses when complete files get their names, one after the other: some may then stand there. A
    station that is away, an archive that answers with errors, a full disk and a target that refuses fail the task
    with retries; an unknown archive or tag, a wrong interval, a refused login, and no rows where an earlier run's file
    has some without.

    The result (XCom): ``paths``, ``rows``, ``good_rows``, ``buckets`` (when resampled), ``first`` and ``last`` (the
    range of timestamps), ``gap_count``, ``gaps`` (the 100 longest: ``tag``, ``start``, ``end``, ``seconds``),
    ``tags`` (the same by tag, up to 100 tags), ``archive``, ``start``, ``end``, ``station`` and the run.

    Columns of rows: ``tag``, ``timestamp`` (UTC), ``value`` (a number; true is 1, false is 0), ``text`` (where the
    value is neither), ``quality`` (code), ``flags``. Columns of buckets: ``tag``, ``start``, ``end``, ``count`` and
    one for each aggregate.

    :param archive: name of the process value archive. (templated)
    :param path: folder, such as ``file:///data/plant`` or ``s3://aws_default@lake/plant``, with the connection as
        Airflow's ``ObjectStoragePath`` has it. (templated)
    :param tags: archive tags, without the archive's name; ``*`` and ``?`` stand for many; None for all. (templated)
    :param start: first moment, with its zone; by default the start of the DAG run's data interval. (templated)
    :param end: first moment after it; by default the end of the data interval. (templated)
    :param wincc_conn_id: id of the connection. (templated)
    :param file_format: ``parquet`` (needs the extra ``arrow``), ``csv`` or ``json_lines``.
    :param partition_by: a file for each ``day`` or ``hour`` (UTC), in folders such as ``date=2026-03-02/hour=07``;
        None for one file.
    :param file_name: what the names of the files begin with; the start of their time and the ending are added. By
        default the archive, with the length of buckets. Two exports of one kind into one folder need different ones.
        (templated)
    :param storage_conn_id: id of the storage's connection, instead of one in the path. (templated)
    :param resample: length of the buckets; None exports every row.
    :param aggregates: of each bucket: any of ``min``, ``max``, ``mean``, ``time_weighted_mean``, ``last``,
        ``good_count``. Only values of good quality enter them.
    :param lookback: how far before the interval is looked for the values in force at its start.
    :param longest_hold: how long a value holds when no other row follows; None for without limit.
    :param longest_gap: what is longer without a row is reported as a gap; None to look for no gaps.
    :param delay: how long after the end of the interval to wait until the station has archived its last rows.
    """

    template_fields: Sequence[str] = (*ArchiveOperator.template_fields, "path", "file_name", "storage_conn_id")

    def __init__(
        self,
        *,
        path: str,
        file_format: str = "parquet",
        partition_by: str | None = None,
        file_name: str | None = None,
        storage_conn_id: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.path = path
        self.file_format = file_format
        self.partition_by = partition_by
        self.file_name = file_name
        self.storage_conn_id = storage_conn_id
        check_choice(self, "file_format", file_format, FILE_FORMATS)
        if partition_by is not None:
            check_choice(self, "partition_by", partition_by, tuple(map(str, PartitionBy)))

    def _export(self, reading: ArchiveReading) -> dict[str, Any]:
        from airflow_provider_wincc.archive_export.files import write_files
        from airflow_provider_wincc.hooks.archive_targets import storage_folder
        from airflow_provider_wincc.operators.lineage import folder_target

        folder = storage_folder(self.path, self.storage_conn_id)
        written = write_files(
            reading,
            folder,
            file_format=self.file_format,
            partition_by=self.partition_by,
            file_name=self.file_name or self._default_file_name,
        )
        self._note_target(folder_target(str(folder)), folder)
        return written

    @property
    def _default_file_name(self) -> str:
        # Rows and buckets of one archive may go into the same folder.
        return self.archive if self.resample is None else f"{self.archive}_{self.resample.total_seconds():g}s"


class WinCCArchiveToSqlOperator(ArchiveOperator):
    """Exports an archive into a table of any database of Airflow's SQL providers; returns row counts and gaps.

    The rows of the interval are replaced in one transaction, once all of them have been read: running the same
    interval twice leaves the same rows, and nobody sees half of them. Until then they wait in a temporary file of the
    worker, so that no transaction is open while the plant is asked.

    What happens on failure: the table is unchanged. A station or database that is away, and an archive that answers
    with errors fail the task with retries; an unknown archive or tag, a table with other columns, a wrong interval,
    a refused login, and no rows at all where some stand in the table (the archive may have deleted them) without.

    The result (XCom): ``table``, ``written``, ``replaced`` (rows of an earlier run that were removed), and
    all but ``paths`` of :class:`WinCCArchiveToObjectStorageOperator`.

    The table is made unless it is there. Columns of rows: ``station``, ``archive``, ``tag``, ``timestamp``,
    ``occurrence`` (0, 1, ... for rows of one tag with the same timestamp), ``value``, ``text``, ``quality``,
    ``flags``; the first five are the key. Columns of buckets: ``station``, ``archive``, ``tag``, ``timestamp`` (start
    of the bucket), ``bucket_end``, ``row_count`` and one for each aggregate.

    :param archive: name of the process value archive. (templated)
    :param sql_conn_id: id of the database's connection. (templated)
    :param table: the table, with its schema in front where it has one. (templated)
    :param columns: other names for columns, by the names above.
    :param station_name: what stands in the column ``station``; by default the id of the WinCC connection. (templated)
    :param tags: archive tags, without the archive's name; ``*`` and ``?`` stand for many; None for all. (templated)
    :param start: first moment, with its zone; by default the start of the DAG run's data interval. (templated)
    :param end: first moment after it; by default the end of the data interval. (templated)
    :param wincc_conn_id: id of the connection. (templated)
    :param resample: length of the buckets; None exports every row.
    :param aggregates: of each bucket: any of ``min``, ``max``, ``mean``, ``time_weighted_mean``, ``last``,
        ``good_count``. Only values of good quality enter them.
    :param lookback: how far before the interval is looked for the values in force at its start.
    :param longest_hold: how long a value holds when no other row follows; None for without limit.
    :param longest_gap: what is longer without a row is reported as a gap; None to look for no gaps.
    :param delay: how long after the end of the interval to wait until the station has archived its last rows.
    """

    template_fields: Sequence[str] = (*ArchiveOperator.template_fields, "sql_conn_id", "table", "station_name")

    def __init__(
        self,
        *,
        sql_conn_id: str,
        table: str,
        columns: Mapping[str, str] | None = None,
        station_name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.sql_conn_id = sql_conn_id
        self.table = table
        self.columns = columns
        self.station_name = station_name

    def _export(self, reading: ArchiveReading) -> dict[str, Any]:
        from airflow_provider_wincc.archive_export.table import ArchiveTable
        from airflow_provider_wincc.archive_export.table_export import write_table
        from airflow_provider_wincc.hooks.archive_targets import database_hook, engine_of
        from airflow_provider_wincc.operators.lineage import table_target

        hook = database_hook(self.sql_conn_id)
        engine = engine_of(hook)
        resampling = reading.resampling
        try:
            table = ArchiveTable(
                engine,
                self.table,
                aggregates=None if resampling is None else [str(aggregate) for aggregate in resampling.aggregates],
                columns=self.columns,
            )
            written = write_table(reading, table, station=self.station_name or self.wincc_conn_id)
        finally:
            engine.dispose()
        self._note_target(table_target(engine, self.table), hook)
        return written
