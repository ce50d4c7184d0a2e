"""What makes a snapshot, and what a snapshot says."""

from __future__ import annotations

from typing import Any

import pytest
from order_board import OURS, Board, free_unit, reading, unit_tags

from airflow_provider_wincc.client import FailureKind, TagFailure, WinCCTagNotFoundError
from airflow_provider_wincc.orders import JobState, OrderHandoffTags, OrderUnitError, Snapshot, SnapshotTaker
from airflow_provider_wincc.orders.snapshot import HEARTBEAT_PATIENCE

NOT_FOUND = TagFailure(FailureKind.NOT_FOUND, "no such tag")


def take_at(taker: SnapshotTaker, board: Board, at: float) -> Snapshot | None:
    return taker.take(board.readings(), asked_at=at, answered_at=at)


@pytest.fixture
def board() -> Board:
    """A unit in which our order has ended."""
    return free_unit().hold(OURS, state=5).show(result=1)


# Settling


def test_two_equal_readings_across_the_settle_window_make_a_snapshot(board: Board) -> None:
    taker = SnapshotTaker(board.tags, settle=1.0)

    assert take_at(taker, board, 0.0) is None
    assert taker.is_settling
    assert take_at(taker, board, 0.9) is None
    assert take_at(taker, board, 1.0) is not None


def test_the_window_counts_from_the_answer_of_the_first_reading_to_the_request_of_the_second(board: Board) -> None:
    taker = SnapshotTaker(board.tags, settle=1.0)
    taker.take(board.readings(), asked_at=0.0, answered_at=0.5)

    assert taker.take(board.readings(), asked_at=1.4, answered_at=9.0) is None
    assert taker.take(board.readings(), asked_at=1.5, answered_at=9.5) is not None


def test_a_reading_that_differs_begins_the_window_anew(board: Board) -> None:
    taker = SnapshotTaker(board.tags, settle=1.0)
    take_at(taker, board, 0.0)
    take_at(taker, board.show(state=4), 0.5)

    assert take_at(taker, board.show(state=5), 1.0) is None
    assert take_at(taker, board, 2.0) is not None


def test_a_reading_that_cannot_be_used_begins_the_window_anew(board: Board) -> None:
    taker = SnapshotTaker(board.tags, settle=1.0)
    take_at(taker, board, 0.0)
    taker.interrupt("the station cannot be read")

    assert not taker.is_settling
    assert take_at(taker, board, 1.0) is None
    assert take_at(taker, board, 2.0) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": 6},
        {"ack_sequence": 6},
        {"id": "000099"},
        {"ack_id": "000099"},
        {"current_id": "000099"},
        {"current_sequence": 6},
        {"current_revision": 2},
        {"return_status": 8},
        {"state": 6},
        {"result": 2},
        {"ready": False},
        {"mode": 2},
        {"start": 5},
        {"payload": {"Quantity": 1}},
        {"echo": {"Quantity": 1}},
        {"results": {"ActualQuantity": 1}},
    ],
)
def test_whatever_a_decision_rests_on_must_be_equal_in_both_readings(board: Board, change: dict[str, Any]) -> None:
    taker = SnapshotTaker(board.tags, settle=1.0)
    take_at(taker, board, 0.0)

    assert take_at(taker, board.show(**change), 5.0) is None


@pytest.mark.parametrize("state", [1, 2, 3, 4])
def test_the_counters_of_an_order_that_has_not_ended_may_differ(state: int) -> None:
    board = free_unit().hold(OURS, state=state)
    taker = SnapshotTaker(board.tags, settle=1.0)
    take_at(taker, board, 0.0)
    snapshot = take_at(taker, board.show(results={"ActualQuantity": 17}), 1.0)

    assert snapshot is not None
    assert snapshot.results["ActualQuantity"] == reading("Mixer1.Order.ActualQuantity", 17)


def test_heartbeats_may_differ() -> None:
    board = Board(heartbeat_tags())
    taker = SnapshotTaker(board.tags, settle=1.0)
    take_at(taker, board.show(heartbeat=1), 0.0)

    assert take_at(taker, board.show(heartbeat=2), 1.0) is not None


# Quality


@pytest.mark.parametrize("quality", [0x00, 0x14, 0x18, 0x40, 0x44, 0x4C, 0x60, 0xD8])
@pytest.mark.parametrize("tag", ["State", "AckId", "Id", "Quantity", "CurrentQuantity", "Start"])
def test_a_tag_that_is_not_good_is_simulated_or_overridden_gives_no_snapshot(
    board: Board, tag: str, quality: int
) -> None:
    board.qualities[f"Mixer1.Order.{tag}"] = quality
    taker = SnapshotTaker(board.tags, settle=0.0)

    assert take_at(taker, board, 0.0) is None
    assert f"'Mixer1.Order.{tag}'" in taker.reason
    assert taker.is_overridden == (quality == 0xD8)


@pytest.mark.parametrize("quality", [0x80, 0xC0, 0x84, 0xA4])
def test_every_good_quality_gives_a_snapshot(board: Board, quality: int) -> None:
    board.qualities = dict.fromkeys(board.values, quality)

    assert take_at(SnapshotTaker(board.tags, settle=0.0), board, 0.0) is not None


def test_a_good_reading_ends_a_local_override(board: Board) -> None:
    taker = SnapshotTaker(board.tags, settle=0.0)
    board.qualities["Mixer1.Order.State"] = 0xD8
    take_at(taker, board, 0.0)
    board.qualities.clear()
    take_at(taker, board, 1.0)

    assert not taker.is_overridden


def test_a_result_that_is_not_good_does_not_hold_up_a_snapshot(board: Board) -> None:
    board.qualities["Mixer1.Order.ActualQuantity"] = 0x14

    assert take_at(SnapshotTaker(board.tags, settle=0.0), board, 0.0) is not None


def test_a_tag_that_the_station_left_out_gives_no_snapshot(board: Board) -> None:
    taker = SnapshotTaker(board.tags, settle=0.0)
    del board.values["Mixer1.Order.AckSequence"]

    assert take_at(taker, board, 0.0) is None
    assert taker.reason == "'Mixer1.Order.AckSequence' (role 'ack_sequence') cannot be read: no answer"


@pytest.mark.parametrize("kind", [FailureKind.NOT_CONNECTED, FailureKind.UNREADABLE, FailureKind.FAILED])
def test_a_tag_that_cannot_be_read_now_gives_no_snapshot(board: Board, kind: FailureKind) -> None:
    taker = SnapshotTaker(board.tags, settle=0.0)
    board.failures["Mixer1.Order.State"] = TagFailure(kind, "not now")

    assert take_at(taker, board, 0.0) is None
    assert "not now" in taker.reason


@pytest.mark.parametrize(
    ("tag", "place"),
    [
        ("Mixer1.Order.AckId", "role 'ack_id'"),
        ("Mixer1.Order.Quantity", "payload 'Quantity'"),
        ("Mixer1.Order.CurrentQuantity", "echo of 'Quantity'"),
        ("Mixer1.Order.ActualQuantity", "result 'ActualQuantity'"),
    ],
)
def test_a_tag_that_the_station_does_not_know_is_an_error_that_names_its_place_in_the_map(
    board: Board, tag: str, place: str
) -> None:
    board.failures[tag] = NOT_FOUND

    with pytest.raises(WinCCTagNotFoundError) as caught:
        board.snapshot()

    assert f"'{tag}' ({place})" in caught.value.message
    assert "Correct the tag map" in caught.value.hint
    assert not caught.value.retryable


# Reading


def test_a_snapshot_has_every_role_that_the_unit_has_and_no_other() -> None:
    tags = unit_tags(without=["mode", "ready", "result", "revision"])
    snapshot = Board(tags).snapshot()

    assert "mode" not in snapshot.numbers
    assert "current_revision" not in snapshot.numbers
    assert snapshot.result is None
    assert snapshot.is_alive is None
    assert set(snapshot.numbers) | {"id", "ack_id", "current_id"} == set(tags.roles)


@pytest.mark.parametrize("text", ["IDLE", "", "1.5", "nan"])
def test_a_number_that_cannot_be_read_is_an_error_that_names_tag_and_role(board: Board, text: str) -> None:
    board.values["Mixer1.Order.AckSequence"] = text

    with pytest.raises(OrderUnitError, match=r"'Mixer1\.Order\.AckSequence' \(role 'ack_sequence'\)"):
        board.snapshot()


@pytest.mark.parametrize(("text", "bit"), [("true", 1), ("1", 1), ("False", 0), ("0", 0)])
def test_a_bit_is_read_as_stations_write_it(board: Board, text: str, bit: int) -> None:
    board.values["Mixer1.Order.Ready"] = text

    assert board.snapshot().numbers["ready"] == bit


@pytest.mark.parametrize(("role", "tag"), [("id", "Id"), ("ack_id", "AckId"), ("current_id", "CurrentId")])
def test_an_id_tag_that_holds_numbers_is_an_error(board: Board, role: str, tag: str) -> None:
    name = f"Mixer1.Order.{tag}"
    readings = {**board.readings(), name: reading(name, "42")._replace(raw={"value": 42})}

    with pytest.raises(OrderUnitError, match=rf"role '{role}'\): it is a numeric tag \(it shows '42'\)"):
        SnapshotTaker(board.tags, settle=0.0).take(readings, asked_at=0.0, answered_at=0.0)


def test_an_id_tag_of_the_type_of_a_counter_is_an_error(board: Board) -> None:
    readings: dict[str, Any] = board.readings()
    for tag in ("Id", "CurrentSequence"):
        name = f"Mixer1.Order.{tag}"
        readings[name] = readings[name]._replace(data_type=7)

    with pytest.raises(OrderUnitError, match="it is a numeric tag"):
        SnapshotTaker(board.tags, settle=0.0).take(readings, asked_at=0.0, answered_at=0.0)


def test_ids_keep_their_leading_zeros(board: Board) -> None:
    assert board.snapshot().current_id == "000012"


@pytest.mark.parametrize("state", [7, -1, 99])
def test_a_state_that_nobody_knows_is_an_error_that_names_the_map(board: Board, state: int) -> None:
    with pytest.raises(OrderUnitError, match=rf"{state} is no state of the map 'isa95' \(known: 0, 1, 2, 3, 4, 5, 6\)"):
        board.show(state=state).snapshot()


def test_what_a_unit_shows_is_told_in_words(board: Board) -> None:
    words = board.answer(OURS.order_id, 1).snapshot().words(board.tags)

    assert words == (
        "state 5 (ended), current order '000012', number 5, last answer to '000012', return status 1 (accepted), "
        "result 1 (successful), sequence 5, ack sequence 5, mode 1, ready 1"
    )


@pytest.mark.parametrize(
    ("state", "current_id", "holds"), [(0, "", False), (0, "000012", True), (3, "", True), (5, "000012", True)]
)
def test_a_unit_holds_an_order_when_it_names_one_or_shows_a_state(state: int, current_id: str, holds: bool) -> None:
    assert free_unit().show(state=state, current_id=current_id).snapshot().holds_an_order is holds


def test_a_unit_without_an_id_echo_says_nothing_of_ids() -> None:
    snapshot = free_unit("B", without=["ack_id", "current_id"]).show(current_sequence=4, state=1).snapshot()

    assert (snapshot.ack_id, snapshot.current_id) == (None, None)
    assert snapshot.state is JobState.NOT_ALLOWED_TO_START


@pytest.mark.parametrize(("number", "state"), [(0, JobState.NONE), (4, JobState.NOT_ALLOWED_TO_START)])
def test_a_packml_machine_without_an_id_echo_holds_an_order_when_it_shows_a_number(
    number: int, state: JobState
) -> None:
    board = free_unit("B", without=["ack_id", "current_id"], states="packml").show(current_sequence=number, state=4)

    assert board.snapshot().state is state


# Heartbeat


def heartbeat_tags() -> OrderHandoffTags:
    return OrderHandoffTags(prefix="Mixer1.", payload=["WorkMaster", "Quantity"], results=["ActualQuantity"])


@pytest.fixture
def beating() -> Board:
    """A unit with a heartbeat."""
    return Board(heartbeat_tags()).show(heartbeat=1)


def test_a_heartbeat_counts_once_it_was_seen_to_change(beating: Board) -> None:
    taker = SnapshotTaker(beating.tags, settle=0.0)
    alive = []
    for at, beat in ((0.0, 1), (1.0, 1), (2.0, 2)):
        snapshot = take_at(taker, beating.show(heartbeat=beat), at)
        assert snapshot is not None
        alive.append(snapshot.is_alive)

    assert alive == [False, False, True]


def test_a_heartbeat_that_stands_still_is_found_after_a_while(beating: Board) -> None:
    taker = SnapshotTaker(beating.tags, settle=0.0)
    take_at(taker, beating, 0.0)
    take_at(taker, beating.show(heartbeat=2), 1.0)
    soon = take_at(taker, beating, 1.0 + HEARTBEAT_PATIENCE)
    assert not taker.heartbeat_stands_still
    late = take_at(taker, beating, 1.1 + HEARTBEAT_PATIENCE)

    assert soon is not None
    assert late is not None
    assert (soon.is_alive, late.is_alive) == (True, False)
    assert taker.heartbeat_stands_still


def test_a_heartbeat_that_never_changed_stands_still_after_a_while(beating: Board) -> None:
    taker = SnapshotTaker(beating.tags, settle=0.0)
    take_at(taker, beating, 100.0)
    assert not taker.heartbeat_stands_still
    take_at(taker, beating, 101.0 + HEARTBEAT_PATIENCE)

    assert taker.heartbeat_stands_still


def test_what_a_heartbeat_does_is_told_in_words(beating: Board) -> None:
    taker = SnapshotTaker(beating.tags, settle=0.0)
    still, changing = (take_at(taker, beating.show(heartbeat=beat), beat) for beat in (1, 2))

    assert still is not None
    assert changing is not None
    assert still.words(beating.tags).endswith("heartbeat stands still")
    assert changing.words(beating.tags).endswith("heartbeat changes")


def test_a_unit_without_a_heartbeat_is_not_said_to_stand_still(board: Board) -> None:
    taker = SnapshotTaker(board.tags, settle=0.0)
    take_at(taker, board, 0.0)
    take_at(taker, board, 1000.0)

    assert not taker.heartbeat_stands_still
