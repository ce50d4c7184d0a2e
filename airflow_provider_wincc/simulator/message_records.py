"""Rows of the message system as tests and endpoints see them."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from airflow_provider_wincc.simulator.message_settings import with_values

if TYPE_CHECKING:
    from datetime import datetime

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.simulator.message_settings import ConfiguredMessage, Language


class MessageChange(IntEnum):
    """What happened to a message: the state number of a row.

    1 to 3 were seen in a client of WinCC's OPC UA server; the others are as the ODK is remembered.
    """

    CAME_IN = 1
    WENT_OUT = 2
    ACKNOWLEDGED = 3
    LOCKED = 4
    UNLOCKED = 5
    HIDDEN = 10
    SHOWN_AGAIN = 11


class MessageRecord(NamedTuple):
    """Something that happened to a message.

    :param message: what is configured of it.
    :param state: what happened.
    :param time: when, aware, in UTC, to the millisecond.
    :param counter: number of the row, counted from 1 since the station was made.
    :param process_values: process value blocks, from the first.
    :param own_texts: user text blocks that it was raised with, in place of the configured ones.
    :param instance: name of the instance; empty where it has none.
    :param user: who acknowledged, locked or hid it; empty otherwise.
    :param computer: where that was.
    :param seconds: for a message that went out, how long it was in; None otherwise.
    """

    message: ConfiguredMessage
    state: MessageChange
    time: datetime
    counter: int
    process_values: tuple[Scalar, ...] = ()
    own_texts: tuple[str, ...] | None = None
    instance: str = ""
    user: str = ""
    computer: str = ""
    seconds: float | None = None

    @property
    def number(self) -> int:
        """The message number."""
        return self.message.number

    @property
    def class_name(self) -> str:
        """Name of the message class, in English."""
        return self.message.message_class.name.english

    @property
    def type_name(self) -> str:
        """Name of the message type, in English."""
        return self.message.message_type.name.english

    @property
    def text(self) -> str:
        """User text block 1, in English; empty when there is none."""
        return next(iter(self.texts()), "")

    def texts(self, language: Language = "en-US") -> tuple[str, ...]:
        """Give the user text blocks, from the first, with the process values in them."""
        if self.own_texts is not None:
            return self.own_texts
        return tuple(with_values(text.in_language(language), self.process_values) for text in self.message.texts)
