"""How a commit is made and recognised in each profile."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from order_board import (
    ACCEPTED,
    OURS,
    THEIRS,
    UNABLE_NOW,
    UNACCEPTABLE,
    WHEN,
    Board,
    free_unit,
)

from airflow_provider_wincc.client import WinCCConfigurationError
from airflow_provider_wincc.orders import (
    Action,
    NoteStage,
    OrderMemory,
    OrderNote,
    OrderOutcomeUnknownError,
    OrderRefusedError,
    OrderUnitError,
    Wait,
)
from airflow_provider_wincc.orders.commits import PROFILES, CommitPhase, commit_profile, next_alternating, next_number
from airflow_provider_wincc.orders.ownership import accepted_just_now, holds_ours

LARGEST = 2**32 - 1
counters = st.one_of(st.integers(min_value=0, max_value=LARGEST), st.integers(min_value=LARGEST - 3, max_value=LARGEST))
WITHOUT_ECHO: dict[str, Any] = {"without": ["ack_id", "current_id", "current_revision"], "echo": {}}


def commit_note(number: int | None) -> OrderNote:
    return OrderNote(NoteStage.COMMITTING, 1, number, WHEN)


def unit_without_id_echo(profile: str) -> Board:
    return free_unit(profile, **WITHOUT_ECHO)


def test_a_profile_that_nobody_knows_is_refused() -> None:
    with pytest.raises(WinCCConfigurationError, match=r"no profile 'E'.*Known are A, B, C, D"):
        commit_profile("E")


@pytest.mark.parametrize(
    ("number", "following"),
    [(0, 1), (1, 2), (2**31, 2**31 + 1), (LARGEST - 1, LARGEST), (LARGEST, 1)],
)
def test_a_counter_of_32_bits_goes_on_with_1(number: int, following: int) -> None:
    assert next_number(number) == following


@given(counters)
def test_the_number_after_one_is_never_0_and_never_the_same(number: int) -> None:
    assert 1 <= next_number(number) <= LARGEST
    assert next_number(number) != number


@given(counters)
def test_the_numbers_of_b_alternate_between_odd_and_even(number: int) -> None:
    following = next_alternating(number)

    assert 1 <= following < LARGEST
    assert following != number
    assert following % 2 != number % 2 or number == LARGEST


# Profile A


@given(counters)
def test_in_a_a_commit_is_under_way_from_its_write_until_it_is_acknowledged(acknowledged: int) -> None:
    profile = PROFILES["A"]
    before = {"sequence": acknowledged, "ack_sequence": acknowledged}
    given_ = {**before, **profile.commit(before)}
    answered = {**given_, "ack_sequence": int(given_["sequence"])}

    assert profile.phase(before) is CommitPhase.IDLE
    assert profile.phase(given_) is CommitPhase.UNDER_WAY  # type: ignore[arg-type]
    assert profile.phase(answered) is CommitPhase.IDLE  # type: ignore[arg-type]


@pytest.mark.parametrize("sequence", [0, 3, 5, 7, 99, LARGEST])
def test_in_a_any_other_number_is_harmless_and_the_commit_is_made_from_the_acknowledged_one(sequence: int) -> None:
    step = free_unit("A").offer(OURS).show(sequence=sequence, ack_sequence=5).decide()

    assert step.action is Action.COMMIT
    assert step.writes == {"Mixer1.Order.Sequence": 6}


def test_in_a_the_first_commit_of_a_new_controller_is_1() -> None:
    step = free_unit("A").offer(OURS).show(sequence=0, ack_sequence=0).decide()

    assert step.writes == {"Mixer1.Order.Sequence": 1}


# Profile B


@given(counters)
def test_in_b_permission_is_asked_for_with_an_odd_number_and_a_payload_committed_with_an_even_one(
    acknowledged: int,
) -> None:
    profile = PROFILES["B"]
    numbers = {"sequence": acknowledged, "ack_sequence": acknowledged}

    match profile.phase(numbers):
        case CommitPhase.NEEDS_PERMISSION:
            assert int(profile.permission(numbers)["sequence"]) % 2 == 1
        case CommitPhase.IDLE:
            assert int(profile.commit(numbers)["sequence"]) % 2 == 0
        case phase:
            pytest.fail(f"{acknowledged} is {phase}")


def test_in_b_permission_comes_before_the_payload() -> None:
    board = free_unit("B").show(sequence=4, ack_sequence=4)

    asked = board.decide()
    waiting = board.show(sequence=5).decide()
    permitted = board.show(ack_sequence=5).decide()

    assert (asked.action, asked.writes) == (Action.ASK, {"Mixer1.Order.Sequence": 5})
    assert (waiting.action, waiting.waits_for) == (Action.WAIT, Wait.ADMIT)
    assert permitted.action is Action.OFFER


def test_in_b_a_permission_that_still_stands_is_used() -> None:
    step = free_unit("B").offer(OURS).show(sequence=5, ack_sequence=5).decide()

    assert (step.action, step.writes) == (Action.COMMIT, {"Mixer1.Order.Sequence": 6})


def test_in_b_asking_for_permission_is_no_commit_of_the_payload_that_stands_there() -> None:
    board = free_unit("B").offer(OURS).show(sequence=5, ack_sequence=4)

    done = board.decide(OrderMemory(result={"outcome": "successful"}))
    waiting = board.decide()

    assert done.action is Action.RETURN_STORED
    assert waiting.waits_for is Wait.ADMIT


# Profile C


@pytest.mark.parametrize(
    ("request_", "acknowledge", "phase"),
    [
        (0, 0, CommitPhase.IDLE),
        (1, 0, CommitPhase.UNDER_WAY),
        (1, 1, CommitPhase.ANSWERED),
        (0, 1, CommitPhase.FALLING_BACK),
    ],
)
def test_in_c_the_two_bits_are_four_phases(request_: int, acknowledge: int, phase: CommitPhase) -> None:
    assert PROFILES["C"].phase({"request": request_, "acknowledge": acknowledge}) is phase


@pytest.mark.parametrize("status", [ACCEPTED, UNABLE_NOW, UNACCEPTABLE])
def test_in_c_the_request_is_taken_back_after_every_answer(status: int) -> None:
    board = free_unit("C").offer(OURS).answer(OURS.order_id, status).show(request=True, acknowledge=True)

    step = board.decide(OrderMemory(note=commit_note(None), committed=True))

    assert (step.action, step.writes) == (Action.RELEASE, {"Mixer1.Order.Request": False})


def test_in_c_nothing_is_offered_before_the_units_signal_is_back_too() -> None:
    step = free_unit("C").show(request=False, acknowledge=True).decide()

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.ADMIT)
    assert "taken back its signal" in step.reason


def test_in_c_a_refusal_is_told_once_the_request_is_taken_back() -> None:
    board = free_unit("C").offer(OURS).answer(OURS.order_id, UNACCEPTABLE).show(acknowledge=True)

    with pytest.raises(OrderRefusedError):
        board.decide(OrderMemory(note=commit_note(None), committed=True))


# Profile D


@pytest.mark.parametrize(
    ("client", "unit", "phase", "refuses"),
    [
        (0, 0, CommitPhase.IDLE, None),
        (1, 0, CommitPhase.UNDER_WAY, None),
        (1, 2, CommitPhase.ANSWERED, False),
        (1, 8, CommitPhase.ANSWERED, True),
        (0, 2, CommitPhase.FALLING_BACK, False),
        (0, 8, CommitPhase.FALLING_BACK, True),
    ],
)
def test_in_d_the_words_of_the_two_owners_say_where_the_handshake_stands(
    client: int, unit: int, phase: CommitPhase, refuses: bool | None
) -> None:
    numbers = {"client_status": client, "unit_status": unit}

    assert PROFILES["D"].phase(numbers) is phase
    assert PROFILES["D"].refuses(numbers) is refuses


@pytest.mark.parametrize(("client", "unit"), [(2, 0), (0, 1), (1, 4), (-1, 0)])
def test_in_d_a_word_that_nobody_knows_is_an_error(client: int, unit: int) -> None:
    board = free_unit("D").show(client_status=client, unit_status=unit)

    with pytest.raises(OrderUnitError, match=rf"{client} \(client; 0 and 1 are known\) and {unit}"):
        board.decide()


def test_in_d_without_a_status_the_word_itself_is_the_refusal() -> None:
    board = free_unit("D", without=["return_status"]).offer(OURS).show(client_status=1, unit_status=8, ack_id="000012")

    with pytest.raises(OrderRefusedError, match="no reason given"):
        board.decide(OrderMemory(note=commit_note(None), committed=True))


def test_in_d_a_refusal_of_an_earlier_revision_does_not_refuse_this_one() -> None:
    board = free_unit("D", without=["return_status"]).offer(OURS)
    board.show(revision=0, client_status=1, unit_status=8, ack_id="000012")

    assert board.decide().action is Action.RELEASE


def test_in_d_an_answer_to_somebody_else_is_released_and_means_nothing_to_us() -> None:
    board = free_unit("D", without=["return_status"]).offer(THEIRS)
    board.show(client_status=1, unit_status=8, ack_id=THEIRS.order_id)

    assert board.decide(OrderMemory(note=commit_note(None), committed=True)).action is Action.RELEASE


@pytest.mark.parametrize("unit_status", [2, 8])
def test_in_d_an_answer_with_another_id_is_released_even_while_our_payload_stands(unit_status: int) -> None:
    board = free_unit("D", without=["return_status"]).offer(OURS)
    board.show(client_status=1, unit_status=unit_status, ack_id=THEIRS.order_id)

    assert board.decide(OrderMemory(note=commit_note(None), committed=True)).action is Action.RELEASE


def test_in_d_an_order_that_was_taken_is_released() -> None:
    board = free_unit("D", without=["return_status"]).offer(OURS).hold(OURS, state=1)
    board.show(client_status=1, unit_status=2, ack_id=OURS.order_id)

    assert board.decide(OrderMemory(note=commit_note(None), committed=True)).action is Action.RELEASE


def test_in_d_an_order_that_was_taken_is_not_refused_although_the_unit_names_it_no_longer() -> None:
    board = free_unit("D", without=["return_status"]).offer(OURS)
    board.show(client_status=1, unit_status=2, ack_id=OURS.order_id)

    assert board.decide(OrderMemory(note=commit_note(None), committed=True)).action is Action.RELEASE


def test_in_d_a_refusal_while_the_unit_holds_our_order_is_released() -> None:
    board = free_unit("D", without=["return_status"]).offer(OURS).hold(OURS, state=3)
    board.show(client_status=1, unit_status=8, ack_id=OURS.order_id)

    assert board.decide(OrderMemory(note=commit_note(None), committed=True)).action is Action.RELEASE


# Without an echo of the id


@pytest.mark.parametrize("profile", ["B", "D"])
def test_without_an_id_echo_the_order_that_is_accepted_after_our_commit_is_ours(profile: str) -> None:
    board = unit_without_id_echo(profile).offer(OURS).show(current_sequence=6, state=1)
    board.show(sequence=6, ack_sequence=6, return_status=1)
    memory = OrderMemory(note=commit_note(6 if profile == "B" else None), committed=True, number_before=0)

    accepted = accepted_just_now(board.snapshot(), memory, board.tags)

    assert accepted == 6
    assert holds_ours(OURS, board.snapshot(), OrderMemory(accepted_sequence=accepted))


@pytest.mark.parametrize("without", [[], ["return_status"]])
def test_without_an_id_echo_a_note_without_a_number_is_enough_where_the_unit_has_none(without: list[str]) -> None:
    names = [*WITHOUT_ECHO["without"], *without]
    board = free_unit("D", without=names, echo={}).show(current_sequence=3, state=1, return_status=1, client_status=1)
    board.show(unit_status=2)

    for note in (None, commit_note(None), commit_note(6)):
        memory = OrderMemory(note=note, committed=True, number_before=0)
        assert accepted_just_now(board.snapshot(), memory, board.tags) == 3


def test_without_an_id_echo_a_commit_whose_number_was_not_noted_is_recognised_by_the_change() -> None:
    board = unit_without_id_echo("B").show(current_sequence=6, state=1, sequence=6, ack_sequence=6, return_status=1)

    for note in (None, commit_note(None)):
        memory = OrderMemory(note=note, committed=True, number_before=0)
        assert accepted_just_now(board.snapshot(), memory, board.tags) == 6


@pytest.mark.parametrize(
    "memory",
    [
        OrderMemory(note=commit_note(6), committed=False, number_before=0),
        OrderMemory(note=commit_note(6), committed=True, number_before=0, accepted_sequence=6),
    ],
    ids=["not committed", "seen before"],
)
def test_without_an_id_echo_an_order_is_accepted_once_and_after_a_commit_only(memory: OrderMemory) -> None:
    board = unit_without_id_echo("B").show(current_sequence=6, state=1, sequence=6, ack_sequence=6, return_status=1)

    assert accepted_just_now(board.snapshot(), memory, board.tags) is None


def test_a_unit_that_echoes_ids_says_itself_whose_order_it_holds() -> None:
    board = free_unit("B").hold(OURS, state=1, number=6).show(sequence=6, ack_sequence=6, return_status=1)
    memory = OrderMemory(note=commit_note(6), committed=True, number_before=0)

    assert accepted_just_now(board.snapshot(), memory, board.tags) is None


def test_without_an_id_echo_a_number_without_an_order_is_no_order_of_ours() -> None:
    board = unit_without_id_echo("B").show(current_sequence=6, state=0, sequence=6, ack_sequence=6, return_status=1)
    memory = OrderMemory(note=commit_note(6), committed=True, number_before=0)

    assert accepted_just_now(board.snapshot(), memory, board.tags) is None
    assert not holds_ours(OURS, board.snapshot(), OrderMemory(accepted_sequence=6))


def test_without_an_id_echo_a_refusing_word_makes_no_order_ours_where_there_is_no_status() -> None:
    names = [*WITHOUT_ECHO["without"], "return_status"]
    board = free_unit("D", without=names, echo={}).show(current_sequence=3, state=1, client_status=1, unit_status=8)
    memory = OrderMemory(note=commit_note(None), committed=True, number_before=0)

    assert accepted_just_now(board.snapshot(), memory, board.tags) is None


@pytest.mark.parametrize(("status", "is_refused"), [(UNACCEPTABLE, True), (UNABLE_NOW, False)])
def test_without_an_id_echo_a_refusing_word_is_judged_with_the_status_before_it_is_gone(
    status: int, is_refused: bool
) -> None:
    board = unit_without_id_echo("D").offer(OURS).show(client_status=1, unit_status=8, return_status=status)
    memory = OrderMemory(note=commit_note(None), committed=True, number_before=0)

    if is_refused:
        with pytest.raises(OrderRefusedError, match=r"32 \(bit 5\)"):
            board.decide(memory)
    else:
        assert board.decide(memory).action is Action.RELEASE


def test_without_an_id_echo_an_order_that_was_accepted_and_cancelled_by_hand_is_no_refusal() -> None:
    board = unit_without_id_echo("B").offer(OURS).show(sequence=6, ack_sequence=6, return_status=ACCEPTED)

    assert board.decide(OrderMemory(note=commit_note(6), committed=True)).action is Action.ASK


def test_without_an_id_echo_nothing_is_ours_before_this_attempt_has_committed() -> None:
    board = unit_without_id_echo("B").show(current_sequence=6, state=1)

    assert accepted_just_now(board.snapshot(), OrderMemory(), board.tags) is None
    assert not holds_ours(OURS, board.snapshot(), OrderMemory())


def test_without_an_id_echo_an_order_that_came_before_our_refusal_is_not_ours() -> None:
    board = unit_without_id_echo("D").offer(OURS).show(current_sequence=3, state=1, client_status=1, unit_status=8)
    memory = OrderMemory(note=commit_note(None), committed=True, number_before=0)

    assert accepted_just_now(board.snapshot(), memory, board.tags) is None


def test_without_an_id_echo_a_status_that_refuses_makes_no_order_ours() -> None:
    board = unit_without_id_echo("D").offer(OURS).show(current_sequence=3, state=1, return_status=UNABLE_NOW)
    memory = OrderMemory(note=commit_note(None), committed=True, number_before=0)

    assert accepted_just_now(board.snapshot(), memory, board.tags) is None


def test_without_an_id_echo_an_order_of_another_number_than_we_committed_is_not_ours() -> None:
    board = unit_without_id_echo("B").show(current_sequence=6, state=1, sequence=8, ack_sequence=8, return_status=1)
    memory = OrderMemory(note=commit_note(8), committed=True, number_before=0)

    assert accepted_just_now(board.snapshot(), memory, board.tags) is None


def test_without_an_id_echo_an_order_that_was_there_before_is_not_ours() -> None:
    board = unit_without_id_echo("D").show(current_sequence=3, state=1, return_status=1)
    memory = OrderMemory(note=commit_note(None), committed=True, number_before=3)

    assert accepted_just_now(board.snapshot(), memory, board.tags) is None


def test_without_an_id_echo_a_commit_that_is_not_answered_makes_no_order_ours() -> None:
    board = unit_without_id_echo("D").show(current_sequence=3, state=1, client_status=1, return_status=1)
    memory = OrderMemory(note=commit_note(None), committed=True, number_before=0)

    assert accepted_just_now(board.snapshot(), memory, board.tags) is None


def test_without_an_id_echo_the_order_of_this_attempt_is_started_and_followed_by_its_number() -> None:
    board = unit_without_id_echo("B").offer(OURS).show(current_sequence=6, state=1, return_status=1)
    memory = OrderMemory(note=commit_note(6), committed=True, number_before=0, accepted_sequence=6)

    stored = board.decide(memory)
    foreign = board.show(current_sequence=8).decide(memory)

    assert (stored.action, stored.writes) == (Action.START, {"Mixer1.Order.Start": 6})
    assert foreign.waits_for is Wait.ADMIT


@pytest.mark.parametrize("profile", ["B", "D"])
def test_without_an_id_echo_a_retry_after_a_commit_is_for_a_person(profile: str) -> None:
    board = unit_without_id_echo(profile)

    with pytest.raises(OrderOutcomeUnknownError, match="does not say which order it has taken"):
        board.decide(OrderMemory(note=commit_note(6 if profile == "B" else None)))


def test_without_an_id_echo_a_refusal_is_recognised_by_the_number() -> None:
    board = unit_without_id_echo("B").offer(OURS).show(sequence=6, ack_sequence=6, return_status=UNACCEPTABLE)

    with pytest.raises(OrderRefusedError):
        board.decide(OrderMemory(note=commit_note(6), committed=True))


@pytest.mark.parametrize(("number", "status"), [(4, UNACCEPTABLE), (6, UNABLE_NOW)])
def test_without_an_id_echo_another_number_or_not_now_is_no_refusal(number: int, status: int) -> None:
    board = unit_without_id_echo("B").offer(OURS).show(sequence=6, ack_sequence=6, return_status=status)

    assert board.decide(OrderMemory(note=commit_note(number), committed=True)).action is Action.ASK


def test_a_number_in_the_note_means_nothing_where_the_unit_acknowledges_none() -> None:
    board = unit_without_id_echo("D").offer(OURS).show(return_status=UNACCEPTABLE)

    assert board.decide(OrderMemory(note=commit_note(6), committed=True)).action is Action.COMMIT
