"""What the message system of the simulated station is made of: classes, types, messages, limit values, filters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow_provider_wincc.client.models import Scalar

Language = Literal["en-US", "de-DE"]
LANGUAGES: tuple[Language, ...] = ("en-US", "de-DE")
"""The languages of the project, the one for unknown languages first."""


def language_of(header: str | None) -> Language:
    """Choose the language that an ``Accept-Language`` or ``Content-Language`` header names first; else en-US."""
    wanted = (header or "").partition(",")[0].partition(";")[0].strip().lower()
    return next((language for language in LANGUAGES if language.lower() == wanted), LANGUAGES[0])


@dataclass(frozen=True, slots=True)
class Wording:
    """A name or text in both languages of the project."""

    english: str
    german: str

    def in_language(self, language: Language) -> str:
        """Give it in one of the languages."""
        return self.german if language == "de-DE" else self.english


@dataclass(frozen=True, slots=True)
class MessageClass:
    """A message class.

    :param needs_acknowledgement: its messages stay pending until they have gone out and are acknowledged; those of
        other classes leave when they go out.
    """

    number: int
    name: Wording
    needs_acknowledgement: bool = False


@dataclass(frozen=True, slots=True)
class MessageType:
    """A message type; it belongs to one class."""

    number: int
    name: Wording
    message_class: MessageClass


@dataclass(frozen=True, slots=True)
class ConfiguredMessage:
    """A message as it is configured.

    :param number: its message number.
    :param message_type: its type, and with it the class.
    :param texts: user text blocks, from the first; ``@1%.1f@`` in them stands for process value 1.
    :param priority: 0 to 16.
    """

    number: int
    message_type: MessageType
    texts: tuple[Wording, ...]
    priority: int = 0

    @property
    def message_class(self) -> MessageClass:
        """The class that its type belongs to."""
        return self.message_type.message_class


@dataclass(frozen=True, slots=True)
class LimitValue:
    """A limit of a tag that raises a message.

    :param limit: the message comes in when the value reaches it.
    :param hysteresis: how far back the value must go from the limit for the message to go out.
    :param is_lower: whether it is a lower limit: the message comes in when the value falls to it.
    """

    tag: str
    number: int
    limit: float
    hysteresis: float
    is_lower: bool = False

    def is_reached(self, value: float, *, was_in: bool) -> bool:
        """Whether the message is in at a value, given whether it was in before."""
        slack = self.hysteresis if was_in else 0.0
        return value <= self.limit + slack if self.is_lower else value >= self.limit - slack


@dataclass(frozen=True, slots=True)
class MessageGroup:
    """A message group and the numbers of its messages."""

    name: Wording
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RestFilter:
    """A filter for the runtime lists.

    :param message_class: only messages of this class; None for all messages.
    """

    name: Wording
    message_class: MessageClass | None = None


@dataclass(frozen=True, slots=True)
class MessageBlock:
    """A block of a message row; the kind is ``system``, ``user text`` or ``process value``."""

    name: Wording
    kind: str


_PLACE = re.compile(r"@([1-9]\d?)%(\.?\d{0,2}[dfs])@")


def with_values(text: str, values: Sequence[Scalar]) -> str:
    """Put process values into a configured text; one that is missing, or does not fit its format, shows as ???."""

    def shown(place: re.Match[str]) -> str:
        try:
            return f"%{place[2]}" % values[int(place[1]) - 1]
        except (IndexError, TypeError, ValueError):
            return "???"

    return _PLACE.sub(shown, text)
