"""What the controller of a simulated unit retains."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.client.models import Scalar


class JobState(IntEnum):
    """State of the order that the unit holds, with the numbers of ISA-95 job control."""

    NONE = 0
    STORED = 1
    ALLOWED = 2
    RUNNING = 3
    INTERRUPTED = 4
    ENDED = 5
    ABORTED = 6


class JobResult(IntEnum):
    """How an order came out."""

    UNKNOWN = 0
    SUCCESSFUL = 1
    UNSUCCESSFUL = 2


class ReturnStatus(IntEnum):
    """How a commit was answered; 0 before the first one."""

    NOTHING_ANSWERED = 0
    ACCEPTED = 1
    NOT_NOW = 8
    ID_TAKEN = 16
    NOT_ACCEPTABLE = 32


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it was copied at its commit.

    :param number: with which it was committed, or which the unit gave it; 0 where it has none yet.
    :param payload: value by name of each parameter.
    """

    id: str
    revision: int
    payload: Mapping[str, Scalar]
    number: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A copied order that waits for its answer.

    :param seconds_left: of the unit's time.
    """

    order: Order
    seconds_left: float


NO_ORDER = Order("", 0, MappingProxyType({}), 0)


@dataclass(slots=True)
class Memory:
    """All that survives a restart; every value in it is immutable, so that a copy stays what it was.

    :param answered: ``AckSequence`` in profiles A and B, ``Acknowledge`` in C, ``UnitStatus`` in D.
    :param must_rest: profiles C and D: what the client shows is no offer until it has gone to rest once.
    :param last_number: profiles C and D: number of the last order that was accepted.
    :param executed: the last ids that were started or aborted, oldest first.
    :param seconds_in_setup: since the start command.
    :param seconds_running: since the start, interruptions left out.
    :param will_fail: the order will end without success.
    :param was_stopped: the order was ended by a stop.
    """

    answered: int = 0
    must_rest: bool = False
    last_number: int = 0
    answered_id: str = ""
    status: ReturnStatus = ReturnStatus.NOTHING_ANSWERED
    offer: Offer | None = None
    executed: tuple[str, ...] = ()
    order: Order = NO_ORDER
    state: JobState = JobState.NONE
    result: JobResult = JobResult.UNKNOWN
    seconds_in_setup: float = 0.0
    seconds_running: float = 0.0
    will_fail: bool = False
    was_stopped: bool = False

    def copy(self) -> Memory:
        """Return a memory that holds the same and changes for itself."""
        return replace(self)

    def drop_order(self) -> None:
        """Forget the order and everything that belongs to it."""
        self.order = NO_ORDER
        self.state = JobState.NONE
        self.result = JobResult.UNKNOWN
        self.seconds_in_setup = 0.0
        self.seconds_running = 0.0
        self.will_fail = False
        self.was_stopped = False
