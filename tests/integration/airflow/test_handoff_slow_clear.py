"""A unit that takes its time for Clear: the order is confirmed by then, and the task only waits for the unit."""

from __future__ import annotations

import time

import pytest
from handoff_runs import MODES, ORDER_ID, run_handoff
from simulated_units import UNIT, simulated_unit
from task_context import new_context

from airflow_provider_wincc.operators.order_stores import StagingStore
from airflow_provider_wincc.orders import OrderTimeoutError
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

pytestmark = pytest.mark.usefixtures("connect")

# Below Airflow 3.3 a task that may not defer waits in one process.
IN_SEVERAL_PROCESSES = [mode for mode in MODES if mode != "poke" and (mode != "on_worker" or AIRFLOW_V_3_3_PLUS)]


@pytest.fixture
def units():
    return [simulated_unit(runs_when_frozen=False)]


@pytest.fixture
def unit(station):
    station.thaw()
    return station.unit(UNIT)


@pytest.fixture
def saved_when_confirmed(erp, monkeypatch):
    """The progress that is saved once the order has its result."""
    documents = []
    save = StagingStore.save

    def noted(store, document):
        save(store, document)
        if erp.order(ORDER_ID)["status"] == "confirmed":
            documents.append(document)

    monkeypatch.setattr(StagingStore, "save", noted)
    return documents


@pytest.fixture
def unit_stands_still_until_the_next_process(station, saved_when_confirmed, monkeypatch):
    """From the moment the order has its result until a process has noted that it only waits for the unit."""
    record_result, save = StagingStore.record_result, StagingStore.save

    def recorded(store, result):
        station.freeze()
        return record_result(store, result)

    def noted(store, document):
        save(store, document)
        if saved_when_confirmed:
            station.thaw()

    monkeypatch.setattr(StagingStore, "record_result", recorded)
    monkeypatch.setattr(StagingStore, "save", noted)


@pytest.mark.usefixtures("unit_stands_still_until_the_next_process")
@pytest.mark.parametrize("mode", IN_SEVERAL_PROCESSES)
def test_processes_that_follow_the_result_wait_for_the_clear(unit, erp, saved_when_confirmed, mode):
    erp.release(ORDER_ID)

    result = run_handoff(mode, new_context(), erp_conn_id="erp")

    assert result["outcome"] == "successful"
    assert erp.order(ORDER_ID)["status"] == "confirmed"
    assert saved_when_confirmed
    assert unit.state == "none"
    assert len(unit.starts) == 1


def test_all_processes_together_wait_for_the_clear_as_long_as_one_does(station, unit, erp, saved_when_confirmed):
    erp.release(ORDER_ID)
    run_handoff("poke", new_context(), erp_conn_id="erp", clear=False)
    station.freeze()
    began = time.monotonic()

    with pytest.raises(OrderTimeoutError, match=r"was waited for \(clear\) for 4 s"):
        run_handoff("reschedule", new_context(), erp_conn_id="erp", timeouts={"clear": 4.0})

    assert 4.0 <= time.monotonic() - began < 15
    assert len(saved_when_confirmed) > 1
    assert erp.order(ORDER_ID)["status"] == "confirmed"
    assert unit.state == "ended"
