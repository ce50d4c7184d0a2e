"""Which messages to ask a station for."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from airflow_provider_wincc.client.errors import WinCCConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_MESSAGES = 1000
"""In one answer of the lists that have ``maxValues``. Source: the README of a REST client written at Siemens."""

# Language and region, as WinCC has them: en-US, zh-CN, sr-Latn-RS.
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|\d{3}))?")


class MessageList(StrEnum):
    """The runtime lists of the message system."""

    MESSAGE_LIST = "message_list"
    """Messages that are pending now."""
    SHORT_TERM_ARCHIVE = "short_term_archive"
    LONG_TERM_ARCHIVE = "long_term_archive"
    HIT_LIST = "hit_list"
    """Statistics: how often and how long."""
    LOCK_LIST = "lock_list"
    HIDE_LIST = "hide_list"
    HIDDEN_MESSAGE_LIST = "hidden_message_list"

    @property
    def has_max_values(self) -> bool:
        """Whether a request can say how many rows it wants; the others hand out all that there are."""
        return self in {MessageList.SHORT_TERM_ARCHIVE, MessageList.LONG_TERM_ARCHIVE, MessageList.HIT_LIST}

    @property
    def is_history(self) -> bool:
        """Whether its rows stay when a message is no longer pending."""
        return self in {MessageList.SHORT_TERM_ARCHIVE, MessageList.LONG_TERM_ARCHIVE}


@dataclass(frozen=True, slots=True)
class MessageQuery:
    """Which list, filter and languages to read messages with. Equal queries are answered by one request of the poller.

    :param rest_filter: name of a REST filter that is configured in WinCC; a client cannot make one.
    :param message_list: which of the runtime lists; a :class:`MessageList` or its text.
    :param max_values: most rows in an answer, 1 to 1000; of lists that have no such limit it says nothing.
    :param language: of the texts in the answer, such as ``de-DE``; None for the station's default, which is en-US.
    :param name_language: in which ``rest_filter`` is given; None for the station's default.
    :raises WinCCConfigurationError: when one of them is wrong.
    """

    rest_filter: str
    message_list: MessageList = MessageList.MESSAGE_LIST
    max_values: int = MOST_MESSAGES
    language: str | None = None
    name_language: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.rest_filter, str) or not self.rest_filter.strip():
            raise WinCCConfigurationError(
                f"rest_filter is {self.rest_filter!r}.",
                hint="Expected the name of a REST filter; client.list_rest_filters() names those of the station.",
            )
        object.__setattr__(self, "message_list", _message_list(self.message_list))
        _check_max_values(self.max_values)
        for name in ("language", "name_language"):
            check_language(name, getattr(self, name))

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON types."""
        return {each.name: getattr(self, each.name) for each in fields(self)} | {
            "message_list": self.message_list.value
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Return the query that :meth:`to_json` has told."""
        return cls(**told)


def _message_list(raw: MessageList | str) -> MessageList:
    try:
        return MessageList(raw)
    except ValueError:
        names = ", ".join(repr(each.value) for each in MessageList)
        raise WinCCConfigurationError(f"message_list is {raw!r}.", hint=f"Expected one of {names}.") from None


def _check_max_values(max_values: object) -> None:
    if type(max_values) is not int or not 1 <= max_values <= MOST_MESSAGES:
        raise WinCCConfigurationError(
            f"max_values is {max_values!r}.",
            hint=f"Expected a whole number from 1 to {MOST_MESSAGES}: WinCC hands out no more messages in one answer.",
        )


def check_language(name: str, language: object) -> None:
    """Check a language tag.

    :param name: of the argument that it is given as.
    :raises WinCCConfigurationError: when it is neither a language tag nor None.
    """
    if language is not None and (not isinstance(language, str) or not _LANGUAGE.fullmatch(language)):
        raise WinCCConfigurationError(
            f"{name} is {language!r}.", hint="Expected a language tag such as 'en-US' or 'de-DE', or None."
        )
