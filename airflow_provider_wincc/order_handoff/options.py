"""How a handoff is driven, and what it tells when it waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from airflow_provider_wincc.orders.decision import HandoffRules, Wait

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_TIMEOUTS: Mapping[Wait, float] = {
    Wait.OBSERVE: 60.0,
    Wait.ADMIT: 3600.0,
    Wait.VERIFY: 30.0,
    Wait.ANSWER: 15.0,
    Wait.CANCEL: 15.0,
    Wait.START: 15.0,
    Wait.RUN: 24 * 3600.0,
    Wait.RESULT: 60.0,
    Wait.CLEAR: 15.0,
}
"""Seconds until each wait gives up."""

DEFAULT_SETTLE = 1.5
DEFAULT_POLL_INTERVAL = 5.0


@dataclass(frozen=True, kw_only=True)
class HandoffOptions:
    """How a handoff is driven.

    :param rules: how far it goes, and what it may do on the way.
    :param settle: seconds that two equal readings must lie apart; longer than the update cycle of the unit's tags.
    :param poll_interval: seconds between two readings while waiting.
    :param timeouts: seconds until each wait gives up.
    :param clears: the unit is cleared once the result is recorded.
    :param attempt: name of the attempt; another one waits anew.
    """

    rules: HandoffRules = field(default_factory=HandoffRules)
    settle: float = DEFAULT_SETTLE
    poll_interval: float = DEFAULT_POLL_INTERVAL
    timeouts: Mapping[Wait, float] = field(default_factory=lambda: dict(DEFAULT_TIMEOUTS))
    clears: bool = True
    attempt: str = "1"


@dataclass(frozen=True, slots=True)
class Waiting:
    """The handoff waits.

    :param wait: for what.
    :param reason: why, in words.
    :param deadline: when it gives up, in seconds since 1970.
    """

    wait: Wait
    reason: str
    deadline: float
