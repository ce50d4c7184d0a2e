"""Order handoffs in a real Airflow that waits for the unit in each mode, asks a person, and lets a person end them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from handoff_airflow import ORDER_ID, PAYLOAD, UNIT, handoff_airflow

from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from handoff_airflow import HandoffAirflow

pytestmark = [
    pytest.mark.system,
    pytest.mark.long,
    pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="triggers hear of a person's decision from Airflow 3.3 on"),
]

EXAMPLE = "wincc_order_handoff"
UNITS = {
    "deferred": UNIT,
    "rescheduled": UNIT,
    "cancelled": replace(UNIT, run_seconds=3600.0),
    "default": UNIT,
}


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HandoffAirflow]:
    """An Airflow that works, with orders released for each of its DAGs."""
    with handoff_airflow(tmp_path_factory.mktemp("modes"), {}, UNITS) as airflow:
        for name in ("deferred", "rescheduled", "cancelled"):
            airflow.places[name].erp.release()
        yield airflow


def test_a_deferred_and_a_rescheduled_handoff_come_to_the_same_end(airflow: HandoffAirflow) -> None:
    airflow.api.trigger("wincc_modes")
    airflow.parts.wait("ending", lambda: _states_of(airflow, "wincc_modes") <= {"success", "failed"}, seconds=120)

    assert airflow.states("wincc_modes") == {"deferred": "success", "rescheduled": "success"}, airflow.parts.logs()
    for name in ("deferred", "rescheduled"):
        place = airflow.places[name]
        assert place.starts == [(ORDER_ID, PAYLOAD)]
        assert place.events[-1] == "cleared"
        assert place.erp.statuses() == {ORDER_ID: "confirmed"}
        assert place.erp.outcomes() == {ORDER_ID: "successful"}
    assert airflow.parts.rows("SELECT count(*) FROM task_reschedule")[0][0] >= 1


def test_the_unit_stops_the_order_whose_deferred_task_a_person_marks_as_failed(airflow: HandoffAirflow) -> None:
    place = airflow.places["cancelled"]
    run_id = airflow.api.trigger("wincc_cancel")
    airflow.parts.wait(
        "deferring", lambda: "running" in place.events and _states_of(airflow, "wincc_cancel") == {"deferred"}
    )
    # Before the triggerer has taken the wait over, there is nobody whom Airflow could tell.
    place.station.clear_requests()
    airflow.parts.wait("waiting in the triggerer", lambda: len(place.station.requests) >= 2)

    airflow.api._call(
        "PATCH",
        f"/api/v2/dags/wincc_cancel/dagRuns/{run_id}/taskInstances/cancelled",
        {"new_state": "failed"},
    )
    airflow.parts.wait("stopping", lambda: place.unit.state == "ended", seconds=30)

    assert place.station.get("Mixer1.Order.Result").value == 2
    assert place.written("Stop") == place.written("Sequence")
    assert airflow.states("wincc_cancel") == {"cancelled": "failed"}


def test_the_example_sends_what_a_person_approves_and_gives_back_what_not(airflow: HandoffAirflow) -> None:
    place = airflow.places["default"]
    for priority, order_id in enumerate(["000102", "000101"]):
        place.erp.release(order_id, priority=priority)
    airflow.api.create_pool("wincc_mixer1", slots=1)
    run_id = _trigger(airflow, approve=True)
    # An answer that comes sooner meets an Airflow that takes the resumed task for one that has just ended.
    airflow.parts.wait("asking", lambda: airflow.ends_heard("order.approve") == 2)
    assert place.events == []

    _answer(airflow, run_id, 0, "Reject")
    _answer(airflow, run_id, 1, "Approve")
    airflow.parts.wait("ending", lambda: _run_state(airflow) in {"success", "failed"}, seconds=120)

    assert place.starts == [("000102", PAYLOAD)], airflow.parts.logs()
    assert place.erp.statuses() == {"000101": "planned", "000102": "confirmed"}
    assert place.erp.run("SELECT reason FROM production_orders WHERE order_id = '000101'") == [("not approved",)]
    assert airflow.states(EXAMPLE)["order.hand_off[0]"] == "upstream_failed"
    assert _run_state(airflow) == "failed"


def _states_of(airflow: HandoffAirflow, dag_id: str) -> set[str | None]:
    return set(airflow.states(dag_id).values())


def _run_state(airflow: HandoffAirflow) -> str:
    state: str = airflow.parts.rows(f"SELECT state FROM dag_run WHERE dag_id = '{EXAMPLE}'")[0][0]
    return state


def _trigger(airflow: HandoffAirflow, **conf: Any) -> str:
    answer = airflow.api._call("POST", f"/api/v2/dags/{EXAMPLE}/dagRuns", {"logical_date": None, "conf": conf})
    return str(answer["dag_run_id"])


def _answer(airflow: HandoffAirflow, run_id: str, index: int, choice: str) -> None:
    path = f"/api/v2/dags/{EXAMPLE}/dagRuns/{run_id}/taskInstances/order.approve/{index}/hitlDetails"
    airflow.api._call("PATCH", path, {"chosen_options": [choice], "params_input": {}})
