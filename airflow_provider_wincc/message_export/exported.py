"""What is exported, and the account of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc import __version__
from airflow_provider_wincc.archive_export.moments import to_text

if TYPE_CHECKING:
    from datetime import datetime

    from airflow_provider_wincc.archive_export.interval import Interval
    from airflow_provider_wincc.client.messages.query import MessageQuery
    from airflow_provider_wincc.client.messages.values import Message
    from airflow_provider_wincc.messages import MessagePattern

SCHEMA_VERSION = 1
"""Goes up when a column is added, removed, or means something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedMessages:
    """The messages of an interval.

    :param query: what the station was asked for.
    :param pattern: which of its messages are meant; None for all.
    :param station: address of the station, without credentials.
    :param interval: the span of time.
    :param messages: with their times in it, oldest first.
    :param may_lack_messages: whether there may be more of them.
    :param known_since: from when on the station's answer proves which there are, in the interval or at one of its
        ends. What an earlier run has found before that is left alone.
    """

    query: MessageQuery
    pattern: MessagePattern | None
    station: str
    interval: Interval
    messages: tuple[Message, ...]
    may_lack_messages: bool
    known_since: datetime

    def within(self, start: datetime, end: datetime) -> list[Message]:
        """Return the messages of a part of the interval."""
        return [message for message in self.messages if message.time is not None and start <= message.time < end]

    def facts(self, start: datetime, end: datetime) -> dict[str, str]:
        """Return what a file says of where its messages come from, by keys with the prefix ``wincc.``; each is JSON.

        :param start: first moment of the part of the interval that goes into the file.
        :param end: first moment after it.
        """
        facts = {
            "rest_filter": self.query.rest_filter,
            "message_list": self.query.message_list.value,
            "pattern": None if self.pattern is None else self.pattern.to_json(),
            "language": self.query.language,
            "station": self.station,
            "start": to_text(max(start, self.known_since) if self.may_lack_messages else start),
            "end": to_text(end),
            "may_lack_messages": self.may_lack_messages,
            "provider_version": __version__,
            "schema_version": SCHEMA_VERSION,
        }
        return {f"wincc.{name}": json.dumps(value) for name, value in facts.items()}

    def result(self) -> dict[str, Any]:
        """Return the account of it, of JSON types."""
        times = [message.time for message in self.messages if message.time is not None]
        return {
            "rest_filter": self.query.rest_filter,
            "message_list": self.query.message_list.value,
            "start": to_text(self.interval.start),
            "end": to_text(self.interval.end),
            "rows": len(self.messages),
            "first": to_text(times[0]) if times else None,
            "last": to_text(times[-1]) if times else None,
            "may_lack_messages": self.may_lack_messages,
        }
