"""When a watcher fires: the false-to-true edges in a row of readings."""

from __future__ import annotations

import json
from datetime import timedelta

import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_wincc.client.models import Quality, TagValue, read_value
from airflow_provider_wincc.conditions import alive, tag
from airflow_provider_wincc.triggers.edges import EdgeDetector

GOOD, BAD = Quality(0x80), Quality(0x00)
START = pendulum.datetime(2026, 3, 1)
HIGH = tag("Level") > 80


class Watch:
    """Feeds a detector with readings, one second apart, and collects the edges that it gives out."""

    def __init__(self, detector):
        self.detector = detector
        self.seconds = 0.0
        self.edges = []

    def read(self, values, *, quality=GOOD):
        self.seconds += 1
        at = START + timedelta(seconds=self.seconds)
        readings = {
            name: TagValue(name, read_value(str(value)), quality, at, str(value)) for name, value in values.items()
        }
        self.detector.observe(readings, now=self.seconds, at=at)
        return self.give_out()

    def give_out(self):
        edge = self.detector.give_out(self.seconds)
        if edge is not None:
            self.edges.append(edge)
        return edge

    def level(self, *values):
        return [value for value in values if self.read({"Level": value})]


def watch(condition=HIGH, rearm=None, **arguments):
    return Watch(EdgeDetector(condition, rearm, **arguments))


def restarted(watched):
    """Go on in another process, with what went through JSON."""
    detector = EdgeDetector(
        watched.detector.condition, watched.detector.rearm, min_interval=watched.detector.min_interval
    )
    detector.resume(json.loads(json.dumps(watched.detector.to_json())))
    other = Watch(detector)
    other.seconds = watched.seconds
    return other


def test_each_rise_above_the_limit_is_one_edge():
    watched = watch()

    assert watched.level(10, 81, 95, 82, 20, 99, 10) == [81, 99]
    assert [(edge.number, edge.count) for edge in watched.edges] == [(1, 1), (2, 1)]


def test_an_edge_has_the_reading_that_showed_it():
    watched = watch()

    watched.level(10, 95)

    assert watched.edges[0].readings["Level"]["value"] == 95
    assert watched.edges[0].seen_at == "2026-03-01T00:00:02+00:00"


def test_a_condition_that_is_true_at_the_start_is_no_edge_until_it_was_false():
    assert watch().level(90, 95, 10, 85) == [85]


def test_unknown_neither_fires_nor_arms():
    watched = watch()
    watched.level(10, 90)

    assert watched.read({"Level": 10}, quality=BAD) is None
    assert watched.read({"Level": 95}) is None
    assert watched.read({"Level": 10}) is None
    assert watched.read({"Level": 99}, quality=BAD) is None
    assert watched.read({"Level": 99}) is not None


def test_rearm_gives_hysteresis():
    watched = watch(rearm=tag("Level") < 60)

    assert watched.level(70, 85, 79, 85, 61, 90, 59, 85, 79, 85) == [85, 85]
    assert [edge.number for edge in watched.edges] == [1, 2]


def test_rearm_while_the_condition_stays_true_makes_no_edge():
    watched = watch(rearm=tag("Acknowledged") == 1)
    rows = [(10, 0), (90, 0), (90, 1), (90, 1), (10, 1), (90, 1)]

    fired = [row for row in rows if watched.read({"Level": row[0], "Acknowledged": row[1]})]

    assert fired == [(90, 0), (90, 1)]
    assert len(watched.edges) == 2


def test_an_edge_while_not_armed_is_ignored():
    watched = watch(rearm=tag("Acknowledged") == 1)
    rows = [(10, 0), (90, 0), (10, 0), (90, 0), (10, 1), (90, 0)]

    assert [bool(watched.read({"Level": level, "Acknowledged": done})) for level, done in rows] == [
        False,
        True,
        False,
        False,
        False,
        True,
    ]


def test_changed_fires_on_every_change():
    assert watch(tag("Cycles").changed()).level() == []
    watched = watch(tag("Level").changed())

    assert watched.level(7, 7, 8, 9, 9, 7) == [8, 9, 7]


def test_changed_by_a_deadband_counts_from_the_value_that_fired_last():
    assert watch(tag("Level").changed(by=5)).level(10, 14, 15, 19, 20, 16, 15) == [15, 20, 15]


def test_changed_in_an_or_cannot_get_stuck_when_the_other_part_fired():
    watched = watch(tag("Level").changed() | (tag("Alarm") == 1))
    rows = [(1, 0), (1, 1), (2, 1), (2, 0), (3, 0)]

    fired = [row for row in rows if watched.read({"Level": row[0], "Alarm": row[1]})]

    assert fired == [(1, 1), (3, 0)]


def test_changed_with_a_rearm_that_is_always_true_fires_on_every_change():
    watched = watch(tag("Cycles").changed(), rearm=tag("Running") == 1)

    fired = [cycles for cycles in (1, 2, 3, 3, 4) if watched.read({"Cycles": cycles, "Running": 1})]

    assert fired == [2, 3, 4]


def test_a_rearm_by_change_counts_from_the_edge():
    watched = watch(tag("State") == "DONE", rearm=tag("Batch").changed())
    rows = [("RUN", 1), ("DONE", 1), ("RUN", 1), ("DONE", 1), ("RUN", 2), ("DONE", 2), ("RUN", 2), ("DONE", 2)]

    fired = [index for index, (state, batch) in enumerate(rows) if watched.read({"State": state, "Batch": batch})]

    assert fired == [1, 5]


def test_held_for_fires_when_the_time_is_over_and_again_after_a_break():
    watched = watch(HIGH.held_for(seconds=2))

    assert watched.level(10, 81, 82, 83, 84, 10, 91, 92, 93, 94) == [83, 93]


def test_a_missed_reading_during_a_hold_makes_no_second_edge():
    watched = watch(HIGH.held_for(seconds=2))
    watched.level(10, 90, 90, 90)

    watched.detector.interrupt()

    assert watched.level(90, 90, 90, 90, 90) == []
    assert watched.level(10, 90, 90, 90) == [90]


def test_a_restart_during_a_hold_makes_no_second_edge():
    watched = watch(HIGH.held_for(seconds=2))
    watched.level(10, 90, 90, 90)

    assert restarted(watched).level(90, 90, 90, 90) == []


def test_the_end_of_a_hold_is_not_mistaken_after_a_restart():
    watched = watch(~HIGH.held_for(seconds=2))
    watched.level(90, 90, 90, 90)

    watched = restarted(watched)

    assert watched.level(90, 90, 90, 90) == []
    assert watched.level(10) == [10]


def test_a_hold_that_runs_cannot_hide_another_part_of_the_condition():
    watched = watch(HIGH.held_for(seconds=100) | (tag("Alarm") == 1))
    watched.read({"Level": 10, "Alarm": 0})
    watched.detector.interrupt()

    watched.read({"Level": 90, "Alarm": 0})

    assert watched.read({"Level": 90, "Alarm": 1}) is not None


def test_a_heartbeat_that_stops_is_an_edge():
    watched = watch(~alive("Beat", within=timedelta(seconds=3)))

    assert [bool(watched.read({"Beat": beat})) for beat in (1, 2, 3, 3, 3, 3, 3, 4, 4, 4, 4)] == [
        False,
        False,
        False,
        False,
        False,
        True,
        False,
        False,
        False,
        False,
        True,
    ]


def test_edges_within_the_interval_come_as_one_when_it_is_over():
    watched = watch(min_interval=10)
    watched.level(10, 90, 10, 91, 10, 92, 10)

    watched.seconds = 11.9
    assert watched.give_out() is None
    watched.seconds = 12
    edge = watched.give_out()

    assert (edge.number, edge.count, edge.readings["Level"]["value"]) == (3, 2, 92)
    assert watched.give_out() is None


def test_the_interval_goes_on_over_a_restart():
    watched = watch(min_interval=10)
    watched.level(10, 90, 10, 91)

    watched = restarted(watched)
    watched.seconds = 11
    assert watched.give_out() is None
    watched.seconds = 12

    assert watched.give_out().number == 2


def test_a_clock_that_was_set_back_holds_nothing_back():
    watched = watch(min_interval=10)
    watched.level(10, 90, 10, 91)

    watched.seconds = -5000

    assert watched.give_out().number == 2


def test_an_edge_during_a_restart_is_seen_after_it():
    watched = watch()
    watched.level(10, 90, 20)

    watched = restarted(watched)

    assert watched.level(95, 96) == [95]
    assert watched.edges[0].number == 2


def test_a_level_that_lasts_over_a_restart_makes_no_second_edge():
    watched = watch()
    watched.level(10, 90)
    watched.detector.confirm(1)

    assert restarted(watched).level(91, 92) == []


def test_a_change_during_a_restart_is_seen_after_it():
    watched = watch(tag("Level").changed())
    watched.level(7, 8)

    assert restarted(watched).level(9, 9) == [9]


def test_an_edge_that_is_not_confirmed_is_still_there_after_a_restart():
    watched = watch()
    watched.level(10, 90, 10, 91)
    watched.detector.confirm(1)

    watched = restarted(watched)

    assert [edge.number for edge in watched.detector.unconfirmed] == [2]
    assert watched.detector.unconfirmed[0].readings["Level"]["value"] == 91


def test_a_value_that_cannot_be_compared_is_told_and_is_no_edge():
    watched = watch()
    watched.level(10)

    assert watched.read({"Level": "full"}) is None
    assert "'Level'" in watched.detector.problem
    assert watched.level(90) == [90]
    assert watched.detector.problem is None


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"version": 2},
        {**watch().detector.to_json(), "armed": "yes"},
        {**watch().detector.to_json(), "unconfirmed": [{}]},
        {**watch().detector.to_json(), "memory": {"baselines": 1}},
    ],
)
def test_a_state_that_cannot_be_read_is_refused_and_changes_nothing(data):
    watched = watch()
    watched.level(10)

    with pytest.raises(ValueError, match="expected"):
        watched.detector.resume(data)

    assert watched.level(90) == [90]


@given(st.lists(st.sampled_from([10, 90, None, "restart", "missed"]), max_size=40))
def test_restarts_and_missed_readings_change_neither_the_number_nor_the_place_of_edges(steps):
    watched, plain = watch(), watch()
    seen, expected = [], []
    for place, step in enumerate(steps):
        if step == "restart":
            for edge in watched.detector.unconfirmed:
                watched.detector.confirm(edge.number)
            watched = restarted(watched)
        elif step == "missed":
            watched.detector.interrupt()
        else:
            quality = BAD if step is None else GOOD
            for one, found in ((watched, seen), (plain, expected)):
                if one.read({"Level": step or 0}, quality=quality):
                    found.append((place, one.edges[-1].number))

    assert seen == expected
