"""Which of the messages of an answer are meant, and whether the answer may lack some."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_wincc.client.messages.values import Message, MessageReading
    from airflow_provider_wincc.messages import MessagePattern


@dataclass(frozen=True, slots=True)
class SelectedMessages:
    """Messages of a window of time.

    :param messages: those that fit, oldest first; of one time in the order of their running and message numbers, and
        those that have these in common in the order in which they came.
    :param doubts: sentences, each a reason why some may be missing; empty when there is none.
    :param known_since: where the answer begins when it does not reach back to before the start of the window: of the
        time before, it proves nothing, for archives lose their oldest messages. None when it does reach back.
    """

    messages: tuple[Message, ...]
    doubts: tuple[str, ...] = ()
    known_since: datetime | None = None


def select_messages(
    reading: MessageReading,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    pattern: MessagePattern | None = None,
) -> SelectedMessages:
    """Return the messages with ``start <= time < end`` that fit the pattern.

    Where there is a window, a message without a time is left out. A full answer is doubtful unless it reaches back
    to before the start: of more messages than it hands out, a station is taken to hand out the newest, which nobody
    has published.

    :param reading: the whole of an answer, without a window.
    :param start: first moment; None for from the beginning.
    :param end: first moment after it; None for up to now.
    :param pattern: None for all.
    """
    fitting = [message for message in reading.messages if pattern is None or pattern.matches(message)]
    known_since = _known_since(reading, start)
    doubts = [_doubt_of_full_answer(reading)] if reading.is_full and known_since is not None else []
    if start is not None or end is not None:
        without_time = sum(message.time is None for message in fitting)
        fitting = [message for message in fitting if _is_within(message.time, start, end)]
        if without_time:
            doubts.append(f"{without_time} messages have no time and were left out")
    return SelectedMessages(tuple(sorted(fitting, key=_order)), tuple(doubts), known_since)


def _known_since(reading: MessageReading, start: datetime | None) -> datetime | None:
    # Where no message has a time, nothing is known of any.
    begin = reading.oldest or datetime.max.replace(tzinfo=UTC)
    # Of the moment of the oldest message itself others may be missing.
    return begin if start is None or begin >= start else None


def _doubt_of_full_answer(reading: MessageReading) -> str:
    back_to = (
        "" if reading.oldest is None else f", which go back to {reading.oldest.isoformat(timespec='milliseconds')}"
    )
    return f"the station handed out {len(reading.messages)} messages{back_to}, and there may be older ones"


def _is_within(time: datetime | None, start: datetime | None, end: datetime | None) -> bool:
    return time is not None and (start is None or start <= time) and (end is None or time < end)


_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def _order(message: Message) -> tuple[Any, ...]:
    # Always the same one, so that exporting an interval again gives the same rows in the same places.
    numbers = (message.counter, message.number, message.state_code)
    return (
        message.time or _LONG_AGO,
        *(-1 if number is None else number for number in numbers),
        message.instance or "",
        message.server or "",
    )
