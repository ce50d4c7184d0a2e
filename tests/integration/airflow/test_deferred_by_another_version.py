"""A wait that this version deferred goes on after a restart; what another version stored is not overlooked."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from airflow_provider_wincc.client import MessageQuery, WinCCError
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.messages import MessagePattern
from airflow_provider_wincc.sensors.tags import WinCCTagSensor
from airflow_provider_wincc.triggers.messages import WinCCMessageTrigger
from airflow_provider_wincc.triggers.tags import WinCCTagTrigger

pytestmark = pytest.mark.usefixtures("connect")

FULL = tag("Tank1.Level") >= 60


def tag_wait(**changes):
    """Return the arguments of a deferred wait for a tag, as the database holds them."""
    trigger = WinCCTagTrigger(
        wincc_conn_id="wincc_default", condition=FULL.to_json(), poke_interval=0.1, deadline=time.time() + 20
    )
    return json.loads(json.dumps({**trigger.serialize()[1], **changes}))


def message_wait(**changes):
    """Return the arguments of a deferred wait for a message, as the database holds them."""
    trigger = WinCCMessageTrigger(
        wincc_conn_id="wincc_default",
        query=MessageQuery("All").to_json(),
        pattern=MessagePattern(number=1).to_json(),
        until="present",
        poke_interval=0.1,
        deadline=time.time() + 20,
    )
    return json.loads(json.dumps({**trigger.serialize()[1], **changes}))


async def event_of(trigger):
    event = await anext(trigger.run())
    return json.loads(json.dumps(event.payload, allow_nan=False))


def test_what_this_version_stored_is_read_after_a_restart(station):
    station.set("Tank1.Level", 61.0)

    event = asyncio.run(event_of(WinCCTagTrigger(**tag_wait())))

    assert event["status"] == "met"


@pytest.mark.parametrize(
    ("kind", "arguments", "complaint"),
    [
        (WinCCTagTrigger, tag_wait(condition={"form": "of_the_future"}), "expected one of .* not 'of_the_future'"),
        (WinCCTagTrigger, tag_wait(condition={**FULL.to_json(), "weight": 2}), "unknown weight.*a newer version"),
        (WinCCTagTrigger, tag_wait(state={"memories": []}), "cannot be read.*memory.*Clear the task"),
        (
            WinCCTagTrigger,
            tag_wait(state={"memory": {"baselines": [], "more": []}}),
            "expected an object with baselines",
        ),
        (WinCCMessageTrigger, message_wait(until="of the future"), "of the future"),
        (WinCCMessageTrigger, message_wait(state={"counted": 3}), "cannot be read.*failures.*Clear the task"),
    ],
    ids=["form of condition", "field of condition", "state", "memory", "until", "state of messages"],
)
def test_what_a_newer_version_stored_ends_the_trigger_with_a_reason(kind, arguments, complaint):
    with pytest.raises((WinCCError, ValueError), match=f"(?s){complaint}"):
        asyncio.run(event_of(kind(**arguments)))


def test_a_trigger_that_ended_so_fails_the_task_and_does_not_skip_it(context):
    sensor = WinCCTagSensor(task_id="wait", condition=FULL, deferrable=True, soft_fail=True)

    with pytest.raises(WinCCError, match="unknown weight"):
        sensor.resume_execution("__fail__", {"error": "Trigger failure", "traceback": ["unknown weight"]}, context)


def test_an_argument_that_this_version_does_not_know_is_not_overlooked():
    with pytest.raises(TypeError, match="weight"):
        WinCCTagTrigger(**tag_wait(weight=2))
