"""Carries the writes of a handoff to the station: each once, in one request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.client.errors import WinCCWriteOutcomeUnknownError
from airflow_provider_wincc.orders.errors import OrderTimeoutError

if TYPE_CHECKING:
    from airflow_provider_wincc.client import WinCCClient
    from airflow_provider_wincc.order_handoff.step_log import StepLog
    from airflow_provider_wincc.orders.decision import Step
    from airflow_provider_wincc.orders.snapshot import Snapshot

_MOST_REPEATS = 3


class StepWriter:
    """Writes what the steps say.

    :param client: client of the station; used from one thread.
    :param subject: the order and the unit, for errors and logs.
    :param log: where a lost answer is told.
    """

    def __init__(self, client: WinCCClient, subject: str, log: StepLog) -> None:
        self._client = client
        self._subject = subject
        self._log = log
        self._repeated: tuple[object, int] = (None, 0)

    def count_repeats(self, step: Step, snapshot: Snapshot, shows: str) -> None:
        """Give up on a write that is sent again and again without any effect: the station is not to be pestered.

        :param shows: what the unit shows, in words.
        :raises OrderTimeoutError: when the same was written before, more than a few times, and nothing has changed.
        """
        numbers = {role: number for role, number in snapshot.numbers.items() if role != "heartbeat"}
        scene = (step.action, dict(step.writes), snapshot.state, numbers)
        before, count = self._repeated
        self._repeated = (scene, count + 1 if scene == before else 1)
        if self._repeated[1] > _MOST_REPEATS:
            raise OrderTimeoutError(
                f"{self._subject}: {step.action} was sent {_MOST_REPEATS} times, and the tags do not show it. The unit "
                f"shows: {shows}.",
                hint="Does the station take writes, and does anything else write these tags? A retry looks at the unit "
                "first.",
            )

    def write(self, step: Step) -> bool:
        """Write in one request; return whether the station has confirmed it.

        :raises WinCCError: when the station has certainly not taken all of it.
        """
        try:
            self._client.write_tags(step.writes)
        except WinCCWriteOutcomeUnknownError as error:
            if error.errors:
                raise
            self._log.warning(
                "WinCC %s: the answer to a write was lost; what the unit shows next decides. %s",
                self._subject,
                error.message,
            )
            return False
        return True
