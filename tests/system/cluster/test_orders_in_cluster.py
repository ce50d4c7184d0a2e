"""Fifty orders for five units in a cluster whose workers, triggerers and scheduler are killed meanwhile.

CLUSTER_SEED=7 kills other parts at other moments.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from cluster_airflow import Cluster, cluster
from cluster_faults import KILLS, Kill, Killer, kills_of
from cluster_orders import ORDERS, UNITS

from airflow_provider_wincc.version_compat import AIRFLOW_V_3_2_PLUS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.system,
    pytest.mark.services,
    pytest.mark.skipif(not AIRFLOW_V_3_2_PLUS, reason="triggerers have queues from Airflow 3.2 on"),
]

# One task at each unit, which sends at most three requests in a step of 1.2 s, and the shared reader of each triggerer.
READERS = len(UNITS) + 2
REQUESTS_PER_SECOND = 15
WINDOW = 10.0
SEED = int(os.environ.get("CLUSTER_SEED", "1"))


@dataclass(frozen=True)
class Outcome:
    """The cluster after all orders came to their end, and what was killed on the way."""

    cluster: Cluster
    kills: list[Kill]
    home: Path

    @property
    def story(self) -> str:
        """What was killed when, what the ERP says of each open order, and the ends of all logs."""
        return f"seed {SEED}\n{self.cluster.erp.reasons()}\n{self.cluster.parts.logs()}"


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    """A cluster that has handed all orders over, while one part after the other was killed."""
    home = tmp_path_factory.mktemp("cluster")
    with cluster(home) as started:
        killer = Killer(started, kills_of(SEED, orders=len(ORDERS)), home / "kills.log")

        def is_over() -> bool:
            killer.go_on(started.erp.confirmed())
            return killer.is_done and started.run_states() in (["success"], ["failed"])

        started.erp.release(ORDERS)
        started.parts.wait("watching the station", lambda: bool(started.station.requests))
        started.station.set("Erp.OrdersReleased", value=True)
        started.parts.wait(f"handing all orders over (seed {SEED})", is_over, seconds=1200, pause=0.5)
        yield Outcome(started, killer.done, home)


def test_each_order_was_started_once_at_its_unit_with_its_own_payload(outcome: Outcome) -> None:
    units = [outcome.cluster.station.unit(name) for name in UNITS]

    starts = sorted((start.order_id, unit.name, start.payload) for unit in units for start in unit.starts)

    assert starts == [(order.order_id, order.unit, order.payload) for order in ORDERS], outcome.story


def test_each_order_is_confirmed_with_what_its_unit_has_made(outcome: Outcome) -> None:
    expected = {order.order_id: (order.unit, "successful", order.payload["Quantity"]) for order in ORDERS}

    statuses, results = outcome.cluster.erp.statuses(), outcome.cluster.erp.results()

    assert statuses == dict.fromkeys(expected, "confirmed"), outcome.story
    assert results == expected, outcome.story


def test_each_unit_was_cleared_after_each_order_and_is_free(outcome: Outcome) -> None:
    for name in UNITS:
        unit = outcome.cluster.station.unit(name)

        cleared = [event.order_id for event in unit.timeline if event.event == "cleared"]

        assert cleared == [start.order_id for start in unit.starts], outcome.story
        assert unit.state == "none"


def test_the_plant_released_the_orders_once_and_one_run_has_handed_them_over(outcome: Outcome) -> None:
    assert outcome.cluster.run_states() == ["success"], outcome.story


def test_the_station_was_asked_by_few_at_once_and_at_a_steady_pace(outcome: Outcome) -> None:
    requests = outcome.cluster.station.requests

    moments = [request.at.timestamp() for request in requests]
    busiest = max(bisect_left(moments, moment + WINDOW) - place for place, moment in enumerate(moments))

    assert requests[0].number == 1  # nothing was forgotten of what is counted here
    assert max(request.in_flight for request in requests) <= READERS
    assert busiest <= WINDOW * REQUESTS_PER_SECOND


def test_the_dag_of_the_page_waits_in_the_triggerer_of_the_plant(outcome: Outcome) -> None:
    cluster = outcome.cluster
    waits = (
        "SELECT 1 FROM trigger JOIN job ON job.id = triggerer_id"
        " WHERE queue = 'plant_a' AND classpath LIKE '%WinCCTagTrigger'"
    )

    cluster.run_dag_of_the_page("waits_in_dmz")
    cluster.parts.wait("waiting in the DMZ", lambda: bool(cluster.parts.rows(waits)))
    states = cluster.states_of("waits_in_dmz")
    cluster.station.set("Tank1.Level", 95.0)
    cluster.parts.wait("ending the wait in the DMZ", lambda: cluster.states_of("waits_in_dmz") == ["success"])

    assert states == ["running"]


def test_the_broker_has_sent_again_what_the_dead_workers_held(outcome: Outcome) -> None:
    logs = [log.read_text() for log in outcome.home.glob("worker-*.log")]

    received = Counter(task for log in logs for task in re.findall(r"Task execute_workload\[(\S+)\] received", log))

    assert max(received.values()) > 1


def test_each_part_was_killed_at_work_and_tasks_were_tried_again(outcome: Outcome) -> None:
    rows = outcome.cluster.parts.rows

    jobs = dict(rows("SELECT job_type, count(*) FROM job GROUP BY job_type"))
    (tries,) = rows("SELECT max(try_number) FROM task_instance")[0]

    assert Counter(kill.part for kill in outcome.kills) == KILLS
    assert jobs["SchedulerJob"] == 1 + KILLS["scheduler"]
    assert jobs["TriggererJob"] == 2 + KILLS["triggerer"] + KILLS["triggerer-a"]
    assert tries > 1
