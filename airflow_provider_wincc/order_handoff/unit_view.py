"""What the handoff sees of a unit: snapshots, read over the client."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCError, WinCCTagNotFoundError
from airflow_provider_wincc.orders.snapshot import SnapshotTaker

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.client import WinCCClient
    from airflow_provider_wincc.orders.snapshot import Readings, Snapshot
    from airflow_provider_wincc.orders.tags import OrderHandoffTags

# A step may cost a station three requests: a write and two readings, or three readings.
_MOST_READINGS = 3
_MOST_READINGS_AFTER_A_WRITE = 2
_MOST_WINDOWS_AFTER_A_WRITE = 3
_HEARTBEAT_PERIOD = 1.2


class UnitView:
    """Takes snapshots of a unit.

    :param client: client of the station; used from one thread.
    :param tags: tags of the unit.
    :param settle: seconds that two equal readings must lie apart.
    :param sleep: waits for seconds.
    """

    def __init__(
        self, client: WinCCClient, tags: OrderHandoffTags, settle: float, sleep: Callable[[float], None]
    ) -> None:
        self._client = client
        self._tags = tags
        self._settle = settle
        self._sleep = sleep
        self._taker = SnapshotTaker(tags, settle)
        self._has_just_written = False
        self._windows_after_a_write = 1
        self.last: Snapshot | None = None

    @property
    def reason(self) -> str:
        """Why there is no snapshot, in words."""
        return self._taker.reason

    @property
    def is_overridden(self) -> bool:
        """Whether there is no snapshot because somebody on site has taken the unit over."""
        return self._taker.is_overridden

    @property
    def heartbeat_stands_still(self) -> bool:
        """Whether the heartbeat was watched for a while and did not change."""
        return self._taker.heartbeat_stands_still

    def note_write(self) -> None:
        """Note that something was written: what is read at once does not show its effect yet."""
        self._has_just_written = True

    def look(self, *, is_known: bool) -> Snapshot | None:
        """Take a snapshot; None when the unit's tags are not usable or still changing, and to be read later.

        Sends at most three requests, and at most two after a write, whatever the unit does meanwhile.

        :param is_known: all tags of the unit have been read before, so that one that is missing now was lost.
        :raises WinCCError: when reading failed in a way that does not pass by itself.
        """
        after_write, self._has_just_written = self._has_just_written, False
        if after_write:
            self._sleep(self._settle * self._windows_after_a_write)
        most = _MOST_READINGS_AFTER_A_WRITE if after_write else _MOST_READINGS
        started = time.monotonic()
        snapshot = self._read(is_known=is_known)
        for _ in range(most - 1):
            pause = self._pause_before_another(snapshot, started)
            if pause is None:
                break
            self._sleep(pause)
            snapshot = self._read(is_known=is_known)
        if after_write and snapshot is None and self._taker.is_settling:
            # The unit answers more slowly than its tags settle: the next write gets more time before it is looked at.
            self._windows_after_a_write = min(self._windows_after_a_write + 1, _MOST_WINDOWS_AFTER_A_WRITE)
        self.last = snapshot or self.last
        return snapshot

    def _pause_before_another(self, snapshot: Snapshot | None, started: float) -> float | None:
        """Return after how many seconds another reading may tell more; None when it would not."""
        if snapshot is None:
            return self._settle if self._taker.is_settling else None
        # A process that has just begun has not seen the heartbeat change yet.
        is_new = snapshot.is_alive is False and not snapshot.holds_an_order and self.last is None
        left = started + _HEARTBEAT_PERIOD - time.monotonic()
        return max(self._settle, left) if is_new and left > 0 else None

    def _read(self, *, is_known: bool) -> Snapshot | None:
        asked_at = time.monotonic()
        try:
            readings = self._client.try_read_tags(self._tags.tags)
        except WinCCError as error:
            if not error.retryable:
                raise
            self._taker.interrupt(f"the station cannot be read: {error.message}")
            return None
        everything: Readings = {**readings.values, **readings.failures}
        try:
            return self._taker.take(everything, asked_at=asked_at, answered_at=time.monotonic())
        except WinCCTagNotFoundError as error:
            # A busy station loses rows of its answers; what was there before has not been left out of the tag map.
            if not is_known:
                raise
            self._taker.interrupt(error.message)
            return None
