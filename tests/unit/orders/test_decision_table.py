"""The decision table, line by line and in its order: what the tags say, and what is done."""

from __future__ import annotations

from dataclasses import replace

import pytest
from order_board import (
    ACCEPTED,
    COMMITTING,
    OURS,
    STARTING,
    TAKEN,
    THEIRS,
    UNABLE_NOW,
    UNACCEPTABLE,
    UNDER_WAY,
    Board,
    free_unit,
    unit_tags,
)

from airflow_provider_wincc.client import FailureKind, TagFailure
from airflow_provider_wincc.orders import (
    Action,
    HandoffRules,
    OrderMemory,
    OrderOutcomeUnknownError,
    OrderPayloadMismatchError,
    OrderRefusedError,
    SnapshotTaker,
    Wait,
)

every_profile = pytest.mark.parametrize("profile", ["A", "B", "C", "D"])
RESULT = {"outcome": "successful", "revision": 1}
COLLECTS = HandoffRules(collects=True)


@every_profile
def test_an_order_whose_result_the_ledger_holds_is_done(profile: str) -> None:
    board = free_unit(profile)

    step = board.decide(OrderMemory(result=RESULT, note=STARTING))

    assert step.action is Action.RETURN_STORED
    assert not step.writes


@every_profile
@pytest.mark.parametrize("state", [5, 6])
def test_an_order_whose_result_the_ledger_holds_is_cleared_while_the_unit_still_has_it(
    profile: str, state: int
) -> None:
    board = free_unit(profile).hold(OURS, state=state, number=5)

    step = board.decide(OrderMemory(result=RESULT))

    assert step.action is Action.CLEAR
    # An old Start would be in force again if the unit's numbers were ever set back.
    assert step.writes == {"Mixer1.Order.Clear": 5, "Mixer1.Order.Start": 0}


@every_profile
@pytest.mark.parametrize("state", [1, 2, 3, 4])
def test_nothing_is_written_about_an_order_that_the_ledger_holds_as_done_and_the_unit_has_in_another_state(
    profile: str, state: int
) -> None:
    board = free_unit(profile).offer(OURS).hold(OURS, state=state).show(**UNDER_WAY[profile])

    assert board.decide(OrderMemory(result=RESULT)).action is Action.RETURN_STORED


def test_a_foreign_order_is_neither_cleared_nor_an_alarm_for_an_order_that_is_done() -> None:
    ended = free_unit().hold(THEIRS, state=5)
    under_way = free_unit().offer(THEIRS).show(**UNDER_WAY["A"])

    assert ended.decide(OrderMemory(result=RESULT)).action is Action.RETURN_STORED
    assert under_way.decide(OrderMemory(result=RESULT)).action is Action.RETURN_STORED


def test_an_order_that_was_refused_before_is_refused_while_the_unit_does_not_hold_it() -> None:
    assert free_unit().decide(OrderMemory(result={"outcome": "refused"})).action is Action.RETURN_STORED


def test_a_clear_that_was_given_is_waited_for() -> None:
    board = free_unit().hold(OURS, state=5, number=5).show(clear=5)

    step = board.decide(OrderMemory(result=RESULT))

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.CLEAR)


def test_what_the_ledger_holds_comes_before_a_foreign_order_and_before_the_note() -> None:
    board = free_unit().hold(THEIRS, state=3).answer(OURS.order_id, TAKEN)

    assert board.decide(OrderMemory(result=RESULT, note=STARTING)).action is Action.RETURN_STORED


def test_readings_that_are_not_good_give_no_snapshot_and_so_no_step() -> None:
    board = free_unit().hold(OURS, state=5)
    board.qualities["Mixer1.Order.State"] = 0x18
    taker = SnapshotTaker(board.tags, settle=0.0)

    assert taker.take(board.readings(), asked_at=0.0, answered_at=0.0) is None
    assert "'Mixer1.Order.State' (role 'state') is bad, no communication" in taker.reason


@every_profile
def test_an_order_of_ours_that_has_ended_gives_its_result(profile: str) -> None:
    board = free_unit(profile).hold(OURS, state=5).show(result=1)

    assert board.decide(OrderMemory(note=STARTING)).action is Action.TAKE_RESULT


@every_profile
def test_an_order_of_ours_that_was_aborted_gives_its_result(profile: str) -> None:
    board = free_unit(profile).hold(OURS, state=6).show(result=2)

    assert board.decide(OrderMemory(note=STARTING)).action is Action.TAKE_RESULT


@every_profile
@pytest.mark.parametrize("state", [2, 3, 4])
def test_an_order_of_ours_that_runs_is_waited_for(profile: str, state: int) -> None:
    board = free_unit(profile).hold(OURS, state=state)

    step = board.decide(OrderMemory(note=STARTING))

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.RUN)


@every_profile
def test_an_order_of_ours_that_is_stored_with_an_equal_echo_is_started_by_its_number(profile: str) -> None:
    board = free_unit(profile).hold(OURS, state=1, number=5)

    step = board.decide(OrderMemory(note=COMMITTING))

    assert step.action is Action.START
    assert step.writes == {"Mixer1.Order.Start": 5}


@every_profile
@pytest.mark.parametrize(
    ("echo", "told"),
    [({"Quantity": 121}, "Quantity is '121'"), ({"WorkMaster": "R-002"}, "WorkMaster is 'R-002'")],
)
def test_an_order_of_ours_that_is_stored_with_another_echo_is_cancelled_and_never_started(
    profile: str, echo: dict[str, str | int], told: str
) -> None:
    board = free_unit(profile).hold(OURS, state=1, number=5).show(echo=echo)

    step = board.decide(OrderMemory(note=COMMITTING))

    assert step.action is Action.CANCEL
    assert step.writes == {"Mixer1.Order.Cancel": 5}
    assert told in step.reason


def test_a_cancel_that_was_given_is_waited_for() -> None:
    board = free_unit().hold(OURS, state=1, number=5).show(echo={"Quantity": 1}, cancel=5)

    step = board.decide(OrderMemory(note=COMMITTING))

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.CANCEL)


def test_a_torn_payload_that_somebody_else_committed_is_cancelled_too() -> None:
    board = free_unit().hold(OURS, state=1).show(echo={"Quantity": 1})

    assert board.decide(OrderMemory(was_offered=True)).action is Action.CANCEL


def test_an_order_of_our_id_that_nobody_of_us_has_offered_is_left_alone() -> None:
    board = free_unit().hold(OURS, state=1).show(echo={"Quantity": 1})

    with pytest.raises(OrderPayloadMismatchError, match=r"not by us: Quantity is '1', expected 120\.5"):
        board.decide()


def test_what_differs_cannot_be_cancelled_where_the_unit_has_no_cancel() -> None:
    board = free_unit(without=["cancel"]).hold(OURS, state=1).show(echo={"Quantity": 1})

    with pytest.raises(OrderPayloadMismatchError, match="has no Cancel"):
        board.decide(OrderMemory(note=COMMITTING))


def test_an_order_of_ours_in_the_unit_comes_before_a_command_that_is_under_way() -> None:
    board = free_unit().hold(OURS, state=3).offer(THEIRS).show(**UNDER_WAY["A"])

    step = board.decide(OrderMemory(note=STARTING))

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.RUN)


@every_profile
def test_a_commit_of_our_id_that_is_under_way_is_waited_for(profile: str) -> None:
    board = free_unit(profile).offer(OURS).show(**UNDER_WAY[profile])

    step = board.decide(OrderMemory(note=COMMITTING))

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.ANSWER)


@every_profile
def test_a_command_of_somebody_else_that_is_under_way_is_waited_for(profile: str) -> None:
    board = free_unit(profile).offer(THEIRS).show(**UNDER_WAY[profile])

    step = board.decide()

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.ADMIT)


def test_a_command_that_is_under_way_comes_before_the_note() -> None:
    board = free_unit().offer(OURS).show(**UNDER_WAY["A"])

    step = board.decide(OrderMemory(note=STARTING))

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.ANSWER)


@every_profile
def test_an_order_that_was_about_to_start_and_that_the_unit_does_not_know_is_for_a_person(profile: str) -> None:
    board = free_unit(profile)

    with pytest.raises(OrderOutcomeUnknownError, match=r"about to be started at 2026-01-01T06:00:00"):
        board.decide(OrderMemory(note=STARTING))


@pytest.mark.parametrize("status", [UNABLE_NOW, TAKEN, UNACCEPTABLE, ACCEPTED])
def test_the_note_comes_before_the_last_answer(status: int) -> None:
    board = free_unit().offer(OURS).answer(OURS.order_id, status)

    with pytest.raises(OrderOutcomeUnknownError, match="about to be started"):
        board.decide(OrderMemory(note=STARTING, committed=True))


def test_the_note_comes_before_a_foreign_order() -> None:
    board = free_unit().hold(THEIRS, state=3)

    with pytest.raises(OrderOutcomeUnknownError, match="about to be started"):
        board.decide(OrderMemory(note=STARTING))


@every_profile
def test_an_order_that_the_unit_could_not_take_is_offered_again_once_the_unit_is_ready(profile: str) -> None:
    board = free_unit(profile).offer(OURS).answer(OURS.order_id, UNABLE_NOW).show(ready=False)
    memory = OrderMemory(note=COMMITTING, committed=True)

    busy = board.decide(memory)
    ready = board.show(ready=True).decide(memory)

    assert (busy.action, busy.waits_for) == (Action.WAIT, Wait.ADMIT)
    assert ready.action is Action.COMMIT


@every_profile
@pytest.mark.parametrize("memory", [OrderMemory(), OrderMemory(note=COMMITTING, committed=True)])
def test_an_order_that_was_refused_because_the_unit_has_had_its_id_is_for_a_person(
    profile: str, memory: OrderMemory
) -> None:
    board = free_unit(profile).offer(OURS).answer(OURS.order_id, TAKEN)

    with pytest.raises(OrderOutcomeUnknownError, match="has executed an order of this id"):
        board.decide(memory)


@every_profile
def test_an_order_that_was_refused_otherwise_fails_with_the_status_in_words(profile: str) -> None:
    board = free_unit(profile).offer(OURS).answer(OURS.order_id, UNACCEPTABLE)

    with pytest.raises(OrderRefusedError, match=r"\(revision 1\) was refused: return status 32 \(bit 5\)") as caught:
        board.decide(OrderMemory(note=COMMITTING, committed=True))

    assert not caught.value.retryable


def test_a_new_revision_of_a_refused_order_is_offered() -> None:
    board = free_unit().offer(OURS).answer(OURS.order_id, UNACCEPTABLE)

    step = board.decide(OrderMemory(note=COMMITTING), order=replace(OURS, revision=2))

    assert step.action is Action.OFFER
    assert step.writes["Mixer1.Order.Revision"] == 2


def test_a_refusal_of_another_order_says_nothing_of_ours() -> None:
    board = free_unit().answer(THEIRS.order_id, UNACCEPTABLE)

    assert board.decide(OrderMemory(note=COMMITTING)).action is Action.OFFER


@every_profile
@pytest.mark.parametrize("state", [1, 2, 3, 4])
def test_a_foreign_order_that_is_stored_or_runs_is_waited_for(profile: str, state: int) -> None:
    board = free_unit(profile).hold(THEIRS, state=state)

    step = board.decide(rules=COLLECTS)

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.ADMIT)
    assert "'000077'" in step.reason


@every_profile
def test_a_unit_that_is_not_ready_is_waited_for(profile: str) -> None:
    board = free_unit(profile).show(ready=False)

    step = board.decide()

    assert (step.action, step.waits_for, step.reason) == (Action.WAIT, Wait.ADMIT, "the unit is not ready")


@every_profile
@pytest.mark.parametrize("state", [5, 6])
def test_a_foreign_order_that_nobody_has_collected_is_collected_where_that_is_asked_for(
    profile: str, state: int
) -> None:
    board = free_unit(profile).hold(THEIRS, state=state).show(result=1)

    assert board.decide(rules=COLLECTS).action is Action.COLLECT
    assert board.decide().action is Action.WAIT


def test_a_foreign_order_is_not_collected_before_its_result_is_complete() -> None:
    untold = free_unit().hold(THEIRS, state=5).show(result=0)
    bad = free_unit().hold(THEIRS, state=5).show(result=1)
    bad.qualities["Mixer1.Order.ActualQuantity"] = 0x14

    assert untold.decide(rules=COLLECTS).action is Action.WAIT
    assert bad.decide(rules=COLLECTS).action is Action.WAIT


def test_a_foreign_order_that_was_told_to_clear_is_not_collected_over_and_over() -> None:
    board = free_unit().hold(THEIRS, state=5, number=5).show(result=1, clear=5)

    step = board.decide(rules=COLLECTS)

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.ADMIT)
    assert "Clear is given" in step.reason


def test_a_foreign_order_without_a_number_cannot_be_cleared_and_is_not_collected() -> None:
    board = free_unit().hold(THEIRS, state=5, number=0).show(result=1)

    assert board.decide(rules=COLLECTS).action is Action.WAIT


@pytest.mark.parametrize("profile", ["A", "B", "C", "D"])
def test_a_free_unit_is_offered_the_payload_in_one_request_with_its_commands_set_back_and_no_commit(
    profile: str,
) -> None:
    step = free_unit(profile).show(start=4, clear=4).decide()

    assert step.action is Action.OFFER
    assert step.writes == {
        "Mixer1.Order.WorkMaster": "R-001",
        "Mixer1.Order.Quantity": 120.5,
        "Mixer1.Order.Id": "000012",
        "Mixer1.Order.Revision": 1,
        **{f"Mixer1.Order.{command}": 0 for command in ("Start", "Clear", "Stop", "Abort", "Cancel")},
    }


@pytest.mark.parametrize(
    ("profile", "writes"),
    [
        ("A", {"Mixer1.Order.Sequence": 6}),
        ("B", {"Mixer1.Order.Sequence": 6}),
        ("C", {"Mixer1.Order.Request": True}),
        ("D", {"Mixer1.Order.ClientStatus": 1}),
    ],
)
def test_a_payload_that_stands_in_the_tags_is_committed_alone(profile: str, writes: dict[str, int | bool]) -> None:
    step = free_unit(profile).offer(OURS).decide(OrderMemory(offered=True))

    assert step.action is Action.COMMIT
    assert step.writes == writes


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        ({"id": "000013"}, "id is '000013'"),
        ({"revision": 0}, "revision is 0"),
        ({"payload": {"Quantity": 120}}, "Quantity is '120'"),
        ({"start": 5}, "start is 5, expected 0"),
        ({"clear": 5}, "clear is 5, expected 0"),
        ({"cancel": 5}, "cancel is 5, expected 0"),
    ],
)
def test_a_payload_that_does_not_stand_in_the_tags_is_not_committed(shown: dict[str, str], told: str) -> None:
    step = free_unit().offer(OURS).show(**shown).decide(OrderMemory(offered=True))  # type: ignore[arg-type]

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.VERIFY)
    assert told in step.reason


@every_profile
@pytest.mark.parametrize("mode", [2, 3])
def test_a_unit_in_another_mode_than_production_is_waited_for(profile: str, mode: int) -> None:
    step = free_unit(profile).show(mode=mode).decide()

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.ADMIT)
    assert f"mode {mode}" in step.reason


def test_a_unit_whose_heartbeat_has_not_been_seen_to_change_is_waited_for() -> None:
    board = Board(replace(unit_tags(), without=()))

    step = board.decide()

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.ADMIT)
    assert "heartbeat" in step.reason


# What the lines leave open


def test_a_foreign_order_without_a_name_is_not_collected() -> None:
    board = free_unit().hold(THEIRS, state=5).show(current_id="", result=1)

    step = board.decide(rules=COLLECTS)

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.ADMIT)


def test_an_order_that_was_aborted_gives_its_result_whatever_its_content_was() -> None:
    board = free_unit().hold(OURS, state=6).show(result=2, echo={"Quantity": 1})

    assert board.decide(OrderMemory(note=STARTING)).action is Action.TAKE_RESULT


def test_a_result_that_cannot_be_read_is_waited_out() -> None:
    board = free_unit().hold(OURS, state=5).show(result=1)
    board.failures["Mixer1.Order.ActualQuantity"] = TagFailure(FailureKind.NOT_CONNECTED, "no connection")

    step = board.decide(OrderMemory(note=STARTING))

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.RESULT)
    assert "ActualQuantity" in step.reason


def test_a_refusal_of_our_id_says_nothing_once_other_content_stands_in_the_tags() -> None:
    board = free_unit().offer(OURS).show(payload={"Quantity": 1}).answer(OURS.order_id, UNACCEPTABLE)

    assert board.decide(OrderMemory(note=COMMITTING, committed=True)).action is Action.OFFER


@pytest.mark.parametrize(
    "memory",
    [
        OrderMemory(was_offered=True, offered=True),
        OrderMemory(was_offered=True),
        OrderMemory(note=replace(COMMITTING, revision=0), committed=True),
        OrderMemory(note=replace(COMMITTING, sequence=4), committed=True),
    ],
    ids=["not committed yet", "not committed by an earlier attempt", "of another revision", "of another number"],
)
def test_a_refusal_that_came_before_our_commit_is_not_its_answer(memory: OrderMemory) -> None:
    board = free_unit().offer(OURS).answer(OURS.order_id, UNACCEPTABLE)

    assert board.decide(memory).action is Action.COMMIT


@pytest.mark.parametrize(
    "memory",
    [
        OrderMemory(),
        OrderMemory(committed=True, was_offered=True, offered=True),
        OrderMemory(note=replace(COMMITTING, sequence=5), committed=True),
        OrderMemory(note=COMMITTING, committed=True),
    ],
)
def test_a_refusal_that_can_only_be_the_answer_to_what_stands_in_the_tags_counts(memory: OrderMemory) -> None:
    board = free_unit().offer(OURS).answer(OURS.order_id, UNACCEPTABLE)

    with pytest.raises(OrderRefusedError):
        board.decide(memory)


def test_a_refusal_of_another_order_under_our_number_says_nothing_of_ours() -> None:
    board = free_unit().offer(OURS).answer(THEIRS.order_id, UNACCEPTABLE)

    step = board.decide(OrderMemory(note=replace(COMMITTING, sequence=5), committed=True))

    assert step.action is Action.COMMIT


def test_a_done_order_whose_id_still_stands_is_no_alarm_while_no_commit_is_under_way() -> None:
    board = free_unit().offer(THEIRS)

    assert board.decide(OrderMemory(known_done=frozenset({THEIRS.order_id}))).action is Action.OFFER
