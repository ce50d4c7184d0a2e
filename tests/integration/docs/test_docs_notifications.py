"""The page on notifications: its notifiers write what it says, its tables say what the code says."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest
from documentation import table, text_of

from airflow_provider_wincc.notifications.display_text import SHORTEST_LIMIT
from airflow_provider_wincc.notifications.tags import WinCCTagNotifier

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import PageRun

    from airflow_provider_wincc.simulator import Simulator

PAGE = "docs/notifications.md"


@pytest.fixture(autouse=True)
def screen(station: Simulator) -> None:
    """The two tags that the page makes in WinCC."""
    station.set("Line3.JobStatus", 0, data_type="uint8")
    station.set("Line3.JobText", "")


def shown(station: Simulator) -> tuple[object, object]:
    return station.get("Line3.JobStatus").value, station.get("Line3.JobText").value


def test_the_callbacks_of_the_page_show_a_failure_and_clear_it(
    run_page: Callable[[str], PageRun], station: Simulator, context: dict[str, Any]
) -> None:
    dag = run_page(PAGE).dags["send_orders"]

    for failed in dag.get_task("fetch_orders").on_failure_callback:
        failed({**context, "exception": ValueError("no order")})
    after_the_failure = shown(station)
    for done in dag.get_task("send_orders").on_success_callback:
        done(context)

    assert after_the_failure == (2, "docs.task: no order")
    assert shown(station) == (1, "")


def test_the_deadline_of_the_page_tells_that_a_run_is_late(
    run_page: Callable[[str], PageRun], station: Simulator
) -> None:
    late = run_page(PAGE).names["late"]

    WinCCTagNotifier(**late.kwargs)({"dag_run": {"dag_id": "orders_of_the_shift"}, "deadline": {}})

    assert late.path == f"{WinCCTagNotifier.__module__}.WinCCTagNotifier"
    assert shown(station) == (3, "orders_of_the_shift is late")


def test_the_page_names_every_argument_with_its_default() -> None:
    said = {name.strip("` "): row[2] for row in table(PAGE, "argument") for name in row[0].split(",")}
    parameters = inspect.signature(WinCCTagNotifier).parameters
    defaults = {name: parameter.default for name, parameter in parameters.items() if name != "kwargs"}

    assert set(said) == set(defaults)
    assert {name for name, default in defaults.items() if default is inspect.Parameter.empty} == {
        name for name, text in said.items() if text == "required"
    }
    assert said["max_text_length"] == f"{defaults['max_text_length']}"
    assert said["verify_timeout"] == f"{defaults['verify_timeout']:g}"
    assert said["wincc_conn_id"] == f"`{defaults['wincc_conn_id']}`"
    assert f"at least {SHORTEST_LIMIT}" in text_of(PAGE)


def test_the_page_names_every_template_and_every_callback() -> None:
    sentence = next(line for line in text_of(PAGE).splitlines() if "may be templates" in line)
    callbacks = " ".join(row[0] for row in table(PAGE, "callback"))

    assert [name for name in WinCCTagNotifier.template_fields if f"`{name}`" not in sentence] == []
    for name in ("success", "failure", "retry", "skipped"):
        assert f"`on_{name}_callback`" in callbacks
