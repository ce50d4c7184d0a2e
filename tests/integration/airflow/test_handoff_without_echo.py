"""A unit that does not say which order an answer belongs to: no retry, and no guess."""

from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from handoff_runs import ORDER_ID, PAYLOAD, run_handoff, tags_of
from simulated_units import UNIT, simulated_unit
from task_context import new_context

from airflow_provider_wincc.client import WinCCClient

pytestmark = pytest.mark.usefixtures("connect")


@pytest.fixture(params=["B", "D"])
def profile(request):
    return request.param


@pytest.fixture
def units(profile):
    return [simulated_unit(profile=profile, id_echo=False)]


@pytest.fixture
def unit(station):
    return station.unit(UNIT)


@pytest.fixture
def tags(profile):
    return tags_of(profile=profile, without=["ack_id", "current_id", "revision"], echo={})


class Death(BaseException):
    """The end of a process: nothing catches it."""


def test_an_order_goes_through(unit, context, tags):
    result = run_handoff("poke", context, tags=tags)

    assert result["outcome"] == "successful"
    assert [(start.order_id, start.payload) for start in unit.starts] == [(ORDER_ID, PAYLOAD)]
    assert unit.state == "none"


@pytest.mark.parametrize("mode", ["reschedule", "deferrable"])
def test_an_order_goes_through_with_pauses(unit, context, tags, mode):
    result = run_handoff(mode, context, tags=tags)

    assert result["outcome"] == "successful"
    assert len(unit.starts) == 1


def test_a_task_with_retries_and_a_dict_of_tags_is_refused_before_anything_is_sent(station, context, tags):
    with pytest.raises(AirflowFailException, match=r"retries=1, and unit 'U1' does not say"):
        run_handoff("poke", context, tags=tags.to_json(), retries=1)

    assert station.requests == []


def test_a_second_attempt_after_a_commit_is_left_to_a_person(station, unit, context, erp, tags, monkeypatch):
    erp.release(ORDER_ID)
    read = WinCCClient.try_read_tags

    def die_once_it_runs(client, names):
        if unit.state == "running":
            raise Death
        return read(client, names)

    monkeypatch.setattr(WinCCClient, "try_read_tags", die_once_it_runs)
    with pytest.raises(Death):
        run_handoff("poke", context, tags=tags, erp_conn_id="erp")
    monkeypatch.setattr(WinCCClient, "try_read_tags", read)
    before = station.writes
    context["ti"].try_number = 2

    with pytest.raises(AirflowFailException, match=r"was about to be (started|committed) at .*Find out at the unit"):
        run_handoff("poke", context, tags=tags, erp_conn_id="erp")

    assert station.writes == before
    assert erp.order(ORDER_ID)["status"] == "needs_decision"
    assert len(unit.starts) == 1


def test_a_refused_order_fails_and_the_next_goes_through(unit, tags):
    with pytest.raises(AirflowFailException, match="refused"):
        run_handoff("poke", new_context(), payload={**PAYLOAD, "WorkMaster": "R-999"}, tags=tags)

    result = run_handoff("poke", new_context(), order_id="000043", tags=tags)

    assert result["outcome"] == "successful"
    assert [start.order_id for start in unit.starts] == ["000043"]
