"""What raises messages in a plant: limit values and states; and acknowledging by a tag."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.models import Quality
from airflow_provider_wincc.simulator.plant import STEP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.simulator.message_system import MessageSystem
    from airflow_provider_wincc.simulator.tags import SimulatedTag, TagTable

ACKNOWLEDGE_TAG = "Messages.Acknowledge"
_SHOWN_STEPS = round(1 / STEP)
"""For a second, so that a client can read back what it has written."""


class MessageMonitor:
    """Looks at tags and tells the message system what comes in and goes out.

    It tells changes only, so that a message that was raised or cleared by hand stays so. A tag that was removed, or
    whose value is bad or of a type that the rule does not fit, changes nothing.
    """

    def __init__(self, table: TagTable, system: MessageSystem) -> None:
        self._table = table
        self._system = system
        self._tags = (
            *(limit.tag for limit in system.configured.limits),
            *(state.tag for state in system.configured.states),
        )
        self._in: set[int] = set()
        self._steps = 0
        self.look()
        table.listen(self._note_writes)

    def look(self) -> None:
        """Look at the tags as they are now."""
        with self._table.lock:
            values = self._good_values()
            for limit in self._system.configured.limits:
                value = values.get(limit.tag)
                if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
                    is_in = limit.is_reached(value, was_in=limit.number in self._in)
                    self._tell(limit.number, (value, limit.limit), is_in=is_in)
            for state in self._system.configured.states:
                value = values.get(state.tag)
                if type(value) is type(state.value):
                    self._tell(state.number, (), is_in=value == state.value)

    def step(self) -> None:
        """Look at the tags, and set the tag for acknowledging back after a second; for each step of the plant."""
        with self._table.lock:
            self.look()
            self._steps += 1
            if self._steps >= _SHOWN_STEPS:
                self._table.show(ACKNOWLEDGE_TAG, 0, None)

    def reset(self) -> None:
        """Forget all messages, then raise those that the plant has now."""
        with self._table.lock:
            self._system.reset()
            self._in.clear()
            self.look()

    def take_over(self) -> None:
        """Take the messages that are pending as told, after they were put back from a state that was kept."""
        with self._table.lock:
            configured = self._system.configured
            told = {limit.number for limit in configured.limits} | {state.number for state in configured.states}
            self._in = told & self._system.numbers_in
            self.look()

    def _good_values(self) -> Mapping[str, Scalar]:
        found = zip(self._tags, self._table.find(self._tags), strict=True)
        return {
            name: tag.value
            for name, tag in found
            if tag is not None and not tag.error_code and Quality(tag.quality).is_good
        }

    def _tell(self, number: int, values: tuple[Scalar, ...], *, is_in: bool) -> None:
        if is_in and number not in self._in:
            self._in.add(number)
            self._system.come_in(number, process_values=values)
        elif not is_in and number in self._in:
            self._in.discard(number)
            self._system.go_out(number)

    def _note_writes(self, written: Sequence[SimulatedTag], *, by_rest: bool, user: str | None) -> None:  # noqa: ARG002 - a limit is a limit, whoever wrote the value
        for tag in written:
            if tag.name == ACKNOWLEDGE_TAG:
                self._steps = 0
                if type(tag.value) is int and self._system.configured.find(tag.value) is not None:
                    self._system.acknowledge(tag.value, user=user)
        self.look()
