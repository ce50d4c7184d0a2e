"""The notifier in an event loop, and as the callback of a deadline."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest
from notifier_runs import (
    FAILED,
    PATH,
    STATUS,
    TEXT,
    add_screen,
    arguments,
    logged,
    notifier,
    puts,
    shown,
    status_only,
    written,
)

from airflow_provider_wincc.notifications.tags import WinCCTagNotifier
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_2_PLUS, AIRFLOW_V_3_3_PLUS

pytestmark = pytest.mark.usefixtures("connect")

# What Airflow 3.3.2 hands to the callback of a deadline (airflow/models/deadline.py), shortened.
LATE = {
    "dag_run": {"dag_id": "line3", "dag_run_id": "manual__1", "state": "running"},
    "deadline": {"id": "0197", "deadline_time": "2026-03-02T08:15:30Z"},
}
LATE_TEXT = "{{ dag_run.dag_id }} is late"

with_deadlines = pytest.mark.skipif(not AIRFLOW_V_3_2_PLUS, reason="Airflow has deadlines from 3.2")


@pytest.fixture(autouse=True)
def screen(station):
    add_screen(station)


async def notify(made):
    await made


def test_it_can_be_awaited_and_renders_its_context(station):
    asyncio.run(notify(notifier(text=LATE_TEXT, context=LATE)))

    assert shown(station) == (FAILED, "line3 is late")
    assert [request.body[0]["variableName"] for request in puts(station)] == [TEXT, STATUS]


def test_the_event_loop_goes_on_while_the_station_takes_its_time(station):
    station.fail_next("delay", method="PUT", seconds=2)
    turns = []

    async def run():
        writing = asyncio.ensure_future(notifier().async_notify({}))
        while not writing.done():
            turns.append(len(puts(station)))
            await asyncio.sleep(0.01)

    asyncio.run(run())

    assert shown(station) == (FAILED, "job failed")
    # A loop that is blocked turns once before the answer.
    assert turns.count(1) > 10


def test_the_connection_is_looked_up_as_a_trigger_must(station, monkeypatch):
    from airflow_provider_wincc.hooks.wincc import WinCCHook

    looked_up_in = []
    look_up = WinCCHook.aget_settings

    async def remember(self):
        looked_up_in.append(threading.current_thread())
        return await look_up(self)

    monkeypatch.setattr(WinCCHook, "aget_settings", remember)
    monkeypatch.delattr(WinCCHook, "get_settings")

    asyncio.run(notify(notifier()))

    assert looked_up_in == [threading.main_thread()]
    assert written(station) == [(TEXT, "job failed"), (STATUS, FAILED)]


@pytest.mark.parametrize(
    "wrong",
    [{"wincc_conn_id": "not_there"}, {"status": "{{ ti.task_id }}"}, {"status": "{{ no end"}, {"status": "full"}],
)
def test_no_failure_is_raised_into_the_event_loop(station, wrong, caplog, capsys):
    asyncio.run(notify(notifier(**wrong)))

    assert written(station) == []
    log = logged(caplog, capsys)
    assert "WinCC notification failed" in log
    assert "What to do:" in log


def test_a_write_whose_outcome_is_unknown_is_not_sent_again(station, caplog, capsys):
    station.fail_next("drop_before", method="PUT")

    asyncio.run(notify(status_only(verify_timeout=0.2)))

    assert len(puts(station)) == 1
    assert "did not show it" in logged(caplog, capsys)


def test_a_cancelled_notification_is_cancelled(station):
    station.fail_next("delay", method="PUT", seconds=2)

    async def run():
        writing = asyncio.ensure_future(notifier().async_notify({}))
        while not puts(station):  # noqa: ASYNC110  the station is in another thread
            await asyncio.sleep(0.01)
        writing.cancel()
        await writing

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())


def through_json(data):
    return json.loads(json.dumps(data, allow_nan=False))


@with_deadlines
def test_the_callback_of_a_deadline_runs_in_the_triggerer(station):
    from airflow.sdk import AsyncCallback
    from airflow.triggers.callback import CallbackTrigger

    callback = AsyncCallback(WinCCTagNotifier, kwargs=arguments(text=LATE_TEXT))
    trigger = CallbackTrigger(callback.path, {**through_json(callback.kwargs), "context": LATE})

    events = asyncio.run(payloads(trigger))

    assert callback.path == PATH
    assert [str(event["state"]) for event in events] == ["running", "success"]
    assert shown(station) == (FAILED, "line3 is late")


@with_deadlines
def test_a_deadline_whose_station_is_away_leaves_the_triggerer_alone(station, caplog, capsys):
    from airflow.triggers.callback import CallbackTrigger

    station.fail_next("server_error", count=99)

    events = asyncio.run(payloads(CallbackTrigger(PATH, {**arguments(), "context": LATE})))

    assert [str(event["state"]) for event in events] == ["running", "success"]
    assert "The WinCC runtime reported a problem" in logged(caplog, capsys)


@pytest.mark.skipif(not AIRFLOW_V_3_3_PLUS, reason="Airflow runs callbacks in executors like this from 3.3")
def test_the_callback_of_a_deadline_runs_in_an_executor(station):
    import structlog
    from airflow.sdk import SyncCallback
    from airflow.sdk.execution_time.callback_supervisor import execute_callback

    callback = SyncCallback(WinCCTagNotifier, kwargs=arguments(text=LATE_TEXT))
    given = {**through_json(callback.kwargs), "context": LATE}

    assert execute_callback(callback.path, given, "dag.py", None, structlog.get_logger()) == (True, None)
    assert shown(station) == (FAILED, "line3 is late")


async def payloads(trigger):
    return [event.payload async for event in trigger.run()]
