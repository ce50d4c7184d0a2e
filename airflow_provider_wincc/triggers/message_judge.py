"""What a watcher of messages does with each observation, beside the event loop."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.messages.values import MessageReading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow_provider_wincc.client.messages.query import MessageQuery
    from airflow_provider_wincc.messages.message_watch import MessageWatch
    from airflow_provider_wincc.messages.outbox import Parcel
    from airflow_provider_wincc.triggers.observations import Observation
    from airflow_provider_wincc.triggers.watcher_cursor import WatcherCursor


class MessageJudge:
    """Has observations judged in a thread, since an answer may have thousands of messages; one after the other.

    :param watch: what judges.
    :param cursor: where it keeps what it has seen.
    :param query: what is read.
    :param pending: what is read once when more messages came than one answer holds.
    """

    def __init__(self, watch: MessageWatch, cursor: WatcherCursor, query: MessageQuery, pending: MessageQuery) -> None:
        self._watch = watch
        self._cursor = cursor
        self._query = query
        self._pending = pending
        self._judging = asyncio.Lock()

    async def resume(self) -> tuple[Parcel, ...]:
        """Go on where another process left off; return what it gave out and nobody has confirmed."""
        await self._cursor.load(self._watch)
        return self._watch.unconfirmed

    async def observe(self, observation: Observation) -> list[Parcel]:
        """Judge an observation, note what came of it, and return what is to be given out."""
        async with self._judging:
            parcels = await asyncio.to_thread(self._judge, observation.readings or {})
            await self._cursor.save(self._watch)
        if self._watch.wants_pending and observation.read_once is not None:
            observation.read_once(self._pending)
        return parcels

    async def confirm(self, sequences: Sequence[int]) -> None:
        """Note that others have what was given out."""
        async with self._judging:
            self._watch.confirm(sequences)
            await self._cursor.save(self._watch)

    def _judge(self, readings: Mapping[Any, Any]) -> list[Parcel]:
        at = datetime.now(UTC)
        if self._query in readings:
            self._watch.observe(readings[self._query], at=at)
        elif self._pending in readings:
            pending = readings[self._pending]
            self._watch.observe_pending(pending if isinstance(pending, MessageReading) else None, at=at)
        parcels = self._watch.give_out(at=at)
        if self._cursor.keeps_state:
            # What it is packed into is remembered, so that the event loop need not do it.
            self._watch.to_json()
        return parcels
