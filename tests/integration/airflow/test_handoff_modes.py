"""All modes of the handoff: the same result, the same errors, the same time-outs, one start."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from handoff_runs import MODES, ORDER_ID, PAYLOAD, logged, run_handoff, tags_of, when
from simulated_units import UNIT, finish, lasting_unit, simulated_unit
from task_context import new_context

from airflow_provider_wincc.client import WinCCError
from airflow_provider_wincc.orders import OrderTimeoutError
from airflow_provider_wincc.orders.progress import Progress

pytestmark = pytest.mark.usefixtures("connect")

UNIT_OF = {"poke": "U1", "reschedule": "U2", "deferrable": "U3", "on_worker": "U4"}


@pytest.fixture
def units():
    return [simulated_unit(unit) for unit in UNIT_OF.values()]


@pytest.fixture
def unit_of(station):
    """Mode → unit; each mode has one of its own."""
    station.thaw()
    return {mode: station.unit(unit) for mode, unit in UNIT_OF.items()}


@pytest.fixture
def seen_running(monkeypatch):
    """The threads, one for each mode, whose handoff has noted that its order runs."""
    threads, reached = set(), Progress.reached

    def note(progress, step, now):
        reached(progress, step, now)
        if step == "running":
            threads.add(threading.get_ident())

    monkeypatch.setattr(Progress, "reached", note)
    return threads


def in_each_mode(contexts=None, **arguments):
    """Run a handoff in all modes at the same time; return mode → its result or its error."""

    def run(mode):
        context = new_context() if contexts is None else contexts[mode]
        try:
            return run_handoff(mode, context, **{"tags": tags_of(UNIT_OF[mode]), **arguments})
        except (WinCCError, AirflowFailException) as error:
            return error

    with ThreadPoolExecutor(len(MODES)) as pool:
        return dict(zip(MODES, pool.map(run, MODES), strict=True))


def all_are(kind, ended):
    return [mode for mode, error in ended.items() if type(error) is kind] == list(MODES)


@pytest.mark.parametrize(
    "units", [[lasting_unit(unit, skew=0.05) for unit in UNIT_OF.values()]], ids=["orders that last until all are seen"]
)
def test_an_order_starts_once_with_its_payload_and_gives_the_same_result(station, unit_of, seen_running):
    with when(lambda: len(seen_running) == len(MODES), lambda: finish(station)):
        ended = in_each_mode(revision=3, settle_window=0.12, poke_interval=0.2)

    for mode, result in ended.items():
        unit = unit_of[mode]
        assert [(start.order_id, start.revision, start.payload) for start in unit.starts] == [(ORDER_ID, 3, PAYLOAD)]
        assert unit.state == "none"
        times, results = result.pop("times"), result.pop("results")
        assert result == {
            "order_id": ORDER_ID,
            "revision": 3,
            "unit": unit.name,
            "outcome": "successful",
            "state": 5,
            "state_name": "ended",
            "job_result": 1,
            "job_result_name": "successful",
            "sequence": 1,
            "station": station.url,
            "dag_id": "line3",
            "run_id": "manual__1",
            "task_id": "task",
            "map_index": -1,
            "try_number": 1,
        }
        assert {name: (reading["value"], reading["quality"]) for name, reading in results.items()} == {
            "ActualQuantity": (12.5, "good"),
            "ActualDuration": (1500, "good"),
        }
        assert [step for step, _ in sorted(times.items(), key=lambda item: item[1])] == [
            "offered",
            "committed",
            "stored",
            "start_given",
            "running",
            "ended",
            "recorded",
        ]


def test_the_result_is_json():
    for result in in_each_mode().values():
        assert json.loads(json.dumps(result, allow_nan=False)) == result


def test_two_orders_one_after_the_other_start_once_each(unit_of):
    in_each_mode(order_id="000001")
    in_each_mode(order_id="000002")

    for unit in unit_of.values():
        assert [(start.order_id, start.sequence) for start in unit.starts] == [("000001", 1), ("000002", 2)]


def test_a_refused_order_fails_without_retries_in_the_same_words(unit_of):
    ended = in_each_mode(payload={**PAYLOAD, "WorkMaster": "R-999"})

    assert all_are(AirflowFailException, ended)
    words = {str(error).replace(UNIT_OF[mode], UNIT) for mode, error in ended.items()}
    assert len(words) == 1
    assert "was refused: return status 32" in words.pop()
    assert [unit.starts for unit in unit_of.values()] == [[]] * len(MODES)


def test_a_login_that_is_refused_while_waiting_is_tried_once(station, unit_of):
    for unit in unit_of.values():
        unit.set_mode(2)

    with when(lambda: len(station.requests) >= 12, lambda: station.fail_next("unauthorized", count=99)):
        ended = in_each_mode()

    assert all_are(AirflowFailException, ended)
    assert all("user name and password" in str(error) for error in ended.values())
    assert [request.status for request in station.requests].count(401) == len(MODES)


def test_the_time_out_of_a_wait_counts_over_the_pauses(unit_of):
    for unit in unit_of.values():
        unit.set_mode(2)
    started = time.monotonic()

    ended = in_each_mode(unit_timeout=0.8)

    assert 0.8 <= time.monotonic() - started < 20
    assert all_are(OrderTimeoutError, ended)
    for error in ended.values():
        assert "was waited for (admit) for 0.8 s: the unit is in mode 2" in str(error)
        assert (error.step, error.retryable) == ("admit", True)


def test_readings_that_stay_unusable_have_a_time_out_of_their_own(station, unit_of):
    for unit in unit_of.values():
        unit.set_mode(2)

    def spoil():
        for unit in unit_of.values():
            station.set(f"{unit.name}.Order.Ready", False, quality=0x18)

    with when(lambda: len(station.requests) >= 12, spoil):
        ended = in_each_mode(timeouts={"observe": 0.5})

    assert all_are(OrderTimeoutError, ended)
    for mode, error in ended.items():
        assert f"the quality of '{UNIT_OF[mode]}.Order.Ready' (role 'ready') is" in str(error)
        assert (error.step, error.retryable) == ("observe", True)


def test_the_next_attempt_waits_anew(unit_of):
    contexts = {mode: new_context() for mode in MODES}
    for unit in unit_of.values():
        unit.set_mode(2)
    assert all_are(OrderTimeoutError, in_each_mode(contexts, unit_timeout=0.4))
    for context in contexts.values():
        context["ti"].try_number = 2
    started = time.monotonic()

    ended = in_each_mode(contexts, unit_timeout=0.4)

    assert all_are(OrderTimeoutError, ended)
    assert time.monotonic() - started >= 0.4


@pytest.mark.parametrize("units", [[lasting_unit(unit) for unit in UNIT_OF.values()]], ids=["lasting orders"])
def test_a_run_that_takes_too_long_fails_without_retries_and_the_order_goes_on(unit_of):
    started = time.monotonic()

    ended = in_each_mode(run_timeout=0.6)

    assert time.monotonic() - started < 20
    assert all_are(AirflowFailException, ended)
    for mode, error in ended.items():
        assert "was waited for (run) for 0.6 s: the order is running. The order goes on in the unit." in str(error)
        assert unit_of[mode].state == "running"


@pytest.mark.parametrize("units", [[lasting_unit(unit) for unit in UNIT_OF.values()]], ids=["lasting orders"])
def test_a_station_that_is_away_for_a_while_is_waited_through(station, unit_of):
    def come_back():
        station.start_service()
        finish(station)

    with (
        when(lambda: all(unit.state == "running" for unit in unit_of.values()), station.stop_service),
        when(lambda: [request.status for request in station.requests].count(503) >= 6, come_back),
    ):
        ended = in_each_mode()

    assert {mode: result["outcome"] for mode, result in ended.items()} == dict.fromkeys(MODES, "successful")
    assert [len(unit.starts) for unit in unit_of.values()] == [1] * len(MODES)


@pytest.mark.parametrize("mode", MODES)
def test_each_step_is_logged_once(station, context, mode, caplog, capsys):
    caplog.set_level("INFO")

    run_handoff(mode, context, run_timeout=60)

    told = [line.partition(" s: ")[2] for line in logged(caplog, capsys) if "WinCC order" in line]
    assert len(set(told)) == len(told)
    for step in ("write the payload:", "commit:", "start:", "the result is recorded:", "clear:", "done:"):
        assert len([line for line in told if line.startswith(step)]) == 1


@pytest.mark.parametrize("units", [[simulated_unit(skew=0.0)]], ids=["without skew"])
def test_a_handoff_sends_at_most_three_requests_a_step_besides_its_polls(station, context):
    run_handoff("poke", context)

    sent = "".join("W" if request.method == "PUT" else "r" for request in station.requests)
    observed, offered, committed, started, cleared = map(len, sent.split("W"))
    # A step is a write and the readings after it; only while the order runs do readings follow a pause.
    assert max(observed, 1 + offered, 1 + committed, 1 + cleared) <= 3
    unit = station.unit(UNIT)
    polls = int((unit.timeline[-1].at - unit.starts[0].at).total_seconds() / 0.1) + 1
    assert 1 + started <= 3 + 2 * polls


@pytest.mark.parametrize(
    ("units", "states"),
    [([simulated_unit(states=states)], states) for states in ("packml", "packml_tmc")],
    ids=["packml", "packml_tmc"],
)
def test_a_unit_with_packml_states_takes_an_order_too(station, context, states):
    result = run_handoff("poke", context, tags=tags_of(states=states))

    assert result["outcome"] == "successful"
    assert [(start.order_id, start.payload) for start in station.unit(UNIT).starts] == [(ORDER_ID, PAYLOAD)]
