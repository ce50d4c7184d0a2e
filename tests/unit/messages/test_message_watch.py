"""What a watcher makes of the readings of a message list."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
from message_rows import START, MessageStation, row

from airflow_provider_wincc.client.messages.query import MessageList, MessageQuery
from airflow_provider_wincc.client.messages.values import MessageReading, MessageState
from airflow_provider_wincc.messages.message_watch import MessageWatch
from airflow_provider_wincc.messages.pattern import MessagePattern

QUERY = MessageQuery("Errors", MessageList.SHORT_TERM_ARCHIVE)


class Watched:
    """Feeds a watch, and confirms what it gives out when told to."""

    def __init__(self, pattern=None, **arguments):
        self.arguments = {"most_messages": 4, **arguments}
        self.pattern = pattern
        self.watch = MessageWatch(QUERY, pattern, **self.arguments)
        self.seconds = 0

    @property
    def at(self):
        return START + timedelta(seconds=self.seconds)

    def read(self, reading, *, seconds=1):
        self.seconds += seconds
        self.watch.observe(reading, at=self.at)
        return self.watch.give_out(at=self.at)

    def read_pending(self, reading):
        self.watch.observe_pending(reading, at=self.at)
        return self.watch.give_out(at=self.at)

    def restart(self):
        state = json.loads(json.dumps(self.watch.to_json()))
        self.watch = MessageWatch(QUERY, self.pattern, **self.arguments)
        self.watch.resume(state)
        return self.watch.unconfirmed


def numbers(parcels):
    return [message.content["number"] for parcel in parcels for message in parcel.messages]


def burst(watched, *, clear=None, counts=True):
    """Let six messages come where an answer holds three."""
    station = MessageStation(most=3, counts=counts)
    station.come(row(0))
    watched.read(station.read())
    station.come(*[row(number, number) for number in range(1, 7)])
    if clear is not None:
        station.clear(clear)
    return station


def test_new_messages_that_fit_the_pattern_are_given_out_once():
    watched = Watched(MessagePattern(state="came in"))
    came, went = row(1, 1), row(1, 2, state=MessageState.WENT_OUT)
    watched.read(MessageReading(()))

    assert numbers(watched.read(MessageReading((came,)))) == [1]
    assert watched.read(MessageReading((came, went))) == []


def test_a_parcel_says_when_its_messages_were_seen():
    watched = Watched()
    watched.read(MessageReading(()))

    (parcel,) = watched.read(MessageReading((row(1, 1),)))

    assert parcel.messages[0].seen_at == "2026-03-02T08:00:02+00:00"


def test_messages_that_do_not_say_what_is_asked_for_are_left_out_with_a_warning(caplog):
    watched = Watched(MessagePattern(class_name="Error"))
    watched.read(MessageReading(()))
    rows = [row(number, number) for number in (1, 2)]

    with caplog.at_level(logging.WARNING):
        assert watched.read(MessageReading((rows[0],))) == []
        assert watched.read(MessageReading(tuple(rows))) == []

    assert caplog.text.count("does not say of every message by filter 'Errors'") == 1


def test_messages_that_are_too_old_are_left_out_with_a_warning(caplog):
    watched = Watched()
    watched.read(MessageReading((row(1),)))

    with caplog.at_level(logging.WARNING):
        assert watched.read(MessageReading((row(2, -9999), row(1)))) == []

    assert "1 messages have shown up in the short_term_archive by filter 'Errors' that are too old" in caplog.text
    assert "changed the filter, or when the clock of the station or the time zone of the connection" in caplog.text


def test_a_burst_waits_for_what_is_pending_and_comes_whole_and_in_order(caplog):
    watched = Watched()
    station = burst(watched)

    with caplog.at_level(logging.WARNING):
        assert watched.read(station.read()) == []
        assert watched.watch.wants_pending
        parcels = watched.read_pending(station.read_pending())

    assert [numbers([parcel]) for parcel in parcels] == [[1, 2, 3, 4], [5, 6]]
    assert [parcel.may_lack_messages for parcel in parcels] == [False, False]
    assert not watched.watch.wants_pending
    assert caplog.text == ""


@pytest.mark.parametrize("how", [{"clear": 2}, {"counts": False}])
def test_a_burst_that_may_not_be_whole_says_so_once(how, caplog):
    watched = Watched()
    station = burst(watched, **how)

    with caplog.at_level(logging.WARNING):
        watched.read(station.read())
        parcels = watched.read_pending(station.read_pending())

    assert numbers(parcels) == [number for number in range(1, 7) if number != how.get("clear")]
    assert all(parcel.may_lack_messages for parcel in parcels)
    assert caplog.text.count("than one answer holds") == 1
    station.come(row(9, 9))
    assert [parcel.may_lack_messages for parcel in watched.read(station.read())] == [False]


def test_a_burst_does_not_wait_for_ever_for_what_is_pending(caplog):
    watched = Watched()
    station = burst(watched)
    watched.read(station.read())

    with caplog.at_level(logging.WARNING):
        assert watched.read(station.read(), seconds=29) == []
        parcels = watched.read(station.read(), seconds=1)
        late = watched.read_pending(station.read_pending())

    assert numbers(parcels) == [4, 5, 6]
    assert all(parcel.may_lack_messages for parcel in parcels)
    assert numbers(late) == [1, 2, 3]
    assert caplog.text.count("than one answer holds") == 1


def test_when_the_pending_messages_cannot_be_had_the_rest_is_given_out_at_once(caplog):
    watched = Watched()
    station = burst(watched)
    watched.read(station.read())

    with caplog.at_level(logging.WARNING):
        parcels = watched.read_pending(None)

    assert numbers(parcels) == [4, 5, 6]
    assert all(parcel.may_lack_messages for parcel in parcels)
    assert not watched.watch.wants_pending
    assert "than one answer holds" in caplog.text


def test_pending_messages_that_nobody_wants_change_nothing():
    watched = Watched()
    watched.read(MessageReading(()))

    assert watched.read_pending(MessageReading((row(1, 1),))) == []
    assert numbers(watched.read(MessageReading((row(1, 1),)))) == [1]


def test_a_burst_that_is_cut_off_by_a_restart_comes_whole():
    watched = Watched()
    station = burst(watched)
    watched.read(station.read())

    assert watched.restart() == ()

    assert watched.watch.wants_pending
    assert watched.watch.give_out(at=watched.at) == []
    assert numbers(watched.read_pending(station.read_pending())) == [1, 2, 3, 4, 5, 6]


def test_what_was_given_out_and_not_confirmed_is_there_after_a_restart():
    watched = Watched()
    watched.read(MessageReading(()))
    first = watched.read(MessageReading((row(1, 1),)))
    second = watched.read(MessageReading((row(1, 1), row(2, 2))))
    watched.watch.confirm([parcel.sequence for parcel in first])

    assert list(watched.restart()) == second
    assert watched.read(MessageReading((row(1, 1), row(2, 2)))) == []


def test_messages_of_a_time_in_which_nobody_looked_come_after_a_restart():
    watched = Watched()
    watched.read(MessageReading((row(1, 1),)))

    watched.restart()

    assert numbers(watched.read(MessageReading((row(1, 1), row(2, 7000))))) == [2]


@pytest.mark.parametrize("state", [{"version": 2}, {"version": 1, "seen": {}, "outbox": {}}, []])
def test_a_state_that_is_none_is_refused_and_changes_nothing(state):
    watched = Watched()
    watched.read(MessageReading((row(1, 1),)))
    before = watched.watch.to_json()

    with pytest.raises(ValueError, match="expected"):
        watched.watch.resume(state)

    assert watched.watch.to_json() == before
