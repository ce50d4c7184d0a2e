"""The trigger of a deferred handoff: what it reads, and when it fires."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, TaskDeferred
from handoff_runs import ORDER_ID, deferred_trigger, first_event, handoff, rebuild, run_handoff, tags_of, when
from simulated_units import UNIT, finish, lasting_unit, simulated_unit
from task_context import new_context

from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.operators.orders import WinCCOrderHandoffOperator
from airflow_provider_wincc.orders import OrderTimeoutError

pytestmark = pytest.mark.usefixtures("connect")


@pytest.fixture
def units():
    return [simulated_unit()]


@pytest.fixture
def unit(station):
    station.thaw()
    return station.unit(UNIT)


@pytest.fixture
def busy(unit):
    """The unit, which takes no orders for now."""
    unit.set_mode(2)
    return unit


@pytest.fixture
def patient(monkeypatch):
    """A wait bears readings that cannot be used until its time is up, however slowly they follow each other."""
    monkeypatch.setattr("airflow_provider_wincc.triggers.orders._MOST_UNUSABLE_READINGS", 1000)


def test_it_comes_out_of_json_as_it_went_in(busy, context):
    states = {0: "NONE", 1: "NOT_ALLOWED_TO_START", 2: "ALLOWED_TO_START", 3: "RUNNING", 5: "ENDED", 6: "ABORTED"}
    trigger = deferred_trigger(
        context, tags=tags_of(states=states), success=tag(f"{UNIT}.Order.ActualQuantity") >= 12, on_cancel="stop"
    )

    path, arguments = trigger.serialize()

    assert json.loads(json.dumps(arguments, allow_nan=False)) == arguments
    assert rebuild(trigger).serialize() == (path, arguments)


def test_two_deferred_handoffs_at_one_unit_cost_one_request_an_interval(station, busy):
    interval, enough = 0.2, 10
    triggers = [
        rebuild(deferred_trigger(new_context(), order_id=order_id, poke_interval=interval, unit_timeout=60))
        for order_id in ("000001", "000002")
    ]
    station.clear_requests()

    async def watch():
        started = time.monotonic()
        waits = [asyncio.ensure_future(first_event(trigger)) for trigger in triggers]
        waiting = set(waits)
        while len(waiting) == len(waits) and len(station.requests) < enough:
            _, waiting = await asyncio.wait(waits, timeout=0.02)
        requests, seconds = len(station.requests), time.monotonic() - started
        for wait in waits:
            wait.cancel()
        return len(waiting), requests, seconds

    waiting, requests, seconds = asyncio.run(watch())

    assert waiting == 2
    # One request for each of them would be twice as many.
    assert enough <= requests <= seconds / interval + 3
    assert max(request.in_flight for request in station.requests) == 1
    assert {request.method for request in station.requests} == {"POST"}


def test_it_fires_when_the_unit_shows_something_to_go_on_with(busy, context):
    trigger = rebuild(deferred_trigger(context))

    with when(lambda: True, lambda: busy.set_mode(1)):
        event = asyncio.run(first_event(trigger))

    assert event == {"status": "changed"}


def test_it_fires_when_the_time_of_the_wait_is_up_and_the_task_says_what_was_waited_for(busy, context):
    trigger = rebuild(deferred_trigger(context, unit_timeout=0.6))
    started = time.monotonic()

    event = asyncio.run(first_event(trigger))

    assert event == {"status": "timeout"}
    assert time.monotonic() - started < 20
    with pytest.raises(OrderTimeoutError, match=r"waited for \(admit\) for 0\.6 s"):
        handoff("deferrable", unit_timeout=0.6).execute_complete(context, event)


def test_a_wait_that_is_over_before_airflow_bears_another_process_stays_in_this_one(busy, context):
    operator = handoff("deferrable", unit_timeout=0.6)
    operator.shortest_deferral = WinCCOrderHandoffOperator.shortest_deferral

    with pytest.raises(OrderTimeoutError, match=r"waited for \(admit\) for 0\.6 s"):
        operator.execute(context)


def test_a_login_that_is_refused_ends_the_wait_after_one_request(station, busy, context):
    trigger = rebuild(deferred_trigger(context))
    station.clear_requests()
    station.fail_next("unauthorized", count=99)

    event = asyncio.run(first_event(trigger))

    assert event["status"] == "failed"
    with pytest.raises(AirflowFailException, match="user name and password"):
        handoff("deferrable").execute_complete(context, event)
    assert [request.status for request in station.requests] == [401]


def test_the_erp_is_told_why_a_wait_has_failed(station, busy, context, erp):
    erp.release(ORDER_ID)
    trigger = rebuild(deferred_trigger(context, erp_conn_id="erp"))
    station.fail_next("unauthorized", count=99)
    event = asyncio.run(first_event(trigger))

    with pytest.raises(AirflowFailException, match="user name and password"):
        handoff("deferrable", erp_conn_id="erp").execute_complete(context, event)

    assert "user name and password" in erp.order(ORDER_ID)["reason"]


@pytest.mark.usefixtures("patient")
def test_it_waits_through_a_station_that_is_away_for_a_while(station, busy, context):
    trigger = rebuild(deferred_trigger(context, unit_timeout=60))
    station.clear_requests()
    station.stop_service()

    def come_back():
        station.start_service()
        busy.set_mode(1)

    with when(lambda: len(station.requests) >= 3, come_back):
        event = asyncio.run(first_event(trigger))

    assert event == {"status": "changed"}
    assert [request.status for request in station.requests].count(503) >= 3


def test_readings_that_stay_unusable_become_a_wait_of_their_own(station, busy, context):
    trigger = rebuild(deferred_trigger(context))
    station.remove(f"{UNIT}.Order.Ready")

    event = asyncio.run(first_event(trigger))

    assert event == {"status": "changed"}
    with pytest.raises(TaskDeferred) as deferred:
        handoff("deferrable").execute_complete(context, event)
    assert deferred.value.trigger.waits_for == "observe"


@pytest.mark.usefixtures("patient")
def test_rows_that_a_busy_station_loses_do_not_wake_the_task(station, busy, context):
    trigger = rebuild(deferred_trigger(context, unit_timeout=0.8))
    station.fail_next("missing_rows", count=2)

    assert asyncio.run(first_event(trigger)) == {"status": "timeout"}


@pytest.mark.parametrize("units", [[lasting_unit()]], ids=["a lasting order"])
def test_it_writes_nothing(station, unit, context):
    trigger = rebuild(deferred_trigger(context))
    before = station.writes
    station.clear_requests()

    with when(lambda: len(station.requests) >= 3, lambda: finish(station)):
        event = asyncio.run(first_event(trigger))

    assert event == {"status": "changed"}
    assert unit.state == "ended"
    assert station.writes == before


def test_a_handoff_goes_on_after_a_trigger_that_was_started_twice(busy, context):
    trigger = deferred_trigger(context)

    async def twice():
        return await asyncio.gather(first_event(rebuild(trigger)), first_event(rebuild(trigger)))

    with when(lambda: True, lambda: busy.set_mode(1)):
        events = asyncio.run(twice())

    assert events == [{"status": "changed"}] * 2
    assert run_handoff("deferrable", context)["outcome"] == "successful"
    assert len(busy.starts) == 1
