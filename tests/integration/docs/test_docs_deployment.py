"""The page on deployment says what the system tests run."""

from __future__ import annotations

import configparser
from typing import TYPE_CHECKING

from deployment_page import PAGE, SYSTEM_TESTS, assigned
from documentation import blocks, text_of

from airflow_provider_wincc.sensors.tags import WinCCTagSensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import PageRun


def test_the_settings_of_each_shape_are_those_that_are_run() -> None:
    enterprise, worker, cluster = blocks("ini", PAGE)
    edge_site = (SYSTEM_TESTS / "edge" / "edge_site.py").read_text(encoding="utf-8")
    run = assigned(SYSTEM_TESTS / "cluster" / "cluster_airflow.py", "SETTINGS")

    assert enterprise.line < worker.line < cluster.line
    assert 'documented_settings("The enterprise\'s Airflow"' in edge_site
    assert 'documented_settings("The Edge worker"' in edge_site
    assert {option: run.get(option) for option in _settings(cluster.code)} == _settings(cluster.code)


def test_each_queue_whose_tasks_defer_has_a_triggerer(run_page: Callable[[str], PageRun]) -> None:
    lines = {line for block in blocks("bash", PAGE) for line in block.code.splitlines()}

    deferring = {
        task.queue for dag in run_page(PAGE).dags.values() for task in dag.tasks if getattr(task, "deferrable", False)
    }

    assert deferring
    assert {f"airflow triggerer --queues {queue}" for queue in deferring} <= lines


def test_the_shortest_pause_that_the_pages_tell_is_that_of_the_code() -> None:
    (told,) = [line for line in text_of("docs/waiting.md").splitlines() if line.startswith("- They look again after")]

    assert f"after {WinCCTagSensor.shortest_pause:g} s at the earliest" in told


def _settings(code: str) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(code)
    return {
        f"AIRFLOW__{name.upper()}__{option.upper()}": value
        for name in parser.sections()
        for option, value in parser.items(name)
    }
