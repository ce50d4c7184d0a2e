"""A signal that comes late, after the unit's memory was restored: the walk found that it started an order again."""

from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from chaos_attempt import context_of, operator_of
from chaos_station import CALM, Station, live_unit
from single_handoff import ORDER_ID, plan_of
from unit_waiting import wait_until

from airflow_provider_wincc.operators.order_stores import TaskStateStore
from airflow_provider_wincc.orders import OrderOutcomeUnknownError
from airflow_provider_wincc.simulator import Simulator

pytestmark = pytest.mark.usefixtures("airflow_that_keeps_notes")

SIGNALS = {"C": {"U1.Order.Request": True}, "D": {"U1.Order.ClientStatus": 1}}


# Two a second of the unit's time, of which its setup takes one.
_BEATS_TO_START = 10


class Death(BaseException):
    """The end of a process: nothing catches it."""


@pytest.fixture
def settings(profile):
    return live_unit("U1", profile=profile)


@pytest.fixture
def station(settings):
    with Simulator(plant="still", units=[settings]) as simulator:
        yield simulator


@pytest.fixture
def unit(station):
    return station.unit("U1")


@pytest.mark.parametrize("profile", SIGNALS)
def test_a_late_signal_does_not_start_an_order_that_is_done(station, settings, unit, connect, tmp_path, profile):
    connect("station")
    plan = plan_of(settings, tmp_path)
    operator_of(plan).execute(context_of(plan))
    lose_the_last_order(unit)

    Station(station, seed=1, odds=CALM).write(SIGNALS[profile])

    wait_until(lambda: [event.event for event in unit.timeline].count("accepted") == 2)
    let_the_unit_work(unit)
    assert unit.state == "stored"
    assert [start.order_id for start in unit.starts] == [ORDER_ID]


@pytest.mark.parametrize("profile", SIGNALS)
def test_an_order_that_may_have_run_is_not_started_when_a_late_signal_has_it_stored_anew(
    station, settings, unit, connect, tmp_path, monkeypatch, profile
):
    connect("station")
    plan = plan_of(settings, tmp_path)
    with monkeypatch.context() as patches:
        patches.setattr(TaskStateStore, "record_result", die)
        with pytest.raises(Death):
            operator_of(plan).execute(context_of(plan))
    lose_the_last_order(unit)
    Station(station, seed=1, odds=CALM).write(SIGNALS[profile])
    wait_until(lambda: unit.state == "stored")

    with pytest.raises(AirflowFailException) as caught:
        operator_of(plan).execute(context_of(plan))

    assert isinstance(caught.value.__cause__, OrderOutcomeUnknownError)
    assert "stored it anew" in str(caught.value)
    assert [start.order_id for start in unit.starts] == [ORDER_ID]


def lose_the_last_order(unit):
    unit.restart(memory="one_order_old", seconds=0.05)
    wait_until(lambda: unit.is_settled)


def let_the_unit_work(unit):
    """Let as much of the unit's time pass as an order takes to start."""
    last = int(unit.picture["Unit.Heartbeat"]) + _BEATS_TO_START
    wait_until(lambda: int(unit.picture["Unit.Heartbeat"]) >= last)


def die(*_):
    raise Death
