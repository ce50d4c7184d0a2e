"""What is stored of an order is read after a restart; what another version stored stops the handoff."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from handoff_runs import ORDER_ID, run_handoff, wait_until
from simulated_units import UNIT, lasting_unit, simulated_unit
from task_context import new_context

from airflow_provider_wincc.operators.order_stores import KEY
from airflow_provider_wincc.orders.progress import VERSION

pytestmark = pytest.mark.usefixtures("connect")

ANOTHER_VERSION = rf"is of version {VERSION + 1}, .*let a worker with that version hand the order over"


@pytest.fixture
def units():
    return [lasting_unit()]


@pytest.fixture
def unit(station):
    station.thaw()
    return station.unit(UNIT)


def forget(unit):
    """Let the unit restart without its memory: from here on only what is stored tells that the order has run."""
    wait_until(lambda: unit.is_settled)
    unit.restart(memory="lost", seconds=0.2)
    wait_until(lambda: unit.is_settled)


@pytest.mark.parametrize("units", [[simulated_unit()]], ids=["a short order"])
def test_what_is_stored_of_an_order_never_expires(context):
    run_handoff("poke", context)

    retentions = context["task_state_store"].retentions
    assert retentions
    # Airflow recognizes this one object as "for ever".
    assert all(retention is timedelta.max for retention in retentions)


def test_what_this_version_stored_keeps_an_order_from_a_second_start(station, unit, context):
    run_handoff("poke", context, wait_for="running")
    stored = json.loads(json.dumps(dict(context["task_state_store"])))
    forget(unit)
    before = station.writes
    restarted = new_context(try_number=2)
    restarted["task_state_store"].update(stored)

    with pytest.raises(AirflowFailException, match="was about to be started"):
        run_handoff("poke", restarted)

    assert stored[KEY][ORDER_ID]["document"]["version"] == VERSION
    assert station.writes == before
    assert len(unit.starts) == 1


@pytest.mark.parametrize("mode", ["poke", "reschedule", "deferrable"])
def test_what_a_newer_version_stored_stops_the_handoff_before_anything_is_written(station, unit, context, mode):
    run_handoff("poke", context, wait_for="running")
    entry = context["task_state_store"][KEY][ORDER_ID]
    # A newer version may keep the note elsewhere: to this one it looks as if nothing had been committed.
    entry["document"] = {"version": VERSION + 1, "notes": [entry["document"]["note"]]}
    stored = json.dumps(entry["document"])
    forget(unit)
    before = station.writes
    context["ti"].try_number = 2

    with pytest.raises(AirflowFailException, match=ANOTHER_VERSION):
        run_handoff(mode, context)

    assert station.writes == before
    assert len(unit.starts) == 1
    assert json.dumps(context["task_state_store"][KEY][ORDER_ID]["document"]) == stored


def test_an_entry_that_a_newer_version_has_widened_stops_the_handoff_and_stays_as_it_is(station, unit, context):
    run_handoff("poke", context, wait_for="running")
    context["task_state_store"][KEY][ORDER_ID]["documents"] = {}
    stored = json.dumps(context["task_state_store"])
    before = station.writes
    context["ti"].try_number = 2

    with pytest.raises(AirflowFailException, match=r"has documents, which this provider does not know"):
        run_handoff("poke", context)

    assert station.writes == before
    assert json.dumps(context["task_state_store"]) == stored
    assert len(unit.starts) == 1


def test_what_a_newer_version_stored_in_the_tables_of_the_erp_stops_the_handoff(station, unit, context, erp):
    erp.release(ORDER_ID)
    run_handoff("poke", context, wait_for="running", erp_conn_id="erp")
    erp.change(ORDER_ID, note=json.dumps({"version": VERSION + 1}))
    forget(unit)
    before = station.writes

    with pytest.raises(AirflowFailException, match=ANOTHER_VERSION):
        run_handoff("poke", new_context(try_number=2), erp_conn_id="erp")

    assert station.writes == before
    assert len(unit.starts) == 1
    assert erp.results() == {}
