"""A user ends the task: the order is left, stopped or aborted, and never an order that is not ours."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from contextlib import closing

import pytest
from airflow.sdk.execution_time import task_runner
from handoff_runs import (
    ORDER_ID,
    at_write,
    deferred_trigger,
    ended_as_by_airflow,
    handoff,
    logged,
    rebuild,
    run_handoff,
    wait_until,
    when,
    writes_of,
)
from simulated_units import UNIT, finish, lasting_unit
from task_context import Supervisor, new_context

from airflow_provider_wincc.client import WinCCClient, WinCCError
from airflow_provider_wincc.erp import StagingTables
from airflow_provider_wincc.operators import orders
from airflow_provider_wincc.orders.errors import OrderTaskEndedError

pytestmark = pytest.mark.usefixtures("connect")

OTHER = "000007"
ENDINGS = {"stop": ("Order.Stop", "ended"), "abort": ("Order.Abort", "aborted")}


@pytest.fixture
def units():
    return [lasting_unit()]


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


def commands(station):
    return [write for write in writes_of(station, "Order.Stop", "Order.Abort", "Order.Cancel") if write[1]]


def events(unit):
    return [event.event for event in unit.timeline]


def is_seen_running(operator):
    """Return whether the handoff of a task has seen its order run."""
    return operator._handoff is not None and "running" in operator._handoff.progress.times


def leave_production_once_stored(unit):
    """Within the block, no order starts: once one is stored, the unit is not in production any more."""

    def leave_production():
        wait_until(lambda: unit.state == "stored" and unit.is_settled)
        unit.set_mode(2)

    return at_write("Order.Sequence", after=leave_production)


def end_when(condition, operator, context):
    """Run a task, and end it as Airflow does as soon as a condition is true; return how it ended."""
    with (
        ended_as_by_airflow(operator) as end_it,
        when(condition, end_it),
        pytest.raises(OrderTaskEndedError) as caught,
    ):
        operator.execute(context)
    return caught.value


@pytest.mark.parametrize("on_cancel", ENDINGS)
def test_ending_a_task_that_pokes_ends_the_order_if_it_says_so(station, unit, context, on_cancel):
    tag, event = ENDINGS[on_cancel]
    operator = handoff(on_cancel=on_cancel)

    error = end_when(lambda: is_seen_running(operator), operator, context)

    wait_until(lambda: event in events(unit))
    assert commands(station) == [(tag, 1)]
    assert events(unit).count(event) == 1
    assert f"Start was sent. To end it, {{'{UNIT}.{tag}': 1" in str(error)


@pytest.mark.parametrize("on_cancel", ENDINGS)
def test_ending_a_task_that_has_not_seen_its_order_start_ends_the_order_as_well(station, unit, context, on_cancel):
    tag, event = ENDINGS[on_cancel]
    operator = handoff(on_cancel=on_cancel)

    with ended_as_by_airflow(operator) as end_it:

        def end_it_once_it_runs():
            wait_until(lambda: unit.state == "running" and unit.is_settled)
            end_it()

        with (
            at_write("Order.Start", after=end_it_once_it_runs),
            pytest.raises(OrderTaskEndedError, match=r"Start was sent\. To end it, "),
        ):
            operator.execute(context)

    wait_until(lambda: event in events(unit))
    # What is stored is cancelled as well, which the unit ignores.
    assert [command for command in commands(station) if command[0] != "Order.Cancel"] == [(tag, 1)]
    assert events(unit).count(event) == 1


def test_ending_a_task_leaves_the_order_alone_by_default(station, unit, context, erp):
    erp.release(ORDER_ID)
    operator = handoff(erp_conn_id="erp")

    error = end_when(lambda: is_seen_running(operator), operator, context)

    assert "Start was sent. Nothing was sent to end it." in str(error)
    assert erp.order(ORDER_ID)["reason"] == str(error)
    assert commands(station) == []
    # What says that the task was ended may be the shutdown of its worker: a retry goes on.
    assert error.retryable
    context["ti"].try_number = 2
    count = len(station.requests)
    with when(lambda: len(station.requests) >= count + 6, lambda: finish(station)):
        assert run_handoff("poke", context, erp_conn_id="erp")["outcome"] == "successful"
    assert len(unit.starts) == 1


def test_an_attempt_that_was_taken_over_does_not_end_the_order_of_the_newer_one(station, unit, context, erp):
    erp.release(ORDER_ID)
    tables = StagingTables(lambda: sqlite3.connect(erp.file), dialect="sqlite")
    operator = handoff(erp_conn_id="erp", on_cancel="stop", poke_interval=30)

    def is_taken_over():
        if not is_seen_running(operator):
            return False
        tables.begin(ORDER_ID, owner="line3/manual__1", attempt="newer")
        return True

    error = end_when(is_taken_over, operator, context)

    assert "because another attempt goes on with it" in str(error)
    assert commands(station) == []
    assert unit.state == "running"


def test_a_stop_that_waits_for_the_erp_is_told_as_one_that_may_still_come(station, unit, context, erp, monkeypatch):
    erp.release(ORDER_ID)
    operator = handoff(erp_conn_id="erp", on_cancel="stop", poke_interval=30)
    answers = threading.Event()
    check = StagingTables.check

    def answer_late(tables, *arguments, **how):
        if threading.current_thread().name == "wincc-end-order":
            answers.wait(30)
        check(tables, *arguments, **how)

    monkeypatch.setattr(StagingTables, "check", answer_late)
    monkeypatch.setattr(orders, "_LONGEST_END", 0.5)

    error = end_when(lambda: is_seen_running(operator), operator, context)
    sent_before = commands(station)
    answers.set()

    assert "Unless another attempt goes on with it, which the ERP was being asked" in str(error)
    assert sent_before == []
    wait_until(lambda: (ENDINGS["stop"][0], 1) in commands(station))


def test_nothing_is_sent_to_end_an_order_when_the_erp_cannot_say_whose_it_is(
    station, unit, context, erp, caplog, capsys
):
    erp.release(ORDER_ID)
    operator = handoff(erp_conn_id="erp", on_cancel="stop", poke_interval=30)

    def has_lost_its_table():
        if not is_seen_running(operator):
            return False
        with closing(sqlite3.connect(erp.file)) as connection:
            connection.execute("ALTER TABLE production_orders RENAME TO elsewhere")
        return True

    end_when(has_lost_its_table, operator, context)

    assert commands(station) == []
    assert unit.state == "running"
    assert any("look at the unit, and end the order there if need be" in line for line in logged(caplog, capsys))


def test_a_task_that_is_ended_in_a_long_pause_does_not_wait_for_the_end_of_it(context):
    operator = handoff(poke_interval=30)
    started = time.monotonic()

    end_when(lambda: is_seen_running(operator), operator, context)

    assert time.monotonic() - started < 20


@pytest.mark.parametrize("on_cancel", ["leave", *ENDINGS])
def test_a_task_that_is_ended_before_it_has_committed_does_not_commit(station, unit, context, on_cancel):
    operator = handoff(on_cancel=on_cancel, settle_window=1.0)

    error = end_when(lambda: writes_of(station, "Order.WorkMaster"), operator, context)

    assert "The payload may stand in the tags, and was not committed." in str(error)
    assert writes_of(station, "Order.Sequence") == []
    assert "accepted" not in events(unit)


def test_a_task_that_is_ended_while_its_order_is_stored_takes_it_back_and_offers_it_no_more(station, unit, context):
    def end_it_and_free_the_unit():
        end_it()
        wait_until(lambda: "cancelled" in events(unit))
        unit.set_mode(1)

    operator = handoff(on_cancel="stop")
    with (
        ended_as_by_airflow(operator) as end_it,
        when(lambda: operator._handoff is not None and operator._handoff.accepted_number, end_it_and_free_the_unit),
        leave_production_once_stored(unit),
        pytest.raises(OrderTaskEndedError, match="committed, and Start was not sent"),
    ):
        operator.execute(context)

    assert events(unit).count("accepted") == 1
    assert unit.starts == []


class LogWithLock:
    """Writes to a log under a lock that no second writer may take, as Airflow's does, and is interrupted in it once.

    :param interrupt: what happens in the middle of the first line that says something.
    """

    def __init__(self, says, interrupt):
        self.lines = []
        self._says, self._interrupt = says, interrupt
        self._lock = threading.Lock()

    def _write(self, message, *arguments, **_):
        line = message % arguments
        with self._lock:
            self.lines.append(line)
            if self._says in line and self._interrupt is not None:
                interrupt, self._interrupt = self._interrupt, None
                interrupt()

    info = warning = error = _write


def test_a_task_that_is_ended_while_it_writes_to_its_log_stops_its_order_and_ends(unit, station, context, monkeypatch):
    operator = handoff(on_cancel="stop")

    with ended_as_by_airflow(operator) as end_it:
        log = LogWithLock("the order is running", end_it)
        monkeypatch.setattr(type(operator), "log", log)
        with pytest.raises(OrderTaskEndedError, match="To end it, "):
            operator.execute(context)

    wait_until(lambda: any("written, because the task was ended" in line for line in log.lines))
    assert [name for name, _ in commands(station)] == ["Order.Stop"]


def test_a_stop_that_does_not_arrive_is_told_and_comes_up_nowhere_else(station, unit, context, caplog, capsys):
    def stop_service_and_end_it():
        station.stop_service()
        end_it()

    operator = handoff(on_cancel="stop")
    with (
        ended_as_by_airflow(operator) as end_it,
        when(lambda: is_seen_running(operator), stop_service_and_end_it),
        pytest.raises(OrderTaskEndedError, match="to be written, and that may not have arrived"),
    ):
        operator.execute(context)

    told = [line for line in logged(caplog, capsys) if "was to be told to stop it" in line]
    assert len(told) == 1
    assert "may not have arrived. What to do: look at the unit" in told[0]
    assert "503" in told[0]


def test_whatever_goes_wrong_at_the_end_of_a_task_stays_in_its_log(unit, context, monkeypatch, caplog, capsys):
    operator = handoff(on_cancel="abort", wait_for="running")
    operator.execute(context)

    def fail(*_):
        raise RuntimeError("secret")

    monkeypatch.setattr(WinCCClient, "write_tags", fail)
    operator.on_kill()

    told = [line for line in logged(caplog, capsys) if "was to be told to abort it" in line]
    assert len(told) == 1
    assert "RuntimeError" in told[0]
    assert "secret" not in told[0]


def test_ending_a_task_that_waits_for_the_order_of_another_leaves_that_alone(station, unit, context):
    run_handoff("poke", new_context(), order_id=OTHER, wait_for="running")
    operator = handoff(on_cancel="abort", unit_timeout=0.4)

    with pytest.raises(WinCCError, match="order '000007' is running"):
        operator.execute(context)
    operator.on_kill()

    assert commands(station) == []
    assert unit.state == "running"


def test_a_task_that_is_ended_before_it_has_begun_sends_nothing(station, context):
    operator = handoff(on_cancel="stop")
    operator.on_kill()

    with pytest.raises(OrderTaskEndedError, match=r"Nothing of the order was sent\. Nothing was sent to end it\."):
        operator.execute(context)

    assert station.requests == []


def deferred(context, **arguments):
    """Defer a handoff, and make its trigger again as the triggerer does."""
    trigger = rebuild(deferred_trigger(context, **arguments))
    trigger.task_instance = context["ti"]
    return trigger


@pytest.fixture
def airflow_says(monkeypatch):
    """Have Airflow say a state when a trigger asks for that of its task."""
    return lambda state, **task: monkeypatch.setattr(
        task_runner, "SUPERVISOR_COMMS", Supervisor(state, **task), raising=False
    )


@pytest.mark.parametrize("on_cancel", ENDINGS)
def test_ending_a_deferred_task_ends_the_order_if_it_says_so(station, unit, context, on_cancel, airflow_says):
    airflow_says("failed")
    tag, event = ENDINGS[on_cancel]
    trigger = deferred(context, on_cancel=on_cancel)
    assert trigger.waits_for == "run"

    asyncio.run(trigger.on_kill())

    wait_until(lambda: event in events(unit))
    assert commands(station) == [(tag, 1)]


@pytest.mark.parametrize(("on_cancel", "event"), [("stop", "cancelled"), ("abort", "aborted")])
def test_ending_a_task_whose_order_is_stored_and_not_started_takes_it_back(
    station, unit, context, on_cancel, event, airflow_says
):
    airflow_says("failed")
    with leave_production_once_stored(unit):
        trigger = deferred(context, on_cancel=on_cancel)

    asyncio.run(trigger.on_kill())

    wait_until(lambda: event in events(unit))
    assert unit.starts == []


def test_ending_a_deferred_task_leaves_the_order_alone_by_default(station, unit, context, airflow_says):
    airflow_says("failed")
    trigger = deferred(context)

    asyncio.run(trigger.on_kill())

    assert commands(station) == []
    finish(station)
    assert unit.state == "ended"
    assert [event.detail for event in unit.timeline if event.event == "ended"] == ["successful"]


def test_ending_a_deferred_task_that_waits_for_the_order_of_another_leaves_that_alone(
    station, unit, context, airflow_says
):
    airflow_says("failed")
    run_handoff("poke", new_context(), order_id=OTHER, wait_for="running")
    trigger = deferred(context, on_cancel="abort")

    asyncio.run(trigger.on_kill())

    assert commands(station) == []
    assert unit.state == "running"


def test_ending_a_deferred_task_too_late_does_nothing_to_the_next_order(station, unit, context, airflow_says):
    airflow_says("failed")
    trigger = deferred(context, on_cancel="abort")
    finish(station)
    run_handoff("poke", context)
    run_handoff("poke", new_context(), order_id=OTHER, wait_for="running")

    asyncio.run(trigger.on_kill())
    asyncio.run(trigger.on_kill())

    assert commands(station) == [("Order.Abort", 1)] * 2
    # Whatever was written has arrived before the order comes to its end.
    finish(station)
    result = run_handoff("poke", new_context(), order_id=OTHER)
    assert result["outcome"] == "successful"
    assert [start.order_id for start in unit.starts] == [ORDER_ID, OTHER]


@pytest.mark.parametrize("state", ["failed", "success", None])
@pytest.mark.parametrize("map_index", [-1, 3])
def test_a_trigger_acts_when_airflow_says_that_a_user_has_ended_or_cleared_the_task(
    station, airflow_says, state, map_index
):
    airflow_says(state, map_index=map_index)
    trigger = deferred(new_context(map_index=map_index), on_cancel="abort")

    asyncio.run(trigger.on_kill())

    assert commands(station) == [("Order.Abort", 1)]


def test_a_wait_that_another_triggerer_has_taken_over_goes_on_in_the_unit(
    station, unit, context, airflow_says, caplog, capsys
):
    trigger = deferred(context, on_cancel="abort")
    caplog.set_level("INFO")
    # The other triggerer may have resumed the task meanwhile, which then can have come to any of these.
    states = ["deferred", "scheduled", "queued", "running", "restarting", "up_for_retry", "up_for_reschedule"]
    # Airflow does that itself, when the run takes too long or is to fail fast because of another task.
    states.append("skipped")

    for state in states:
        airflow_says(state)
        asyncio.run(trigger.on_kill())

    assert commands(station) == []
    assert unit.state == "running"
    told = [line for line in logged(caplog, capsys) if "goes on in the unit" in line]
    assert [state for state in states if any(f"({state}) does not say" in line for line in told)] == states


def test_a_success_that_another_triggerer_has_brought_about_does_not_end_an_order_that_is_to_run_on(
    station, unit, context, airflow_says
):
    with leave_production_once_stored(unit):
        trigger = deferred(context, on_cancel="abort", wait_for="running")
    airflow_says("success")

    asyncio.run(trigger.on_kill())

    assert commands(station) == []


def test_a_time_out_that_another_triggerer_has_noticed_does_not_end_the_order(station, unit, context, airflow_says):
    trigger = deferred(context, on_cancel="abort")
    trigger.deadline = 0.0
    airflow_says("failed")

    asyncio.run(trigger.on_kill())

    assert commands(station) == []


@pytest.mark.parametrize("why", ["no task", "another run", "Airflow is away"])
def test_an_order_whose_task_has_a_state_that_cannot_be_known_goes_on(
    station, unit, context, airflow_says, caplog, capsys, why
):
    trigger = deferred(context, on_cancel="abort")
    airflow_says("failed", run_id="another" if why == "another run" else "manual__1", is_away=why == "Airflow is away")
    if why == "no task":
        trigger.task_instance = None

    asyncio.run(trigger.on_kill())

    assert commands(station) == []
    assert any("goes on in the unit" in line and "(unknown)" in line for line in logged(caplog, capsys))


def test_a_trigger_that_is_cancelled_again_while_it_asks_ends_the_order_all_the_same(station, context, monkeypatch):
    trigger = deferred(context, on_cancel="abort")
    supervisor = Supervisor("failed", answers_when=threading.Event())
    monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", supervisor, raising=False)

    async def cancel_twice():
        ending = asyncio.create_task(trigger.on_kill())
        await asyncio.to_thread(supervisor.is_asked.wait)
        ending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ending
        supervisor.answers_when.set()
        await asyncio.to_thread(wait_until, lambda: commands(station))

    asyncio.run(cancel_twice())

    assert commands(station) == [("Order.Abort", 1)]


def test_a_trigger_whose_command_does_not_arrive_tells_it(station, context, airflow_says, caplog, capsys):
    trigger = deferred(context, on_cancel="stop")
    airflow_says("failed")
    station.stop_service()

    asyncio.run(trigger.on_kill())

    told = [line for line in logged(caplog, capsys) if "may not have arrived" in line]
    assert len(told) == 1
    assert "503" in told[0]
