"""The parts of the poller, each by itself: whom to tell, when to ask, and in which batches."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_wincc.client.errors import WinCCAuthenticationError, WinCCRuntimeError
from airflow_provider_wincc.client.settings import StationSettings
from airflow_provider_wincc.triggers.polling.batches import Batches
from airflow_provider_wincc.triggers.polling.board import Board
from airflow_provider_wincc.triggers.polling.pace import Pace
from airflow_provider_wincc.triggers.polling.rechecks import Rechecks
from airflow_provider_wincc.triggers.polling.subscriptions import Group, Subscription


class Nobody:
    """A waiter that has tags and nothing else."""

    recheck_at = None

    def __init__(self, *tags):
        self.tags = tags


def joined(group, *tags):
    subscription = Subscription(Nobody(*tags), group.interval, joined_in=0)
    group.join(subscription)
    return subscription


def told(group, *, now=0.0):
    return list(group.take(now))


def test_who_joins_is_told_once_and_then_only_of_changes_of_its_own_tags():
    group = Group(5.0)
    one, two = joined(group, "A", "B"), joined(group, "B", "C")

    assert told(group) == [one, two]
    assert told(group) == []
    group.note_changed(["A", "X"])
    assert told(group) == [one]
    group.note_changed(["B"])
    group.note_changed(["C"])
    assert told(group) == [one, two]


def test_the_union_of_tags_follows_joins_and_leaves():
    group = Group(5.0)
    one, two = joined(group, "A", "B"), joined(group, "B", "C")

    assert list(group.sources) == ["A", "B", "C"]
    assert group.leave(one) == ["A"]
    assert list(group.sources) == ["B", "C"]
    assert group.leave(two) == ["B", "C"]
    assert not group


def test_who_has_left_is_not_told():
    group = Group(5.0)
    one = joined(group, "A")
    group.note_changed(["A"])
    group.plan_recheck(one, 1.0)

    group.leave(one)

    assert told(group, now=9.0) == []


def test_a_recheck_comes_up_once_when_its_time_has_come():
    group = Group(5.0)
    one = joined(group, "A")
    told(group)
    group.plan_recheck(one, 10.0)

    assert told(group, now=9.9) == []
    assert told(group, now=10.0) == [one]
    assert told(group, now=11.0) == []


@pytest.mark.parametrize(("replanned", "comes_up_at"), [(20.0, 20.0), (5.0, 5.0), (None, None)])
def test_a_recheck_that_is_moved_comes_up_at_its_new_time_only(replanned, comes_up_at):
    rechecks = Rechecks()
    rechecks.plan("one", 10.0)
    rechecks.plan("one", replanned)

    came_up = [moment for moment in range(30) for _ in rechecks.take(float(moment))]

    assert came_up == ([] if comes_up_at is None else [comes_up_at])


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["plan", "cancel", "take"]),
            st.integers(0, 4),
            st.one_of(st.none(), st.integers(0, 50)),
        ),
        max_size=200,
    )
)
def test_rechecks_come_up_as_in_a_plain_table(steps):
    rechecks, table, now = Rechecks(), {}, 0
    for step, key, at in steps:
        if step == "plan":
            rechecks.plan(key, at)
            table.pop(key, None)
            if at is not None:
                table[key] = at
        elif step == "cancel":
            rechecks.cancel(key)
            table.pop(key, None)
        else:
            now = max(now, at or 0)
            due = {key for key, wanted in table.items() if wanted <= now}
            taken = rechecks.take(now)
            assert (sorted(taken), len(taken)) == (sorted(due), len(due))
            table = {key: wanted for key, wanted in table.items() if wanted > now}
        assert len(rechecks) == len(table)


def test_a_heartbeat_that_moves_its_recheck_with_each_reading_takes_no_memory():
    rechecks = Rechecks()
    for moment in range(10_000):
        rechecks.plan("heartbeat", moment + 3600.0)
        for number in range(3):
            rechecks.plan(number, moment + 3600.0)
            rechecks.cancel(number)

    assert len(rechecks) == 1
    assert len(rechecks._heap) < 200


def test_intervals_that_are_multiples_are_due_together():
    pace = Pace(100.0)
    pace.cycle_ended([5.0], started=100.0, ended=100.1)
    pace.cycle_ended([10.0], started=103.0, ended=103.1)

    assert pace.due_at(5.0) == 105.0
    assert pace.due_at(10.0) == 110.0


@given(
    interval=st.sampled_from([0.1, 0.3, 1.0, 5.0, 7.0, 60.0, 3600.0]),
    start=st.floats(0, 1e7),
    later=st.floats(0, 1e5),
    took=st.floats(0, 1e4),
)
def test_the_next_reading_is_due_within_an_interval_and_a_station_is_left_in_peace_between(
    interval, start, later, took
):
    pace = Pace(start)
    started = start + later
    pace.cycle_ended([interval], started=started, ended=started + took)

    due = pace.due_at(interval)

    assert due >= started + 0.0999 * interval - 1e-6
    assert due >= started + took + 0.1999 * interval - 1e-6
    assert due <= max(started + 1.1 * interval, started + took + 0.2 * interval) + 1e-6


def test_an_interval_whose_last_waiter_left_keeps_its_beat_until_it_has_passed():
    pace = Pace(100.0)
    pace.cycle_ended([5.0], started=100.0, ended=100.1)
    pace.cycle_ended([1.0], started=103.0, ended=103.1)

    assert pace.due_at(5.0) == 105.0
    assert not pace.is_due(5.0, 104.0)


@pytest.mark.parametrize("shortest", [0.1, 1.0, 5.0, 60.0])
def test_the_pause_after_failures_grows_to_a_minute_and_is_never_below_the_interval(shortest):
    random.seed(1)
    pace = Pace(0.0)
    pauses = []
    for _ in range(30):
        pace.failed(WinCCRuntimeError("busy"), 100.0, shortest=shortest, partly_answered=False)
        pauses.append(pace.due_at(shortest) - 100.0)

    assert all(pause >= shortest - 1e-9 for pause in pauses)
    assert all(pause <= 60.0 + 1e-9 for pause in pauses)
    assert pauses[-1] >= min(30.0, pauses[0] * 16)


def test_a_failure_of_a_slow_waiter_makes_nobody_wait_longer_than_a_minute():
    pace = Pace(0.0)
    pace.cycle_ended([3840.0], started=100.0, ended=101.0)
    pace.failed(WinCCRuntimeError("busy"), 101.0, shortest=3840.0, partly_answered=False)

    assert pace.due_at(5.0) <= 161.0
    assert pace.due_at(3840.0) >= 101.0 + 0.2 * 3840.0


def test_a_station_that_answers_a_part_is_not_treated_as_one_that_is_away():
    pace = Pace(0.0)
    for _ in range(10):
        pace.failed(WinCCRuntimeError("busy"), 100.0, shortest=1.0, partly_answered=True)

    assert 101.0 <= pace.due_at(1.0) <= 102.0


REFUSED, CORRECTED = (StationSettings.from_url("https://plant.example", password=word) for word in ("old", "new"))


@pytest.fixture
def refusal():
    return WinCCAuthenticationError("login refused", status=401)


@pytest.fixture
def refused(refusal):
    """The pace of a station that has refused at 100."""
    pace = Pace(0.0)
    pace.failed(refusal, 100.0, shortest=5.0, partly_answered=False, settings=REFUSED)
    return pace


def test_a_refusal_of_the_station_counts_for_one_interval(refused, refusal):
    assert refused.refusal(REFUSED, 5.0, 104.9) is refusal
    assert refused.refusal(REFUSED, 60.0, 104.9) is refusal
    assert refused.refusal(REFUSED, 5.0, 105.0) is None


def test_a_refusal_does_not_count_for_a_connection_that_was_corrected(refused):
    assert refused.refusal(CORRECTED, 60.0, 101.0) is None


def test_a_refusal_does_not_count_once_the_station_has_answered(refused):
    refused.answered()

    assert refused.refusal(REFUSED, 60.0, 101.0) is None


def test_a_failure_that_passes_is_no_refusal():
    pace = Pace(0.0)
    pace.failed(WinCCRuntimeError("busy", status=500), 100.0, shortest=5.0, partly_answered=False, settings=REFUSED)

    assert pace.refusal(REFUSED, 5.0, 100.0) is None


def names(count):
    return [f"T{number}" for number in range(count)]


def test_tags_are_cut_into_as_few_batches_as_can_be():
    assert [len(batch) for batch in Batches(150).cut(names(2000))] == [150] * 13 + [50]


def test_a_time_out_halves_the_batches_down_to_an_eighth_and_successes_bring_them_back():
    batches = Batches(150)
    sizes = []
    for _ in range(5):
        batches.failed(batches.cut(names(2000))[0], timed_out=True, others_answered=False)
        sizes.append(batches.size)
    cycles = 0
    while batches.size < 150:
        batches.succeeded()
        cycles += 1

    assert sizes == [75, 37, 19, 19, 19]
    assert cycles == 9


def test_a_batch_that_failed_is_read_last_until_it_is_answered():
    batches = Batches(10)
    first = batches.cut(names(30))[0]

    batches.failed(first, timed_out=False, others_answered=False)
    assert batches.cut(names(30))[-1] == first
    batches.answered(first)
    assert batches.cut(names(30))[0] == first


def test_the_tags_that_make_a_batch_fail_end_up_alone():
    batches, poison, everything = Batches(100), "T37", names(500)
    for _ in range(12):
        read = set()
        for batch in batches.cut(everything):
            if poison in batch:
                batches.failed(batch, timed_out=False, others_answered=bool(read))
                break
            batches.answered(batch)
            read.update(batch)

    assert read == set(everything) - {poison}


@given(st.data())
def test_whatever_fails_every_tag_stands_in_exactly_one_batch(data):
    batches = Batches(data.draw(st.integers(1, 20), label="full size"))
    everything = names(40)
    for _ in range(data.draw(st.integers(1, 12), label="cycles")):
        tags = data.draw(st.lists(st.sampled_from(everything), unique=True), label="tags")
        cut = batches.cut(tags)
        assert sorted(tag for batch in cut for tag in batch) == sorted(tags)
        assert all(0 < len(batch) <= batches.size for batch in cut)
        for number, batch in enumerate(cut):
            outcome = data.draw(st.sampled_from(["answered", "answered", "failed", "timed out"]), label="outcome")
            if outcome != "answered":
                batches.failed(batch, timed_out=outcome == "timed out", others_answered=number > 0)
                break
            batches.answered(batch)
        else:
            batches.succeeded()
        batches.forget(data.draw(st.lists(st.sampled_from(everything)), label="forgotten"))


def test_the_board_gives_readings_only_if_all_of_them_are_fresh():
    board = Board()
    board.record({"A": "a", "B": "b"}, 10.0)
    board.record({"A": "a2"}, 20.0)

    assert board.since(10.0, ["A", "B"]) == {"A": "a2", "B": "b"}
    assert board.since(15.0, ["A", "B"]) is None
    assert board.since(15.0, ["A"]) == {"A": "a2"}
    assert board.older_than(15.0, ["A", "B", "C"]) == ["B", "C"]
    board.forget(["A"])
    assert board.since(0.0, ["A"]) is None
    assert board.known(["A", "B"]) == {"B": "b"}
