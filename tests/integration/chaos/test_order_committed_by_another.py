"""An order whose payload another writer tore and committed: the walk found it, and this is it alone."""

from __future__ import annotations

import pytest
from chaos_attempt import context_of, operator_of
from chaos_station import CALM, Station, live_unit
from chaos_steps import CANCEL, OFFER, READ
from single_handoff import plan_of

from airflow_provider_wincc.simulator import Simulator

UNIT = live_unit("U1", profile="C")


@pytest.fixture
def station():
    with Simulator(plant="still", units=[UNIT]) as simulator:
        yield simulator


def test_an_order_that_another_writer_tore_and_committed_is_cancelled_and_then_run_with_its_own_payload(
    station, connect, tmp_path
):
    connect("station")
    plant = Station(station, seed=1, odds=CALM)
    another_tears_and_commits = {"U1.Order.Quantity": 999.0, "U1.Order.Request": True}
    # The offer of another order sets Cancel back, so that it does not show any more that the order was cancelled.
    another_offers = {"U1.Order.Cancel": 0}
    plant.at_next(OFFER, lambda _: plant.at_next(READ, lambda _: plant.write(another_tears_and_commits)))
    plant.at_next(CANCEL, lambda _: plant.at_next(READ, lambda _: plant.write(another_offers)))
    plan = plan_of(UNIT, tmp_path)

    result = operator_of(plan).execute(context_of(plan))

    assert result["outcome"] == "successful"
    assert "cancelled" in [event.event for event in station.unit("U1").timeline]
    assert [start.payload for start in station.unit("U1").starts] == [plan.payload]
