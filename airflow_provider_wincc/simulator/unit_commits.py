"""How an order is committed and answered: one class for each profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from airflow_provider_wincc.simulator.unit_tags import METHODS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.simulator.unit_memory import Memory
    from airflow_provider_wincc.simulator.unit_settings import Profile

    Inputs = Mapping[str, Scalar]


class Commit(Protocol):
    """The handshake of one profile. What it has to remember is in the memory of the unit, so that it is retained."""

    def is_offered(self, memory: Memory, inputs: Inputs, *, can_take: bool) -> bool:
        """Whether the client commits an order now; called in each scan while no offer waits for its answer."""

    def number_of_offer(self, memory: Memory, inputs: Inputs) -> int:
        """Return the number that the offered order gets when it is accepted."""

    def answer(self, memory: Memory, number: int, *, accepted: bool) -> None:
        """Show that the offer has been decided; the last thing that the unit does with it."""

    def adopt(self, memory: Memory, inputs: Inputs) -> None:
        """Take what the client shows as dealt with, after the memory was lost or restored."""

    def shown(self, memory: Memory) -> dict[str, Scalar]:
        """Return the tags of the handshake that the unit writes."""


def make_commit(profile: Profile) -> Commit:
    """Return the handshake of a profile."""
    commits: dict[Profile, Commit] = {
        "A": NumberCommit(),
        "B": PermissionCommit(),
        "C": RequestCommit(),
        "D": StatusCommit(),
    }
    return commits[profile]


def following(number: int) -> int:
    """Return the number after this one: the largest of 32 bits is followed by 1, because 0 is no number."""
    return 1 if number >= _LARGEST else number + 1


def following_alternating(number: int) -> int:
    """Return the number after this one, with the largest of 32 bits left out, so that odd and even alternate."""
    return 1 if number >= _LARGEST - 1 else number + 1


class NumberCommit:
    """Profile A: the client writes the number after the acknowledged one."""

    following = staticmethod(following)

    def is_offered(self, memory: Memory, inputs: Inputs, *, can_take: bool) -> bool:  # noqa: ARG002 - answered anyway
        """Any other number is no offer."""
        return inputs["Order.Sequence"] == self.following(memory.answered)

    def number_of_offer(self, memory: Memory, inputs: Inputs) -> int:  # noqa: ARG002 - the client's number has been checked
        """Return the client's number."""
        return self.following(memory.answered)

    def answer(self, memory: Memory, number: int, *, accepted: bool) -> None:  # noqa: ARG002 - the status says which
        """Acknowledge the number."""
        memory.answered = number

    def adopt(self, memory: Memory, inputs: Inputs) -> None:
        """Acknowledge whatever number stands there."""
        memory.answered = int(inputs["Order.Sequence"])

    def shown(self, memory: Memory) -> dict[str, Scalar]:
        """Show the acknowledged number."""
        return {"Order.AckSequence": memory.answered}


class PermissionCommit(NumberCommit):
    """Profile B: an odd number asks for permission, the even number after it commits."""

    following = staticmethod(following_alternating)

    def is_offered(self, memory: Memory, inputs: Inputs, *, can_take: bool) -> bool:
        """Give permission when the unit can take an order; it stands until it is used, by whomever."""
        number = self.following(memory.answered)
        if inputs["Order.Sequence"] != number:
            return False
        if number % 2 == 0:
            return True
        if can_take:
            memory.answered = number
        return False


class RequestCommit:
    """Profile C: request on, acknowledge on, request off, acknowledge off."""

    client_tag = "Order.Request"
    unit_tag = "Order.Acknowledge"

    def is_offered(self, memory: Memory, inputs: Inputs, *, can_take: bool) -> bool:  # noqa: ARG002 - answered anyway
        """One offer for each time that the request rises."""
        if inputs[self.client_tag] == 0:
            memory.answered = 0
            memory.must_rest = False
            return False
        return inputs[self.client_tag] == 1 and not memory.answered and not memory.must_rest

    def number_of_offer(self, memory: Memory, inputs: Inputs) -> int:  # noqa: ARG002 - the client has no numbers
        """Return the unit's own count of accepted orders."""
        return following(memory.last_number)

    def answer(self, memory: Memory, number: int, *, accepted: bool) -> None:
        """Acknowledge, and count the orders that were accepted."""
        memory.answered = self._answer(accepted=accepted)
        if accepted:
            memory.last_number = number

    def adopt(self, memory: Memory, inputs: Inputs) -> None:
        """Wait until the request has fallen; and give no order a number that a command still shows."""
        memory.last_number = max(memory.last_number, *(int(inputs[name]) for name in METHODS))
        memory.answered = 0
        memory.must_rest = inputs[self.client_tag] != 0

    def shown(self, memory: Memory) -> dict[str, Scalar]:
        """Show whether the request has been answered."""
        return {self.unit_tag: bool(memory.answered)}

    def _answer(self, *, accepted: bool) -> int:  # noqa: ARG002 - a bit cannot say it; the status does
        return 1


class StatusCommit(RequestCommit):
    """Profile D: a status word of each side; the unit's word says whether the order was taken."""

    client_tag = "Order.ClientStatus"
    unit_tag = "Order.UnitStatus"

    def shown(self, memory: Memory) -> dict[str, Scalar]:
        """Show the status word of the unit."""
        return {self.unit_tag: memory.answered}

    def _answer(self, *, accepted: bool) -> int:
        return 2 if accepted else 8


_LARGEST = 2**32 - 1
