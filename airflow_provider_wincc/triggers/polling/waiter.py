"""What the poller asks of those who wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from airflow_provider_wincc.client.models import TagFailure, TagValue

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from airflow_provider_wincc.client.errors import WinCCError

Reading = TagValue | TagFailure
"""What is known of one tag: its value, or why there is none."""


class Waiter(Protocol):
    """Somebody who waits for tags. Its methods are called on the event loop and must not block.

    ``tags`` is looked at once, when it subscribes; ``recheck_at`` after each call of ``observe`` and
    ``observe_failure``.
    """

    tags: Collection[str]

    @property
    def recheck_at(self) -> float | None:
        """Monotonic time from which it wants the next readings even if nothing changed; None for "on a change"."""

    def observe(self, readings: Mapping[str, Reading], now: float) -> None:
        """Take fresh readings of its tags."""

    def observe_failure(self, error: WinCCError, now: float) -> None:
        """Take the failure of a cycle."""
