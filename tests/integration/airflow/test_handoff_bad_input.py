"""What cannot be handed over is refused before anything is written, in words that say what to do."""

from __future__ import annotations

import json

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from handoff_runs import ORDER_ID, PAYLOAD, TAGS, run_handoff, tags_of, writes_of
from simulated_units import UNIT, simulated_unit
from task_context import new_context

pytestmark = pytest.mark.usefixtures("connect")

ALL_BUT_SEQUENCE = [
    f"{UNIT}.Order.{name}"
    for name in ("Id", "Revision", "WorkMaster", "Quantity", "Start", "Clear", "Stop", "Abort", "Cancel")
]
WRONG_ARGUMENTS = {
    "a missing parameter": ({"payload": {"WorkMaster": "R-001"}}, r"'000042' lacks the parameters 'Quantity'"),
    "an unknown parameter": ({"payload": {**PAYLOAD, "Color": "red"}}, r"parameters 'Color', for which the tag map"),
    "an id that is too long": ({"order_id": "0" * 33}, r"has 33 characters, and the tag 'U1\.Order\.Id' holds 32"),
    "a number as id": ({"order_id": 42}, r"The order id is 42 .*not a text\..*leading zeros"),
    "an empty id": ({"order_id": ""}, r"The order id '' is empty"),
    "a blank in the id": ({"order_id": "42 "}, r"begins or ends with a blank"),
    "a list as payload": ({"payload": [1]}, r"payload of order '000042' is a list\..*Give a mapping"),
    "a parameter that is nothing": ({"payload": {**PAYLOAD, "Quantity": None}}, r"Parameter 'Quantity' .* is None"),
    "not a number": ({"payload": {**PAYLOAD, "Quantity": float("nan")}}, r"'Quantity' .* is nan"),
    "a bool for a number": (
        {"payload": {**PAYLOAD, "Quantity": True}, "types": {"Quantity": "float32"}},
        r"'Quantity' of order '000042' is True, which is no float32",
    ),
    "a number for a text": ({"payload": {**PAYLOAD, "WorkMaster": 7}}, r"7 does not fit tag 'U1\.Order\.WorkMaster'"),
    "a text that is no number": (
        {"payload": {**PAYLOAD, "Quantity": "many"}, "types": {"Quantity": "float32"}},
        r"'Quantity' of order '000042' is 'many', which is no float32",
    ),
    "a type for a parameter that is not there": (
        {"types": {"Color": "text"}},
        r"types of task 'hand_off' name 'Color'",
    ),
    "a revision that is no number": ({"revision": "two"}, r"The revision of task 'hand_off' is 'two'"),
    "a revision below 0": ({"revision": -1}, r"The revision of order '000042' is -1"),
    "tags that are no map": ({"tags": "U1."}, r"tags of task 'hand_off' are a str"),
    "an unknown key in the tags": ({"tags": {**TAGS.to_json(), "prefx": "U1."}}, r"A tag map has no 'prefx'"),
    "one tag twice": (
        {"tags": {**TAGS.to_json(), "results": {"Made": "Order.Quantity"}}},
        r"'U1\.Order\.Quantity' stands twice in the tag map: for payload 'Quantity' and for result 'Made'",
    ),
    "tags that the station does not know": (
        {"tags": tags_of("U9")},
        r"does not know tags of unit 'U9': 'U9\.Order\.Id' \(role 'id'\)",
    ),
}
ERP_ROWS = {
    "an order that is only planned": ({"status": "planned"}, r"'000042' in table production_orders is only planned"),
    "an order of another run": (
        {"status": "claimed", "claimed_by": "line3/manual__0"},
        r"'000042' is claimed by 'line3/manual__0'",
    ),
    "an order that waits for a person": (
        {"status": "needs_decision", "reason": "its memory was lost"},
        r"is 'needs_decision' in the ERP, without a result: its memory was lost.*A person decides",
    ),
}


@pytest.fixture
def units():
    return [simulated_unit(run_seconds=1.0)]


@pytest.fixture
def unit(station):
    return station.unit(UNIT)


@pytest.mark.parametrize("wrong", WRONG_ARGUMENTS)
def test_nothing_is_written_with(station, context, wrong):
    arguments, told = WRONG_ARGUMENTS[wrong]

    with pytest.raises(AirflowFailException, match=told):
        run_handoff("poke", context, **arguments)

    assert station.writes == []


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        (
            {"tag_limits": {f"{UNIT}.Order.Quantity": [20, 100]}},
            r"'U1\.Order\.Quantity' to 20.* to 100.*12\.5 is outside",
        ),
        ({"writable_tags": ALL_BUT_SEQUENCE}, r"'U1\.Order\.Sequence' is not among the connection's writable tags"),
        ({"read_only": True}, r"The connection is read only"),
        (
            {"writable_tags": [*ALL_BUT_SEQUENCE[:-3], f"{UNIT}.Order.Sequence"]},
            r"'U1\.Order\.Stop' is not among the connection's writable tags",
        ),
    ],
    ids=["a value outside the limits", "a sequence that may not be written", "a read-only connection", "no stop"],
)
def test_the_write_policy_of_the_connection_is_asked_before_anything_is_written(station, context, connect, extra, told):
    connect(**extra)

    with pytest.raises(AirflowFailException, match=told):
        run_handoff("poke", context)

    assert station.writes == []


def test_a_text_for_a_number_tag_is_neither_committed_nor_started(station, unit, context):
    with pytest.raises(AirflowFailException, match=r"'U1\.Order\.Quantity'"):
        run_handoff("poke", context, payload={**PAYLOAD, "Quantity": "many"})

    assert writes_of(station, "Order.Sequence") == []
    assert unit.starts == []


def test_a_numeric_tag_for_the_id_is_refused(station, context):
    station.set(f"{UNIT}.Order.Code", 0, data_type="int32")

    with pytest.raises(AirflowFailException, match=r"'U1\.Order\.Code' \(role 'id'\): it is a numeric tag"):
        run_handoff("poke", context, tags=tags_of(names={"id": "Order.Code"}))

    assert station.writes == []


def test_a_state_that_nobody_knows_is_refused(station, unit, context):
    unit.show_state(42)

    with pytest.raises(AirflowFailException, match=r"'U1\.Order\.State' \(role 'state'\): 42 is no state of the map"):
        run_handoff("poke", context)

    assert station.writes == []


@pytest.mark.parametrize("units", [[simulated_unit(id_length=8)]], ids=["an id of 8 characters"])
@pytest.mark.parametrize("mode", ["poke", "reschedule"])
def test_an_id_that_the_controller_cuts_off_is_never_committed(station, unit, context, mode):
    with pytest.raises(
        AirflowFailException, match=r"'U1\.Order\.Id' shows only '00000000' of the order id '0000000042'"
    ):
        run_handoff(mode, context, order_id="0000000042")

    assert writes_of(station, "Order.Sequence") == []
    assert unit.starts == []


@pytest.mark.parametrize("row", ERP_ROWS)
def test_nothing_is_sent_for(station, erp, row):
    columns, told = ERP_ROWS[row]
    erp.release(ORDER_ID, **columns)

    with pytest.raises(AirflowFailException, match=told):
        run_handoff("poke", new_context(), erp_conn_id="erp")

    assert station.requests == []
    assert erp.order(ORDER_ID)["status"] == columns["status"]


@pytest.mark.usefixtures("erp")
def test_nothing_is_sent_for_an_order_that_the_erp_does_not_list(station, context):
    with pytest.raises(AirflowFailException, match="There is no order '000042' in table production_orders"):
        run_handoff("poke", context, erp_conn_id="erp")

    assert station.requests == []


def test_nothing_is_sent_with_a_connection_of_another_type(station, context, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_ERP", json.dumps({"conn_type": "mysql", "host": "db"}))

    with pytest.raises(AirflowFailException, match=r"'erp' is of type 'mysql'.*sqlite or postgres"):
        run_handoff("poke", context, erp_conn_id="erp")

    assert station.requests == []


def test_the_erp_hears_why_its_order_cannot_be_handed_over(context, erp):
    erp.release(ORDER_ID)

    with pytest.raises(AirflowFailException, match="lacks the parameters"):
        run_handoff("poke", context, payload={"WorkMaster": "R-001"}, erp_conn_id="erp")

    assert "lacks the parameters" in (erp.order(ORDER_ID)["reason"] or "")
