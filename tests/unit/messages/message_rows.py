"""Rows of a message archive for tests, and a station that shows the newest of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow_provider_wincc.client.messages.values import Message, MessageReading, MessageState

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def row(number, seconds=0.0, *, state=MessageState.CAME_IN, **fields):
    """A row of a message at so many seconds after the start; None for no time."""
    time = None if seconds is None else START + timedelta(seconds=seconds)
    texts = fields.pop("texts", (f"Message {number}",))
    return Message(number=number, state=state, state_code=int(state), time=time, texts=texts, **fields)


def rows(numbers, seconds=0.0, **fields):
    return [row(number, seconds, **fields) for number in numbers]


class MessageStation:
    """An archive whose answers hold the newest rows, and the list of what is pending."""

    def __init__(self, most=10, *, counts=True):
        self.most = most
        self.counts = counts
        self.archive = []
        self.pending = []

    def come(self, *messages):
        for message in messages:
            counter = len(self.archive) + 1 if self.counts else None
            shown = Message(**{**_fields(message), "counter": counter})
            self.archive.append(shown)
            self.pending.append(shown)

    def clear(self, number):
        self.pending = [message for message in self.pending if message.number != number]

    def read(self):
        shown = sorted(self.archive, key=_place)[-self.most :]
        return MessageReading(tuple(shown), is_full=len(shown) == self.most)

    def read_pending(self):
        return MessageReading(tuple(sorted(self.pending, key=_place)))


def _fields(message):
    return {name: getattr(message, name) for name in Message.__dataclass_fields__}


def _place(message):
    return message.time or START - timedelta(days=999), message.counter or 0
