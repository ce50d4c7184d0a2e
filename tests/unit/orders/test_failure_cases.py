"""The faults that the protocol is made for, as far as they are decisions: one story each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from model_unit import ModelUnit
from order_board import (
    ACCEPTED,
    COMMITTING,
    OURS,
    STARTING,
    TAKEN,
    THEIRS,
    UNABLE_NOW,
    UNDER_WAY,
    Board,
    free_unit,
    unit_tags,
)

from airflow_provider_wincc.orders import (
    Action,
    HandoffRules,
    OrderMemory,
    OrderOutcomeUnknownError,
    OrderUnitError,
    ProductionOrder,
    SnapshotTaker,
    Wait,
)

COMMITTED = OrderMemory(note=COMMITTING, committed=True)


@pytest.fixture
def unit() -> ModelUnit:
    """A unit that keeps its promises."""
    return ModelUnit(unit_tags())


def carry_out(unit: ModelUnit, memory: OrderMemory = COMMITTED, order: ProductionOrder = OURS) -> Action:
    """Decide, and write what was decided."""
    step = unit.board.decide(memory, order=order)
    unit.board.write(step.writes)
    return step.action


def hand_over(unit: ModelUnit, order: ProductionOrder = OURS) -> None:
    """Offer and commit an order, and let the unit take it."""
    assert carry_out(unit, order=order) is Action.OFFER
    assert carry_out(unit, order=order) is Action.COMMIT
    unit.scan()


def run_to_the_end(unit: ModelUnit) -> None:
    """Start the stored order, and let it run."""
    unit.board.show(start=unit.number)
    for _ in range(3):
        unit.scan()


def test_a_payload_that_never_arrived_is_offered_again_and_nothing_is_started(unit: ModelUnit) -> None:
    first = unit.board.decide(OrderMemory())

    again = unit.board.decide(OrderMemory())

    assert first == again
    assert again.action is Action.OFFER


def test_a_commit_whose_answer_was_lost_is_joined_and_started_once(unit: ModelUnit) -> None:
    hand_over(unit)

    assert carry_out(unit, OrderMemory(note=COMMITTING)) is Action.START
    for _ in range(5):
        unit.scan()
    assert [start.order_id for start in unit.starts] == [OURS.order_id]


def test_a_commit_that_is_written_twice_is_one_commit(unit: ModelUnit) -> None:
    assert carry_out(unit) is Action.OFFER
    commit = unit.board.decide(COMMITTED)
    unit.board.write(commit.writes)
    unit.scan()
    unit.board.write(commit.writes)
    unit.scan()

    assert unit.board.role("ack_sequence") == 1
    assert carry_out(unit) is Action.START


def test_an_order_that_is_committed_again_with_a_new_number_is_refused_and_goes_on(unit: ModelUnit) -> None:
    hand_over(unit)
    unit.board.show(sequence=2)
    unit.scan()

    assert unit.board.role("return_status") == TAKEN
    assert carry_out(unit) is Action.START


def test_an_old_attempt_that_commits_after_another_order_was_committed_is_ignored(unit: ModelUnit) -> None:
    carry_out(unit)
    late_commit = unit.board.decide(COMMITTED)
    hand_over(unit, THEIRS)
    unit.board.write(late_commit.writes)
    unit.scan()

    assert unit.held_id == THEIRS.order_id
    assert carry_out(unit, order=THEIRS) is Action.START


def test_a_payload_that_an_old_attempt_has_torn_before_the_commit_is_found_when_it_is_read_back(
    unit: ModelUnit,
) -> None:
    carry_out(unit)
    unit.board.show(payload={"Quantity": 7})

    step = unit.board.decide(OrderMemory(offered=True))

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.VERIFY)


def test_a_payload_that_an_old_attempt_has_torn_after_it_was_read_back_is_found_by_the_echo(unit: ModelUnit) -> None:
    carry_out(unit)
    commit = unit.board.decide(COMMITTED)
    unit.board.show(payload={"Quantity": 7})
    unit.board.write(commit.writes)
    unit.scan()

    assert carry_out(unit) is Action.CANCEL
    unit.scan()
    hand_over(unit)
    run_to_the_end(unit)
    assert [start.payload for start in unit.starts] == [dict(OURS.payload)]


def test_skewed_readings_give_no_snapshot() -> None:
    board = free_unit()
    taker = SnapshotTaker(board.tags, settle=1.0)
    taker.take(board.readings(), asked_at=0.0, answered_at=0.0)
    board.show(ack_sequence=6)

    assert taker.take(board.readings(), asked_at=2.0, answered_at=2.0) is None
    assert taker.reason == "the unit's tags are changing"


@pytest.mark.parametrize("quality", [0x4C, 0x44, 0x14, 0x18])
def test_a_station_that_restarts_shows_values_that_are_not_believed(quality: int) -> None:
    board = free_unit()
    board.qualities = dict.fromkeys(board.values, quality)
    taker = SnapshotTaker(board.tags, settle=0.0)

    assert taker.take(board.readings(), asked_at=0.0, answered_at=0.0) is None


def test_a_controller_that_restarts_with_its_memory_is_joined(unit: ModelUnit) -> None:
    hand_over(unit)
    restarted = Board(unit.tags)
    restarted.values = dict(unit.board.values)

    assert restarted.decide(OrderMemory(note=COMMITTING)).action is Action.START


def test_a_controller_that_lost_its_memory_after_a_start_is_for_a_person(unit: ModelUnit) -> None:
    hand_over(unit)
    run_to_the_end(unit)
    unit.lose_memory()

    with pytest.raises(OrderOutcomeUnknownError, match="its memory was lost"):
        unit.board.decide(OrderMemory(note=STARTING))


def test_a_controller_that_lost_its_memory_before_a_start_is_offered_the_order_again(unit: ModelUnit) -> None:
    hand_over(unit)
    unit.lose_memory()
    unit.scan()

    assert unit.starts == []
    assert carry_out(unit) is Action.COMMIT


def test_an_order_that_is_done_and_shows_as_being_handed_over_again_is_an_alarm() -> None:
    board = free_unit().offer(OURS).show(**UNDER_WAY["A"])

    with pytest.raises(OrderOutcomeUnknownError, match="probably restored from a back-up"):
        board.decide(OrderMemory(result={"outcome": "successful"}))


def test_a_foreign_order_that_is_done_and_shows_as_being_handed_over_again_is_an_alarm() -> None:
    board = free_unit().offer(THEIRS).show(**UNDER_WAY["A"])

    with pytest.raises(OrderUnitError, match=r"order '000077' as just being handed over.*back-up") as caught:
        board.decide(OrderMemory(known_done=frozenset({THEIRS.order_id})))

    assert "Look at the unit now" in caught.value.hint


def test_a_request_that_stands_beside_our_ended_order_is_no_alarm() -> None:
    board = free_unit("C").offer(OURS).hold(OURS, state=5).show(**UNDER_WAY["C"])

    assert board.decide(OrderMemory(result={"outcome": "successful"})).action is Action.CLEAR


@pytest.mark.parametrize("state", [2, 3, 4])
def test_an_order_that_runs_goes_on_in_local_mode(state: int) -> None:
    step = free_unit().hold(OURS, state=state).show(mode=3).decide(OrderMemory(note=STARTING))

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.RUN)


def test_a_writer_that_finds_a_foreign_id_between_two_of_its_steps_waits(unit: ModelUnit) -> None:
    carry_out(unit)
    unit.board.offer(THEIRS).show(sequence=1)

    waiting = unit.board.decide(OrderMemory(offered=True))
    unit.scan()
    busy = unit.board.decide(OrderMemory(offered=True))

    assert (waiting.action, waiting.waits_for) == (Action.WAIT, Wait.ADMIT)
    assert (busy.action, busy.waits_for) == (Action.WAIT, Wait.ADMIT)


def test_of_two_writers_that_commit_the_same_number_the_one_whose_payload_stood_there_goes_on(
    unit: ModelUnit,
) -> None:
    carry_out(unit)
    ours = unit.board.decide(COMMITTED)
    unit.board.offer(THEIRS)
    theirs = unit.board.decide(COMMITTED, order=THEIRS)
    unit.board.write(ours.writes)
    unit.board.write(theirs.writes)
    unit.scan()

    assert ours.writes == theirs.writes
    assert unit.board.decide(COMMITTED).waits_for is Wait.ADMIT
    assert carry_out(unit, order=THEIRS) is Action.START


def test_a_second_order_that_is_refused_changes_nothing_for_the_one_that_runs() -> None:
    board = free_unit().hold(OURS, state=3).answer(THEIRS.order_id, UNABLE_NOW)

    step = board.decide(OrderMemory(note=STARTING))

    assert (step.action, step.waits_for) == (Action.WAIT, Wait.RUN)


def test_an_order_that_the_erp_changed_replaces_the_stored_one(unit: ModelUnit) -> None:
    hand_over(unit)
    changed = replace(OURS, revision=2, payload={**OURS.payload, "Quantity": 99})
    updates = HandoffRules(may_update=True)
    for expected in (Action.OFFER, Action.COMMIT):
        step = unit.board.decide(COMMITTED, updates, changed)
        unit.board.write(step.writes)
        assert step.action is expected
    unit.scan()
    run_to_the_end(unit)

    assert [start.payload["Quantity"] for start in unit.starts] == [99]


def test_a_client_that_died_between_confirming_and_clearing_clears_and_confirms_nothing_new(unit: ModelUnit) -> None:
    hand_over(unit)
    run_to_the_end(unit)
    memory = OrderMemory(note=STARTING, result={"outcome": "successful"})

    assert carry_out(unit, memory) is Action.CLEAR
    unit.scan()
    assert unit.board.decide(memory).action is Action.RETURN_STORED


@pytest.mark.parametrize(("standing", "number"), [(0, 1), (2**32 - 1, 1), (2**32 - 2, 2**32 - 1)])
def test_an_order_is_handed_over_when_the_number_wraps_and_when_the_controller_is_new(
    unit: ModelUnit, standing: int, number: int
) -> None:
    unit.board.show(sequence=standing, ack_sequence=standing)
    hand_over(unit)
    run_to_the_end(unit)

    assert unit.number == number
    assert [start.order_id for start in unit.starts] == [OURS.order_id]


def test_an_old_start_that_meets_a_counter_that_was_set_back_is_set_to_0_with_the_payload(unit: ModelUnit) -> None:
    unit.board.show(start=1)
    hand_over(unit)
    unit.scan()

    assert unit.state == 1
    assert unit.starts == []


def test_two_orders_with_one_id_never_run_both(unit: ModelUnit) -> None:
    other = ProductionOrder(OURS.order_id, {"WorkMaster": "R-009", "Quantity": 1}, OURS.revision)
    hand_over(unit)
    run_to_the_end(unit)
    unit.board.show(clear=unit.number)
    unit.scan()

    with pytest.raises(OrderOutcomeUnknownError, match="not by this handoff"):
        unit.board.decide(OrderMemory(), order=other)
    assert unit.board.role("return_status") == ACCEPTED
