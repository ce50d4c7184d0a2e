"""``WinCCMessageTrigger``: waits for messages on behalf of a deferred task."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from airflow_provider_wincc.client.messages.query import MessageQuery
from airflow_provider_wincc.messages.pattern import MessagePattern
from airflow_provider_wincc.messages.waiting import MessageWait, Until
from airflow_provider_wincc.triggers.message_events import WinCCMessageEventTrigger
from airflow_provider_wincc.triggers.wait_trigger import WaitTrigger

__all__ = ["WinCCMessageEventTrigger", "WinCCMessageTrigger"]


class WinCCMessageTrigger(WaitTrigger):
    """Fires once, when the messages are as waited for, when the wait has failed, or when its time is up.

    All triggers of a triggerer share one reader per connection, see :mod:`airflow_provider_wincc.triggers.poller`:
    however many wait with equal queries, the station is asked once per interval. After a restart of the triggerer the
    wait goes on with the same deadline. It reads only; a trigger may run twice.

    The event's payload has ``status``: ``met`` (with ``result``), ``failed`` (with ``error``) or ``timeout`` (with
    ``explanation``).

    :param wincc_conn_id: id of the connection.
    :param query: which messages are read, as :meth:`MessageQuery.to_json` has it.
    :param pattern: which of them are meant, as :meth:`MessagePattern.to_json` has it.
    :param until: ``present`` or ``absent``.
    :param since: only messages of this moment and later count, in ISO 8601 with a time zone; None for all.
    :param poke_interval: seconds between two readings.
    :param deadline: time to give up, in seconds since 1970.
    :param not_before: time before which it does not fire, in seconds since 1970; before the deadline.
    :param max_consecutive_failures: failed readings in a row that are waited through; None for any number.
    :param exponential_backoff: double the interval after each reading.
    :param max_wait: longest interval in seconds; None for no bound.
    :param state: what the wait has seen so far, as :meth:`MessageWait.to_json` has it.
    """

    def __init__(
        self,
        *,
        query: dict[str, Any],
        pattern: dict[str, Any],
        until: str = Until.PRESENT.value,
        since: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.query = query
        self.pattern = pattern
        self.until = until
        self.since = since

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and the arguments, all of JSON types."""
        return (
            "airflow_provider_wincc.triggers.messages.WinCCMessageTrigger",
            {
                **self._shared_arguments,
                "query": self.query,
                "pattern": self.pattern,
                "until": self.until,
                "since": self.since,
            },
        )

    def _new_wait(self) -> MessageWait:
        return MessageWait(
            MessageQuery.from_json(self.query),
            MessagePattern.from_json(self.pattern),
            until=Until(self.until),
            since=None if self.since is None else datetime.fromisoformat(self.since),
            max_consecutive_failures=self.max_consecutive_failures,
        )
