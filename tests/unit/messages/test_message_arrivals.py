"""Which rows of a reading are new for a watcher."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from message_rows import START, MessageStation, row, rows

from airflow_provider_wincc.client.messages.values import MessageReading, MessageState
from airflow_provider_wincc.messages.arrivals import Arrivals
from airflow_provider_wincc.messages.known_rows import MOST_KNOWN, MOST_UNDATED

HOUR = 3600


class Watched:
    """Feeds readings, a second apart, and collects the numbers of the messages that are new."""

    def __init__(self, *, is_history=True):
        self.arrivals = Arrivals(is_history=is_history)
        self.seconds = 0

    def read(self, *messages, is_full=False):
        return self.take(MessageReading(tuple(messages), is_full=is_full))

    def take(self, reading):
        self.seconds += 1
        self.arrived = self.arrivals.take(reading, at=START + timedelta(seconds=self.seconds))
        return [message.number for message in self.arrived.messages]

    def fill(self, *pending):
        self.filled = self.arrivals.fill(MessageReading(tuple(pending)))
        return [message.number for message in self.filled.messages]

    def restart(self):
        told = json.loads(json.dumps(self.arrivals.to_json()))
        self.arrivals = Arrivals(is_history=self.arrivals._is_history)
        self.arrivals.resume(told)
        return told


def test_the_first_reading_has_nothing_new_and_then_each_row_comes_once():
    watched = Watched()
    first, second, third = row(1, 1), row(2, 2), row(3, 2)

    assert watched.read(first) == []
    assert watched.read(first, second) == [2]
    assert watched.read(first, second, third) == [3]
    assert watched.read(first, second, third) == []


def test_each_change_of_a_message_is_a_row_of_its_own():
    watched = Watched()
    watched.read()

    came, went = row(1, 1), row(1, 2, state=MessageState.WENT_OUT)

    assert watched.read(came) == [1]
    assert watched.read(came, went) == [1]
    assert watched.arrived.messages == (went,)


def test_rows_with_running_numbers_that_change_with_each_answer_are_no_new_rows():
    watched = Watched()
    watched.read()

    assert watched.read(row(1, 1, counter=1)) == [1]
    assert watched.read(row(1, 1, counter=2), row(2, 2, counter=1)) == [2]


def test_rows_that_are_the_same_but_for_their_running_number_are_told_apart():
    watched = Watched()
    watched.read()

    assert watched.read(row(1, 1, counter=7)) == [1]
    assert watched.read(row(1, 1, counter=7), row(1, 1, counter=8)) == [1]
    assert watched.arrived.messages[0].counter == 8
    assert watched.read(row(1, 1, counter=7), row(1, 1, counter=8)) == []


def test_a_row_that_comes_late_is_new():
    watched = Watched()
    watched.read(row(1, 0))

    assert watched.read(row(2, -HOUR), row(1, 0)) == [2]


def test_a_row_that_is_too_old_is_dismissed_and_counted_once():
    watched = Watched()
    watched.read(row(1, 0))

    assert watched.read(row(2, -3 * HOUR), row(1, 0)) == []
    assert watched.arrived.dismissed == 1
    assert watched.read(row(2, -3 * HOUR), row(1, 0)) == []
    assert watched.arrived.dismissed == 0


def test_rows_that_grow_old_are_not_dismissed():
    watched = Watched()
    watched.read(row(1, 0))
    watched.seconds = 5 * HOUR

    assert watched.read(row(1, 0), row(2, 5 * HOUR)) == [2]
    assert watched.read(row(1, 0), row(2, 5 * HOUR), row(3, 5 * HOUR)) == [3]
    assert watched.arrived.dismissed == 0


@pytest.mark.parametrize("between", [(), (row(9, 9),)], ids=["empty", "other rows"])
def test_an_answer_that_leaves_rows_out_for_once_doubles_nothing(between):
    watched = Watched()
    watched.read(row(1, 0))
    watched.read(row(1, 0), row(2, 1))
    watched.read(*between)

    assert watched.read(row(1, 0), row(2, 1), row(3, 2)) == [3]


@pytest.mark.parametrize("first", [(), (row(9, None),)], ids=["empty", "without a time"])
@pytest.mark.parametrize("restarts", [False, True], ids=["at once", "after a restart"])
def test_the_first_rows_of_a_station_whose_time_lags_by_hours_are_new(first, restarts):
    """Its local time is west of UTC and has no zone, and that of the connection is UTC."""
    watched = Watched()
    watched.read(*first)
    watched.read(*first)
    if restarts:
        watched.restart()

    assert watched.read(*first, row(1, -5 * HOUR)) == [1]
    assert watched.arrived.dismissed == 0
    assert watched.read(*first, row(1, -5 * HOUR), row(2, -5 * HOUR + 1)) == [2]
    assert watched.read(*first, row(1, -5 * HOUR), row(2, -5 * HOUR + 1)) == []


def test_what_came_in_a_long_outage_behind_an_empty_first_answer_is_new():
    watched = Watched()
    watched.read()
    watched.seconds = 10 * HOUR

    assert watched.read(row(1, HOUR), row(2, 9 * HOUR)) == [1, 2]


def test_rows_behind_an_empty_first_answer_that_are_far_older_than_the_newest_are_dismissed_and_counted():
    watched = Watched()
    watched.read()

    # Which clock the station goes by is not known, so that the newest may have come just now.
    assert watched.read(row(1, -3 * HOUR), row(2, -30 * HOUR)) == [1]
    assert watched.arrived.dismissed == 1


def test_old_rows_that_an_answer_left_out_for_once_are_not_dismissed():
    watched = Watched()
    old = row(1, -30 * HOUR)
    watched.read(old, row(2, 0))
    watched.read()

    assert watched.read(old, row(2, 0), row(3, -29 * HOUR)) == []
    assert watched.arrived.dismissed == 1


def test_a_clock_that_was_ahead_and_is_corrected_loses_nothing():
    watched = Watched()
    ahead = row(1, 10 * 365 * 24 * HOUR)
    watched.read(ahead)

    assert watched.read(row(2, 5), ahead) == [2]


def test_a_clock_that_is_set_back_by_an_hour_loses_nothing():
    watched = Watched()
    watched.read(row(1, HOUR))

    assert watched.read(row(2, 5), row(1, HOUR)) == [2]


def test_rows_without_a_time_are_known_by_all_that_they_say():
    watched = Watched()
    first, other = row(1, None, texts=("one",)), row(1, None, texts=("other",))
    watched.read(first)

    assert watched.read(first, other) == [1]
    assert watched.read(first, other) == []


def test_rows_without_a_number_are_known_by_all_that_they_say():
    watched = Watched()
    first, other = row(None, 1, other={"Key": 1}), row(None, 1, other={"Key": [2]})
    watched.read(first)

    assert watched.read(first, other) == [None]
    assert watched.arrived.messages == (other,)


def test_texts_with_half_surrogate_pairs_are_rows_like_any_other():
    watched = Watched()
    watched.read()
    strange = row(None, 1, texts=("\ud800",), other={"\udfff": "\ud800"})

    assert watched.read(strange) == [None]
    watched.restart()
    assert watched.read(strange) == []


def test_times_before_1970_are_too_old():
    watched = Watched()
    watched.read(row(1, -60 * 365 * 24 * HOUR))

    assert watched.read(row(1, -60 * 365 * 24 * HOUR), row(2, 1)) == [2]


def test_it_goes_on_in_another_process():
    watched = Watched()
    watched.read(row(1, 0), row(7, None))
    watched.read(row(1, 0), row(7, None), row(2, 1))

    watched.restart()

    assert watched.read(row(1, 0), row(7, None), row(2, 1), row(3, 2), row(8, None)) == [3, 8]


def test_what_is_remembered_is_bounded():
    watched = Watched()
    watched.read()
    for start in range(0, 2 * MOST_KNOWN, 1000):
        seconds = [number / 100 for number in range(start, start + 1000)]
        watched.read(*[row(number, number) for number in seconds])
        watched.read(*rows(range(start, start + 1000), None))

    told = watched.restart()

    assert len(json.dumps(told)) < 90_000
    assert len(watched.arrivals._known._dated) <= MOST_KNOWN
    assert len(watched.arrivals._known._undated) == MOST_UNDATED
    assert watched.read(row(seconds[-1], seconds[-1])) == []


def test_rows_of_one_second_are_all_remembered_however_many():
    watched = Watched(is_history=False)
    many = rows(range(MOST_KNOWN + 1000), 1)
    watched.read()

    assert len(watched.read(*many)) == len(many)
    assert watched.read(*many) == []


@pytest.mark.parametrize("told", [None, {}, {"known": 1, "newest": None, "last_counter": None, "gaps": []}])
def test_a_state_that_is_none_is_refused(told):
    with pytest.raises(ValueError, match="expected"):
        Arrivals(is_history=True).resume(told)


def test_a_full_answer_that_reaches_back_to_what_is_known_opens_no_gap():
    station, watched = MessageStation(most=3), Watched()
    station.come(row(1, 1), row(2, 2))
    watched.take(station.read())
    station.come(row(3, 3), row(4, 4))

    # The oldest row is known, and there are later ones that are: nothing can be missing.
    station.come()
    assert watched.read(row(1, 1), row(2, 2), row(3, 3), is_full=True) == [3]
    assert watched.arrivals.gaps == ()


def test_a_gap_is_filled_with_what_is_pending():
    station, watched = MessageStation(most=3), Watched()
    station.come(row(1, 1))
    watched.take(station.read())
    station.come(*[row(number, number) for number in range(2, 9)])

    assert watched.take(station.read()) == [6, 7, 8]
    assert watched.fill(*station.pending) == [2, 3, 4, 5]
    assert watched.filled.is_certain
    assert watched.arrivals.gaps == ()
    assert watched.take(station.read()) == []


def test_a_gap_is_not_surely_filled_when_something_has_gone_again():
    station, watched = MessageStation(most=3), Watched()
    station.come(row(1, 1))
    watched.take(station.read())
    station.come(*[row(number, number) for number in range(2, 9)])
    station.clear(3)
    watched.take(station.read())

    assert watched.fill(*station.pending) == [2, 4, 5]
    assert not watched.filled.is_certain


def test_a_gap_is_not_surely_filled_without_running_numbers():
    station, watched = MessageStation(most=3, counts=False), Watched()
    station.come(row(1, 1))
    watched.take(station.read())
    station.come(*[row(number, number) for number in range(2, 9)])
    watched.take(station.read())

    assert watched.fill(*station.pending) == [2, 3, 4, 5]
    assert not watched.filled.is_certain


def test_what_was_pending_before_and_what_comes_after_does_not_fill_a_gap():
    station, watched = MessageStation(most=3), Watched()
    station.come(row(1, -5 * HOUR), row(2, 1))
    watched.take(station.read())
    station.come(*[row(number, number) for number in range(3, 9)])
    watched.take(station.read())
    station.come(row(9, 9))

    assert watched.fill(*station.pending) == [3, 4, 5]
    assert watched.take(station.read()) == [9]


def test_a_burst_within_one_millisecond_comes_whole():
    station, watched = MessageStation(most=10), Watched()
    station.come(*rows(range(5), 1))
    watched.take(MessageReading(()))
    watched.take(station.read())
    station.come(*rows(range(5, 100), 1))

    fresh = watched.take(station.read())

    assert fresh == list(range(90, 100))
    assert watched.fill(*station.pending) == list(range(5, 90))
    assert watched.filled.is_certain


def test_a_gap_that_is_open_over_a_restart_is_filled_after_it():
    station, watched = MessageStation(most=3), Watched()
    station.come(row(1, 1))
    watched.take(station.read())
    station.come(*[row(number, number) for number in range(2, 9)])
    watched.take(station.read())

    watched.restart()

    assert watched.fill(*station.pending) == [2, 3, 4, 5]
    assert watched.filled.is_certain


def test_several_gaps_are_filled_at_once():
    station, watched = MessageStation(most=3), Watched()
    station.come(row(1, 1))
    watched.take(station.read())
    station.come(*[row(number, number) for number in range(2, 9)])
    assert watched.take(station.read()) == [6, 7, 8]
    station.come(*[row(number, number) for number in range(9, 15)])
    assert watched.take(station.read()) == [12, 13, 14]

    assert len(watched.arrivals.gaps) == 2
    assert watched.fill(*station.pending) == [2, 3, 4, 5, 9, 10, 11]
    assert watched.filled.is_certain


def test_a_shorter_answer_with_nothing_known_in_it_is_a_gap_too():
    """A station may have a bound of its own, below what was asked for."""
    watched = Watched()
    watched.read(row(1, 1), row(2, 2))

    watched.read(row(5, 5), row(6, 6))

    assert len(watched.arrivals.gaps) == 1


def test_a_list_that_was_empty_opens_no_gap():
    """Filters may have a window in time, which empties the list of a quiet plant."""
    watched = Watched()
    watched.read(row(1, 1))
    watched.read()

    assert watched.read(row(2, 2)) == [2]
    assert watched.arrivals.gaps == ()


def test_the_list_of_pending_messages_has_no_gaps():
    watched = Watched(is_history=False)
    watched.read(row(1, 1))

    assert watched.read(row(2, 2)) == [2]
    assert watched.arrivals.gaps == ()


def test_a_station_without_times_and_running_numbers_is_never_sure():
    watched = Watched()
    watched.read(*rows(range(3), None), is_full=True)

    assert watched.read(*rows(range(5, 8), None), is_full=True) == [5, 6, 7]
    assert watched.fill(*rows(range(8), None)) == []
    assert not watched.filled.is_certain
