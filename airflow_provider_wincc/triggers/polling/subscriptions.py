"""Who waits for which sources, indexed so that a cycle in which nothing changed asks nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.triggers.polling.rechecks import Rechecks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from airflow_provider_wincc.triggers.polling.waiter import Source, Waiter


class Subscription:
    """One waiter's place in a group.

    :param waiter: who waits.
    :param interval: seconds between two readings.
    :param joined_in: number of the cycle that was the newest when it joined; that one is none of its business.
    """

    __slots__ = ("active", "interval", "joined_in", "sources", "waiter")

    def __init__(self, waiter: Waiter, interval: float, *, joined_in: int) -> None:
        self.waiter = waiter
        self.interval = interval
        self.sources = tuple(dict.fromkeys(waiter.tags))
        self.joined_in = joined_in
        self.active = True


class Group:
    """The subscriptions of one interval.

    Joining and leaving cost O(sources of the waiter); :meth:`take` costs O(waiters to tell).

    :param interval: seconds between two readings.
    """

    def __init__(self, interval: float) -> None:
        self.interval = interval
        self._subscriptions: dict[Subscription, None] = {}
        self._by_source: dict[Source, dict[Subscription, None]] = {}
        self._changed: dict[Source, None] = {}
        self._owed: dict[Subscription, None] = {}
        self._rechecks: Rechecks[Subscription] = Rechecks()

    def __len__(self) -> int:
        return len(self._subscriptions)

    @property
    def sources(self) -> Collection[Source]:
        """What somebody in the group waits for, each once."""
        return self._by_source.keys()

    @property
    def subscriptions(self) -> list[Subscription]:
        """All subscriptions, the oldest first."""
        return list(self._subscriptions)

    def join(self, subscription: Subscription) -> None:
        """Take a subscription in; it is owed the next readings."""
        self._subscriptions[subscription] = None
        for source in subscription.sources:
            self._by_source.setdefault(source, {})[subscription] = None
        self.owe(subscription)

    def leave(self, subscription: Subscription) -> list[Source]:
        """Take a subscription out; return the sources that nobody in the group waits for any more."""
        del self._subscriptions[subscription]
        self._owed.pop(subscription, None)
        self._rechecks.cancel(subscription)
        unused = []
        for source in subscription.sources:
            waiting = self._by_source[source]
            del waiting[subscription]
            if not waiting:
                del self._by_source[source]
                self._changed.pop(source, None)
                unused.append(source)
        return unused

    def note_changed(self, sources: Iterable[Source]) -> None:
        """Note that sources have other readings than before; those of other groups are left out."""
        self._changed.update((source, None) for source in sources if source in self._by_source)

    def owe(self, subscription: Subscription) -> None:
        """Have a subscription be told the next readings whether they have changed or not."""
        self._owed[subscription] = None

    def plan_recheck(self, subscription: Subscription, at: float | None) -> None:
        """Have a subscription be told the first readings from a monotonic time on, changed or not."""
        self._rechecks.plan(subscription, at)

    def take(self, now: float) -> dict[Subscription, None]:
        """Return who is to be told now: a source has changed, it is owed, or its recheck time has come; each once."""
        chosen: dict[Subscription, None] = {}
        for source in self._changed:
            chosen.update(self._by_source[source])
        chosen.update(self._owed)
        chosen.update(dict.fromkeys(self._rechecks.take(now)))
        self._changed.clear()
        self._owed.clear()
        return chosen
