"""WinCCClearOrderOperator frees a unit once the result of its order is stored elsewhere."""

from __future__ import annotations

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from handoff_runs import ORDER_ID, TAGS, run_handoff, tags_of, writes_of
from simulated_units import SETTLE_WINDOW, UNIT, simulated_unit
from task_context import new_context

from airflow_provider_wincc.client import WinCCClient, WinCCConfigurationError
from airflow_provider_wincc.operators.clear_order import WinCCClearOrderOperator
from airflow_provider_wincc.orders import OrderTimeoutError

pytestmark = pytest.mark.usefixtures("connect")


@pytest.fixture
def units():
    return [simulated_unit(run_seconds=1.0)]


@pytest.fixture
def unit(station):
    return station.unit(UNIT)


def clear(**arguments):
    defaults = {
        "task_id": "clear",
        "order_id": ORDER_ID,
        "tags": TAGS,
        "settle_window": SETTLE_WINDOW,
        "poke_interval": 0.1,
    }
    return WinCCClearOrderOperator(**{**defaults, **arguments}).execute(new_context(task_id="clear"))


def clears(station):
    return [value for _, value in writes_of(station, "Order.Clear") if value]


@pytest.mark.parametrize(
    ("units", "profile"),
    [([simulated_unit(profile=profile, run_seconds=1.0)], profile) for profile in "ABCD"],
    ids=["A", "B", "C", "D"],
)
def test_it_clears_the_order_and_says_which(station, unit, profile):
    tags = tags_of(profile=profile)
    sequence = run_handoff("poke", new_context(), tags=tags, clear=False)["sequence"]

    told = clear(tags=tags)

    assert unit.state == "none"
    assert clears(station) == [sequence]
    assert (told["order_id"], told["unit"], told["task_id"]) == (ORDER_ID, UNIT, "clear")


def test_clearing_twice_is_harmless(station, unit):
    run_handoff("poke", new_context(), clear=False)
    clear()
    before = station.writes

    clear()

    assert station.writes == before
    assert unit.state == "none"


def test_it_leaves_the_order_of_another_alone(station, unit):
    run_handoff("poke", new_context(), order_id="000007", clear=False)
    before = station.writes

    clear()

    assert station.writes == before
    assert unit.state == "ended"


@pytest.mark.parametrize("units", [[simulated_unit(run_seconds=500.0)]], ids=["a long order"])
def test_it_leaves_an_order_that_runs_alone(station, unit):
    run_handoff("poke", new_context(), wait_for="running")
    before = station.writes

    clear()

    assert station.writes == before
    assert unit.state == "running"


def test_a_clear_whose_answer_was_lost_is_finished(station, unit):
    run_handoff("poke", new_context(), clear=False)
    station.fail_next("drop_after", method="PUT")

    clear()

    assert unit.state == "none"
    assert clears(station) == [1]


def test_a_clear_that_did_not_reach_the_station_is_sent_again(station, unit):
    run_handoff("poke", new_context(), clear=False)
    station.fail_next("drop_before", method="PUT")

    clear()

    assert unit.state == "none"


def test_an_attempt_that_died_after_its_clear_is_repeated_without_harm(station, unit, monkeypatch):
    class Death(BaseException):
        """The end of a process."""

    run_handoff("poke", new_context(), clear=False)
    write_tags = WinCCClient.write_tags

    def write_and_die(client, values):
        write_tags(client, values)
        raise Death

    monkeypatch.setattr(WinCCClient, "write_tags", write_and_die)
    with pytest.raises(Death):
        clear()
    monkeypatch.setattr(WinCCClient, "write_tags", write_tags)

    clear()

    assert unit.state == "none"
    assert clears(station) == [1]


def test_readings_without_good_quality_time_out(station):
    station.set(f"{UNIT}.Order.State", 0, quality=0x18)

    with pytest.raises(OrderTimeoutError, match=r"\(observe\) for 0\.3 s") as caught:
        clear(timeouts={"observe": 0.3})

    assert caught.value.retryable
    assert station.writes == []


@pytest.mark.parametrize("profile", ["B", "D"])
def test_a_unit_that_does_not_say_whose_order_it_holds_is_refused_before_anything_is_sent(station, profile):
    tags = tags_of(profile=profile, without=["ack_id", "current_id", "revision"], echo={})

    with pytest.raises(WinCCConfigurationError, match=r"'U1' does not say which order it holds.*handoff clear=True"):
        clear(tags=tags)
    with pytest.raises(AirflowFailException, match=r"'U1' does not say which order it holds.*handoff clear=True"):
        clear(tags=tags.to_json())

    assert station.requests == []


def test_templates_are_rendered(unit):
    run_handoff("poke", new_context(), clear=False)
    operator = WinCCClearOrderOperator(
        task_id="clear",
        order_id="{{ params.order }}",
        revision="{{ params.revision }}",
        tags={**TAGS.to_json(), "prefix": "{{ params.unit }}."},
        settle_window=SETTLE_WINDOW,
        poke_interval=0.1,
    )
    context = {**new_context(), "params": {"order": ORDER_ID, "revision": 0, "unit": UNIT}, "task": operator}

    operator.render_template_fields(context)
    operator.execute(context)

    assert unit.state == "none"
