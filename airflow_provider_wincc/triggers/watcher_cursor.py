"""Where a watcher keeps what it has seen, so that it survives a restart: the state of its asset (Airflow 3.3+)."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from airflow.sdk.execution_time.context import AssetStateStoreAccessors

log = logging.getLogger(__name__)

_PAUSE = 5.0


class Resumable(Protocol):
    """What can go on in another process: an edge detector, or a watch on messages."""

    def to_json(self) -> dict[str, Any]:
        """Return what another process must know, as plain JSON types; the same for the same state."""

    def resume(self, data: object) -> None:
        """Go on where another process left off.

        :raises ValueError: when the data is not what :meth:`to_json` gave.
        """


class WatcherCursor:
    """Loads and saves the state of what a watcher judges with.

    Without a store (Airflow below 3.3), or when Airflow cannot say which asset's store it is, because one watcher
    serves several assets, nothing is kept.

    :param store: the store that Airflow has set on the trigger; None where there is none.
    :param key: name of the state in the store; watchers that look for the same have the same.
    """

    def __init__(self, store: AssetStateStoreAccessors | None, key: str) -> None:
        self._store = store
        self._key = key
        self._saved: dict[str, Any] | None = None
        self._saving = asyncio.Lock()
        self._fails = False

    @property
    def keeps_state(self) -> bool:
        """Whether anything is kept."""
        return self._store is not None

    async def load(self, watched: Resumable) -> None:
        """Let it go on from what is stored; it begins anew if nothing is, or nothing that can be read.

        Waits for as long as Airflow cannot be asked: to guess would lose an event, or make one twice.
        """
        while self._store is not None:
            try:
                stored = await self._store.aget(self._key)
            except ValueError as error:
                self._store = None
                log.warning(
                    "This watcher serves several assets, so Airflow keeps no state for it: what happens in the plant "
                    "while no triggerer runs is not seen. Give each asset a watcher with other arguments (another "
                    "poke_interval will do). (%s)",
                    error,
                )
            except Exception as error:  # noqa: BLE001  the API server and the database may be away, in many ways
                self._note_failure("read", error)
                await asyncio.sleep(_PAUSE)
            else:
                self._fails = False
                _resume(watched, stored, self._key)
                return

    async def save(self, watched: Resumable) -> None:
        """Store its state if it has changed. A failure is logged, and made good by the next call."""
        async with self._saving:
            if self._store is None:
                return
            state = watched.to_json()
            if state == self._saved:
                return
            try:
                await self._store.aset(self._key, state)
            except Exception as error:  # noqa: BLE001  the API server and the database may be away, in many ways
                self._note_failure("stored", error)
            else:
                self._saved, self._fails = state, False

    def _note_failure(self, what: str, error: Exception) -> None:
        if not self._fails:
            log.warning("The state of this watcher cannot be %s: %r. Trying again.", what, error)
        self._fails = True


def _resume(watched: Resumable, stored: object, key: str) -> None:
    if stored is None:
        return
    try:
        watched.resume(stored)
    except ValueError as error:
        log.warning("The state %r of this watcher cannot be read, it begins anew: %s", key, error)
