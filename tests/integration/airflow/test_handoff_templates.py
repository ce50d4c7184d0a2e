"""Templates in the arguments of a handoff, and arguments that are mapped."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, TaskDeferred
from airflow.sdk import DAG
from handoff_runs import PAYLOAD, TAGS, handoff, rebuild, tags_of
from simulated_units import SETTLE_WINDOW, UNIT, simulated_unit
from task_context import new_context

from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.operators.orders import WinCCOrderHandoffOperator
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

pytestmark = pytest.mark.usefixtures("connect")

PARAMS = {"order": "000042", "revision": 3, "recipe": "R-002", "quantity": 25.5, "unit": UNIT, "least": 25}


@pytest.fixture
def units():
    return [simulated_unit(run_seconds=1.0)]


@pytest.fixture
def unit(station):
    return station.unit(UNIT)


def run_rendered(operator):
    context = {**new_context(), "params": PARAMS, "task": operator}
    operator.render_template_fields(context)
    return operator.execute(context)


def started(unit):
    return [(start.order_id, start.revision, start.payload) for start in unit.starts]


def test_id_revision_and_payload_are_rendered(unit):
    run_rendered(
        handoff(
            order_id="{{ params.order }}",
            revision="{{ params.revision }}",
            payload={"WorkMaster": "{{ params.recipe }}", "Quantity": "{{ params.quantity }}"},
            types={"Quantity": "float32"},
        )
    )

    assert started(unit) == [("000042", 3, {"WorkMaster": "R-002", "Quantity": 25.5})]


@pytest.mark.parametrize(
    "tags",
    [tags_of("{{ params.unit }}"), {**TAGS.to_json(), "prefix": "{{ params.unit }}."}],
    ids=["a tag map", "a dict"],
)
def test_tags_are_rendered(unit, tags):
    result = run_rendered(handoff(tags=tags))

    assert result["unit"] == UNIT
    assert len(unit.starts) == 1


def test_the_map_that_the_dag_file_gave_stays_as_it_was():
    tags = tags_of("{{ params.unit }}")

    run_rendered(handoff(tags=tags))

    assert tags.prefix == "{{ params.unit }}."


@pytest.mark.parametrize(("least", "outcome"), [("{{ params.least }}", "successful"), ("{{ params.least + 1 }}", None)])
def test_the_success_condition_is_rendered(least, outcome):
    success = tag("{{ params.unit }}.Order.ActualQuantity") >= least
    operator = handoff(payload={**PAYLOAD, "Quantity": 25.5}, success=success)

    if outcome is None:
        with pytest.raises(AirflowFailException, match="without success"):
            run_rendered(operator)
    else:
        assert run_rendered(operator)["outcome"] == outcome


def test_connection_ids_are_rendered(unit, connect, erp, monkeypatch):
    connect("plant_u1")
    monkeypatch.delenv("AIRFLOW_CONN_WINCC_DEFAULT")
    erp.release("000042")

    run_rendered(handoff(wincc_conn_id="plant_{{ params.unit | lower }}", erp_conn_id="{{ 'erp' }}"))

    assert len(unit.starts) == 1
    assert erp.order("000042")["status"] == "confirmed"


def test_a_template_that_becomes_a_number_is_refused_because_it_would_lose_its_zeros(station):
    with DAG("native", start_date=datetime(2026, 1, 1, tzinfo=UTC), schedule=None, render_template_as_native_obj=True):
        operator = handoff(order_id="{{ 42 }}")

    with pytest.raises(AirflowFailException, match=r"The order id is 42 .*not a text\..*render_template_as_native_obj"):
        run_rendered(operator)

    assert station.writes == []


@pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="Airflow keeps the state of tasks from 3.3 on")
def test_mapped_orders_keep_their_ids_as_text(unit):
    orders = [
        {"order_id": "000042", "revision": 1, "payload": {"WorkMaster": "R-001", "Quantity": 10.0}},
        {"order_id": "7", "revision": 0, "payload": {"WorkMaster": "R-002", "Quantity": 20.0}},
    ]
    with DAG("mapped", start_date=datetime(2026, 1, 1, tzinfo=UTC), schedule=None) as dag:
        mapped = WinCCOrderHandoffOperator.partial(
            task_id="hand_off", tags=TAGS, settle_window=SETTLE_WINDOW, poke_interval=0.1, clear=True
        ).expand_kwargs(orders)

    results = []
    for index in range(len(orders)):
        context = {**new_context(map_index=index), "task": mapped, "dag": dag, "dag_run": SimpleNamespace(conf={})}
        mapped.render_template_fields(context)
        results.append(context["task"].execute(context))

    assert [(result["order_id"], result["map_index"]) for result in results] == [("000042", 0), ("7", 1)]
    assert started(unit) == [(order["order_id"], order["revision"], order["payload"]) for order in orders]


def test_a_trigger_gets_the_rendered_arguments(unit):
    unit.set_mode(2)
    operator = handoff("deferrable", order_id="{{ params.order }}", tags=tags_of("{{ params.unit }}"))

    with pytest.raises(TaskDeferred) as deferred:
        run_rendered(operator)

    arguments = rebuild(deferred.value.trigger).serialize()[1]
    assert arguments["order"]["order_id"] == "000042"
    assert arguments["tags"]["prefix"] == f"{UNIT}."
