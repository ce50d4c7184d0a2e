"""How an order can end: aborted, stopped, unsuccessful, by a condition over its results, or without a word."""

from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from handoff_runs import ORDER_ID, run_handoff, tags_of, when
from simulated_units import UNIT, lasting_unit, simulated_unit

from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.orders import OrderTimeoutError

pytestmark = pytest.mark.usefixtures("connect")

ACTUAL = tag(f"{UNIT}.Order.ActualQuantity")
ENDINGS = {
    "aborted": (lambda unit: unit.abort(), "aborted", r"was aborted\b.*state 6 \(aborted\), job result 2"),
    "stopped": (lambda unit: unit.stop(), "unsuccessful", r"ended without success\b.*state 5 \(ended\), job result 2"),
}
UNTIL_SOMEBODY_ENDS_IT = pytest.mark.parametrize("units", [[lasting_unit()]], ids=["a lasting order"])


@pytest.fixture
def units():
    return [simulated_unit(run_seconds=15.0)]


@pytest.fixture
def unit(station):
    station.thaw()
    return station.unit(UNIT)


@UNTIL_SOMEBODY_ENDS_IT
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("erp_conn_id", [None, "erp"], ids=["with the task state store", "with the ERP"])
def test_an_order_ended_at_the_machine_fails_and_is_recorded_once(station, unit, context, erp, ending, erp_conn_id):
    end, outcome, told = ENDINGS[ending]
    erp.release(ORDER_ID)

    with when(lambda: unit.state == "running", lambda: end(unit)), pytest.raises(AirflowFailException, match=told):
        run_handoff("poke", context, erp_conn_id=erp_conn_id)

    assert unit.state == "none"
    before = station.writes
    context["ti"].try_number = 2
    with pytest.raises(AirflowFailException, match=told):
        run_handoff("poke", context, erp_conn_id=erp_conn_id)
    assert station.writes == before
    assert len(unit.starts) == 1
    if erp_conn_id is not None:
        assert erp.order(ORDER_ID)["status"] == "failed"
        assert {order_id: row["outcome"] for order_id, row in erp.results().items()} == {ORDER_ID: outcome}


def test_an_order_that_the_unit_calls_unsuccessful_fails_with_its_results(unit, context, erp):
    erp.release(ORDER_ID)
    unit.fail_next_order()

    with pytest.raises(AirflowFailException, match=r"job result 2 \(unsuccessful\).*ActualQuantity = 12\.5"):
        run_handoff("poke", context, erp_conn_id="erp")

    assert erp.order(ORDER_ID)["status"] == "failed"
    assert erp.results()[ORDER_ID]["result"]["results"]["ActualQuantity"]["value"] == 12.5
    assert unit.state == "none"


def test_a_condition_over_the_results_decides_instead_of_the_job_result(unit, context):
    unit.fail_next_order()

    result = run_handoff("poke", context, success=ACTUAL >= 12)

    assert (result["outcome"], result["job_result"]) == ("successful", 2)


def test_an_order_that_ended_short_of_the_condition_is_no_success(context):
    with pytest.raises(AirflowFailException, match="ended without success"):
        run_handoff("poke", context, success=ACTUAL >= 13)


@UNTIL_SOMEBODY_ENDS_IT
def test_an_order_stopped_after_its_start_is_no_success_by_the_condition_either(unit, context):
    with when(lambda: unit.state == "running", unit.stop), pytest.raises(AirflowFailException, match="without success"):
        run_handoff("poke", context, success=ACTUAL >= 12)


@pytest.mark.parametrize("number", [0, 7])
def test_an_ended_order_without_a_known_result_is_waited_for_and_then_fails_with_retries(
    station, unit, context, erp, number
):
    erp.release(ORDER_ID)
    station.set(f"{UNIT}.Order.Verdict", number, data_type="int16")
    how = {"tags": tags_of(names={"result": "Order.Verdict"}), "timeouts": {"result": 0.4}, "erp_conn_id": "erp"}

    with pytest.raises(OrderTimeoutError, match=r"\(result\) for 0\.4 s: the unit does not say yet") as caught:
        run_handoff("poke", context, **how)
    assert (caught.value.step, caught.value.retryable) == ("result", True)
    assert erp.results() == {}
    assert unit.state == "ended"

    station.set(f"{UNIT}.Order.Verdict", 1)
    context["ti"].try_number = 2
    assert run_handoff("poke", context, **how)["outcome"] == "successful"
    assert len(unit.starts) == 1


def test_a_result_of_doubtful_quality_is_waited_for(station, unit, context):
    station.set(f"{UNIT}.Order.Weighed", 0.0, quality=0x18)
    tags = tags_of(results={"Weighed": "Order.Weighed"})

    with when(lambda: unit.state == "ended", lambda: station.set(f"{UNIT}.Order.Weighed", 12.4)):
        result = run_handoff("poke", context, tags=tags, success=tag(f"{UNIT}.Order.Weighed").between(12, 13))

    assert result["outcome"] == "successful"
    assert result["results"]["Weighed"]["value"] == 12.4


def test_the_result_is_recorded_before_the_unit_is_cleared(station, unit, context, erp):
    erp.release(ORDER_ID)
    recorded = []

    def look():
        recorded.append((list(erp.results()), unit.state))

    with when(lambda: any(write.tag == f"{UNIT}.Order.Clear" and write.value for write in station.writes), look):
        run_handoff("poke", context, erp_conn_id="erp", clear=None)

    assert recorded[0][0] == [ORDER_ID]
    assert unit.state == "none"


def test_without_an_erp_the_unit_keeps_the_result_until_it_is_cleared(station, unit, context):
    result = run_handoff("poke", context, clear=None)

    assert result["outcome"] == "successful"
    assert unit.state == "ended"
    assert station.get(f"{UNIT}.Order.CurrentId").value == ORDER_ID
