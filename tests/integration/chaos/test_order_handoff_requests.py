"""What a handoff asks of the station while nothing goes wrong."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
from airflow.providers.common.compat.sdk import TaskDeferred
from chaos_attempt import context_of, first_event, operator_of
from chaos_station import live_unit
from chaos_steps import READ, step_of
from single_handoff import plan_of

from airflow_provider_wincc.simulator import Simulator
from airflow_provider_wincc.simulator.value_endpoints import tags_named

pytestmark = pytest.mark.usefixtures("airflow_that_keeps_notes")

CALM_UNIT = {"skew": 0.02, "run_seconds": 1.0}
LAGGING_UNIT = {"skew": 0.2, "run_seconds": 1.0}
BRIEF_ORDERS = {"skew": 0.02, "run_seconds": 0.05}
RESTLESS_UNIT = {"skew": 0.14, "run_seconds": 0.3}


@pytest.fixture
def unit(kind):
    return live_unit("U1", **kind)


@pytest.fixture
def station(unit):
    """A station with a live unit whose image is skewed."""
    with Simulator(plant="still", units=[unit]) as simulator:
        yield simulator


@pytest.mark.parametrize("mode", ["deferrable", "poke"])
@pytest.mark.parametrize(
    "kind",
    [CALM_UNIT, LAGGING_UNIT, BRIEF_ORDERS, RESTLESS_UNIT],
    ids=["calm", "image lags longer than the settle window", "orders shorter than the window", "both"],
)
def test_no_step_needs_more_than_three_requests_beside_those_at_the_pace_of_the_poller(
    station, connect, tmp_path, unit, mode
):
    connect("station")
    counts = []
    for number in (1, 2):
        plan = plan_of(unit, tmp_path, order_id=f"{number:08}", mode=mode, settle=0.15, poke=0.5)

        turns, recorded_at = requests_of_the_task(station, plan)

        steps = [step for turn in turns for step in cut_into_steps(turn, plan.poke, recorded_at)]
        assert [step[0] for step in steps if step[0] != READ] == ["offer", "commit", "start", "clear"]
        counts += map(len, steps)
        assert station.unit("U1").starts[-1].payload == plan.payload
    assert max(counts) <= 3, counts


def requests_of_the_task(station, plan):
    """Run a handoff to its end.

    Returns the requests of each turn of the task, without those of its triggers, and when the result was recorded.
    """
    context, turns, event = context_of(plan), [], None
    while True:
        station.clear_requests()
        operator = operator_of(plan)
        try:
            result = operator.execute(context) if event is None else operator.execute_complete(context, event)
        except TaskDeferred as deferred:
            turns.append(station.requests)
            event = asyncio.run(first_event(deferred.trigger))
        else:
            return [*turns, station.requests], datetime.fromisoformat(result["times"]["recorded"])


def cut_into_steps(turn, poke, recorded_at):
    """Cut the requests of a turn before each write, after each wait, and when the result has been recorded.

    A reading that comes after a wait of the poller's pace is one of the poller's.
    """
    steps, last = [], None
    for request in turn:
        step = step_of(request.method, tags_named(request.body))
        has_waited = last is not None and (request.at - last).total_seconds() >= poke
        was_recorded = last is not None and last < recorded_at <= request.at
        last = request.at
        if has_waited or was_recorded or not steps or step != READ:
            steps.append([])
        if step != READ or not has_waited:
            steps[-1].append(step)
    return [step for step in steps if step]
