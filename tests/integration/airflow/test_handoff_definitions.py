"""A handoff that cannot work is refused when its task is defined."""

from __future__ import annotations

import pytest
from handoff_runs import handoff, tags_of
from simulated_units import UNIT

from airflow_provider_wincc.client import WinCCConfigurationError
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.orders import OrderHandoffTags

WRONG_TASKS = {
    "how far": ({"wait_for": "done"}, r"wait_for of task 'hand_off' is 'done'.*'stored' or 'running' or 'ended'"),
    "what a cancel means": ({"on_cancel": "pause"}, r"on_cancel of task 'hand_off' is 'pause'"),
    "the mode": ({"mode": "sleep"}, r"mode of task 'hand_off' is 'sleep'"),
    "collecting without an ERP": ({"foreign_results": "collect"}, r"has no erp_conn_id to put them"),
    "an unknown time-out": ({"timeouts": {"lunch": 60}}, r"timeouts of task 'hand_off' is 'lunch'"),
    "an interval that is too short": ({"poke_interval": 0.01}, r"poke_interval of task 'hand_off' is 0\.01 s"),
    "a success that is no condition": ({"success": "yes"}, r"success of task 'hand_off' is a str"),
    "a success over a tag that is no result": (
        {"success": tag(f"{UNIT}.Unit.Mode") == 1},
        r"success of task 'hand_off' looks at 'U1\.Unit\.Mode', which are no results",
    ),
    "no way to tell success": ({"tags": tags_of(without=["result"])}, r"no tag of role 'result', and there is no succ"),
    "a stop without a tag": (
        {"tags": tags_of(without=["stop"]), "on_cancel": "stop"},
        r"on_cancel='stop', and unit 'U1' has no tag for it",
    ),
}


@pytest.mark.parametrize("wrong", WRONG_TASKS)
def test_a_task_is_refused_when_it_is_defined_for(wrong):
    arguments, told = WRONG_TASKS[wrong]

    with pytest.raises(WinCCConfigurationError, match=told):
        handoff(**arguments)


def test_a_tag_map_that_names_one_tag_twice_is_refused_when_it_is_made():
    with pytest.raises(WinCCConfigurationError, match=r"'U1\.order\.state' stands twice.*role 'state' and for role"):
        OrderHandoffTags(prefix="U1.", names={"mode": "order.state"})


@pytest.mark.parametrize("on_cancel", ["stop", "abort"])
def test_nobody_can_end_an_order_in_reschedule_mode(on_cancel):
    with pytest.raises(WinCCConfigurationError, match=r"in reschedule mode, where nobody is there.*deferrable=True"):
        handoff("reschedule", on_cancel=on_cancel)


def test_a_unit_that_names_no_orders_takes_no_retries():
    tags = tags_of(profile="B", without=["ack_id", "current_id", "revision"], echo={})

    with pytest.raises(WinCCConfigurationError, match=r"retries=2, and unit 'U1' does not say.*Set retries=0"):
        handoff(tags=tags, retries=2)
