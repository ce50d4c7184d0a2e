"""The runtime lists of the message system of one station."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCError
from airflow_provider_wincc.client.messages.answers import rows_of
from airflow_provider_wincc.client.messages.area import MessageArea
from airflow_provider_wincc.client.messages.arguments import check_window, name_in_path
from airflow_provider_wincc.client.messages.languages import language_headers
from airflow_provider_wincc.client.messages.query import MessageList, MessageQuery
from airflow_provider_wincc.client.messages.rows import read_message
from airflow_provider_wincc.client.messages.values import MessageReading
from airflow_provider_wincc.client.messages.window import in_order, within

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from airflow_provider_wincc.client.settings import StationSettings
    from airflow_provider_wincc.client.transport import Transport

# Seen in a REST client written at Siemens; the letter case is its own.
_PATHS = {
    MessageList.MESSAGE_LIST: "/alarmLogging/MessageList/",
    MessageList.SHORT_TERM_ARCHIVE: "/alarmLogging/ShortTermArchive/",
    MessageList.LONG_TERM_ARCHIVE: "/alarmLogging/LongTermArchive/",
    MessageList.HIT_LIST: "/alarmLogging/HitList/",
    MessageList.LOCK_LIST: "/alarmLogging/LockList/",
    MessageList.HIDE_LIST: "/alarmLogging/Hidelist/",
    MessageList.HIDDEN_MESSAGE_LIST: "/alarmLogging/HiddenMessageList/",
}


class MessageReader:
    """Reads messages, by one request each time, and by one more when the answer has no body."""

    def __init__(self, transport: Transport, settings: StationSettings) -> None:
        self._settings = settings
        self._area = MessageArea(transport, settings)

    def read(self, asked: MessageQuery | str, *, start: datetime | None, end: datetime | None) -> MessageReading:
        """Return messages; see :meth:`WinCCClient.read_messages`."""
        query = MessageQuery(asked) if isinstance(asked, str) else asked
        if not isinstance(query, MessageQuery):
            raise WinCCConfigurationError(
                f"The messages to read are {asked!r}.", hint="Expected a MessageQuery, or the name of a REST filter."
            )
        window = check_window(start, end)
        rows = self._rows(query)
        reading = MessageReading(
            in_order(read_message(row, self._settings.timezone) for row in rows),
            # More than was asked for is full as well: some stations may not look at maxValues.
            is_full=query.message_list.has_max_values and len(rows) >= query.max_values,
        )
        return within(reading, *window, query)

    def _rows(self, query: MessageQuery) -> list[Mapping[str, Any]]:
        path = _PATHS[query.message_list] + name_in_path("REST filter", query.rest_filter)
        limit = {"maxValues": query.max_values} if query.message_list.has_max_values else None
        headers = language_headers(query.language, query.name_language)
        try:
            rows: list[Mapping[str, Any]] = self._area.read(path, rows_of, query=limit, headers=headers, once_more=True)
        except WinCCError as error:
            self._area.refuse_unknown_filter(query.rest_filter, query.name_language, error)
            raise
        return rows
