"""What the numbers of a unit's state and return status mean."""

from __future__ import annotations

from typing import Any

import pytest
from order_board import OURS, free_unit

from airflow_provider_wincc.client import WinCCConfigurationError
from airflow_provider_wincc.orders import STATE_MAPS, JobState, OrderUnitError
from airflow_provider_wincc.orders.states import ReturnCodes, state_map

PREPARED, RUNNING, INTERRUPTED = JobState.NOT_ALLOWED_TO_START, JobState.RUNNING, JobState.INTERRUPTED
ENDED, ABORTED = JobState.ENDED, JobState.ABORTED
MEANINGS = {
    "Clearing": ABORTED,
    "Stopped": ENDED,
    "Starting": RUNNING,
    "Idle": PREPARED,
    "Suspended": INTERRUPTED,
    "Execute": RUNNING,
    "Stopping": RUNNING,
    "Aborting": ABORTED,
    "Aborted": ABORTED,
    "Holding": INTERRUPTED,
    "Held": INTERRUPTED,
    "Unholding": RUNNING,
    "Suspending": INTERRUPTED,
    "Unsuspending": RUNNING,
    "Resetting": PREPARED,
    "Completing": RUNNING,
    "Complete": ENDED,
}
PACKML = {
    1: "Clearing",
    2: "Stopped",
    3: "Starting",
    4: "Idle",
    5: "Suspended",
    6: "Execute",
    7: "Stopping",
    8: "Aborting",
    9: "Aborted",
    10: "Holding",
    11: "Held",
    12: "Unholding",
    13: "Suspending",
    14: "Unsuspending",
    15: "Resetting",
    16: "Completing",
    17: "Complete",
}
PACKML_TMC = {
    0: "Stopped",
    1: "Resetting",
    2: "Idle",
    3: "Starting",
    4: "Execute",
    5: "Completing",
    6: "Complete",
    7: "Aborting",
    8: "Aborted",
    9: "Stopping",
    10: "Clearing",
    11: "Suspending",
    12: "Suspended",
    13: "Unsuspending",
    14: "Holding",
    15: "Held",
    16: "Unholding",
}


def test_isa95_numbers_the_job_states_themselves() -> None:
    assert STATE_MAPS["isa95"].states == {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6}
    assert not STATE_MAPS["isa95"].shows_machine


@pytest.mark.parametrize(("name", "words"), [("packml", PACKML), ("packml_tmc", PACKML_TMC)])
def test_a_packml_map_has_the_meaning_of_each_of_its_numbers(name: str, words: dict[int, str]) -> None:
    found = state_map(name)

    assert found.states == {number: MEANINGS[word] for number, word in words.items()}
    assert {words[number]: result for number, result in found.implied_results.items()} == {"Complete": 1, "Stopped": 2}
    assert found.shows_machine


def test_the_packml_state_undefined_is_an_error() -> None:
    with pytest.raises(OrderUnitError, match="0 is no state of the map 'packml'"):
        free_unit(states="packml").show(state=0).snapshot()


def test_a_map_of_the_users_own_takes_members_numbers_names_and_the_texts_of_json() -> None:
    states: dict[Any, Any] = {0: JobState.NONE, 10: 3, "20": "ended", 30: " Aborted "}

    found = state_map(states)

    assert found.states == {0: JobState.NONE, 10: RUNNING, 20: ENDED, 30: ABORTED}
    assert found.name == "custom"


def test_a_map_of_the_users_own_is_what_a_snapshot_is_read_with() -> None:
    board = free_unit(states={100: "NONE", 110: "RUNNING"}).hold(OURS, state=110)

    assert board.snapshot().state is RUNNING
    with pytest.raises(OrderUnitError, match=r"0 is no state of the map 'custom' \(known: 100, 110\)"):
        board.show(state=0).snapshot()


@pytest.mark.parametrize(
    ("states", "problem"),
    [
        ("s88", r"no state map 's88'.*Known are isa95, packml, packml_tmc"),
        ({}, r"states are \{\}"),
        (None, "states are None"),
        ({"idle": "NONE"}, "'idle', which is not a whole number"),
        ({1.5: "NONE"}, "1.5, which is not a whole number"),
        ({1: "WORKING"}, r"no job state 'WORKING'.*Known are NONE, NOT_ALLOWED_TO_START"),
        ({1: 9}, "no job state 9"),
        ({1: None}, "no job state None"),
    ],
)
def test_a_map_that_makes_no_sense_is_refused(states: Any, problem: str) -> None:
    with pytest.raises(WinCCConfigurationError) as caught:
        state_map(states)

    assert caught.match(problem)


@pytest.mark.parametrize(
    ("status", "accepted", "unable", "taken", "words"),
    [
        (1, True, False, False, "1 (accepted)"),
        (8, False, True, False, "8 (not in a state to take an order now)"),
        (16, False, False, True, "16 (id already held or executed)"),
        (24, False, False, True, "24 (id already held or executed)"),
        (32, False, False, False, "32 (bit 5)"),
        (34, False, False, False, "34 (unknown order id, bit 5)"),
        (9, False, True, False, "9 (not in a state to take an order now)"),
        (0, False, False, False, "0 (no bit set)"),
    ],
)
def test_a_return_status_is_read_by_its_bits(
    status: int, accepted: bool, unable: bool, taken: bool, words: str
) -> None:
    codes = ReturnCodes()

    assert codes.says_accepted(status) is accepted
    assert codes.says_unable_now(status) is unable
    assert codes.says_already_taken(status) is taken
    assert codes.words(status) == words


@pytest.mark.parametrize(
    ("status", "unable", "taken", "words"),
    [
        (100, False, False, "100 (accepted)"),
        (200, True, False, "200 (not in a state to take an order now)"),
        (300, False, True, "300 (id already held or executed)"),
        (301, False, False, "301"),
    ],
)
def test_a_return_status_of_whole_numbers_is_compared_as_a_whole(
    status: int, unable: bool, taken: bool, words: str
) -> None:
    codes = ReturnCodes(accepted=100, unable_now=200, already_taken=300, bits=False)

    assert codes.says_unable_now(status) is unable
    assert codes.says_already_taken(status) is taken
    assert codes.words(status) == words
