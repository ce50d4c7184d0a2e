"""The steps of a handoff: what can be done next, what can be waited for, and how far a handoff may go."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.conditions import Condition

WaitFor = Literal["stored", "running", "ended"]


class Action(StrEnum):
    """What to do next."""

    WAIT = "wait"
    RETURN_STORED = "return the stored result"
    COLLECT = "collect the result of another order"
    RELEASE = "take the signal back"
    ASK = "ask for permission"
    OFFER = "write the payload"
    COMMIT = "commit"
    CANCEL = "cancel what is stored"
    START = "start"
    REACHED = "the state that was asked for is reached"
    TAKE_RESULT = "take the result"
    CLEAR = "clear"


class Wait(StrEnum):
    """What is waited for; each has its own time-out."""

    OBSERVE = "observe"
    """Good quality and settled readings."""
    ADMIT = "admit"
    """The unit is free and ready."""
    VERIFY = "verify"
    """The payload stands in the tags."""
    ANSWER = "answer"
    """The unit answers the commit."""
    CANCEL = "cancel"
    """The unit has dropped the stored order."""
    START = "start"
    """The unit allows the order to start."""
    RUN = "run"
    """The order comes to the state that was asked for."""
    RESULT = "result"
    """The result is complete."""
    CLEAR = "clear"
    """The unit has dropped the order that ended."""


@dataclass(frozen=True, slots=True)
class Step:
    """The next step.

    :param action: what to do.
    :param reason: why, in words.
    :param waits_for: what is waited for, when the action is to wait.
    :param writes: tag → value to write, in one request.
    """

    action: Action
    reason: str
    waits_for: Wait | None = None
    writes: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffRules:
    """How far a handoff goes, and what it may do on the way.

    :param wait_for: the state at which the handoff is done: ``stored`` (it is not started by us), ``running`` or
        ``ended``.
    :param one_phase: the unit starts what it accepts; there is no time to compare the echo.
    :param collects: results of other orders that stand in the way are put into the ledger and cleared.
    :param may_update: a stored order of a lower revision is replaced.
    :param success: when an order that ended was successful, as a condition over its results; None for the unit's job
        result.
    """

    wait_for: WaitFor = "ended"
    one_phase: bool = False
    collects: bool = False
    may_update: bool = False
    success: Condition | None = None
