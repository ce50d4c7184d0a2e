"""The page on deployment says what the system tests run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deployment_page import PAGE, SYSTEM_TESTS
from documentation import blocks, text_of

from airflow_provider_wincc.sensors.tags import WinCCTagSensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import PageRun


def test_the_settings_of_each_shape_are_those_that_are_run() -> None:
    edge_site, cluster = (
        (SYSTEM_TESTS / file).read_text(encoding="utf-8")
        for file in ("edge/edge_site.py", "cluster/cluster_airflow.py")
    )

    assert len(blocks("ini", PAGE)) == 3
    assert 'documented_settings("The enterprise\'s Airflow"' in edge_site
    assert 'documented_settings("The Edge worker"' in edge_site
    assert 'documented_settings("Settings of all parts"' in cluster
    assert 'documented_dags("B: ' in cluster


def test_each_queue_whose_tasks_defer_has_a_triggerer(run_page: Callable[[str], PageRun]) -> None:
    lines = {line for block in blocks("bash", PAGE) for line in block.code.splitlines()}

    tasks = [task for dag in run_page(PAGE).dags.values() for task in dag.tasks]
    deferring = {task.queue for task in tasks if getattr(task, "deferrable", False)}
    # The central shape has no queues: its tasks wait in any triggerer.
    deferring.remove("default")

    assert deferring
    assert {f"airflow triggerer --queues {queue}" for queue in deferring} <= lines


def test_the_shortest_pause_that_the_pages_tell_is_that_of_the_code() -> None:
    (told,) = [line for line in text_of("docs/waiting.md").splitlines() if line.startswith("- They look again after")]

    assert f"after {WinCCTagSensor.shortest_pause:g} s at the earliest" in told
