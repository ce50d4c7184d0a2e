"""What is configured of the messages of one plant, and what raises them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from airflow_provider_wincc.simulator import message_catalogue
from airflow_provider_wincc.simulator.errors import UnknownMessageError
from airflow_provider_wincc.simulator.message_catalogue import LINE_RUNS, MIXER_WAITS

if TYPE_CHECKING:
    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.simulator.message_settings import ConfiguredMessage, LimitValue, MessageGroup


class StateMessage(NamedTuple):
    """A message that is in while a tag has a value."""

    tag: str
    number: int
    value: Scalar


@dataclass(frozen=True)
class PlantMessages:
    """The messages of a plant; those for bursts are there beside them, whatever the plant.

    :param limits: limit values that raise messages.
    :param states: values of tags that raise messages.
    """

    messages: tuple[ConfiguredMessage, ...] = ()
    limits: tuple[LimitValue, ...] = ()
    states: tuple[StateMessage, ...] = ()
    groups: tuple[MessageGroup, ...] = ()

    def find(self, number: int) -> ConfiguredMessage | None:
        """Find a message by its number, those for bursts among them; None when there is none."""
        return self._by_number.get(number) or message_catalogue.find_burst_message(number)

    def get(self, number: object) -> ConfiguredMessage:
        """Return a message.

        :raises UnknownMessageError: when there is none of this number; the text names those that there are.
        """
        message = None if isinstance(number, bool) or not isinstance(number, int) else self.find(number)
        if message is None:
            known = ", ".join(str(message.number) for message in self.messages) or "none of its own"
            first, last = message_catalogue.BURST_NUMBERS
            raise UnknownMessageError(
                f"the simulated station has no message {number!r}; it has {known}, and {first} to {last} for bursts"
            )
        return message

    @cached_property
    def _by_number(self) -> dict[int, ConfiguredMessage]:
        return {message.number: message for message in self.messages}


DEMO_MESSAGES = PlantMessages(
    messages=message_catalogue.MESSAGES,
    limits=message_catalogue.LIMIT_VALUES,
    states=(
        StateMessage("Mixer1.State", MIXER_WAITS, "IDLE"),
        StateMessage("Line3.Running", LINE_RUNS, value=True),
    ),
    groups=message_catalogue.GROUPS,
)
