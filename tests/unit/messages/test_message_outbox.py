"""Messages on their way into events: gathered, given out, and kept until they are confirmed."""

from __future__ import annotations

import json

import pytest
from message_rows import row

from airflow_provider_wincc.messages.outbox import Outbox
from airflow_provider_wincc.messages.payloads import tell


def told(number, seconds=0.0):
    return tell(row(number, seconds), "2026-03-02T08:00:05+00:00")


def outbox(most_messages=3, window=0.0):
    return Outbox(most_messages=most_messages, window=window)


def numbers(parcels):
    return [[message.content["number"] for message in parcel.messages] for parcel in parcels]


def resumed(box):
    other = outbox(box._most_messages, box._window)
    other.resume(json.loads(json.dumps(box.to_json())))
    return other


def test_what_is_held_is_given_out_at_once_in_full_parcels():
    box = outbox()
    box.hold([told(number) for number in range(7)], now=1)

    parcels = box.give_out(now=1)

    assert numbers(parcels) == [[0, 1, 2], [3, 4, 5], [6]]
    assert [parcel.sequence for parcel in parcels] == [1, 2, 3]
    assert box.give_out(now=2) == []


def test_messages_are_given_out_in_the_order_of_their_times():
    box = outbox()
    box.hold([told(3, 3), told(4, 4)], now=1)
    box.hold([told(1, 1), told(0, None)], now=1)

    assert numbers(box.give_out(now=1)) == [[0, 1, 3], [4]]


def test_messages_within_the_window_come_together():
    box = outbox(window=10)
    box.hold([told(1)], now=100)

    assert box.give_out(now=100) == []
    box.hold([told(2)], now=109)
    assert box.give_out(now=109) == []
    assert numbers(box.give_out(now=110)) == [[1, 2]]
    box.hold([told(3)], now=111)
    assert box.give_out(now=112) == []


def test_a_full_parcel_does_not_wait_for_the_window():
    box = outbox(window=10)
    box.hold([told(number) for number in range(4)], now=100)

    assert numbers(box.give_out(now=100)) == [[0, 1, 2]]
    assert box.give_out(now=109) == []
    assert numbers(box.give_out(now=110)) == [[3]]

    box.hold([told(number) for number in range(3)], now=200)
    assert numbers(box.give_out(now=200)) == [[0, 1, 2]]


def test_a_clock_that_is_set_back_holds_nothing_for_longer():
    box = outbox(window=10)
    box.hold([told(1)], now=1000)

    assert numbers(box.give_out(now=500)) == [[1]]


def test_that_messages_may_lack_is_said_by_the_next_parcels_only():
    box = outbox()
    box.note_lack()
    assert box.give_out(now=1) == []
    box.hold([told(number) for number in range(4)], now=1)

    assert [parcel.may_lack_messages for parcel in box.give_out(now=1)] == [True, True]
    box.hold([told(5)], now=2)
    assert [parcel.may_lack_messages for parcel in box.give_out(now=2)] == [False]


def test_what_is_not_confirmed_is_there_in_another_process():
    box = outbox()
    box.hold([told(number) for number in range(4)], now=1)
    first, second = box.give_out(now=1)
    box.confirm(first.sequence)
    box.confirm(99)

    other = resumed(box)

    assert other.unconfirmed == (second,)
    other.hold([told(7)], now=2)
    assert [parcel.sequence for parcel in other.give_out(now=2)] == [3]


def test_what_is_gathered_is_there_in_another_process():
    box = outbox(window=10)
    box.note_lack()
    box.hold([told(1), told(2)], now=100)

    other = resumed(box)

    assert other.give_out(now=105) == []
    (parcel,) = other.give_out(now=110)
    assert numbers([parcel]) == [[1, 2]]
    assert parcel.may_lack_messages


def test_the_same_state_is_told_in_the_same_way():
    box = outbox()
    box.hold([told(1)], now=1)

    assert box.to_json() == box.to_json()
    assert resumed(box).to_json() == box.to_json()


@pytest.mark.parametrize(
    "wrong",
    [
        {"held": None},
        {"held": "?"},
        {"unconfirmed": [{"sequence": 1}]},
        {"unconfirmed": [{"sequence": 1, "messages": "?", "may_lack_messages": False}]},
    ],
)
def test_a_state_that_is_none_is_refused_and_changes_nothing(wrong):
    box = outbox()
    box.hold([told(1)], now=1)
    before = box.to_json()

    with pytest.raises(ValueError, match=r".+"):
        box.resume({**before, **wrong})

    assert box.to_json() == before
