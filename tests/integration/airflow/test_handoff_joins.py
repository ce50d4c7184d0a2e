"""An attempt that died, whenever that was, is joined by the next one: the order starts once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from handoff_runs import ORDER_ID, PAYLOAD, run_handoff, tags_of
from simulated_units import simulated_unit
from task_context import new_context

from airflow_provider_wincc.client import WinCCClient

AT_A_TIME = 13
# Four writes, two readings before the first and after each of them, and one more before the last. A handoff that looks
# while something changes has more, and so has one that pauses; what a trigger reads is not counted.
FEWEST_REQUESTS = 15
# More than a handoff has, so that the last attempts live.
MOST_REQUESTS = 26
REQUESTS = range(1, MOST_REQUESTS + 1)


class Death(BaseException):
    """The end of a process: nothing catches it."""


pytestmark = pytest.mark.usefixtures("connect")


class Deaths:
    """Lets the attempt of this thread die at one of its requests: ``before`` it is sent or ``after`` it took effect."""

    def __init__(self, monkeypatch):
        self._plan = threading.local()
        for name in ("try_read_tags", "write_tags"):
            monkeypatch.setattr(WinCCClient, name, self._counted(getattr(WinCCClient, name)))

    def plan(self, request, moment):
        self._plan.left, self._plan.moment = request, moment

    def _counted(self, send):
        def send_or_die(client, values):
            plan = self._plan
            plan.left = getattr(plan, "left", 0) - 1
            if plan.left == 0 and plan.moment == "before":
                raise Death
            answer = send(client, values)
            if plan.left == 0:
                raise Death
            return answer

        return send_or_die


@pytest.fixture
def deaths(monkeypatch):
    return Deaths(monkeypatch)


@pytest.fixture
def profile():
    return "A"


@pytest.fixture
def units(profile):
    """A unit for each request that an attempt may die at."""
    return [simulated_unit(f"U{request}", profile=profile) for request in REQUESTS]


def order_at(request):
    return f"{ORDER_ID}-{request}"


def die_and_join(station, deaths, mode, moment, profile, **arguments):
    """Die at every request in turn, each at a unit of its own; return request → whether it died, and how it ended."""

    def run(request):
        unit = f"U{request}"
        how = {"tags": tags_of(unit, profile=profile), "order_id": order_at(request), **arguments}
        context = new_context()
        deaths.plan(request, moment)
        try:
            result, died = run_handoff(mode, context, **how), False
        except Death:
            context["ti"].try_number += 1
            result, died = run_handoff(mode, context, **how), True
        starts = [(start.order_id, start.payload) for start in station.unit(unit).starts]
        return died, (result["outcome"], starts == [(how["order_id"], PAYLOAD)], station.unit(unit).state)

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return dict(zip(REQUESTS, pool.map(run, REQUESTS), strict=True))


def check(ends):
    died = {request for request, (has_died, _) in ends.items() if has_died}
    assert {request: end for request, (_, end) in ends.items() if end != ("successful", True, "none")} == {}
    assert set(range(1, FEWEST_REQUESTS + 1)) <= died, "every request that all handoffs have was met"
    assert max(died) < MOST_REQUESTS


@pytest.mark.parametrize(
    ("profile", "moment"), [("A", "before"), ("A", "after"), ("B", "after"), ("C", "after"), ("D", "after")]
)
def test_an_attempt_that_died_at_any_request_is_joined(station, deaths, moment, profile):
    ends = die_and_join(station, deaths, "poke", moment, profile)

    check(ends)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_attempt_that_died_at_any_request_is_joined_by_the_note_in_the_erp(station, deaths, erp, moment):
    for request in REQUESTS:
        erp.release(order_at(request), unit=f"U{request}")

    ends = die_and_join(station, deaths, "poke", moment, "A", erp_conn_id="erp")

    check(ends)
    assert {erp.order(order_at(request))["status"] for request in REQUESTS} == {"confirmed"}
    assert len(erp.results()) == MOST_REQUESTS


@pytest.mark.parametrize("mode", ["reschedule", "deferrable"])
def test_an_attempt_that_died_at_any_request_between_its_pauses_is_joined(station, deaths, mode):
    ends = die_and_join(station, deaths, mode, "after", "A")

    check(ends)
