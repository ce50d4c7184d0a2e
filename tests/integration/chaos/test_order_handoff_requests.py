"""What a handoff asks of the station while nothing goes wrong."""

from __future__ import annotations

import asyncio

import pytest
from airflow.providers.common.compat.sdk import TaskDeferred
from chaos_attempt import context_of, first_event, operator_of
from chaos_station import live_unit
from chaos_steps import READ, step_of
from single_handoff import plan_of

from airflow_provider_wincc.simulator import Simulator
from airflow_provider_wincc.simulator.value_endpoints import tags_named

UNIT = live_unit("U1", run_seconds=1.0)


@pytest.fixture
def station():
    """A station with a live unit whose image is skewed, and whose orders run longer than a settle window."""
    with Simulator(plant="still", units=[UNIT]) as simulator:
        yield simulator


@pytest.mark.parametrize("order_id", ["00000001", "00000002", "00000003"])
def test_no_step_of_a_deferred_handoff_needs_more_than_three_requests_beside_those_of_the_poller(
    station, connect, tmp_path, order_id
):
    connect("station")
    plan = plan_of(UNIT, tmp_path, order_id=order_id, mode="deferrable", settle=0.15)

    turns = requests_of_the_task(station, plan)

    steps = [step for turn in turns for step in cut_into_steps(turn)]
    assert [step[0] for step in steps if step[0] != READ] == ["offer", "commit", "start", "clear"]
    assert max(map(len, steps)) <= 3, steps
    assert station.unit("U1").starts[0].payload == plan.payload


def requests_of_the_task(station, plan):
    """Run a handoff to its end; return the requests of each turn of the task, without those of its triggers."""
    context, turns, event = context_of(plan), [], None
    while True:
        station.clear_requests()
        operator = operator_of(plan)
        try:
            if event is None:
                operator.execute(context)
            else:
                operator.execute_complete(context, event)
        except TaskDeferred as deferred:
            turns.append(station.requests)
            event = asyncio.run(first_event(deferred.trigger))
        else:
            return [*turns, station.requests]


def cut_into_steps(turn):
    """Cut the requests of a turn before each write; return the step of each request, in the steps of the handoff."""
    steps = []
    for request in turn:
        step = step_of(request.method, tags_named(request.body))
        if not steps or step != READ:
            steps.append([])
        steps[-1].append(step)
    return steps
