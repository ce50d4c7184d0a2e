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

# A unit that has just been told something answers within a few readings, or takes its time.
_READINGS_AT_ONCE = 4
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
        """Take a snapshot, within a few readings; None when the unit's tags are not usable or go on changing.

        :param is_known: all tags of the unit have been read before, so that one that is missing now was lost.
        :raises WinCCError: when reading failed in a way that does not pass by itself.
        """
        if self._has_just_written:
            self._has_just_written = False
            self._sleep(self._settle)
        snapshot = self._read(is_known=is_known)
        readings = 1
        started = time.monotonic()
        while self._is_to_look_again(snapshot, readings, started):
            self._sleep(self._settle or _HEARTBEAT_PERIOD)
            snapshot = self._read(is_known=is_known)
            readings += 1
        self.last = snapshot or self.last
        return snapshot

    def _is_to_look_again(self, snapshot: Snapshot | None, readings: int, started: float) -> bool:
        if snapshot is None:
            return self._taker.is_settling and readings < _READINGS_AT_ONCE
        # A process that has just begun has not seen the heartbeat change yet.
        is_new = snapshot.is_alive is False and not snapshot.holds_an_order
        return is_new and self.last is None and time.monotonic() - started < _HEARTBEAT_PERIOD

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
