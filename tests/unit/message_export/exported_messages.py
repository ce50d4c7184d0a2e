"""Messages made by hand, and what an export has of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.archive_export.interval import Interval
from airflow_provider_wincc.client.messages.query import MessageList, MessageQuery
from airflow_provider_wincc.client.messages.values import Message, MessageState
from airflow_provider_wincc.message_export.exported import ExportedMessages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_provider_wincc.messages import MessagePattern

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
END = START + timedelta(hours=1)
NASTY = "\x1b[31mred\x1b[0m\r\n<script>alert(1)</script>\t\x85\u202e=1+1;=2"
"""A text that a terminal, a browser and a spreadsheet would each make something of."""


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def message(seconds: float | None = 0, text: str | None = "Tank1 level high", **fields: Any) -> Message:
    """Make a message that came in so many seconds after the start."""
    given = {
        "number": 1001,
        "state": MessageState.CAME_IN,
        "state_code": 1,
        "time": None if seconds is None else at(seconds),
        "class_name": "Error",
        "texts": () if text is None else (text,),
    }
    return Message(**{**given, **fields})


def exported(
    messages: Sequence[Message],
    *,
    start: datetime = START,
    end: datetime = END,
    pattern: MessagePattern | None = None,
    rest_filter: str = "Errors",
    message_list: MessageList = MessageList.SHORT_TERM_ARCHIVE,
    known_since: datetime | None = None,
    is_full: bool = True,
) -> ExportedMessages:
    return ExportedMessages(
        query=MessageQuery(rest_filter, message_list, language="de-DE"),
        pattern=pattern,
        station="https://plant.example:34568",
        interval=Interval(start, end),
        messages=tuple(messages),
        may_lack_messages=known_since is not None and is_full,
        known_since=known_since or start,
    )
