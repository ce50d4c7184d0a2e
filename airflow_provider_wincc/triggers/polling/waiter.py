"""What the poller asks of those who wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from airflow_provider_wincc.client.messages.query import MessageQuery
from airflow_provider_wincc.client.messages.values import MessageReading
from airflow_provider_wincc.client.models import TagFailure, TagValue
from airflow_provider_wincc.messages.failures import MessageFailure

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from airflow_provider_wincc.client.errors import WinCCError

Source = str | MessageQuery
"""What can be read: a tag, by its name, or the messages of a query."""

Reading = TagValue | TagFailure
"""What is known of one tag: its value, or why there is none."""

SourceReading = Reading | MessageReading | MessageFailure
"""What is known of a source: of a tag a :data:`Reading`, of a query its messages, or why there are none."""


class Waiter(Protocol):
    """Somebody who waits for tags or messages. Its methods are called on the event loop and must not block.

    ``tags`` is looked at once, when it subscribes; ``recheck_at`` after each call of ``observe`` and
    ``observe_failure``.
    """

    @property
    def tags(self) -> Collection[Source]:
        """What to read for it: names of tags, and message queries beside them."""

    @property
    def recheck_at(self) -> float | None:
        """Monotonic time from which it wants the next readings even if nothing changed; None for "on a change"."""

    def observe(self, readings: Mapping[Any, Any], now: float) -> None:
        """Take fresh readings of its tags: a :data:`SourceReading` for each :data:`Source`."""

    def observe_failure(self, error: WinCCError, now: float) -> None:
        """Take the failure of a cycle."""
