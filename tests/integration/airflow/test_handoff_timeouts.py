"""Each wait has a time-out of its own, and its error says what was waited for and what the unit showed."""

from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from handoff_runs import ORDER_ID, PAYLOAD, at_write, run_handoff, tags_of, wait_until, when, writes_of
from simulated_units import UNIT, finish, lasting_unit, simulated_unit
from task_context import new_context

from airflow_provider_wincc.orders import OrderTimeoutError

pytestmark = pytest.mark.usefixtures("connect")


@pytest.fixture
def units():
    return [simulated_unit(run_seconds=1.0)]


@pytest.fixture
def station(station, units):
    """A station whose plant moves, and with it the units that last.

    The units are named, because older versions of pytest do not see them behind a fixture that is overridden.
    """
    station.thaw()
    return station


@pytest.fixture
def unit(station):
    return station.unit(UNIT)


def finish_later(station):
    """Bring what lasts to its end once the handoff has looked at it a few times more."""
    count = len(station.requests)
    return when(lambda: len(station.requests) >= count + 6, lambda: finish(station))


@pytest.mark.parametrize("units", [[lasting_unit()]], ids=["an order that lasts"])
def test_the_run_time_out_leaves_the_order_alone_and_a_cleared_task_joins_it(station, unit, context):
    with pytest.raises(AirflowFailException, match=r"The order goes on in the unit"):
        run_handoff("poke", context, run_timeout=0.2)
    before = station.writes
    context["ti"].try_number = 2

    with finish_later(station):
        result = run_handoff("poke", context)

    assert result["outcome"] == "successful"
    assert [start.order_id for start in unit.starts] == [ORDER_ID]
    # Clear, and Start back to 0 with it, are all that was written after the time-out.
    assert {(write.tag, write.value) for write in station.writes[len(before) :]} == {
        (f"{UNIT}.Order.Clear", 1),
        (f"{UNIT}.Order.Start", 0),
    }


@pytest.mark.parametrize("units", [[lasting_unit()]], ids=["an order that lasts"])
def test_a_unit_that_is_not_free_in_time_is_named_with_its_order(station, context):
    run_handoff("poke", new_context(), order_id="000007", wait_for="running")
    before = station.writes

    with pytest.raises(OrderTimeoutError, match=r"\(admit\) for 0\.5 s: order '000007' is running") as caught:
        run_handoff("poke", context, unit_timeout=0.5)

    assert caught.value.retryable
    assert station.writes == before


def test_readings_without_good_quality_time_out(station, context):
    station.set(f"{UNIT}.Order.State", 0, quality=0x18)

    with pytest.raises(OrderTimeoutError, match=r"\(observe\).*'U1\.Order\.State' \(role 'state'\)") as caught:
        run_handoff("poke", context, timeouts={"observe": 0.3})

    assert caught.value.retryable
    assert station.writes == []


def test_a_payload_that_somebody_else_writes_over_times_out_and_is_not_committed(station, unit, context):
    with (
        at_write("Order.Quantity", after=lambda: station.set(f"{UNIT}.Order.Quantity", 99.0)),
        pytest.raises(OrderTimeoutError, match=r"\(verify\).*Quantity is '99' .*expected 12\.5") as caught,
    ):
        run_handoff("poke", context, timeouts={"verify": 0.3})

    assert (caught.value.step, caught.value.retryable) == ("verify", True)
    assert writes_of(station, "Order.Sequence") == []
    context["ti"].try_number = 2
    assert run_handoff("poke", context)["outcome"] == "successful"
    assert [start.payload for start in unit.starts] == [PAYLOAD]


@pytest.mark.parametrize("units", [[lasting_unit(answer_seconds=1500.0, run_seconds=5.0)]], ids=["a slow answer"])
def test_a_unit_that_does_not_answer_in_time_is_joined_by_the_next_attempt(station, unit, context):
    with pytest.raises(OrderTimeoutError, match=r"\(answer\) for 0\.3 s: the unit has not answered yet") as caught:
        run_handoff("poke", context, timeouts={"answer": 0.3})
    assert (caught.value.step, caught.value.retryable) == ("answer", True)
    context["ti"].try_number = 2

    with finish_later(station):
        result = run_handoff("poke", context)

    assert result["outcome"] == "successful"
    assert [value for _, value in writes_of(station, "Order.Sequence")] == [1]
    assert len(unit.starts) == 1


def test_a_start_without_effect_times_out_and_is_joined_by_the_next_attempt(station, unit, context):
    station.set(f"{UNIT}.Order.Go", 0, data_type="uint32")
    tags = tags_of(names={"start": "Order.Go"})
    with pytest.raises(OrderTimeoutError, match=r"\(start\) for 0\.3 s: Start is given and has no effect") as caught:
        run_handoff("poke", context, tags=tags, timeouts={"start": 0.3})
    assert (caught.value.step, caught.value.retryable) == ("start", True)
    assert unit.starts == []
    context["ti"].try_number = 2

    result = run_handoff("poke", context)

    assert result["outcome"] == "successful"
    assert len(unit.starts) == 1


def test_a_stored_order_is_started_once_the_unit_is_in_production_again(station, unit, context):
    def leave_production():
        wait_until(lambda: unit.state == "stored" and unit.is_settled)
        unit.set_mode(2)

    with (
        at_write("Order.Sequence", after=leave_production),
        pytest.raises(OrderTimeoutError, match=r"\(admit\) for 1 s: the order is stored, and the unit is in mode 2"),
    ):
        run_handoff("poke", context, unit_timeout=1)
    assert unit.starts == []
    unit.set_mode(1)
    context["ti"].try_number = 2

    assert run_handoff("poke", context)["outcome"] == "successful"
    assert len(unit.starts) == 1
    assert [value for _, value in writes_of(station, "Order.Sequence")] == [1]


def test_a_clear_without_effect_times_out_and_the_result_stands(station, unit, context, erp):
    erp.release(ORDER_ID)
    station.set(f"{UNIT}.Order.Sweep", 0, data_type="uint32")
    tags = tags_of(names={"clear": "Order.Sweep"})

    with pytest.raises(OrderTimeoutError, match=r"\(clear\) for 0\.3 s: Clear is given and has no effect") as caught:
        run_handoff("poke", context, tags=tags, timeouts={"clear": 0.3}, erp_conn_id="erp")

    assert (caught.value.step, caught.value.retryable) == ("clear", True)
    assert erp.order(ORDER_ID)["status"] == "confirmed"
    context["ti"].try_number = 2
    assert run_handoff("poke", context, erp_conn_id="erp")["outcome"] == "successful"
    assert unit.state == "none"
    assert len(unit.starts) == 1


def test_a_cancel_without_effect_times_out_and_nothing_is_started(station, unit, context):
    station.set(f"{UNIT}.Order.Withdraw", 0, data_type="uint32")
    tags = tags_of(names={"cancel": "Order.Withdraw"})
    run_handoff("poke", context, wait_for="stored", tags=tags)
    context["ti"].try_number = 2

    with pytest.raises(OrderTimeoutError, match=r"\(cancel\) for 0\.3 s: Cancel is given and has no effect") as caught:
        run_handoff("poke", context, payload={**PAYLOAD, "Quantity": 99.0}, tags=tags, timeouts={"cancel": 0.3})

    assert (caught.value.step, caught.value.retryable) == ("cancel", True)
    assert unit.starts == []


def test_a_station_that_takes_no_writes_is_not_pestered(station, unit, context):
    station.fail_next("drop_before", count=99, method="PUT")

    with pytest.raises(OrderTimeoutError, match=r"write the payload was sent 3 times") as caught:
        run_handoff("poke", context)

    assert caught.value.retryable
    assert [request.method for request in station.requests].count("PUT") == 3
    assert unit.starts == []


def test_a_user_without_the_right_to_write_fails_without_retries(station, unit, context, connect):
    connect(login="viewer")

    with pytest.raises(AirflowFailException, match="not authorised"):
        run_handoff("poke", context)

    assert [request.method for request in station.requests].count("PUT") == 1
    assert station.writes == []


def test_the_erp_says_what_a_retryable_failure_was(unit, context, erp):
    erp.release(ORDER_ID)
    unit.set_mode(2)

    with pytest.raises(OrderTimeoutError):
        run_handoff("poke", context, unit_timeout=0.3, erp_conn_id="erp")

    row = erp.order(ORDER_ID)
    assert row["status"] == "claimed"
    assert "the unit is in mode 2" in row["reason"]
    assert erp.results() == {}
