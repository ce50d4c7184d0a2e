"""What raises messages in the demo plant: limit values and states; and acknowledging by a tag."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from airflow_provider_wincc.client.models import Quality
from airflow_provider_wincc.simulator.message_catalogue import LIMIT_VALUES, LINE_RUNS, MIXER_WAITS, find_message
from airflow_provider_wincc.simulator.plant import STEP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.simulator.message_system import MessageSystem
    from airflow_provider_wincc.simulator.tags import SimulatedTag, TagTable

ACKNOWLEDGE_TAG = "Messages.Acknowledge"
_SHOWN_STEPS = round(1 / STEP)
"""For a second, so that a client can read back what it has written."""


class _StateMessage(NamedTuple):
    """A message that is in while a tag has a value."""

    tag: str
    number: int
    value: Scalar


_STATES = (
    _StateMessage("Mixer1.State", MIXER_WAITS, "IDLE"),
    _StateMessage("Line3.Running", LINE_RUNS, value=True),
)
_TAGS = tuple(rule.tag for rule in (*LIMIT_VALUES, *_STATES))


class MessageMonitor:
    """Looks at tags and tells the message system what comes in and goes out.

    It tells changes only, so that a message that was raised or cleared by hand stays so. A tag that was removed, or
    whose value is bad or of another type than the plant's, changes nothing.
    """

    def __init__(self, table: TagTable, system: MessageSystem) -> None:
        self._table = table
        self._system = system
        self._in: set[int] = set()
        self._steps = 0
        self.look()
        table.listen(self._note_writes)

    def look(self) -> None:
        """Look at the tags as they are now."""
        with self._table.lock:
            values = self._good_values()
            for limit in LIMIT_VALUES:
                value = values.get(limit.tag)
                if isinstance(value, float) and math.isfinite(value):
                    lowest = limit.limit - (limit.hysteresis if limit.number in self._in else 0)
                    self._tell(limit.number, (value, limit.limit), is_in=value >= lowest)
            for state in _STATES:
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

    def _good_values(self) -> Mapping[str, Scalar]:
        found = zip(_TAGS, self._table.find(_TAGS), strict=True)
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
                if type(tag.value) is int and find_message(tag.value) is not None:
                    self._system.acknowledge(tag.value, user=user)
        self.look()
