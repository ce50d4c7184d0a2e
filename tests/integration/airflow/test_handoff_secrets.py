"""The password of the station reaches no log, error, result, trigger argument or row of the ERP."""

from __future__ import annotations

import asyncio
import json

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from handoff_runs import MODES, ORDER_ID, PAYLOAD, deferred_trigger, first_event, logged, rebuild, run_handoff, when
from simulated_units import SETTLE_WINDOW, UNIT, simulated_unit

from airflow_provider_wincc.client import WinCCError
from airflow_provider_wincc.operators.orders import WinCCOrderHandoffOperator
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

pytestmark = pytest.mark.usefixtures("connect")


@pytest.fixture
def units():
    return [simulated_unit(run_seconds=1.0)]


@pytest.fixture
def password(station):
    return station.users["engineer"].password


@pytest.fixture
def unit(station):
    return station.unit(UNIT)


@pytest.mark.parametrize("mode", MODES)
def test_a_handoff_that_ends_well_shows_no_password(context, erp, password, mode, caplog, capsys):
    caplog.set_level("DEBUG")
    erp.release(ORDER_ID)

    result = run_handoff(mode, context, erp_conn_id="erp")

    assert password not in json.dumps(result)
    assert password not in erp.dump()
    assert password not in json.dumps(context["task_state_store"])
    assert not any(password in line for line in logged(caplog, capsys))


@pytest.mark.parametrize(
    ("fault", "method"),
    [("unauthorized", "POST"), ("garbage", "POST"), ("unavailable", "PUT"), ("drop_before", "PUT")],
)
def test_an_error_shows_no_password(station, context, erp, password, fault, method, caplog, capsys):
    caplog.set_level("DEBUG")
    erp.release(ORDER_ID)
    station.fail_next(fault, count=99, method=method)

    with pytest.raises((AirflowFailException, WinCCError)) as caught:
        run_handoff("poke", context, erp_conn_id="erp", timeouts={"observe": 0.2}, unit_timeout=1)

    error = caught.value
    while error is not None:
        assert password not in f"{error} {error!r} {vars(error)}"
        error = error.__cause__ or error.__context__
    assert password not in erp.dump()
    assert not any(password in line for line in logged(caplog, capsys))


def test_a_refusal_shows_no_password(context, erp, password):
    erp.release(ORDER_ID)

    with pytest.raises(AirflowFailException) as caught:
        run_handoff("poke", context, payload={**PAYLOAD, "WorkMaster": "R-999"}, erp_conn_id="erp")

    assert password not in str(caught.value)
    assert password not in erp.dump()


def test_a_trigger_carries_no_password(station, unit, context, password):
    unit.set_mode(2)
    trigger = rebuild(deferred_trigger(context))

    with when(lambda: True, lambda: station.fail_next("unauthorized", count=99)):
        event = asyncio.run(first_event(trigger))

    assert event["status"] == "failed"
    assert password not in json.dumps([trigger.serialize(), event])
    assert password not in repr(vars(trigger))


@pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="Airflow keeps the state of tasks from 3.3 on")
def test_the_operator_shows_no_password(context, password):
    operator = WinCCOrderHandoffOperator(
        task_id="hand_off",
        order_id=ORDER_ID,
        payload=PAYLOAD,
        tags={"prefix": f"{UNIT}.", "payload": ["WorkMaster", "Quantity"]},
        settle_window=SETTLE_WINDOW,
        poke_interval=0.1,
    )

    operator.execute(context)

    assert password not in repr(operator) + repr(vars(operator))
