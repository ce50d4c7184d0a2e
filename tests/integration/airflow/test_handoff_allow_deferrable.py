"""Deferrable handoffs whose connection says that waiting is done on the worker: where and how often they look.

That they end as in the other modes, the tests of the modes say.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, TaskDeferred
from handoff_runs import (
    ORDER_ID,
    AirflowRescheduleException,
    ended_as_by_airflow,
    handoff,
    logged,
    run_handoff,
    wait_until,
    when,
)
from kept_on_worker import connection_without_deferring
from simulated_units import UNIT, finish, lasting_unit

from airflow_provider_wincc.operators import orders
from airflow_provider_wincc.operators.orders import WinCCOrderHandoffOperator
from airflow_provider_wincc.orders.errors import OrderTaskEndedError

pytestmark = pytest.mark.usefixtures("connect")


@pytest.fixture
def conn_id():
    """A connection whose tasks do not defer."""
    with connection_without_deferring() as conn_id:
        yield conn_id


@pytest.fixture
def units():
    return [lasting_unit()]


@pytest.fixture
def unit(station):
    station.thaw()
    return station.unit(UNIT)


def deferrable(conn_id, mode="poke", **arguments):
    """Make a handoff with the pause between two processes that Airflow needs."""
    operator = handoff(mode, deferrable=True, wincc_conn_id=conn_id, **arguments)
    operator.shortest_deferral = WinCCOrderHandoffOperator.shortest_deferral
    return operator


def pause_of(operator, context):
    """Run a handoff until it is rescheduled; return after how long it wants to look again."""
    began = datetime.now(UTC)
    with pytest.raises(AirflowRescheduleException) as reschedule:
        operator.execute(context)
    return reschedule.value.reschedule_date - began


@pytest.mark.parametrize(("poke_interval", "shortest"), [(60, 60), (0.1, 10)])
def test_it_is_rescheduled_at_its_own_interval_but_not_more_often_than_airflow_bears(
    unit, conn_id, context, poke_interval, shortest
):
    unit.set_mode(2)

    pause = pause_of(deferrable(conn_id, poke_interval=poke_interval), context)

    assert timedelta(seconds=shortest) <= pause < timedelta(seconds=shortest + 15)


def test_a_connection_that_says_nothing_lets_it_defer(unit, context):
    unit.set_mode(2)

    with pytest.raises(TaskDeferred):
        deferrable("wincc_default", unit_timeout=60).execute(context)


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ({"allow_deferrable": "sometimes"}, "'allow_deferrable' is 'sometimes'"),
        ({"allow_deferable": False}, "Write 'allow_deferrable'"),
    ],
)
def test_a_setting_that_cannot_be_read_fails_it_without_retries_and_nothing_is_sent(
    connect, station, context, extra, told
):
    connect(**extra)

    with pytest.raises(AirflowFailException, match=f"(?s)'wincc_default'.*{told}"):
        run_handoff("deferrable", context)

    assert station.requests == []


def test_one_that_acts_when_a_user_ends_it_keeps_a_process_for_that(unit, conn_id, context, caplog, capsys):
    caplog.set_level("INFO")
    operator = deferrable(conn_id, on_cancel="abort", mode="reschedule")

    with (
        ended_as_by_airflow(operator) as end_it,
        when(lambda: unit.state == "running" and unit.is_settled, end_it),
        pytest.raises(OrderTaskEndedError),
    ):
        operator.execute(context)

    wait_until(lambda: unit.state == "aborted")
    assert [start.order_id for start in unit.starts] == [ORDER_ID]
    assert [event.event for event in unit.timeline].count("aborted") == 1
    told = [line for line in logged(caplog, capsys) if "allow_deferrable" in line]
    assert len(told) == 1
    assert "holds its slot, because on_cancel='abort' needs a process" in told[0]


def test_below_airflow_3_3_it_keeps_its_worker_unless_its_mode_is_reschedule(
    station, unit, conn_id, context, monkeypatch, caplog, capsys
):
    monkeypatch.setattr(orders, "AIRFLOW_V_3_3_PLUS", False)
    caplog.set_level("INFO")

    pause = pause_of(deferrable(conn_id, mode="reschedule"), context)
    finish(station)
    result = deferrable(conn_id).execute(context)

    assert pause >= timedelta(seconds=10)
    assert result["outcome"] == "successful"
    assert [start.order_id for start in unit.starts] == [ORDER_ID]
    told = [line for line in logged(caplog, capsys) if "allow_deferrable" in line]
    assert "It is rescheduled between two readings" in told[0]
    assert "holds its slot, because below Airflow 3.3" in told[1]
