"""An order whose payload another writer tore and committed: the walk found it, and this is it alone."""

from __future__ import annotations

import multiprocessing
import signal
from dataclasses import replace

import pytest
from chaos_attempt import context_of, operator_of, run_attempt
from chaos_plans import Interruption
from chaos_station import CALM, Station, live_unit
from chaos_steps import CANCEL, OFFER, READ
from single_handoff import plan_of

from airflow_provider_wincc.simulator import Simulator

pytestmark = pytest.mark.usefixtures("airflow_that_keeps_notes")

UNIT = live_unit("U1", profile="C")


@pytest.fixture
def station():
    with Simulator(plant="still", units=[UNIT]) as simulator:
        yield simulator


def another_tears_and_commits(plant):
    """Write in two requests: the items of one may arrive in any order, and a torn payload has to be there first."""
    plant.write({"U1.Order.Quantity": 999.0})
    plant.write({"U1.Order.Request": True})


def exit_code_of(plan):
    """Run an attempt in a process of its own to its end."""
    process = multiprocessing.get_context("spawn").Process(target=run_attempt, args=(plan,))
    process.start()
    process.join(60)
    return process.exitcode


def test_an_order_that_another_writer_tore_and_committed_is_cancelled_and_then_run_with_its_own_payload(
    station, connect, tmp_path
):
    connect("station")
    plant = Station(station, seed=1, odds=CALM)
    # The offer of another order sets Cancel back, so that it does not show any more that the order was cancelled.
    another_offers = {"U1.Order.Cancel": 0}
    plant.at_next(OFFER, lambda _: plant.at_next(READ, lambda _: another_tears_and_commits(plant)))
    plant.at_next(CANCEL, lambda _: plant.at_next(READ, lambda _: plant.write(another_offers)))
    plan = plan_of(UNIT, tmp_path)

    result = operator_of(plan).execute(context_of(plan))

    assert result["outcome"] == "successful"
    assert "cancelled" in [event.event for event in station.unit("U1").timeline]
    assert [start.payload for start in station.unit("U1").starts] == [plan.payload]


def test_an_order_of_an_attempt_that_died_while_it_offered_is_cancelled_and_then_run_with_its_own_payload(
    station, connect, tmp_path
):
    connect("station")
    plant = Station(station, seed=1, odds=CALM)
    plan = plan_of(UNIT, tmp_path)
    dies = Interruption(call=OFFER, nth=1, after=True, sleeps=False)

    exit_code = exit_code_of(replace(plan, interruptions=[dies], connection=plant.connection()))
    another_tears_and_commits(plant)
    result = operator_of(plan).execute(context_of(plan))

    assert exit_code == -signal.SIGKILL
    assert result["outcome"] == "successful"
    assert "cancelled" in [event.event for event in station.unit("U1").timeline]
    assert [start.payload for start in station.unit("U1").starts] == [plan.payload]
