"""``WinCCTagTrigger``: waits for a condition on behalf of a deferred task."""

from __future__ import annotations

from typing import Any

from airflow_provider_wincc.conditions import Condition
from airflow_provider_wincc.triggers.tag_events import WinCCTagEventTrigger
from airflow_provider_wincc.triggers.wait_trigger import WaitTrigger
from airflow_provider_wincc.waiting import TagWait

__all__ = ["WinCCTagEventTrigger", "WinCCTagTrigger"]


class WinCCTagTrigger(WaitTrigger):
    """Fires once, when the condition is true, when the wait has failed, or when its time is up.

    All triggers of a triggerer share one reader per connection, see :mod:`airflow_provider_wincc.triggers.poller`.
    After a restart of the triggerer the wait goes on: the deadline and what ``changed`` compares with are kept, hold
    times begin anew. It reads only; a trigger may run twice.

    The event's payload has ``status``: ``met`` (with ``readings``), ``failed`` (with ``error``) or ``timeout`` (with
    ``explanation``).

    :param wincc_conn_id: id of the connection.
    :param condition: the condition as :meth:`Condition.to_json` has it.
    :param fail_if: what ends the wait with a failure, as :meth:`Condition.to_json` has it; None for nothing.
    :param poke_interval: seconds between two readings.
    :param deadline: time to give up, in seconds since 1970.
    :param not_before: time before which it does not fire, in seconds since 1970; before the deadline.
    :param fail_if_unknown_for: seconds without a usable reading after which the wait fails; None for never.
    :param max_consecutive_failures: failed readings in a row that are waited through; None for any number.
    :param exponential_backoff: double the interval after each reading.
    :param max_wait: longest interval in seconds; None for no bound.
    :param state: what the wait has seen so far, as :meth:`TagWait.to_json` has it.
    """

    def __init__(
        self,
        *,
        condition: dict[str, Any],
        fail_if: dict[str, Any] | None = None,
        fail_if_unknown_for: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.condition = condition
        self.fail_if = fail_if
        self.fail_if_unknown_for = fail_if_unknown_for

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and the arguments, all of JSON types."""
        return (
            "airflow_provider_wincc.triggers.tags.WinCCTagTrigger",
            {
                **self._shared_arguments,
                "condition": self.condition,
                "fail_if": self.fail_if,
                "fail_if_unknown_for": self.fail_if_unknown_for,
            },
        )

    def _new_wait(self) -> TagWait:
        return TagWait(
            Condition.from_json(self.condition),
            fail_if=None if self.fail_if is None else Condition.from_json(self.fail_if),
            fail_if_unknown_for=self.fail_if_unknown_for,
            max_consecutive_failures=self.max_consecutive_failures,
        )
