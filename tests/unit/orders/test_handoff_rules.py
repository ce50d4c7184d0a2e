"""How far a handoff goes: phases, revisions, what is waited for, what counts as success."""

from __future__ import annotations

from dataclasses import replace

import pytest
from order_board import (
    ACCEPTED,
    COMMITTING,
    OURS,
    REST,
    STARTING,
    TAKEN,
    THEIRS,
    UNABLE_NOW,
    UNACCEPTABLE,
    UNDER_WAY,
    WHEN,
    Board,
    free_unit,
)

from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.orders import (
    Action,
    HandoffRules,
    NoteStage,
    OrderMemory,
    OrderNote,
    OrderOutcome,
    OrderOutcomeUnknownError,
    OrderPayloadMismatchError,
    OrderRefusedError,
    OrderUnitError,
    ProductionOrder,
    Wait,
)
from airflow_provider_wincc.orders.outcome import outcome_of
from airflow_provider_wincc.orders.results import foreign_result, order_result, refused_result, result_in_words

STORED = HandoffRules(wait_for="stored")
RUNNING = HandoffRules(wait_for="running")
ONE_PHASE = HandoffRules(one_phase=True)
UPDATES = HandoffRules(may_update=True)
OLDER = replace(OURS, revision=0, payload={"WorkMaster": "R-001", "Quantity": 100.0})
NOTED = OrderMemory(note=COMMITTING)


# Starting


def test_a_start_that_was_given_is_not_given_again() -> None:
    step = free_unit().hold(OURS, state=1, number=5).show(start=5).decide(OrderMemory(note=STARTING))

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.START)


def test_a_start_of_another_order_does_not_count_as_ours() -> None:
    step = free_unit().hold(OURS, state=1, number=5).show(start=4).decide(NOTED)

    assert step.action is Action.START


def test_a_stored_order_is_not_started_in_another_mode_than_production() -> None:
    step = free_unit().hold(OURS, state=1).show(mode=2).decide(NOTED)

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.ADMIT)
    assert "mode 2" in step.reason


@pytest.mark.parametrize("state", [1, 2, 3, 4, 5])
def test_an_order_without_a_number_cannot_be_commanded(state: int) -> None:
    with pytest.raises(OrderUnitError, match=r"without a number in 'Mixer1\.Order\.CurrentSequence'"):
        free_unit().hold(OURS, state=state, number=0).decide(NOTED)


def test_an_order_that_the_unit_names_without_a_state_is_on_its_way_out() -> None:
    step = free_unit().hold(OURS, state=0).decide(NOTED)

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.CLEAR)


@pytest.mark.parametrize("state", [2, 3, 4, 5])
def test_an_order_of_our_id_that_runs_or_ran_with_other_content_is_for_a_person(state: int) -> None:
    board = free_unit().hold(OURS, state=state).show(echo={"Quantity": 99})

    with pytest.raises(OrderPayloadMismatchError, match=r"with other content: Quantity is '99', expected 120\.5"):
        board.decide(OrderMemory(note=STARTING))


def test_a_parameter_without_an_echo_is_not_compared() -> None:
    board = free_unit(echo={"WorkMaster": "Order.CurrentWorkMaster"}).hold(OURS, state=1)

    assert board.decide(NOTED).action is Action.START


# Waiting for less than the end


@pytest.mark.parametrize("state", [1, 2, 3, 4])
def test_waiting_for_stored_ends_with_the_stored_order_and_starts_nothing(state: int) -> None:
    assert free_unit().hold(OURS, state=state).decide(NOTED, STORED).action is Action.REACHED


@pytest.mark.parametrize("state", [3, 4])
def test_waiting_for_running_ends_when_the_order_runs(state: int) -> None:
    assert free_unit().hold(OURS, state=state).decide(NOTED, RUNNING).action is Action.REACHED


def test_waiting_for_running_does_not_end_while_the_order_is_only_allowed_to_start() -> None:
    step = free_unit().hold(OURS, state=2).decide(NOTED, RUNNING)

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.RUN)


@pytest.mark.parametrize("rules", [STORED, RUNNING])
def test_an_order_that_has_ended_meanwhile_gives_its_result_all_the_same(rules: HandoffRules) -> None:
    assert free_unit().hold(OURS, state=5).show(result=1).decide(NOTED, rules).action is Action.TAKE_RESULT


def test_an_order_that_was_stored_for_somebody_else_to_start_and_is_gone_is_for_a_person() -> None:
    board = free_unit().answer(OURS.order_id, ACCEPTED)

    with pytest.raises(OrderOutcomeUnknownError, match="somebody may have started and cleared it"):
        board.decide(NOTED, STORED)


@pytest.mark.parametrize(("ack", "ack_id"), [(7, THEIRS.order_id), (5, "")])
def test_an_order_to_be_stored_is_for_a_person_once_nobody_can_tell_what_became_of_its_commit(
    ack: int, ack_id: str
) -> None:
    board = free_unit().show(sequence=ack, ack_sequence=ack).answer(ack_id, ACCEPTED)
    note = OrderNote(NoteStage.COMMITTING, 1, 5, WHEN)

    with pytest.raises(OrderOutcomeUnknownError, match="other commits since"):
        board.decide(OrderMemory(note=note), STORED)


@pytest.mark.parametrize("ack", [4, 5])
def test_an_order_to_be_stored_is_offered_again_when_the_numbers_show_that_its_commit_was_not_taken(ack: int) -> None:
    board = free_unit().show(sequence=ack, ack_sequence=ack).answer(THEIRS.order_id, ACCEPTED)
    note = OrderNote(NoteStage.COMMITTING, 1, 5, WHEN)

    assert board.decide(OrderMemory(note=note), STORED).action is Action.OFFER


@pytest.mark.parametrize(("standing", "is_known"), [(OURS, True), (THEIRS, False)])
def test_an_order_to_be_stored_in_c_is_offered_again_while_its_own_payload_still_stands(
    standing: object, is_known: bool
) -> None:
    board = free_unit("C").offer(OURS if standing is OURS else THEIRS).answer(THEIRS.order_id, ACCEPTED)

    if is_known:
        assert board.decide(NOTED, STORED).action is Action.COMMIT
    else:
        with pytest.raises(OrderOutcomeUnknownError):
            board.decide(NOTED, STORED)


# Gone after it was accepted


def test_an_order_that_was_accepted_and_never_started_by_us_is_offered_again() -> None:
    board = free_unit().answer(OURS.order_id, ACCEPTED)

    assert board.decide(NOTED).action is Action.OFFER


def test_an_order_that_was_accepted_without_a_note_of_ours_is_for_a_person() -> None:
    board = free_unit().answer(OURS.order_id, ACCEPTED)

    with pytest.raises(OrderOutcomeUnknownError, match="not by this handoff"):
        board.decide()


@pytest.mark.parametrize("rules", [HandoffRules(), STORED])
@pytest.mark.parametrize("memory", [NOTED, OrderMemory()])
def test_an_order_that_was_cancelled_while_it_was_stored_is_offered_again(
    memory: OrderMemory, rules: HandoffRules
) -> None:
    board = free_unit().answer(OURS.order_id, ACCEPTED).show(cancel=5)

    assert board.decide(memory, rules).action is Action.OFFER


def test_an_order_that_was_committed_by_this_attempt_and_is_gone_is_offered_again() -> None:
    board = free_unit().answer(OURS.order_id, ACCEPTED)

    assert board.decide(OrderMemory(committed=True)).action is Action.OFFER


def test_a_unit_without_acknowledged_numbers_cancelled_nothing_while_cancel_is_0() -> None:
    board = free_unit("C").answer(OURS.order_id, ACCEPTED)

    with pytest.raises(OrderOutcomeUnknownError):
        board.decide(NOTED, STORED)


def test_a_cancel_of_another_number_cancelled_another_order() -> None:
    board = free_unit().answer(OURS.order_id, ACCEPTED).show(cancel=4)

    with pytest.raises(OrderOutcomeUnknownError):
        board.decide(NOTED, STORED)


# One phase


def test_in_one_phase_a_stored_order_is_left_to_the_unit_to_start() -> None:
    step = free_unit().hold(OURS, state=1).decide(OrderMemory(note=STARTING), ONE_PHASE)

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.START)


@pytest.mark.parametrize("cancel", [0, 5])
def test_in_one_phase_an_accepted_order_that_is_gone_is_for_a_person(cancel: int) -> None:
    board = free_unit().answer(OURS.order_id, ACCEPTED).show(cancel=cancel)

    with pytest.raises(OrderOutcomeUnknownError):
        board.decide(OrderMemory(note=STARTING), ONE_PHASE)


def test_in_one_phase_an_accepted_order_that_is_gone_is_for_a_person_without_a_note_too() -> None:
    board = free_unit().answer(OURS.order_id, ACCEPTED)

    with pytest.raises(OrderOutcomeUnknownError, match="may have run and been cleared"):
        board.decide(rules=ONE_PHASE)


@pytest.mark.parametrize("profile", ["A", "B"])
def test_in_one_phase_a_refusal_of_the_noted_commit_shows_that_it_did_not_run(profile: str) -> None:
    unable = free_unit(profile).offer(OURS).answer(OURS.order_id, UNABLE_NOW)
    refused = free_unit(profile).offer(OURS).answer(OURS.order_id, UNACCEPTABLE)

    assert unable.decide(OrderMemory(note=STARTING), ONE_PHASE).action is Action.COMMIT
    with pytest.raises(OrderRefusedError):
        refused.decide(OrderMemory(note=STARTING), ONE_PHASE)


def test_in_one_phase_the_refusal_of_another_commit_shows_nothing() -> None:
    board = free_unit().offer(OURS).answer(OURS.order_id, UNABLE_NOW).show(sequence=7, ack_sequence=7)

    with pytest.raises(OrderOutcomeUnknownError, match="about to be started"):
        board.decide(OrderMemory(note=STARTING), ONE_PHASE)


@pytest.mark.parametrize("profile", ["A", "C"])
def test_in_one_phase_the_refusal_of_another_order_shows_nothing(profile: str) -> None:
    board = free_unit(profile).offer(OURS).answer(THEIRS.order_id, UNABLE_NOW)

    with pytest.raises(OrderOutcomeUnknownError, match="about to be started"):
        board.decide(OrderMemory(note=STARTING), ONE_PHASE)


def test_in_one_phase_a_unit_without_a_status_shows_nothing() -> None:
    board = free_unit("D", without=["return_status"]).offer(OURS).show(ack_id=OURS.order_id)

    with pytest.raises(OrderOutcomeUnknownError, match="about to be started"):
        board.decide(OrderMemory(note=STARTING), ONE_PHASE)


def test_in_one_phase_an_id_that_is_taken_is_for_a_person() -> None:
    board = free_unit().offer(OURS).answer(OURS.order_id, TAKEN)

    with pytest.raises(OrderOutcomeUnknownError):
        board.decide(OrderMemory(note=STARTING), ONE_PHASE)


# Revisions


def test_a_stored_order_of_a_lower_revision_is_updated_where_that_is_allowed() -> None:
    board = free_unit().hold(OLDER, state=1, number=5).answer(OURS.order_id, ACCEPTED).show(ready=False)

    offered = board.decide(NOTED, UPDATES)
    committed = board.offer(OURS).decide(NOTED, UPDATES)
    waiting = board.show(**UNDER_WAY["A"]).decide(NOTED, UPDATES)
    updated = board.hold(OURS, state=1, number=6).show(sequence=6, ack_sequence=6).decide(NOTED, UPDATES)

    assert offered.action is Action.OFFER
    assert (committed.action, committed.writes) == (Action.COMMIT, {"Mixer1.Order.Sequence": 6})
    assert (waiting.action, waiting.waits_for) == (Action.WAIT, Wait.ANSWER)
    assert (updated.action, updated.writes) == (Action.START, {"Mixer1.Order.Start": 6})


def test_a_stored_order_of_a_lower_revision_is_cancelled_where_updates_are_not_allowed() -> None:
    step = free_unit().hold(OLDER, state=1).decide(NOTED)

    assert step.action is Action.CANCEL
    assert "revision is 0, expected 1" in step.reason


def test_an_update_that_the_unit_refuses_is_for_a_person() -> None:
    board = free_unit().hold(OLDER, state=1).offer(OURS).answer(OURS.order_id, UNACCEPTABLE)

    with pytest.raises(OrderPayloadMismatchError, match="refused the update"):
        board.decide(NOTED, UPDATES)


@pytest.mark.parametrize(
    ("ack_id", "standing", "action"), [(THEIRS.order_id, OURS, Action.COMMIT), (OURS.order_id, OLDER, Action.OFFER)]
)
def test_an_answer_that_is_not_to_the_update_refuses_no_update(
    ack_id: str, standing: ProductionOrder, action: Action
) -> None:
    board = free_unit().hold(OLDER, state=1).offer(standing).answer(ack_id, UNACCEPTABLE)

    assert board.decide(NOTED, UPDATES).action is action


def test_an_update_is_given_to_a_unit_without_a_status_too() -> None:
    board = free_unit("D", without=["return_status"]).hold(OLDER, state=1).offer(OURS).show(ack_id=OURS.order_id)

    assert board.decide(NOTED, UPDATES).action is Action.COMMIT


def test_a_torn_payload_of_the_same_revision_is_cancelled_and_not_updated() -> None:
    board = free_unit().hold(OURS, state=1).show(echo={"Quantity": 1})

    assert board.decide(NOTED, UPDATES).action is Action.CANCEL


def test_a_torn_payload_is_cancelled_where_the_unit_has_no_revisions() -> None:
    board = free_unit(without=["revision"]).hold(OURS, state=1).show(echo={"Quantity": 1})

    assert board.decide(NOTED, UPDATES, replace(OURS, revision=0)).action is Action.CANCEL


def test_an_update_that_the_unit_cannot_take_now_is_given_again() -> None:
    board = free_unit().hold(OLDER, state=1).offer(OURS).answer(OURS.order_id, UNABLE_NOW)

    assert board.decide(NOTED, UPDATES).action is Action.COMMIT


@pytest.mark.parametrize("rules", [HandoffRules(), UPDATES])
def test_a_stored_order_of_a_higher_revision_is_left_alone(rules: HandoffRules) -> None:
    board = free_unit().hold(replace(OURS, revision=2), state=1)

    with pytest.raises(OrderPayloadMismatchError, match="stored in a newer revision"):
        board.decide(NOTED, rules)


@pytest.mark.parametrize("state", [2, 3, 5])
def test_an_order_of_a_lower_revision_that_was_started_is_for_a_person(state: int) -> None:
    board = free_unit().hold(replace(OURS, revision=0), state=state)

    with pytest.raises(OrderPayloadMismatchError, match="revision is 0, expected 1"):
        board.decide(OrderMemory(note=STARTING), UPDATES)


# The ledger against the unit


def test_an_order_that_the_ledger_lists_as_refused_is_not_cleared_from_the_unit() -> None:
    board = free_unit().hold(OURS, state=5)
    result = refused_result(OURS, "Mixer1", "status 32")

    with pytest.raises(OrderOutcomeUnknownError, match="refused by the ledger's result, and the unit holds it"):
        board.decide(OrderMemory(result=result))


# Success


@pytest.mark.parametrize(
    ("state", "result", "outcome"),
    [
        (5, 0, None),
        (5, 1, OrderOutcome.SUCCESSFUL),
        (5, 2, OrderOutcome.UNSUCCESSFUL),
        (5, 7, None),
        (6, 0, OrderOutcome.ABORTED),
        (6, 1, OrderOutcome.ABORTED),
    ],
)
def test_the_job_result_decides_and_not_that_the_order_ended(
    state: int, result: int, outcome: OrderOutcome | None
) -> None:
    board = free_unit().hold(OURS, state=state).show(result=result)

    assert outcome_of(board.snapshot(), board.tags, None) is outcome


def test_an_end_without_a_job_result_is_waited_out() -> None:
    step = free_unit().hold(OURS, state=5).show(result=0).decide(OrderMemory(note=STARTING))

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.RESULT)


@pytest.mark.parametrize(("quantity", "outcome"), [(120, OrderOutcome.SUCCESSFUL), (119, OrderOutcome.UNSUCCESSFUL)])
def test_a_condition_over_the_results_decides_where_it_is_given(quantity: int, outcome: OrderOutcome) -> None:
    board = free_unit().hold(OURS, state=5).show(result=2, results={"ActualQuantity": quantity})
    success = tag("Mixer1.Order.ActualQuantity") >= 120

    assert outcome_of(board.snapshot(), board.tags, success) is outcome


@pytest.mark.parametrize("quality", [0x14, 0x44, 0x60, 0xD8])
def test_a_condition_over_results_that_cannot_be_believed_decides_nothing(quality: int) -> None:
    board = free_unit().hold(OURS, state=5).show(results={"ActualQuantity": 120})
    board.qualities["Mixer1.Order.ActualQuantity"] = quality
    success = tag("Mixer1.Order.ActualQuantity") >= 120

    assert outcome_of(board.snapshot(), board.tags, success) is None
    assert board.decide(OrderMemory(note=STARTING), HandoffRules(success=success)).waits_for is Wait.RESULT


# PackML


def packml_unit(state: int, *, start: int = 0, states: str = "packml") -> Board:
    return free_unit(states=states, without=["result"]).hold(OURS, state=state, number=5).show(start=start)


@pytest.mark.parametrize(("states", "complete", "stopped", "aborted"), [("packml", 17, 2, 9), ("packml_tmc", 6, 0, 8)])
def test_a_packml_state_tells_the_outcome_of_an_order_that_was_started(
    states: str, complete: int, stopped: int, aborted: int
) -> None:
    outcomes = []
    for state in (complete, stopped, aborted):
        board = packml_unit(state, start=5, states=states)
        assert board.decide(OrderMemory(note=STARTING)).action is Action.TAKE_RESULT
        outcomes.append(outcome_of(board.snapshot(), board.tags, None))

    assert outcomes == [OrderOutcome.SUCCESSFUL, OrderOutcome.UNSUCCESSFUL, OrderOutcome.ABORTED]


@pytest.mark.parametrize("state", [2, 9, 17, 6, 11])
def test_a_packml_machine_that_was_not_started_tells_nothing_of_the_order_that_is_stored(state: int) -> None:
    step = packml_unit(state).decide(NOTED)

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.ADMIT)
    assert "not started" in step.reason


@pytest.mark.parametrize("state", [2, 4, 17])
def test_an_order_that_is_stored_in_a_packml_machine_is_stored_whatever_the_machine_does(state: int) -> None:
    assert packml_unit(state).decide(NOTED, STORED).action is Action.REACHED


def test_an_idle_packml_machine_with_a_stored_order_is_started() -> None:
    assert packml_unit(4).decide(NOTED).action is Action.START


def test_a_packml_machine_that_starts_its_orders_itself_needs_no_start() -> None:
    assert packml_unit(17).decide(OrderMemory(note=STARTING), ONE_PHASE).action is Action.TAKE_RESULT


def test_a_foreign_order_in_a_stopped_packml_machine_is_not_collected_before_it_was_started() -> None:
    rules = HandoffRules(collects=True)
    board = free_unit(states="packml", without=["result"]).hold(THEIRS, state=2, number=5)

    assert board.decide(rules=rules).action is Action.WAIT
    assert board.show(start=5).decide(rules=rules).action is Action.COLLECT


def test_a_foreign_order_in_a_packml_machine_that_starts_its_orders_itself_is_collected() -> None:
    rules = HandoffRules(collects=True, one_phase=True)
    board = free_unit(states="packml", without=["result"]).hold(THEIRS, state=17, number=5)

    assert board.decide(rules=rules).action is Action.COLLECT


@pytest.mark.parametrize("state", [2, 4, 9, 17])
def test_a_packml_machine_without_an_order_is_free(state: int) -> None:
    board = free_unit(states="packml", without=["result"]).show(state=state)

    assert board.decide().action is Action.OFFER


def test_a_packml_machine_that_works_without_an_order_is_busy() -> None:
    board = free_unit(states="packml", without=["result"]).show(state=6)

    step = board.decide()

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.ADMIT)


# Results


def test_the_result_of_an_order_is_plain_json_with_what_the_unit_reported() -> None:
    board = free_unit().hold(OURS, state=5).show(result=1, results={"ActualQuantity": 121.5})

    result = order_result(OURS, board.snapshot(), board.tags, outcome=OrderOutcome.SUCCESSFUL, times={"stored": WHEN})

    assert result == {
        "order_id": "000012",
        "revision": 1,
        "unit": "Mixer1",
        "outcome": "successful",
        "state": 5,
        "state_name": "ended",
        "job_result": 1,
        "job_result_name": "successful",
        "sequence": 5,
        "results": {"ActualQuantity": {"value": 121.5, "quality": "good", "quality_code": 0x80, "timestamp": None}},
        "times": {"stored": WHEN},
    }


def test_the_results_of_other_orders_and_of_refusals_have_the_same_keys() -> None:
    board = free_unit().hold(THEIRS, state=6).show(result=2)

    foreign = foreign_result(board.snapshot(), board.tags, outcome=OrderOutcome.ABORTED)
    refused = refused_result(OURS, "Mixer1", "status 32")
    ours = order_result(OURS, board.snapshot(), board.tags, outcome=None, times={})

    assert (foreign["order_id"], foreign["outcome"]) == ("000077", "aborted")
    assert (refused["order_id"], refused["outcome"], refused["reason"]) == ("000012", "refused", "status 32")
    assert foreign.keys() == ours.keys()
    assert refused.keys() == ours.keys() | {"reason"}


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"outcome": "refused", "reason": "status 32"}, "status 32"),
        (
            {"state": 5, "state_name": "ended", "job_result": 2, "job_result_name": "unsuccessful"},
            "The unit showed: state 5 (ended), job result 2 (unsuccessful); results: none.",
        ),
        (
            {"results": {"ActualQuantity": {"value": 7}, "Note": "counted by hand"}},
            (
                "The unit showed: state None (None), job result None (None); results: ActualQuantity = 7, "
                "Note = 'counted by hand'."
            ),
        ),
        ({"results": None}, "The unit showed: state None (None), job result None (None); results: none."),
    ],
)
def test_a_result_is_told_in_words_even_where_a_person_wrote_it(result: dict[str, object], words: str) -> None:
    assert result_in_words(result) == words


def test_the_tags_of_every_profile_rest_before_the_first_order() -> None:
    assert {profile: free_unit(profile).decide().action for profile in REST} == dict.fromkeys(REST, Action.OFFER)
