"""The verdict of a soak would notice: what grows is not flat, and what is lost or doubled is told."""

from __future__ import annotations

import os
import random
import socket
import threading

import pytest
from soak_books import Books
from soak_flatness import Measure, flatness, trend
from soak_plan import HANDOFF_MODES, TASK_ODDS, SoakPlan
from soak_report import table
from soak_run import MEASURES, SoakReport
from soak_samples import sample_of

RUN = 600.0
EVERY = 30.0
BY_NAME = {measure.name: measure for measure in MEASURES}
LEVEL = {
    "memory": 160.0,
    "own_memory": 130.0,
    "allocated": 110.0,
    "objects": 215_000.0,
    "threads": 11.0,
    "handles": 9.0,
}
LEAKS = {
    "memory": 0.05,  # MiB a second
    "own_memory": 0.05,
    "allocated": 0.02,
    "objects": 5.0,
    "threads": 0.02,
    "handles": 0.02,
    "sockets": 0.02,
    "tasks": 0.02,
    "triggers": 0.02,
}
"""What grows by so much a second has grown too much after ten minutes."""


def test_all_figures_have_a_leak_in_this_test():
    assert set(LEAKS) == set(BY_NAME)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_figure_that_stays_where_it_is_is_flat(name):
    found = flatness("triggerer", BY_NAME[name], points_of(name))

    assert found.is_flat
    assert found.growth == 0


@pytest.mark.parametrize("name", BY_NAME)
def test_a_figure_that_leaks_is_not_flat(name):
    found = flatness("triggerer", BY_NAME[name], points_of(name, leak=LEAKS[name]))

    assert not found.is_flat
    assert found.growth > found.allowed


@pytest.mark.parametrize("name", ["memory", "own_memory", "allocated", "objects"])
def test_caches_that_fill_in_the_warm_up_are_no_leak(name):
    points = [(at, value + (40.0 if at > 60 else 0.0)) for at, value in points_of(name)]

    assert flatness("worker", BY_NAME[name], points).is_flat


@pytest.mark.parametrize("name", ["memory", "own_memory"])
def test_noise_and_a_single_peak_are_no_leak(name):
    dice = random.Random(7)
    points = [(at, value + dice.uniform(-2.0, 2.0)) for at, value in points_of(name)]
    points[-2] = (points[-2][0], points[-2][1] + 80.0)

    assert flatness("worker", BY_NAME[name], points).is_flat


def test_one_socket_that_stays_open_at_one_quiet_point_is_not_flat():
    points = points_of("sockets")
    points[-3] = (points[-3][0], 1.0)

    assert not flatness("triggerer", BY_NAME["sockets"], points).is_flat


def test_two_points_after_the_warm_up_are_too_few_to_judge():
    found = flatness("worker", BY_NAME["memory"], [(0.0, 100.0), (40.0, 100.0), (60.0, 100.0)])

    assert not found.is_judged
    assert not found.is_flat


def test_without_any_point_nothing_is_flat():
    assert not flatness("worker", Measure(name="memory", allowed=1.0), []).is_flat


def test_the_trend_is_the_median_of_all_slopes():
    one_far_out = [(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (3.0, 3.0), (4.0, 400.0)]

    assert trend(one_far_out) == 1.0
    assert trend(one_far_out[:1]) == 0.0


def test_a_report_in_which_one_process_leaks_is_not_passed_and_says_which():
    report = flat_report()
    assert report.is_passed
    report.quiet["worker"]["handles"] = points_of("handles", leak=LEAKS["handles"])

    assert not report.is_passed
    (line,) = [line for line in table(report).splitlines() if line.endswith("NOT FLAT")]
    assert line.startswith("worker")
    assert "handles" in line


def test_a_report_with_a_violation_is_not_passed_and_tells_it():
    report = flat_report()
    report.books.violations.append("order 00000001 was started 2 times")

    assert not report.is_passed
    assert "VIOLATION order 00000001 was started 2 times" in table(report)


def test_a_report_without_any_quiet_point_is_not_passed():
    assert not SoakReport(plan(), Books(plan())).is_passed


def test_a_sample_sees_each_thread_socket_and_handle_that_is_left_open(tmp_path):
    before = sample_of(os.getpid(), 0.0)

    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname()) as ours,
        (tmp_path / "file").open("w"),
    ):
        theirs, _ = listening.accept()
        end = threading.Event()
        thread = threading.Thread(target=end.wait)
        thread.start()
        during = sample_of(os.getpid(), 1.0)
        end.set()
        thread.join()
        theirs.close()
        ours.close()
    after = sample_of(os.getpid(), 2.0)

    assert during.sockets == before.sockets + 3
    assert during.handles == before.handles + 4
    assert during.threads == before.threads + 1
    assert during.states["ESTABLISHED"] == before.states.get("ESTABLISHED", 0) + 2
    assert (after.sockets, after.handles, after.threads) == (before.sockets, before.handles, before.threads)


def test_books_in_which_everything_fits_have_no_violation():
    books = Books(plan())

    books.take(station(), triggerer(), worker(), order_worker())
    books.close()

    assert books.violations == []


@pytest.mark.parametrize(
    ("accounts", "words"),
    [
        ({"triggerer": {"problems": ["lost: trigger 7"]}}, "lost: trigger 7"),
        ({"triggerer": {"counts": {"messages lost": 3}}}, "3 messages were not fired"),
        ({"triggerer": {"edges": {"Edge0.Phase": [1, 3, 3]}}}, "edges fired twice"),
        ({"triggerer": {"edges": {"Edge0.Phase": [1]}}}, "1 edges were due and not fired"),
        ({"triggerer": {"edges": {"Edge0.Phase": [1, 3, 5]}}}, "edges fired that there were not: [5]"),
        ({"station": {"values": {"Set00.Value": 6.0}}}, "Set00.Value is 6.0; confirmed 7.0"),
        ({"station": {"repeated": [["Set00.Value", 7.0, 2]]}}, "took effect 2 times in 1 attempts"),
        ({"station": {"messages": [9]}}, "8 exported, 9 came"),
        ({"station": {"starts": ["00000001", "00000001"]}}, "order 00000001 was started 2 times"),
        ({"station": {"starts": []}}, "order 00000001 was handed over: confirmed, started 0 times"),
        ({"order worker": {"orders": {"00000001": "claimed"}}}, "was handed over: claimed"),
        ({"station": {"most_in_a_second": {"viewer": 1000}}}, "1000 requests of the triggerer in a second"),
        ({"station": {"most_at_once": {"viewer": 3}}}, "3 requests of viewer at once"),
        ({"worker": {"counts": {"tasks": 100, "given up": 50}}}, "gave 50 of 100 tasks up"),
        ({"worker": {"done": {}}}, "nothing was done of: archive to files"),
        ({"triggerer": {"counts": {"fired": 0}}}, "no trigger was ever: fired"),
    ],
)
def test_what_does_not_fit_is_a_violation(accounts, words):
    books = Books(plan())

    books.take(
        station(**accounts.get("station", {})),
        triggerer(**accounts.get("triggerer", {})),
        worker(**accounts.get("worker", {})),
        order_worker(**accounts.get("order worker", {})),
    )
    books.close()

    assert any(words in violation for violation in books.violations), books.violations


def test_a_value_whose_write_was_told_to_be_in_doubt_may_stand_in_the_plant():
    books = Books(plan())

    books.take(
        station(values={"Set00.Value": 8.0}), triggerer(), worker(doubtful={"Set00.Value": [8.0]}), order_worker()
    )

    assert books.violations == []


def plan():
    return SoakPlan(seconds=RUN, seed=1)


def points_of(name, *, leak=0.0):
    """Return quiet points of ten minutes that stay at a level, or grow by a leak per second; counts by whole ones."""
    level, is_count = LEVEL.get(name, 0.0), BY_NAME[name].returns
    moments = [EVERY * number for number in range(1, int(RUN / EVERY) + 1)]
    return [(at, level + (float(int(leak * at)) if is_count else leak * at)) for at in moments]


def flat_report():
    report = SoakReport(plan(), Books(plan()))
    for process in ("triggerer", "worker"):
        report.quiet[process] = {name: points_of(name) for name in BY_NAME}
        report.peaks[process] = {}
        report.grown[process] = {}
    return report


def station(**other):
    told = {
        "edges": {"Edge0.Phase": {"all": [1, 3], "due": [3]}},
        "values": {"Set00.Value": 7.0, "Set01.Value": 0.0},
        "repeated": [],
        "starts": ["00000001"],
        "messages": [8],
        "requests": {"viewer": 100},
        "most_in_a_second": {"viewer": 5},
        "most_at_once": {"viewer": 1, "engineer": 2},
        "faults": {},
        "troubles": {},
    }
    return told | other


def triggerer(*, counts=None, **other):
    usual = ("fired", "cancelled", "ran out of time", "told why they are hopeless", "messages fired")
    told = {
        "counts": dict.fromkeys(usual, 10) | (counts or {}),
        "problems": [],
        "edges": {"Edge0.Phase": [1, 3]},
        "keeps_state": True,
    }
    return told | other


def worker(**other):
    told = {
        "counts": {"tasks": 100},
        "done": dict.fromkeys(TASK_ODDS, 10),
        "problems": [],
        "confirmed": {"Set00.Value": 7.0},
        "doubtful": {},
        "sendings": [],
        "windows": [["2026-03-02T07:00:00+00:00", "2026-03-02T07:00:12+00:00", 8]],
    }
    return told | other


def order_worker(**other):
    told = {
        "counts": {"tasks": 1},
        "done": {f"handoff, {mode}": 1 for mode in HANDOFF_MODES},
        "problems": [],
        "orders": {"00000001": "confirmed"},
    }
    return told | other
