"""When a watcher gives up because the station cannot be read."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow_provider_wincc.client.errors import WinCCError

_LONGEST_PAUSE = 60.0


class FailureLimit:
    """Counts the readings in a row that failed.

    Only failures that may pass by themselves end a watcher. Airflow starts it again at once, so one that ends for a
    refused login would lock the account.

    :param most: failures in a row that are waited through; None for any number.
    :param interval: seconds between two readings.
    """

    def __init__(self, most: int | None, interval: float) -> None:
        self._most = most
        self._interval = interval
        self._failures = 0

    async def note(self, error: WinCCError | None) -> None:
        """Note the outcome of a reading: None when it succeeded.

        :raises WinCCError: the error, after an interval, when it is one too many.
        """
        if error is None:
            self._failures = 0
            return
        self._failures += 1
        if error.retryable and self._most is not None and self._failures > self._most:
            # Airflow starts the trigger again at once, and the poller then reads without a pause.
            await asyncio.sleep(min(self._interval, _LONGEST_PAUSE))
            raise error
