"""Job states, job results and return codes in the terms of ISA-95 job control (OPC 10031-4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from airflow_provider_wincc.client.errors import WinCCConfigurationError


class JobState(IntEnum):
    """States of an order in a unit, numbered as in OPC 10031-4; 0 stands for "no order"."""

    NONE = 0
    NOT_ALLOWED_TO_START = 1
    ALLOWED_TO_START = 2
    RUNNING = 3
    INTERRUPTED = 4
    ENDED = 5
    ABORTED = 6

    @property
    def words(self) -> str:
        """The state as people say it."""
        return _WORDS[self]


_WORDS = {
    JobState.NONE: "no order",
    JobState.NOT_ALLOWED_TO_START: "stored, not started",
    JobState.ALLOWED_TO_START: "allowed to start",
    JobState.RUNNING: "running",
    JobState.INTERRUPTED: "interrupted",
    JobState.ENDED: "ended",
    JobState.ABORTED: "aborted",
}

STARTED_STATES = frozenset({JobState.ALLOWED_TO_START, JobState.RUNNING, JobState.INTERRUPTED})
"""The order has been started and has not come to its end."""

FINAL_STATES = frozenset({JobState.ENDED, JobState.ABORTED})
"""The order has come to its end; its result is kept until it is cleared."""

UNSUCCESSFUL = 2
"""Job result 2, "unsuccessful" (OPC 40001-3; 0 is unknown, 1 successful)."""
SUCCESSFUL = 1

RESULT_WORDS = {0: "unknown", SUCCESSFUL: "successful", UNSUCCESSFUL: "unsuccessful"}


@dataclass(frozen=True, slots=True)
class StateMap:
    """What the numbers in a unit's state tag mean.

    :param name: the name of the map, or ``custom``.
    :param states: number → job state. Numbers that are not there are an error, never a guess.
    :param implied_results: number → job result, where the state alone tells it (PackML: Complete, Stopped).
    :param shows_machine: the tag shows the state of the machine, which has one without an order too (PackML).
    """

    name: str
    states: Mapping[int, JobState]
    implied_results: Mapping[int, int]
    shows_machine: bool = False


_PREPARED, _ALLOWED = JobState.NOT_ALLOWED_TO_START, JobState.ALLOWED_TO_START
_RUN, _HELD = JobState.RUNNING, JobState.INTERRUPTED
_END, _ABORT = JobState.ENDED, JobState.ABORTED

# What a PackML state means for the order in the machine.
_PACKML_MEANING = {
    "Clearing": _ABORT,
    "Stopped": _END,
    "Starting": _RUN,
    "Idle": _PREPARED,
    "Suspended": _HELD,
    "Execute": _RUN,
    "Stopping": _RUN,
    "Aborting": _ABORT,
    "Aborted": _ABORT,
    "Holding": _HELD,
    "Held": _HELD,
    "Unholding": _RUN,
    "Suspending": _HELD,
    "Unsuspending": _RUN,
    "Resetting": _PREPARED,
    "Completing": _RUN,
    "Complete": _END,
}
# PackTags version 3; number 0 is "undefined" and stays unknown.
_PACKML = (
    *("Undefined", "Clearing", "Stopped", "Starting", "Idle", "Suspended", "Execute", "Stopping", "Aborting"),
    *("Aborted", "Holding", "Held", "Unholding", "Suspending", "Unsuspending", "Resetting", "Completing", "Complete"),
)
# OPC 30060 version 2.00, StateEnumeration.
_PACKML_TMC = (
    *("Stopped", "Resetting", "Idle", "Starting", "Execute", "Completing", "Complete", "Aborting", "Aborted"),
    *("Stopping", "Clearing", "Suspending", "Suspended", "Unsuspending", "Holding", "Held", "Unholding"),
)
_IMPLIED = {"Complete": SUCCESSFUL, "Stopped": UNSUCCESSFUL}


def _packml(name: str, words: tuple[str, ...]) -> StateMap:
    numbers = {word: number for number, word in enumerate(words)}
    return StateMap(
        name,
        {number: _PACKML_MEANING[word] for word, number in numbers.items() if word in _PACKML_MEANING},
        {numbers[word]: result for word, result in _IMPLIED.items()},
        shows_machine=True,
    )


STATE_MAPS: Mapping[str, StateMap] = {
    "isa95": StateMap("isa95", {int(state): state for state in JobState}, {}),
    "packml": _packml("packml", _PACKML),
    "packml_tmc": _packml("packml_tmc", _PACKML_TMC),
}
"""The state maps by name: ``isa95`` (OPC 10031-4), ``packml`` (PackTags v3), ``packml_tmc`` (OPC 30060)."""


def state_map(states: str | Mapping[int, JobState | int | str]) -> StateMap:
    """Return a state map by its name, or make one of number → job state (a member, its number or its name).

    :raises WinCCConfigurationError: naming what is not known.
    """
    if isinstance(states, str):
        if states not in STATE_MAPS:
            raise WinCCConfigurationError(
                f"There is no state map {states!r}.",
                hint=f"Known are {', '.join(STATE_MAPS)}; or give a mapping of the unit's numbers to job states.",
            )
        return STATE_MAPS[states]
    if not isinstance(states, Mapping) or not states:
        raise WinCCConfigurationError(
            f"The states are {states!r}.",
            hint='Give the name of a state map, or a mapping such as {0: "NONE", 10: "RUNNING", 20: "ENDED"}.',
        )
    return StateMap("custom", {_number(number): _job_state(state) for number, state in states.items()}, {})


def _number(number: object) -> int:
    # JSON turns the numbers of a mapping into text.
    try:
        return int(str(number))
    except ValueError:
        raise WinCCConfigurationError(
            f"The states have {number!r}, which is not a whole number.", hint="Give the numbers of the state tag."
        ) from None


def _job_state(state: JobState | int | str) -> JobState:
    try:
        return JobState[state.strip().upper()] if isinstance(state, str) else JobState(state)
    except (KeyError, ValueError):
        raise WinCCConfigurationError(
            f"There is no job state {state!r}.", hint=f"Known are {', '.join(known.name for known in JobState)}."
        ) from None


@dataclass(frozen=True, slots=True)
class ReturnCodes:
    """What the unit's return status says, by its numbers.

    The defaults are bits of OPC 10031-4: bit 0 "no error", bit 3 "not possible in this state", bit 4 "cannot accept".

    :param accepted: the number that means "accepted", compared as a whole.
    :param unable_now: the unit cannot take an order just now; it is offered again when the unit is free.
    :param already_taken: the unit holds this id or has executed it.
    :param bits: ``unable_now`` and ``already_taken`` are bits beside others; otherwise whole numbers.
    """

    accepted: int = 1
    unable_now: int = 8
    already_taken: int = 16
    bits: bool = True

    def says_accepted(self, status: int) -> bool:
        """Whether the status says that the order was accepted."""
        return status == self.accepted

    def says_already_taken(self, status: int) -> bool:
        """Whether the status says that the unit holds this id or has executed it."""
        return self._has(status, self.already_taken)

    def says_unable_now(self, status: int) -> bool:
        """Whether the status says that the unit may take the order later."""
        return self._has(status, self.unable_now) and not self.says_already_taken(status)

    def words(self, status: int) -> str:
        """Return the status in words."""
        if self.says_accepted(status):
            return f"{status} (accepted)"
        if self.says_already_taken(status):
            return f"{status} (id already held or executed)"
        if self.says_unable_now(status):
            return f"{status} (not in a state to take an order now)"
        if self.bits:
            bits = ", ".join(_BIT_WORDS.get(bit, f"bit {bit}") for bit in range(32) if status >> bit & 1)
            return f"{status} ({bits or 'no bit set'})"
        return str(status)

    def _has(self, status: int, code: int) -> bool:
        return bool(status & code) if self.bits else status == code


_BIT_WORDS = {0: "no error", 1: "unknown order id", 3: "not possible in this state", 4: "cannot accept the order"}
