"""What the exports of messages have in common: which messages, of which time, and what is told of them."""

from __future__ import annotations

from abc import abstractmethod
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.errors import WinCCError
from airflow_provider_wincc.client.messages.query import MessageList, MessageQuery
from airflow_provider_wincc.connection_form import DEFAULT_CONNECTION_ID
from airflow_provider_wincc.operators.execution import check_choice, client_of, fail, run_of
from airflow_provider_wincc.operators.export_operator import ExportOperator
from airflow_provider_wincc.operators.message_arguments import check_pattern

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from airflow.sdk import Context

    from airflow_provider_wincc.archive_export.interval import Interval
    from airflow_provider_wincc.message_export.exported import ExportedMessages
    from airflow_provider_wincc.messages import MessagePattern

# Of the others, the rows of an interval are gone when its messages are no longer pending.
_ARCHIVES = tuple(each.value for each in MessageList if each.is_history)


class MessageExportOperator(ExportOperator):
    """Base of the operators that export messages; see them for the arguments."""

    template_fields: Sequence[str] = (
        "wincc_conn_id",
        "rest_filter",
        "pattern",
        "start",
        "end",
        "language",
        "name_language",
    )

    def __init__(
        self,
        *,
        rest_filter: str,
        message_list: str = MessageList.SHORT_TERM_ARCHIVE.value,
        pattern: MessagePattern | None = None,
        start: datetime | str | None = None,
        end: datetime | str | None = None,
        wincc_conn_id: str = DEFAULT_CONNECTION_ID,
        language: str | None = None,
        name_language: str | None = None,
        delay: timedelta = timedelta(seconds=10),
        fail_if_incomplete: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(start=start, end=end, wincc_conn_id=wincc_conn_id, delay=delay, **kwargs)
        self.rest_filter = rest_filter
        self.message_list = message_list
        self.pattern = pattern
        self.language = language
        self.name_language = name_language
        self.fail_if_incomplete = fail_if_incomplete
        check_choice(self, "message_list", message_list, _ARCHIVES)
        check_pattern(self, pattern)

    def execute(self, context: Context) -> dict[str, Any]:
        """Export; return what was exported.

        :raises AirflowFailException: for what no retry can mend.
        :raises WinCCError: for what a retry may mend.
        """
        try:
            interval = self._interval(context)
            query = MessageQuery(
                self.rest_filter,
                MessageList(self.message_list),
                language=self.language,
                name_language=self.name_language,
            )
            exported = self._read(query, interval)
            written = self._export(exported)
        except WinCCError as error:
            fail(error)
        result = {**exported.result(), **written, "station": exported.station, **run_of(context)}
        self.log.info("WinCC %s: done, %d rows", self._source, result["rows"])
        return result

    @abstractmethod
    def _export(self, exported: ExportedMessages) -> dict[str, Any]:
        """Write what was read; return what the result says of it."""

    @property
    def _source(self) -> str:
        return f"messages of filter {self.rest_filter!r}"

    def _inputs(self) -> Sequence[str]:
        from airflow_provider_wincc.hooks.message_lineage import name_for_lineage

        return [name_for_lineage(MessageList(self.message_list), self.rest_filter)]

    def _read(self, query: MessageQuery, interval: Interval) -> ExportedMessages:
        from airflow_provider_wincc.message_export.exported import ExportedMessages
        from airflow_provider_wincc.message_export.selection import select_messages

        self._wait_until_archived(interval)
        with client_of(self.wincc_conn_id) as client:
            reading = client.read_messages(query)
            station = client.settings.station
        selected = select_messages(reading, start=interval.start, end=interval.end, pattern=self.pattern)
        if selected.doubts:
            self._tell_doubts(selected.doubts)
        return ExportedMessages(
            query=query,
            pattern=self.pattern,
            station=station,
            interval=interval,
            messages=selected.messages,
            may_lack_messages=bool(selected.doubts),
            known_since=min(selected.known_since or interval.start, interval.end),
        )

    def _tell_doubts(self, doubts: Sequence[str]) -> None:
        doubt = "; ".join(doubts)
        advice = "Export shorter intervals soon after their end, or filters in WinCC that show fewer messages."
        if self.fail_if_incomplete:
            raise WinCCError(
                f"Messages of filter {self.rest_filter!r} may be missing from the interval: {doubt}. "
                "Nothing was written, because of fail_if_incomplete.",
                hint=f"{advice} A retry brings no message back.",
            )
        self.log.warning("WinCC %s: some may be missing from the interval: %s. %s", self._source, doubt, advice)
