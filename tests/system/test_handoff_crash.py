"""Order handoffs in a real Airflow whose worker is killed at each step, and what the next try makes of it.

What this showed about Airflow 3.3: when the process of the task alone dies, its supervisor reports it at once and the
retry begins. When the worker dies with it, nobody reports; the task stays "running" until the scheduler misses its
heartbeat, for 5 minutes by default, and only then is it tried again. When the worker alone dies, the process of the
task lives on beside the next try, until it writes to its log, whose pipe is broken. A worker that was frozen for so
long finds out with its next heartbeat, some seconds after it has woken up, and until then its task goes on.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from handoff_airflow import ORDER_ID, PAYLOAD, UNIT, handoff_airflow

from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handoff_airflow import HandoffAirflow, Place

    from airflow_provider_wincc.simulator import Simulator

pytestmark = [pytest.mark.system, pytest.mark.long]

BOTH = ("worker", "task")
# The tag whose write must have arrived before the write that is to be interrupted is sent.
BEFORE = {"Id": None, "Sequence": "Id", "Start": "Sequence", "Clear": "Start"}


@dataclass
class Crash:
    """A task that is killed once, at one step.

    :param at: the tag whose write is interrupted; ``look``, ``run`` or ``record`` for a step without a write.
    :param arrives: whether the interrupted write has reached the station.
    :param hits: which processes are hit.
    :param by: what hits them: the end, or a standstill, as of a machine that is moved.
    :param has_erp: where the note is kept: in the ERP, or in Airflow's task state store.
    """

    name: str
    at: str
    arrives: bool = True
    hits: tuple[str, ...] = BOTH
    by: signal.Signals = signal.SIGKILL
    has_erp: bool = True
    is_done: bool = field(default=False, init=False)
    _armed_after: int | None = field(default=None, init=False)
    _locked: ExitStack = field(default_factory=ExitStack, init=False)

    def go_on(self, airflow: HandoffAirflow, place: Place) -> None:
        """Interrupt the task, or kill it where it is interrupted; called again and again."""
        if self.is_done or not self._is_there(place):
            return
        airflow.send(self.by, self.name, *self.hits)
        self._locked.close()
        self.is_done = True

    def _is_there(self, place: Place) -> bool:
        if self.at == "run":
            return place.unit.state == "running"
        if self.at == "record":
            return self._cannot_record(place)
        return self._is_stopped_at_a_request(place)

    def _cannot_record(self, place: Place) -> bool:
        if "running" in place.events and self._armed_after is None:
            self._locked.enter_context(place.erp.locked())
            self._armed_after = len(place.station.requests)
        if "ended" not in place.events:
            return False
        # Two equal readings after the end, and then the task must wait for the ERP: no request follows.
        ended = next(event.at for event in place.unit.timeline if event.event == "ended")
        return place.station.requests[-1].at - ended > timedelta(seconds=0.5) and _is_silent(place.station)

    def _is_stopped_at_a_request(self, place: Place) -> bool:
        method = "POST" if self.at == "look" else "PUT"
        requests = place.station.requests
        if self._armed_after is None:
            before = BEFORE.get(self.at)
            if before is None or place.written(before):
                self._armed_after = requests[-1].number if requests else 0
                fault = "delay" if self.arrives else "stall"
                place.station.fail_next(fault, method=method, seconds=25)
            return False
        return any(
            request.method == method and request.number > self._armed_after and request.status is None
            for request in requests
        )


_ALL_CRASHES = [
    Crash("look", "look"),
    Crash("payload_lost", "Id", arrives=False, hits=("task",)),
    Crash("payload_written", "Id"),
    Crash("commit_lost", "Sequence", arrives=False),
    Crash("commit_written", "Sequence", hits=("task",)),
    Crash("stored", "Start", arrives=False, hits=("task",)),
    Crash("start_given", "Start"),
    Crash("start_given_noted_in_airflow", "Start", has_erp=False),
    Crash("stored_noted_in_airflow", "Start", arrives=False, has_erp=False, hits=("task",)),
    Crash("running", "run"),
    Crash("ended", "record"),
    Crash("recorded", "Clear", arrives=False),
    Crash("cleared", "Clear", hits=("task",)),
    Crash("orphan", "Start", arrives=False, hits=("worker",)),
    Crash("frozen", "Start", arrives=False, by=signal.SIGSTOP),
]
# Airflow itself keeps notes from 3.3 on.
CRASHES = [crash for crash in _ALL_CRASHES if crash.has_erp or AIRFLOW_V_3_3_PLUS]


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HandoffAirflow]:
    """An Airflow whose handoffs have all been interrupted once, and are at their end."""
    home = tmp_path_factory.mktemp("crash")
    with handoff_airflow(home, {crash.name: crash.has_erp for crash in CRASHES}, {"default": UNIT}) as airflow:
        for crash in CRASHES:
            place = airflow.places[crash.name]
            if place.erp is not None:
                place.erp.release()
            crash.go_on(airflow, place)
        airflow.api.trigger("wincc_crash")
        airflow.parts.wait("killing all", lambda: _all_are_killed(airflow), seconds=120)
        airflow.parts.wait("passing the frozen one", lambda: airflow.states("wincc_crash")["frozen"] == "success")
        _thaw(airflow)
        airflow.parts.wait("ending", lambda: _is_over(airflow), seconds=150)
        yield airflow


def _all_are_killed(airflow: HandoffAirflow) -> bool:
    for crash in CRASHES:
        crash.go_on(airflow, airflow.places[crash.name])
    return all(crash.is_done for crash in CRASHES)


def _thaw(airflow: HandoffAirflow) -> None:
    """Let the frozen task go on, and its worker, which would end it, only after it has looked at the unit."""
    station = airflow.places["frozen"].station
    station.clear_requests()
    airflow.send(signal.SIGCONT, "frozen", "task")
    airflow.parts.wait("looking at the unit", lambda: len(station.requests) >= 2 and _is_silent(station))
    airflow.send(signal.SIGCONT, "frozen", "worker")


def _is_silent(station: Simulator) -> bool:
    return time.time() - station.requests[-1].at.timestamp() > 2.5


def _is_over(airflow: HandoffAirflow) -> bool:
    return set(airflow.states("wincc_crash").values()) <= {"success", "failed"}


@pytest.mark.parametrize("crash", CRASHES, ids=[crash.name for crash in CRASHES])
def test_the_next_try_joins_and_the_unit_starts_once(airflow: HandoffAirflow, crash: Crash) -> None:
    place = airflow.places[crash.name]

    assert airflow.states("wincc_crash")[crash.name] == "success", airflow.parts.logs()
    assert airflow.tries(crash.name) >= 2
    assert place.starts == [(ORDER_ID, PAYLOAD)]
    assert len(place.written("Start")) == 1
    assert place.events[-1] == "cleared"
    assert place.unit.state == "none"
    if place.erp is not None:
        assert place.erp.statuses() == {ORDER_ID: "confirmed"}
        assert place.erp.outcomes() == {ORDER_ID: "successful"}


@pytest.mark.parametrize("name", ["orphan", "frozen"])
def test_an_old_try_that_goes_on_beside_the_next_one_writes_nothing(airflow: HandoffAirflow, name: str) -> None:
    place, old = airflow.places[name], airflow.process(name, "task")

    airflow.parts.wait("the end of the old try", lambda: not _is_alive(old))

    assert place.starts == [(ORDER_ID, PAYLOAD)]
    assert [len(place.written(tag)) for tag in ("Id", "Sequence", "Start", "Clear")] == [1, 1, 1, 1]


def test_an_old_try_that_wakes_up_after_the_order_is_done_finds_out_by_itself(airflow: HandoffAirflow) -> None:
    airflow.parts.wait("the end of the old try", lambda: not _is_alive(airflow.process("frozen", "task")))

    assert "belongs to attempt" in airflow.log("frozen", attempt=1)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
