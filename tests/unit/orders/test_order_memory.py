"""What is remembered of a handoff, and how it survives a process."""

from __future__ import annotations

import json
from typing import Any

import pytest
from order_board import COMMITTING, STARTING, WHEN

from airflow_provider_wincc.orders import NoteStage, OrderError, OrderMemory, OrderNote, Remembered, Wait
from airflow_provider_wincc.orders.progress import VERSION, Progress

HALF_WAY = OrderMemory(note=STARTING, committed=True, number_before=4, accepted_sequence=5, offered=True)


def stored(progress: Progress) -> Remembered:
    return Remembered(json.loads(json.dumps(progress.to_document())))


@pytest.mark.parametrize("note", [COMMITTING, STARTING])
def test_a_note_survives_json(note: OrderNote) -> None:
    assert OrderNote.from_json(json.loads(json.dumps(note.to_json()))) == note


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        "starting",
        {**STARTING.to_json(), "stage": "started"},
        {**STARTING.to_json(), "revision": "1"},
        {**STARTING.to_json(), "sequence": "5"},
        {**STARTING.to_json(), "at": None},
        {name: value for name, value in STARTING.to_json().items() if name != "stage"},
    ],
)
def test_a_note_that_cannot_be_understood_stops_the_handoff(data: Any) -> None:
    with pytest.raises(OrderError, match=r"cannot be understood.*whether the order ran before you remove the note"):
        OrderNote.from_json(data)


def test_an_attempt_goes_on_in_another_process_where_it_was() -> None:
    progress = Progress("2", HALF_WAY, times={"stored": WHEN}, told=["stored"])
    progress.begin_wait(Wait.RUN, 1000.0)

    again = Progress.read(stored(progress), attempt="2")

    assert again == progress


def test_another_attempt_keeps_the_note_and_the_times_and_begins_anew_otherwise() -> None:
    progress = Progress("2", HALF_WAY, times={"stored": WHEN}, told=["stored"])
    progress.begin_wait(Wait.RUN, 1000.0)

    again = Progress.read(stored(progress), attempt="3")

    assert again == Progress("3", OrderMemory(note=STARTING), times={"stored": WHEN})


@pytest.mark.parametrize("content", [{}, {"attempt": None}, {"attempt": {"name": "2"}}, {"times": "never"}])
def test_a_document_without_an_attempt_begins_anew(content: dict[str, Any]) -> None:
    assert Progress.read(Remembered({"version": VERSION, **content}), attempt="2") == Progress("2")


def test_without_a_document_an_attempt_begins_anew() -> None:
    assert Progress.read(Remembered(), attempt="2") == Progress("2")


@pytest.mark.parametrize("version", [{}, {"version": None}, {"version": VERSION + 1}, {"version": str(VERSION)}])
def test_a_document_of_another_version_stops_the_handoff(version: dict[str, Any]) -> None:
    document = Progress("2", HALF_WAY).to_document()
    del document["version"]

    with pytest.raises(OrderError, match=rf"reads version {VERSION}.*find out at the unit whether the order ran"):
        Progress.read(Remembered({**document, **version}), attempt="2")


def test_a_document_with_a_note_that_cannot_be_understood_stops_the_handoff() -> None:
    with pytest.raises(OrderError, match="cannot be understood"):
        Progress.read(Remembered({"version": VERSION, "note": {"stage": "?"}}), attempt="1")


def test_what_another_process_has_stored_is_taken_over_and_what_this_attempt_did_is_kept() -> None:
    progress = Progress("2", OrderMemory(committed=True, offered=True))
    other = Progress("1", OrderMemory(note=STARTING, was_offered=True))
    both = OrderMemory(note=STARTING, was_offered=True, result={"outcome": "successful"}, committed=True, offered=True)

    progress.recall(Remembered(other.to_document(), {"outcome": "successful"}))

    assert progress.memory == both


def test_another_attempt_knows_that_the_order_was_offered_and_not_by_itself() -> None:
    earlier = Progress("1", OrderMemory(was_offered=True, offered=True))

    assert Progress.read(Remembered(earlier.to_document()), attempt="2").memory == OrderMemory(was_offered=True)


def test_a_wait_begins_once_until_it_is_ended() -> None:
    progress = Progress("1")

    assert progress.begin_wait(Wait.ADMIT, 10.0) == 10.0
    assert progress.begin_wait(Wait.ADMIT, 20.0) == 10.0
    progress.end_wait(Wait.ADMIT, Wait.RUN)
    assert progress.begin_wait(Wait.ADMIT, 30.0) == 30.0


def test_a_step_is_reached_once() -> None:
    progress = Progress("1")
    progress.reached("stored", 0.0)
    progress.reached("stored", 99.0)

    assert progress.times == {"stored": "1970-01-01T00:00:00+00:00"}


def test_the_stages_of_a_note_are_two() -> None:
    assert [stage.value for stage in NoteStage] == ["committing", "starting"]
