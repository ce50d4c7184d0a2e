"""Which number ``Order.State`` shows for the state of an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator.unit_memory import JobState

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.unit_settings import StateNumbers


def shown_state(numbers: StateNumbers, state: JobState, *, was_stopped: bool) -> int:
    """Return the number for a state; PackML has a state of its own for an order that was stopped."""
    if numbers == "isa95":
        return int(state)
    word = "Stopped" if state is JobState.ENDED and was_stopped else _PACKML_WORDS[state]
    return _PACKML_NUMBERS[numbers][word]


# PackML has no word for an order that is stored: the unit is idle, and only the current id tells.
_PACKML_WORDS = {
    JobState.NONE: "Idle",
    JobState.STORED: "Idle",
    JobState.ALLOWED: "Starting",
    JobState.RUNNING: "Execute",
    JobState.INTERRUPTED: "Held",
    JobState.ENDED: "Complete",
    JobState.ABORTED: "Aborted",
}
_PACKML_NUMBERS = {
    "packml": {"Stopped": 2, "Starting": 3, "Idle": 4, "Execute": 6, "Aborted": 9, "Held": 11, "Complete": 17},
    "packml_tmc": {"Stopped": 0, "Idle": 2, "Starting": 3, "Execute": 4, "Complete": 6, "Aborted": 8, "Held": 15},
}
