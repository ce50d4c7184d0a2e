"""How often messages came in and how long they were in: the hit list."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from airflow_provider_wincc.simulator.message_records import MessageChange

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_provider_wincc.simulator.message_records import MessageRecord


class MessageHits(NamedTuple):
    """Statistics of one message.

    :param last: the row with which it came in last.
    :param times: how often it came in.
    :param seconds: how long it was in altogether, as far as it went out.
    :param gone: how often it went out.
    """

    last: MessageRecord
    times: int
    seconds: float = 0.0
    gone: int = 0

    @property
    def average_seconds(self) -> float:
        """How long it was in on average; 0 when it never went out."""
        return self.seconds / self.gone if self.gone else 0.0


def hits_of(records: Iterable[MessageRecord]) -> list[MessageHits]:
    """Count what came in among rows of the archive, the most frequent message first."""
    hits: dict[int, MessageHits] = {}
    for record in records:
        known = hits.get(record.number)
        if record.state is MessageChange.CAME_IN:
            hits[record.number] = MessageHits(record, 1) if known is None else _once_more(known, record)
        elif record.state is MessageChange.WENT_OUT and known is not None:
            hits[record.number] = known._replace(seconds=known.seconds + (record.seconds or 0.0), gone=known.gone + 1)
    return sorted(hits.values(), key=lambda hit: (-hit.times, hit.last.number))


def _once_more(known: MessageHits, record: MessageRecord) -> MessageHits:
    return known._replace(last=record, times=known.times + 1)
