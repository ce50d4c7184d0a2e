"""Operators that read messages (alarms), and export them into files and databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from airflow_provider_wincc.archive_export.interval import read_moment
from airflow_provider_wincc.archive_export.partitions import PartitionBy
from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCError
from airflow_provider_wincc.client.messages.arguments import check_window
from airflow_provider_wincc.client.messages.query import MOST_MESSAGES, MessageList, MessageQuery
from airflow_provider_wincc.connection_form import DEFAULT_CONNECTION_ID
from airflow_provider_wincc.links.station import WinCCStationLink
from airflow_provider_wincc.operators.execution import check_choice, client_of, fail, run_of
from airflow_provider_wincc.operators.message_arguments import check_pattern
from airflow_provider_wincc.operators.message_operator import MessageExportOperator
from airflow_provider_wincc.task_colors import READS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from airflow.providers.openlineage.extractors import OperatorLineage
    from airflow.sdk import Context

    from airflow_provider_wincc.client.messages.values import Message
    from airflow_provider_wincc.message_export.exported import ExportedMessages
    from airflow_provider_wincc.messages import MessagePattern

FILE_FORMATS = ("parquet", "csv", "json_lines")


class WinCCReadMessagesOperator(BaseOperator):
    """Reads messages with one request; returns them oldest first.

    A station hands out at most 1000 messages at a time, and of the archives there is no way to ask for older ones.
    ``may_lack_messages`` of the result says that the answer was full and did not reach back to before ``start``, so
    that there may be more than were read. Of more messages than it hands out, a station is taken to hand out the
    newest; nobody has published that.

    What happens on failure: an unknown filter, a WinCC without a REST interface for messages (it came with V8.1), a
    refused login, and more messages than ``max_messages`` fail the task at once, without retries; a station that is
    away or busy fails it with retries.

    The result (XCom): ``messages`` (of each ``number``, ``state`` in words, ``time`` in UTC, ``text``, and what else
    the station says, see :meth:`Message.to_json`), ``count``, ``may_lack_messages``, ``station`` and the run. Texts
    are the station's, markup and control characters included; only NUL and half surrogate pairs, which databases
    refuse, become U+FFFD. In the log they are escaped, at most 100 of them.

    :param rest_filter: name of a REST filter that is configured in WinCC. (templated)
    :param message_list: ``message_list`` (what is pending now), ``short_term_archive``, ``long_term_archive``,
        ``hit_list``, ``lock_list``, ``hide_list`` or ``hidden_message_list``.
    :param pattern: which messages of the filter are meant; None for all. (may hold templates)
    :param start: first moment, with its zone; None for from the beginning. (templated)
    :param end: first moment after it; None for up to now. (templated)
    :param max_values: most messages that the station is to hand out, 1 to 1000; lists other than the archives and the
        hit list have no such limit.
    :param language: of the texts, such as ``de-DE``; None for the station's default, which is en-US. (templated)
    :param name_language: in which ``rest_filter`` is given; None for the station's default. (templated)
    :param max_messages: most messages in the result: it goes through Airflow's database. For more there are the
        exports.
    :param wincc_conn_id: id of the connection. (templated)
    """

    template_fields: Sequence[str] = (
        "wincc_conn_id",
        "rest_filter",
        "pattern",
        "start",
        "end",
        "language",
        "name_language",
    )
    ui_color = READS
    operator_extra_links = (WinCCStationLink(),)

    def __init__(
        self,
        *,
        rest_filter: str,
        message_list: str = MessageList.MESSAGE_LIST.value,
        pattern: MessagePattern | None = None,
        start: datetime | str | None = None,
        end: datetime | str | None = None,
        max_values: int = MOST_MESSAGES,
        language: str | None = None,
        name_language: str | None = None,
        max_messages: int = 1000,
        wincc_conn_id: str = DEFAULT_CONNECTION_ID,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.rest_filter = rest_filter
        self.message_list = message_list
        self.pattern = pattern
        self.start = start
        self.end = end
        self.max_values = max_values
        self.language = language
        self.name_language = name_language
        self.max_messages = max_messages
        self.wincc_conn_id = wincc_conn_id
        check_choice(self, "message_list", message_list, tuple(each.value for each in MessageList))
        check_pattern(self, pattern)
        if type(max_messages) is not int or max_messages < 1:
            raise WinCCConfigurationError(
                f"The max_messages of task {self.task_id!r} is {max_messages!r}.",
                hint="Expected a whole number from 1.",
            )

    def execute(self, context: Context) -> dict[str, Any]:
        """Read the messages.

        :raises AirflowFailException: for what no retry can mend.
        :raises WinCCError: for what a retry may mend.
        """
        from airflow_provider_wincc.client.storable import storable
        from airflow_provider_wincc.message_export.log_lines import log_lines
        from airflow_provider_wincc.message_export.selection import select_messages

        try:
            start, end = check_window(self._moment("start", self.start), self._moment("end", self.end))
            query = MessageQuery(
                self.rest_filter, MessageList(self.message_list), self.max_values, self.language, self.name_language
            )
            with client_of(self.wincc_conn_id) as client:
                reading = client.read_messages(query)
                station = client.settings.station
            selected = select_messages(reading, start=start, end=end, pattern=self.pattern)
            self._check_count(selected.messages)
        except WinCCError as error:
            fail(error)
        for line in log_lines(selected.messages):
            self.log.info("WinCC message %s", line)
        if selected.doubts:
            self.log.warning(
                "WinCC filter %r: messages may be missing: %s", self.rest_filter, "; ".join(selected.doubts)
            )
        return {
            "messages": [storable(message.to_json()) for message in selected.messages],
            "count": len(selected.messages),
            "may_lack_messages": bool(selected.doubts),
            "station": station,
            **run_of(context),
        }

    def get_openlineage_facets_on_start(self) -> OperatorLineage[Any, Any]:
        """Return the messages of the filter as the one data set that they are for lineage, for OpenLineage."""
        from airflow_provider_wincc.assets.openlineage import tag_lineage
        from airflow_provider_wincc.hooks.message_lineage import name_for_lineage

        return tag_lineage(
            self.wincc_conn_id, read=[name_for_lineage(MessageList(self.message_list), self.rest_filter)]
        )

    def _moment(self, name: str, given: datetime | str | None) -> datetime | None:
        return None if given is None else read_moment(f"{name} of task {self.task_id!r}", given)

    def _check_count(self, messages: Sequence[Message]) -> None:
        if len(messages) > self.max_messages:
            raise WinCCError(
                f"{len(messages)} messages of filter {self.rest_filter!r} match, and the max_messages of task "
                f"{self.task_id!r} is {self.max_messages}.",
                hint="What a task returns goes through Airflow's database. Give a pattern or a shorter time, or export "
                "them with WinCCMessagesToObjectStorageOperator or WinCCMessagesToSqlOperator.",
            )


class WinCCMessagesToObjectStorageOperator(MessageExportOperator):
    """Exports messages into files in a folder or bucket; returns paths, row count and time range.

    The messages are those of a message archive whose time is in the interval. Files get their names when all of them
    are complete: nobody sees half an export, and a file of an earlier run is replaced as a whole. Running the same
    interval again gives the same files under the same names.

    A station hands out at most 1000 messages, and there is no way to ask for older ones: an interval with more of
    them, or of long ago, cannot be exported whole. Then ``may_lack_messages`` of the result is true, and the log says
    why. Where the answer does not reach at all, no file is written. With ``fail_if_incomplete`` the task fails instead
    and nothing is written. Of more messages than it hands out, a station is taken to hand out the newest; nobody has
    published that.

    An archive loses its oldest messages. A file that an earlier run has written is therefore replaced only when the
    answer reaches back to before its start; otherwise it stays, and the log names it.

    What happens on failure: nothing is left under the final names, and files of an earlier run stand as they were,
    unless the target refuses when complete files get their names, one after the other: some may then stand there. A
    station that is away and a target that refuses fail the task with retries; an unknown filter, a WinCC without a
    REST interface for messages (it came with V8.1), a wrong interval and a refused login without.

    The result (XCom): ``paths``, ``rows``, ``first`` and ``last`` (the range of their times), ``may_lack_messages``,
    ``rest_filter``, ``message_list``, ``start``, ``end``, ``station`` and the run.

    Columns: ``number``, ``state`` (in words), ``state_code``, ``time`` (UTC, milliseconds), ``class_name``,
    ``class_number``, ``type_name``, ``type_number``, ``text_1`` to ``text_10``, ``process_value_1`` to ``10`` (numbers;
    true is 1, false is 0), ``process_text_1`` to ``10`` (where the value is no number), ``priority``, ``instance``,
    ``user``, ``computer``, ``comment``, ``counter``, ``duration_seconds``, ``server``, ``other`` (whatever else the
    station says, as JSON). Texts are the station's, markup and control characters included; only NUL and half
    surrogate pairs become U+FFFD. In CSV, an apostrophe stands in front of what a spreadsheet would take for a formula.

    For lineage, what is read is the data set ``short_term_archive:Errors`` in the namespace ``wincc://<connection
    id>``, with the names of the list and of the filter; the pattern and the language make no other of it.

    :param rest_filter: name of a REST filter that is configured in WinCC. (templated)
    :param path: folder, such as ``file:///data/plant`` or ``s3://aws_default@lake/plant``, with the connection as
        Airflow's ``ObjectStoragePath`` has it. (templated)
    :param message_list: ``short_term_archive`` or ``long_term_archive``.
    :param pattern: which messages of the filter are exported; None for all. (may hold templates)
    :param start: first moment, with its zone; by default the start of the DAG run's data interval. (templated)
    :param end: first moment after it; by default the end of the data interval. (templated)
    :param wincc_conn_id: id of the connection. (templated)
    :param language: of the texts, such as ``de-DE``; None for the station's default, which is en-US. (templated)
    :param name_language: in which ``rest_filter`` is given; None for the station's default. (templated)
    :param file_format: ``parquet`` (needs the extra ``arrow``), ``csv`` or ``json_lines``.
    :param partition_by: a file for each ``day`` or ``hour`` (UTC), in folders such as ``date=2026-03-02/hour=07``;
        None for one file.
    :param file_name: what the names of the files begin with; the start of their time and the ending are added. By
        default ``messages_`` and the filter, with the list between them when it is the long-term one. Two exports of
        one filter and list into one folder need different ones. (templated)
    :param storage_conn_id: id of the storage's connection, instead of one in the path. (templated)
    :param delay: how long after the end of the interval to wait until the station has archived its last messages.
    :param fail_if_incomplete: fail, without retries, when messages may be missing.
    """

    template_fields: Sequence[str] = (*MessageExportOperator.template_fields, "path", "file_name", "storage_conn_id")

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

    def _export(self, exported: ExportedMessages) -> dict[str, Any]:
        from airflow_provider_wincc.hooks.archive_targets import storage_folder
        from airflow_provider_wincc.message_export.files import write_files
        from airflow_provider_wincc.operators.lineage import folder_target

        folder = storage_folder(self.path, self.storage_conn_id)
        paths, kept = write_files(
            exported,
            folder,
            file_format=self.file_format,
            partition_by=self.partition_by,
            file_name=self.file_name or self._default_file_name,
        )
        if kept:
            self.log.warning(
                "WinCC %s: the answer does not reach back to where these files begin, so they stay as an earlier run "
                "has written them: %s. To have one written anew, remove it and clear the task.",
                self._source,
                ", ".join(kept),
            )
        if paths:
            self._note_target(folder_target(str(folder)), folder)
        return {"paths": paths}

    @property
    def _default_file_name(self) -> str:
        # Archives may go into the same folder, and be called like a filter; and so may the other list of messages.
        is_usual = self.message_list == MessageList.SHORT_TERM_ARCHIVE
        return f"messages_{self.rest_filter}" if is_usual else f"messages_{self.message_list}_{self.rest_filter}"


class WinCCMessagesToSqlOperator(MessageExportOperator):
    """Exports messages into a table of any database of Airflow's SQL providers; returns row count and time range.

    The messages are those of a message archive whose time is in the interval. The rows of the interval are replaced in
    one transaction, once all of them have been read: running the same interval twice leaves the same rows, and nobody
    sees half of them. Rows of other lists, filters and patterns are left alone.

    What cannot be exported whole, and what is told of it, is as in :class:`WinCCMessagesToObjectStorageOperator`. Rows
    of the time to which the answer does not reach back are left alone: what an earlier run has found stays. So do those
    of the moment at which a full answer begins, if the answer has fewer of them than the table. With
    ``fail_if_incomplete`` the task fails instead and nothing is written.

    What happens on failure: the table is unchanged. A station or database that is away fails the task with retries; an
    unknown filter, a WinCC without a REST interface for messages (it came with V8.1), a table with other columns, a
    wrong interval and a refused login without.

    The result (XCom): ``table``, ``written``, ``replaced`` (rows of an earlier run that were removed), and all but
    ``paths`` of :class:`WinCCMessagesToObjectStorageOperator`.

    The table is made unless it is there. Its key is ``station``, ``message_list``, ``rest_filter``, ``pattern`` (as
    Python; ``*`` without one), ``time`` (UTC) and ``occurrence`` (0, 1, ... for messages of the same time). The other
    columns are those of the files, with ``user`` called ``user_name``. Texts are as in files.

    :param rest_filter: name of a REST filter that is configured in WinCC. (templated)
    :param sql_conn_id: id of the database's connection. (templated)
    :param table: the table, with its schema in front where it has one. (templated)
    :param columns: other names for columns, by the names above.
    :param station_name: what stands in the column ``station``; by default the id of the WinCC connection. (templated)
    :param message_list: ``short_term_archive`` or ``long_term_archive``.
    :param pattern: which messages of the filter are exported; None for all. (may hold templates)
    :param start: first moment, with its zone; by default the start of the DAG run's data interval. (templated)
    :param end: first moment after it; by default the end of the data interval. (templated)
    :param wincc_conn_id: id of the connection. (templated)
    :param language: of the texts, such as ``de-DE``; None for the station's default, which is en-US. (templated)
    :param name_language: in which ``rest_filter`` is given; None for the station's default. (templated)
    :param delay: how long after the end of the interval to wait until the station has archived its last messages.
    :param fail_if_incomplete: fail, without retries, when messages may be missing.
    """

    template_fields: Sequence[str] = (*MessageExportOperator.template_fields, "sql_conn_id", "table", "station_name")

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

    def _export(self, exported: ExportedMessages) -> dict[str, Any]:
        from airflow_provider_wincc.hooks.archive_targets import database_hook, engine_of
        from airflow_provider_wincc.message_export.table import MessageTable
        from airflow_provider_wincc.operators.lineage import table_target

        hook = database_hook(self.sql_conn_id)
        engine = engine_of(hook)
        try:
            table = MessageTable(engine, self.table, columns=self.columns)
            table.create()
            replaced, written = table.replace(exported, station=self.station_name or self.wincc_conn_id)
        finally:
            engine.dispose()
        self._note_target(table_target(engine, self.table), hook)
        return {"table": table.name, "written": written, "replaced": replaced}
