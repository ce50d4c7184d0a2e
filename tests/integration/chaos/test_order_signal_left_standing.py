"""A unit that lost its memory between a signal and its answer: the walk found that everybody waited for ever."""

from __future__ import annotations

import pytest
from chaos_attempt import context_of, operator_of
from chaos_station import CALM, Station, live_unit
from chaos_steps import COMMIT, READ
from single_handoff import plan_of

from airflow_provider_wincc.orders import OrderTimeoutError
from airflow_provider_wincc.simulator import Simulator

pytestmark = pytest.mark.usefixtures("airflow_that_keeps_notes")


@pytest.fixture
def unit(profile):
    return live_unit("U1", profile=profile)


@pytest.fixture
def station(unit):
    with Simulator(plant="still", units=[unit]) as simulator:
        yield simulator


@pytest.mark.parametrize("profile", ["C", "D"])
def test_a_signal_that_the_unit_does_not_answer_is_taken_back_so_that_orders_can_be_committed_again(
    station, unit, connect, tmp_path
):
    connect("station")
    plant = Station(station, seed=1, odds=CALM)
    # Between the unit's answer and the release of the signal.
    plant.at_next(
        COMMIT,
        lambda name: plant.at_next(READ, lambda _: station.unit(name).restart(memory="lost", seconds=0.1)),
    )
    first, other = plan_of(unit, tmp_path), plan_of(unit, tmp_path, order_id="00000002")

    with pytest.raises(OrderTimeoutError) as caught:
        operator_of(first).execute(context_of(first))
    result = operator_of(other).execute(context_of(other))

    assert caught.value.step == "answer"
    assert result["outcome"] == "successful"
