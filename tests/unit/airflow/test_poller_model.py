"""A plant, a station and waiters that do anything in any order, in virtual time; what must hold whatever they do."""

from __future__ import annotations

import asyncio
import math
import random
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

import pytest
from virtual_time import DelayedCalls, run_in_virtual_time

from airflow_provider_wincc.client import StationSettings
from airflow_provider_wincc.client.errors import (
    WinCCAuthenticationError,
    WinCCConnectionError,
    WinCCRuntimeError,
    WinCCTimeoutError,
)
from airflow_provider_wincc.client.models import FailureKind, Quality, TagFailure, TagReadings, TagValue
from airflow_provider_wincc.triggers.poller import TagPoller
from airflow_provider_wincc.triggers.polling import pace as pace_module
from airflow_provider_wincc.triggers.polling import station_reader
from airflow_provider_wincc.triggers.polling.pace import Pace

TAGS = [f"Unit{number}.Ready" for number in range(12)]
INTERVALS = [1.0, 2.0, 3.0, 10.0]
BATCH_SIZE = 4
LONGEST_ANSWER = 0.02
FRESH_SHARE = 0.1
# Longer than the requests of any cycle take, with those of a cycle before that is still under way.
ANY_CYCLE = 0.7
ROUNDING = 2e-3
FAILURES = {
    "drop": WinCCConnectionError("dropped"),
    "busy": WinCCRuntimeError("busy", status=500),
    "stall": WinCCTimeoutError("no answer"),
    "refuse": WinCCAuthenticationError("login refused", status=401),
}
STALL_SECONDS = 1.5


@dataclass
class Request:
    """One request that the station got."""

    tags: tuple
    sent: float
    ended: float
    fault: str | None


class Station:
    """Tags that are ready or not, of good or bad quality, and faults; remembers every state and every request."""

    def __init__(self, rng, now):
        self._rng = rng
        self._now = now
        self.faults = []
        self.requests = []
        self.states = {tag: [(now(), (False, 0x80))] for tag in TAGS}
        self.read_at = {}
        self._next_sent = 0.0

    def set(self, tag, *, ready, quality):
        self.states[tag].append((self._now(), (ready, quality)))

    def state(self, tag):
        return self.states[tag][-1][1]

    def states_since(self, tag, moment):
        """Return every state that the tag has had since a moment."""
        history = self.states[tag]
        return [
            state
            for (_, state), ended in zip(history, [at for at, _ in history[1:]] + [self._now() + 1], strict=True)
            if ended >= moment
        ]

    def duration(self):
        self._next_sent = self._now()
        return STALL_SECONDS if self.faults[:1] == ["stall"] else self._rng.uniform(0.001, LONGEST_ANSWER)

    def read(self, tags):
        fault = self.faults.pop(0) if self.faults else None
        self.requests.append(Request(tuple(tags), self._next_sent, self._now(), fault))
        if fault in FAILURES:
            raise FAILURES[fault]
        values, failures = {}, {}
        for tag in tags:
            ready, quality = self.state(tag)
            values[tag] = TagValue(tag, ready, Quality(quality))
            self.read_at[tag] = self._next_sent
        if fault == "missing row":
            failures[tags[-1]] = TagFailure(FailureKind.FAILED, "no row")
            del values[tags[-1]]
        return TagReadings(values, failures)


class Client:
    """Stands in for WinCCClient, whose own tests are elsewhere."""

    station: Station
    opened = 0

    def __init__(self, settings):
        self.settings = settings
        type(self).opened += 1

    def try_read_tags(self, tags):
        return self.station.read(tags)

    def close(self):
        type(self).opened -= 1


class Waiting:
    """Waits until all of its tags are ready; checks what it is told."""

    def __init__(self, world, tags, interval, recheck_after):
        self.tags = tags
        self.interval = interval
        self.since = world.now()
        self.done = asyncio.get_running_loop().create_future()
        self.recheck_at = None
        self.satisfied_since = None
        self._world = world
        self._recheck_after = recheck_after

    def observe(self, readings, now):
        assert not self.done.done()
        assert list(readings) == list(self.tags)
        oldest = self._world.cycles[-1].started - FRESH_SHARE * self.interval - ROUNDING
        assert all(self._world.station.read_at[tag] >= oldest for tag in self.tags), "handed out as fresh"
        usable = {tag: reading for tag, reading in readings.items() if isinstance(reading, TagValue)}
        for tag, reading in usable.items():
            known = (reading.value, reading.quality.code)
            assert known in self._world.station.states_since(tag, oldest), "not a reading of this time"
        if self.recheck_at is not None and now >= self.recheck_at:
            self.recheck_at = None
        if self._recheck_after is not None:
            self.recheck_at, self._recheck_after = now + self._recheck_after, None
        if all(tag in usable and usable[tag].value and usable[tag].quality.is_good for tag in self.tags):
            self.done.set_result("met")

    def observe_failure(self, error, now):
        assert not self.done.done()
        if not error.retryable:
            self.done.set_result(error)


@dataclass
class Cycle:
    """One cycle of the poller: when it started, the intervals it served, and the tags it meant to read."""

    started: float
    tags: tuple
    intervals: tuple = ()


class World:
    """Joins, leaves, plant changes and faults in an order that a seed decides, and the checks of all invariants."""

    def __init__(self, seed, monkeypatch, *, with_faults):
        self.rng = random.Random(seed)
        monkeypatch.setattr(pace_module.random, "uniform", self.rng.uniform)
        self.now = asyncio.get_running_loop().time
        self.station = Station(self.rng, self.now)
        self.threads = DelayedCalls(self.station.duration)
        self.poller = TagPoller(lambda: self.threads)
        self.cycles = []
        self.waiting = {}
        self.released = 0
        self._with_faults = with_faults
        self._watch(monkeypatch)

    def _watch(self, monkeypatch):
        read, cycle_ended = station_reader.StationReader.read, Pace.cycle_ended

        async def watched_read(reader, tags, board):
            waited_for = {tag for waiter in self.waiting for tag in waiter.tags}
            assert set(tags) <= waited_for, "a tag that nobody waits for"
            self.cycles.append(Cycle(self.now(), tuple(tags)))
            return await read(reader, tags, board)

        def watched_cycle_ended(pace, intervals, **times):
            self.cycles[-1].intervals = tuple(intervals)
            cycle_ended(pace, intervals, **times)

        async def settings(_hook):
            return StationSettings.from_url("https://station", batch_size=BATCH_SIZE)

        monkeypatch.setattr(station_reader.StationReader, "read", watched_read)
        monkeypatch.setattr(Pace, "cycle_ended", watched_cycle_ended)
        monkeypatch.setattr(station_reader.WinCCHook, "aget_settings", settings)
        monkeypatch.setattr(station_reader, "WinCCClient", Client)
        monkeypatch.setattr(Client, "station", self.station, raising=False)
        monkeypatch.setattr(Client, "opened", 0)

    async def live(self, steps):
        doings = [self.join] * 8 + [self.leave] * 2 + [self.change_plant] * 8
        if self._with_faults:
            doings += [self.add_fault, self.end_faults]
        for _ in range(steps):
            self.rng.choice(doings)()
            for _ in range(self.rng.randrange(12)):
                await asyncio.sleep(0.2)
                self.check_waiters()
        self.station.faults.clear()
        while self.waiting:
            self.leave()
        await asyncio.sleep(70)

    def join(self):
        tags = tuple(self.rng.sample(TAGS, self.rng.randint(1, 3)))
        recheck_after = self.rng.choice([None, self.rng.uniform(0.5, 8)])
        waiter = Waiting(self, tags, self.rng.choice(INTERVALS), recheck_after)
        self.waiting[waiter] = asyncio.create_task(self._wait(waiter))

    async def _wait(self, waiter):
        try:
            with self.poller.subscribe("station", waiter.interval, waiter):
                await waiter.done
            self.released += waiter.done.result() == "met"
        finally:
            self.waiting.pop(waiter, None)

    def leave(self):
        if self.waiting:
            # Taken out here as well, because a task that is cancelled before its first step never runs.
            self.waiting.pop(self.rng.choice(list(self.waiting))).cancel()

    def change_plant(self):
        tag = self.rng.choice(TAGS)
        self.station.set(tag, ready=self.rng.random() < 0.6, quality=self.rng.choice([0x80, 0x80, 0x80, 0x18]))

    def add_fault(self):
        fault = self.rng.choice(["drop", "busy", "stall", "missing row", "drop", "busy", "stall", "refuse"])
        self.station.faults += [fault] * (1 if fault == "refuse" else self.rng.randint(1, 3))

    def end_faults(self):
        self.station.faults.clear()

    def check_waiters(self):
        for waiter in self.waiting:
            ready = all(self.station.state(tag) == (True, 0x80) for tag in waiter.tags)
            waiter.satisfied_since = (waiter.satisfied_since or self.now()) if ready else None
            waited_since = [waiter.satisfied_since, waiter.recheck_at]
            for since in (moment for moment in waited_since if moment is not None):
                latest = max(since, waiter.since, self.station_answers_since()) + waiter.interval * (1 + FRESH_SHARE)
                assert self.now() <= latest + ANY_CYCLE, "missed a reading for longer than an interval"

    def station_answers_since(self):
        """Return when the poller asks again after the last fault: right after it, or when its pause ends.

        While a request is under way, nobody can tell whether the station answers.
        """
        if self.threads.in_flight:
            return self.now()
        faulty = [request.ended for request in self.station.requests[-30:] if request.fault]
        paces = self.poller._paces.values()
        return max([0.0, *faulty[-1:], *(pace._not_before for pace in paces)])

    def check_requests(self):
        assert self.threads.most_in_flight <= 1
        for request, following in pairwise(self.station.requests):
            if request.fault in FAILURES:
                assert following.sent >= request.ended + min(INTERVALS) - ROUNDING, "asked again too soon"
        starts = defaultdict(list)
        for cycle in self.cycles:
            for interval in cycle.intervals:
                starts[interval].append(cycle.started)
        for interval, moments in starts.items():
            # A first reading, or one after a pause, stands between two beats; the others keep the beat.
            for first, third in zip(moments, moments[2:], strict=False):
                assert third - first >= interval - ROUNDING, "read more often than asked for"


@pytest.mark.parametrize("seed", range(100))
def test_no_waiter_misses_a_reading_and_the_station_is_never_asked_too_much(seed, monkeypatch):
    async def run():
        world = World(seed, monkeypatch, with_faults=seed % 5 != 0)
        await world.live(steps=150)
        world.check_requests()
        return world

    world = run_in_virtual_time(monkeypatch, run)

    assert world.released > 0
    assert world.poller._stations == {}
    assert Client.opened == 0
    # How many also depends on the Python: its event loop draws the same random numbers in another order.
    assert len(world.station.requests) > 20


@pytest.mark.parametrize("seed", range(30))
def test_a_station_that_answers_gets_the_fewest_requests_that_carry_the_tags_of_a_cycle(seed, monkeypatch):
    async def run():
        world = World(1000 + seed, monkeypatch, with_faults=False)
        await world.live(steps=150)
        return world

    world = run_in_virtual_time(monkeypatch, run)

    assert len(world.station.requests) == sum(math.ceil(len(cycle.tags) / BATCH_SIZE) for cycle in world.cycles)
    assert len(world.cycles) > 20
