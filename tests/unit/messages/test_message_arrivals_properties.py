"""Any sequence of overlapping readings gives every row exactly once."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from message_rows import START, MessageStation, row

from airflow_provider_wincc.client.messages.values import MessageReading
from airflow_provider_wincc.messages.arrivals import Arrivals

MOST = 8

# How much later than the one before a message comes, in milliseconds: often in the same one, sometimes late.
# All of them together never make a row more than two hours late, which is too old to be new.
steps = st.one_of(st.just(0), st.integers(-1500, 1500), st.integers(-2_000_000, 60_000))
# What happens between two readings, and for how long nothing does after it.
happenings = st.lists(
    st.tuples(
        st.lists(steps, max_size=MOST - 1),
        st.sampled_from(["read", "read", "read", "empty", "part", "restart"]),
        st.one_of(st.just(0), st.integers(0, 10_800_000)),
    ),
    max_size=12,
)
bursts = st.lists(
    st.tuples(st.lists(st.integers(0, 3), max_size=4 * MOST), st.sampled_from(["read", "restart"])),
    min_size=1,
    max_size=8,
)


def resumed(arrivals):
    other = Arrivals(is_history=True)
    other.resume(json.loads(json.dumps(arrivals.to_json())))
    return other


@given(happenings)
@settings(max_examples=300, deadline=None)
def test_every_row_of_overlapping_readings_comes_exactly_once(happens):
    station = MessageStation(most=10_000)
    arrivals = Arrivals(is_history=True)
    arrivals.take(MessageReading(()), at=START)
    came, clock = Counter(), 0
    for offsets, what, pause in happens:
        for offset in offsets:
            clock = max(clock, clock + offset)
            # Several rows may have the same number and time: each is a row of its own.
            station.come(row(len(station.archive) // 2, (clock + min(offset, 0)) / 1000))
        reading = station.read()
        if what == "empty":
            reading = MessageReading(())
        elif what == "part":
            reading = MessageReading(reading.messages[-3:])
        elif what == "restart":
            arrivals = resumed(arrivals)
        for message in arrivals.take(reading, at=START + timedelta(milliseconds=clock)).messages:
            came[message.number, message.time] += 1
        if what in {"read", "restart"}:
            clock += pause

    for message in arrivals.take(station.read(), at=START + timedelta(milliseconds=clock)).messages:
        came[message.number, message.time] += 1

    assert came == Counter((message.number, message.time) for message in station.archive)


@given(bursts)
@settings(max_examples=300, deadline=None)
def test_every_row_of_any_bursts_comes_exactly_once_while_the_messages_are_pending(happens):
    station = MessageStation(most=MOST)
    station.come(row(0))
    arrivals = Arrivals(is_history=True)
    arrivals.take(station.read(), at=START)
    came, clock = Counter([0]), 0
    for offsets, what in happens:
        for offset in offsets:
            clock += offset
            station.come(row(len(station.archive), clock / 1000))
        if what == "restart":
            arrivals = resumed(arrivals)
        at = START + timedelta(milliseconds=clock)
        fresh = list(arrivals.take(station.read(), at=at).messages)
        if arrivals.gaps:
            filled = arrivals.fill(station.read_pending())
            assert filled.is_certain
            fresh += filled.messages
        came.update(message.number for message in fresh)

    assert came == Counter(message.number for message in station.archive)


@given(bursts, st.sets(st.integers(0, 100)))
@settings(max_examples=200, deadline=None)
def test_whatever_is_missing_is_admitted(happens, gone):
    station = MessageStation(most=MOST)
    station.come(row(0))
    arrivals = Arrivals(is_history=True)
    arrivals.take(station.read(), at=START)
    came, clock = Counter([0]), 0
    is_certain = True
    for offsets, _ in happens:
        for offset in offsets:
            clock += offset
            station.come(row(len(station.archive), clock / 1000))
        for number in gone:
            station.clear(number)
        fresh = list(arrivals.take(station.read(), at=START + timedelta(milliseconds=clock)).messages)
        if arrivals.gaps:
            filled = arrivals.fill(station.read_pending())
            is_certain = is_certain and filled.is_certain
            fresh += filled.messages
        came.update(message.number for message in fresh)

    assert max(came.values(), default=1) == 1
    if is_certain:
        assert len(came) == len(station.archive)
