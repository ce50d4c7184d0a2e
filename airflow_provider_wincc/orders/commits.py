"""How an order is committed to a unit, and how that is recognised: the four profiles of handshakes.

Only this differs between the profiles; the steps around it are the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.orders.errors import OrderUnitError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.client.models import Scalar

_LARGEST = 2**32 - 1


class CommitPhase(Enum):
    """Where the handshake between client and unit stands."""

    IDLE = "idle"
    """No command is under way; the payload may be written and committed."""
    NEEDS_PERMISSION = "needs permission"
    """No command is under way; the unit must be asked before the payload is written."""
    UNDER_WAY = "under way"
    """A command was given and is not answered yet."""
    ANSWERED = "answered"
    """The unit has answered, and the client's signal has to be taken back."""
    FALLING_BACK = "falling back"
    """The client's signal is back, the unit's is not yet."""


class CommitProfile(ABC):
    """One handshake.

    ``numbers`` are the values of the profile's roles: role → number, bits as 0 and 1.

    :cvar name: the letter of the profile.
    :cvar client_roles: the roles of the tags that the client gives signals with.
    :cvar unit_roles: the roles of the tags that the unit answers with.
    :cvar may_lack_id_echo: whether units are in use that do not say which order an answer belongs to.
    """

    name: ClassVar[str]
    client_roles: ClassVar[tuple[str, ...]]
    unit_roles: ClassVar[tuple[str, ...]]
    may_lack_id_echo: ClassVar[bool] = False

    @abstractmethod
    def phase(self, numbers: Mapping[str, int]) -> CommitPhase:
        """Say where the handshake stands.

        :raises OrderUnitError: when the numbers mean nothing in this profile.
        """

    @abstractmethod
    def commit(self, numbers: Mapping[str, int]) -> dict[str, Scalar]:
        """Return what to write to commit the payload that stands there, by role."""

    def permission(self, numbers: Mapping[str, int]) -> dict[str, Scalar]:  # noqa: ARG002  for the profiles that ask
        """Return what to write to ask for permission, by role; nothing where none is asked for."""
        return {}

    def release(self) -> dict[str, Scalar]:
        """Return what to write to take the client's signal back after an answer, by role."""
        return {}

    def refuses(self, numbers: Mapping[str, int]) -> bool | None:  # noqa: ARG002  for the profiles that say it
        """Whether the signal that stands is a refusal; None where the return status says it."""
        return None

    def is_commit(self, numbers: Mapping[str, int]) -> bool:  # noqa: ARG002  for the profiles that also ask
        """Whether the command that is under way commits a payload, and does not only ask for permission."""
        return True


class SequenceNumbers(CommitProfile):
    """Profile A: the client writes the acknowledged number plus one; the unit copies it when it has answered."""

    name = "A"
    client_roles = ("sequence",)
    unit_roles = ("ack_sequence",)

    def phase(self, numbers: Mapping[str, int]) -> CommitPhase:
        """Say whether the number that stands is the next one."""
        under_way = numbers["sequence"] == next_number(numbers["ack_sequence"])
        return CommitPhase.UNDER_WAY if under_way else CommitPhase.IDLE

    def commit(self, numbers: Mapping[str, int]) -> dict[str, Scalar]:
        """Return the number that follows the one acknowledged: absolute, so that writing it twice is one command."""
        return {"sequence": next_number(numbers["ack_sequence"])}


class PermissionNumbers(CommitProfile):
    """Profile B: two increments. An odd number asks for permission, the even one after it commits the payload."""

    name = "B"
    client_roles = ("sequence",)
    unit_roles = ("ack_sequence",)
    may_lack_id_echo = True

    def phase(self, numbers: Mapping[str, int]) -> CommitPhase:
        """Say where the handshake stands; an odd number that was acknowledged is a permission that still stands."""
        acknowledged = numbers["ack_sequence"]
        if numbers["sequence"] == next_alternating(acknowledged):
            return CommitPhase.UNDER_WAY
        return CommitPhase.NEEDS_PERMISSION if next_alternating(acknowledged) % 2 else CommitPhase.IDLE

    def commit(self, numbers: Mapping[str, int]) -> dict[str, Scalar]:
        """Return the even number that commits."""
        return {"sequence": next_alternating(numbers["ack_sequence"])}

    def permission(self, numbers: Mapping[str, int]) -> dict[str, Scalar]:
        """Return the odd number that asks."""
        return {"sequence": next_alternating(numbers["ack_sequence"])}

    def is_commit(self, numbers: Mapping[str, int]) -> bool:
        """Whether the number is an even one."""
        return numbers["sequence"] % 2 == 0


class FourPhaseBits(CommitProfile):
    """Profile C: request, acknowledge, request back, acknowledge back."""

    name = "C"
    client_roles = ("request",)
    unit_roles = ("acknowledge",)

    def phase(self, numbers: Mapping[str, int]) -> CommitPhase:
        """Say which of the four phases it is."""
        return _two_signals(bool(numbers["request"]), bool(numbers["acknowledge"]))

    def commit(self, numbers: Mapping[str, int]) -> dict[str, Scalar]:  # noqa: ARG002  a bit depends on no number
        """Return the request."""
        return {"request": True}

    def release(self) -> dict[str, Scalar]:
        """Return the request taken back."""
        return {"request": False}


class StatusWords(CommitProfile):
    """Profile D: one status word of the client (0 rest, 1 offer) and one of the unit (0 rest, 2 taken, 8 refused)."""

    name = "D"
    client_roles = ("client_status",)
    unit_roles = ("unit_status",)
    may_lack_id_echo = True

    def phase(self, numbers: Mapping[str, int]) -> CommitPhase:
        """Say where the two words stand."""
        client, unit = numbers["client_status"], numbers["unit_status"]
        if client not in (0, 1) or unit not in (0, _TAKEN, _REFUSED):
            raise OrderUnitError(
                f"The status words are {client} (client; 0 and 1 are known) and {unit} (unit; 0, 2 and 8 are known)."
            )
        return _two_signals(bool(client), bool(unit))

    def commit(self, numbers: Mapping[str, int]) -> dict[str, Scalar]:  # noqa: ARG002  a word depends on no number
        """Return the offer."""
        return {"client_status": 1}

    def release(self) -> dict[str, Scalar]:
        """Return the offer taken back."""
        return {"client_status": 0}

    def refuses(self, numbers: Mapping[str, int]) -> bool | None:
        """Whether the unit's word is a refusal; None while it rests."""
        unit = numbers["unit_status"]
        return unit == _REFUSED if unit else None


_TAKEN, _REFUSED = 2, 8

PROFILES: Mapping[str, CommitProfile] = {
    profile.name: profile for profile in (SequenceNumbers(), PermissionNumbers(), FourPhaseBits(), StatusWords())
}
"""The profiles by their letters."""


def commit_profile(name: str) -> CommitProfile:
    """Return a profile by its letter.

    :raises WinCCConfigurationError: naming the known ones.
    """
    if name not in PROFILES:
        raise WinCCConfigurationError(f"There is no profile {name!r}.", hint=f"Known are {', '.join(PROFILES)}.")
    return PROFILES[name]


def next_number(number: int) -> int:
    """Return the number after one; the largest of 32 bits is followed by 1, since 0 is never a command."""
    return 1 if number >= _LARGEST else number + 1


def next_alternating(number: int) -> int:
    """Return the number after one such that odd and even alternate over the wrap too: the largest is left out."""
    return 1 if number >= _LARGEST - 1 else number + 1


def _two_signals(ours: bool, theirs: bool) -> CommitPhase:  # noqa: FBT001  two signals are two bools
    if ours:
        return CommitPhase.ANSWERED if theirs else CommitPhase.UNDER_WAY
    return CommitPhase.FALLING_BACK if theirs else CommitPhase.IDLE
