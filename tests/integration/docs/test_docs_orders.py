"""The page on orders: its tasks hand their orders to the simulated unit, and its result is a real one."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from documentation import blocks

from airflow_provider_wincc.orders.progress import Progress
from airflow_provider_wincc.simulator import SimulatedUnit, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import PageRun

PAGE = "docs/orders.md"
UNIT = SimulatedUnit(name="Mixer1", speed=20, runs_when_frozen=True, scan_seconds=0.01)
# Its order runs for half a minute, unless the frozen plant is moved on.
LASTING_UNIT = replace(UNIT, run_seconds=600, runs_when_frozen=False)


@pytest.fixture
def unit() -> SimulatedUnit:
    """The settings of the unit; a test that needs others gives its own."""
    return UNIT


@pytest.fixture
def station(unit: SimulatedUnit) -> Iterator[Simulator]:
    """A simulated station with a fast unit."""
    with Simulator(plant="still", units=[unit]) as simulator:
        simulator.thaw()
        yield simulator


@pytest.fixture
def ends_when_seen(station: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bring the order to its end once the handoff has noted that it runs, however slow the machine is."""
    reached = Progress.reached

    def note(progress: Progress, step: str, now: float) -> None:
        reached(progress, step, now)
        if step == "running" and station.unit("Mixer1").state == "running":
            station.freeze()
            station.step(31)
            station.thaw()

    monkeypatch.setattr(Progress, "reached", note)


def hasten(task: Any) -> Any:
    """Give a task of the page the pace of the simulated unit, and let it wait here."""
    task.settle_window, task.poke_interval, task.deferrable = 0.05, 0.2, False
    return task


def test_the_order_of_the_page_is_made_once_and_its_result_looks_as_shown(
    station: Simulator, run_page: Callable[[str], PageRun], context: dict[str, Any]
) -> None:
    shown = next(json.loads(block.code) for block in blocks("json", PAGE))

    real = hasten(run_page(PAGE).names["make_order"]).execute(context)

    assert list(real) == list(shown)
    assert set(shown["times"]) <= set(real["times"])
    assert list(real["results"]["ActualQuantity"]) == list(shown["results"]["ActualQuantity"])
    assert real["outcome"] == shown["outcome"]
    assert real["results"]["ActualQuantity"]["value"] == shown["results"]["ActualQuantity"]["value"]
    assert [start.order_id for start in station.unit("Mixer1").starts] == ["000042"]


def test_the_unit_keeps_the_result_until_the_clearing_task_of_the_page_has_run(
    station: Simulator, run_page: Callable[[str], PageRun], context: dict[str, Any]
) -> None:
    page = run_page(PAGE).names
    hasten(page["make_for_sap"]).execute(context)
    kept = station.get("Mixer1.Order.CurrentId").value

    hasten(page["clear_mixer"]).execute(context)

    assert kept == "000044"
    assert station.get("Mixer1.Order.CurrentId").value == ""


def test_the_condition_of_the_page_judges_the_results(
    run_page: Callable[[str], PageRun], context: dict[str, Any]
) -> None:
    assert hasten(run_page(PAGE).names["make_enough"]).execute(context)["outcome"] == "successful"


@pytest.mark.usefixtures("ends_when_seen")
@pytest.mark.parametrize("unit", [LASTING_UNIT], ids=["a lasting order"])
def test_the_log_that_the_page_shows_is_the_log_of_a_handoff(
    run_page: Callable[[str], PageRun], context: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    (shown,) = (block.code.splitlines() for block in blocks("text", PAGE))

    hasten(run_page(PAGE).names["make_order"]).execute(context)
    printed = capsys.readouterr().out

    said = [line.partition(" s: ")[2] for line in shown]
    assert [words for words in said if f" s: {words}" not in printed] == []
