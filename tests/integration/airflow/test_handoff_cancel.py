"""A user ends the task: the order is left, stopped or aborted, and never an order that is not ours."""

from __future__ import annotations

import asyncio

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from handoff_runs import ORDER_ID, deferred_trigger, handoff, rebuild, run_handoff, wait_until, when, writes_of
from simulated_units import UNIT, simulated_unit
from task_context import new_context

from airflow_provider_wincc.client import WinCCError

pytestmark = pytest.mark.usefixtures("connect")

OTHER = "000007"
ENDINGS = {"stop": ("Order.Stop", "ended", "without success"), "abort": ("Order.Abort", "aborted", "was aborted")}


@pytest.fixture
def units():
    return [simulated_unit(run_seconds=40.0)]


@pytest.fixture
def unit(station):
    return station.unit(UNIT)


def commands(station):
    return [write for write in writes_of(station, "Order.Stop", "Order.Abort", "Order.Cancel") if write[1]]


def events(unit):
    return [event.event for event in unit.timeline]


@pytest.mark.parametrize("on_cancel", ENDINGS)
def test_ending_a_task_that_pokes_ends_the_order_if_it_says_so(station, unit, context, on_cancel):
    tag, event, told = ENDINGS[on_cancel]
    operator = handoff(on_cancel=on_cancel)

    with (
        when(lambda: unit.state == "running" and unit.is_settled, operator.on_kill),
        pytest.raises(AirflowFailException, match=told),
    ):
        operator.execute(context)

    # A start that the task has not seen yet is cancelled as well, which the unit ignores.
    assert [command for command in commands(station) if command[0] != "Order.Cancel"] == [(tag, 1)]
    assert events(unit).count(event) == 1


def test_ending_a_task_leaves_the_order_alone_by_default(station, unit, context):
    operator = handoff()

    with when(lambda: unit.state == "running" and unit.is_settled, operator.on_kill):
        result = operator.execute(context)

    assert result["outcome"] == "successful"
    assert commands(station) == []


def test_ending_a_task_that_waits_for_the_order_of_another_leaves_that_alone(station, unit, context):
    run_handoff("poke", new_context(), order_id=OTHER, wait_for="running")
    operator = handoff(on_cancel="abort", unit_timeout=0.4)

    with pytest.raises(WinCCError, match="order '000007' is running"):
        operator.execute(context)
    operator.on_kill()

    assert commands(station) == []
    assert unit.state == "running"


def test_ending_a_task_that_has_not_begun_sends_nothing(station):
    handoff(on_cancel="stop").on_kill()

    assert station.requests == []


@pytest.mark.parametrize("on_cancel", ENDINGS)
def test_ending_a_deferred_task_ends_the_order_if_it_says_so(station, unit, context, on_cancel):
    tag, event, _ = ENDINGS[on_cancel]
    trigger = rebuild(deferred_trigger(context, on_cancel=on_cancel))
    assert trigger.waits_for == "run"

    asyncio.run(trigger.on_kill())

    wait_until(lambda: event in events(unit))
    assert commands(station) == [(tag, 1)]


@pytest.mark.parametrize(("on_cancel", "event"), [("stop", "cancelled"), ("abort", "aborted")])
def test_ending_a_task_whose_order_is_stored_and_not_started_takes_it_back(station, unit, context, on_cancel, event):
    with when(lambda: "accepted" in events(unit), lambda: unit.set_mode(2)):
        trigger = rebuild(deferred_trigger(context, on_cancel=on_cancel))

    asyncio.run(trigger.on_kill())

    wait_until(lambda: event in events(unit))
    assert unit.starts == []


def test_ending_a_deferred_task_leaves_the_order_alone_by_default(station, unit, context):
    trigger = rebuild(deferred_trigger(context))

    asyncio.run(trigger.on_kill())

    assert commands(station) == []
    wait_until(lambda: unit.state == "ended")
    assert [event.detail for event in unit.timeline if event.event == "ended"] == ["successful"]


def test_ending_a_deferred_task_that_waits_for_the_order_of_another_leaves_that_alone(station, unit, context):
    run_handoff("poke", new_context(), order_id=OTHER, wait_for="running")
    trigger = rebuild(deferred_trigger(context, on_cancel="abort"))

    asyncio.run(trigger.on_kill())

    assert commands(station) == []
    assert unit.state == "running"


def test_ending_a_deferred_task_too_late_does_nothing_to_the_next_order(station, unit, context):
    trigger = rebuild(deferred_trigger(context, on_cancel="abort"))
    run_handoff("poke", context)
    run_handoff("poke", new_context(), order_id=OTHER, wait_for="running")

    asyncio.run(trigger.on_kill())
    asyncio.run(trigger.on_kill())

    assert commands(station) == [("Order.Abort", 1)] * 2
    result = run_handoff("poke", new_context(), order_id=OTHER)
    assert result["outcome"] == "successful"
    assert [start.order_id for start in unit.starts] == [ORDER_ID, OTHER]
