"""The order of messages, and the part of them that lies in a window of time."""

from __future__ import annotations

import logging
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.messages.values import Message, MessageReading

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from airflow_provider_wincc.client.messages.query import MessageQuery

log = logging.getLogger(__name__)


def in_order(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Return each message once, oldest first, those without a time before all others.

    A row that a station sends twice in one answer is dropped only if it says the same in everything: of two rows that
    have but number, time and state in common, none must get lost.

    Messages of the same time keep their order; where the station sends the newest first, that order runs backwards,
    and is turned round with the rest.
    """
    distinct = list({message.key: message for message in messages}.values())
    timed = [message for message in distinct if message.time is not None]
    times = [message.time for message in timed if message.time is not None]
    if times and times[0] > times[-1] and all(time >= later for time, later in pairwise(times)):
        timed.reverse()
    timed.sort(key=attrgetter("time"))
    return (*(message for message in distinct if message.time is None), *timed)


def within(
    reading: MessageReading, start: datetime | None, end: datetime | None, query: MessageQuery
) -> MessageReading:
    """Return the messages with ``start <= time < end``, and log what may be missing among them.

    :param query: that the reading answers, for the log.
    """
    if start is None and end is None:
        return reading
    timeless = sum(message.time is None for message in reading.messages)
    if timeless:
        log.warning(
            "%d of %d messages of %s have no time that can be read: they are left out, because nobody can say whether "
            "they lie in the window.",
            timeless,
            len(reading.messages),
            _asked(query),
        )
    oldest = reading.oldest
    # An oldest row after the window is no better than one in it.
    if reading.is_full and (start is None or oldest is None or oldest >= start):
        log.warning(
            "Messages may be missing: the answer of %s is full, and its oldest message (%s) is not older than the "
            "start of the window (%s). Read shorter windows sooner after their end, or let the REST filter pick fewer "
            "messages.",
            _asked(query),
            "without a time" if oldest is None else oldest.isoformat(timespec="milliseconds"),
            "open" if start is None else start.isoformat(timespec="milliseconds"),
        )
    inside = tuple(
        message
        for message in reading.messages
        if message.time is not None and (start is None or message.time >= start) and (end is None or message.time < end)
    )
    return MessageReading(inside, reading.is_full)


def _asked(query: MessageQuery) -> str:
    return f"{query.message_list.value} with the REST filter {query.rest_filter!r}"
