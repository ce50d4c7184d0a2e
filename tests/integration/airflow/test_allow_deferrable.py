"""Deferrable sensors whose connection says that waiting is done on the worker: where and how often they look.

That they end as in the other modes, the tests of the modes say.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, TaskDeferred
from kept_on_worker import connection_without_deferring
from sensor_runs import AirflowRescheduleException

from airflow_provider_wincc.client import WinCCConfigurationError
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.hooks.wincc import WinCCHook
from airflow_provider_wincc.messages import MessagePattern
from airflow_provider_wincc.sensors import tags, waiting_sensor
from airflow_provider_wincc.sensors.messages import WinCCMessageSensor
from airflow_provider_wincc.sensors.tags import WinCCTagSensor
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

pytestmark = pytest.mark.usefixtures("connect")

FULL = tag("Tank1.Level") >= 90
TANK1_HIGH = MessagePattern(number=1001)
rescheduled = pytest.mark.skipif(
    not AIRFLOW_V_3_3_PLUS, reason="below Airflow 3.3 a task without mode='reschedule' keeps its worker"
)


@pytest.fixture
def conn_id():
    """A connection whose tasks do not defer."""
    with connection_without_deferring() as conn_id:
        yield conn_id


@pytest.fixture
def airflow_3_2(monkeypatch):
    """Have the sensors take this Airflow for one without a task state store."""
    for module in (waiting_sensor, tags):
        monkeypatch.setattr(module, "AIRFLOW_V_3_3_PLUS", False)


def tag_sensor(conn_id, **arguments):
    defaults = {"condition": FULL, "poke_interval": 60, "timeout": 3600}
    return WinCCTagSensor(task_id="wait", wincc_conn_id=conn_id, deferrable=True, **{**defaults, **arguments})


def message_sensor(conn_id, **arguments):
    defaults = {"rest_filter": "All", "pattern": TANK1_HIGH, "poke_interval": 60, "timeout": 3600}
    return WinCCMessageSensor(task_id="wait", wincc_conn_id=conn_id, deferrable=True, **{**defaults, **arguments})


def pause_of(sensor, context):
    """Run a sensor until it is rescheduled; return after how long it wants to look again."""
    began = datetime.now(UTC)
    with pytest.raises(AirflowRescheduleException) as reschedule:
        sensor.execute(context)
    return reschedule.value.reschedule_date - began


@rescheduled
@pytest.mark.parametrize("sensor", [tag_sensor, message_sensor])
def test_it_is_rescheduled_at_its_own_interval_after_one_request(station, conn_id, context, sensor):
    pause = pause_of(sensor(conn_id), context)

    assert timedelta(seconds=60) <= pause < timedelta(seconds=75)
    assert len(station.requests) == 1


@rescheduled
@pytest.mark.parametrize("sensor", [tag_sensor, message_sensor])
def test_it_is_not_rescheduled_more_often_than_airflow_bears(conn_id, context, sensor):
    pause = pause_of(sensor(conn_id, poke_interval=1), context)

    assert timedelta(seconds=10) <= pause < timedelta(seconds=25)


@rescheduled
def test_a_backoff_does_not_begin_with_a_shorter_pause_either(conn_id, context):
    pause = pause_of(tag_sensor(conn_id, poke_interval=1, exponential_backoff=True, max_wait=2), context)

    assert pause >= timedelta(seconds=10)


@rescheduled
def test_the_log_says_that_the_task_does_not_defer(conn_id, context, caplog):
    caplog.set_level("INFO")

    pause_of(tag_sensor(conn_id), context)

    (told,) = [record for record in caplog.records if "allow_deferrable" in record.getMessage()]
    assert told.levelname == "INFO"
    assert told.getMessage() == (
        "Connection 'wincc_default_on_worker' has allow_deferrable=false: the task does not defer. It is rescheduled "
        "between two readings."
    )


@rescheduled
@pytest.mark.parametrize("said", [False, "false", "no"])
def test_false_may_come_as_text(connect, context, said):
    connect(allow_deferrable=said)

    assert pause_of(tag_sensor("wincc_default"), context) >= timedelta(seconds=60)


@pytest.mark.parametrize("said", [True, "true", "", None])
def test_a_connection_that_says_true_or_nothing_lets_a_task_defer(connect, context, said):
    connect(allow_deferrable=said)

    with pytest.raises(TaskDeferred):
        tag_sensor("wincc_default").execute(context)


def test_what_is_not_deferrable_does_not_ask(conn_id, station, context, caplog):
    caplog.set_level("INFO")
    station.set("Tank1.Level", 95.0)

    WinCCTagSensor(task_id="wait", condition=FULL, deferrable=False, wincc_conn_id=conn_id).execute(context)

    assert not [record for record in caplog.records if "allow_deferrable" in record.getMessage()]


WRONG = pytest.mark.parametrize(
    ("extra", "told"),
    [
        ({"allow_deferrable": "sometimes"}, "'allow_deferrable' is 'sometimes'"),
        ({"allow_deferable": False}, "Write 'allow_deferrable'"),
        ({"Allow-Deferrable": False}, "Write 'allow_deferrable'"),
        ({"deferrable": False}, "Write 'allow_deferrable'"),
    ],
)


@WRONG
def test_a_setting_that_cannot_be_read_fails_a_wait_without_retries_and_nothing_is_sent(
    connect, station, context, extra, told
):
    connect(**extra)

    with pytest.raises(AirflowFailException, match=f"(?s)'wincc_default'.*{told}"):
        tag_sensor("wincc_default").execute(context)

    assert station.requests == []


@WRONG
def test_a_setting_that_cannot_be_read_fails_what_does_not_wait_too(connect, extra, told):
    connect(**extra)

    with pytest.raises(WinCCConfigurationError, match=f"(?s)'wincc_default'.*{told}"):
        WinCCHook("wincc_default").get_settings()
    ok, message = WinCCHook("wincc_default").test_connection()
    assert not ok
    assert told in message


@pytest.mark.usefixtures("airflow_3_2")
def test_below_airflow_3_3_a_sensor_keeps_its_worker_and_the_log_says_so(station, conn_id, context, caplog):
    station.set("Tank1.Level", 95.0)

    result = tag_sensor(conn_id, condition=FULL.held_for(seconds=0.3), poke_interval=0.1).execute(context)

    assert result["Tank1.Level"]["value"] == 95
    assert len(station.requests) >= 2
    (told,) = [record for record in caplog.records if "allow_deferrable" in record.getMessage()]
    assert told.levelname == "WARNING"
    assert "It waits on this worker and holds its slot, because below Airflow 3.3" in told.getMessage()
    assert "mode='reschedule'" in told.getMessage()


@pytest.mark.usefixtures("airflow_3_2")
@pytest.mark.parametrize("sensor", [tag_sensor, message_sensor])
def test_below_airflow_3_3_a_sensor_is_rescheduled_if_its_mode_says_so(conn_id, context, sensor):
    assert pause_of(sensor(conn_id, mode="reschedule"), context) >= timedelta(seconds=60)


@pytest.mark.usefixtures("airflow_3_2")
@pytest.mark.parametrize(
    "arguments",
    [
        {"condition": FULL.held_for(seconds=0.3)},
        {"fail_if": (tag("Tank1.Level") < 5).held_for(seconds=9)},
        {"fail_if_unknown_for": 60},
    ],
    ids=["condition", "fail_if", "fail_if_unknown_for"],
)
def test_below_airflow_3_3_a_sensor_that_must_remember_keeps_its_worker_in_any_mode(
    station, conn_id, context, arguments
):
    station.set("Tank1.Level", 95.0)

    result = tag_sensor(conn_id, mode="reschedule", poke_interval=0.1, **arguments).execute(context)

    assert result["Tank1.Level"]["value"] == 95
