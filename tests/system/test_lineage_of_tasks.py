"""What OpenLineage is told of every kind of task, by its own transport, in a real Airflow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from handoff_airflow import Erp

from airflow_provider_wincc.simulator import SimulatedUnit, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import DagRun

pytestmark = pytest.mark.system

STATION = "wincc://wincc_default"
UNIT = SimulatedUnit(name="Mixer1", speed=10, runs_when_frozen=True)
WRITTEN = ["Id", "Revision", "Sequence", "Start", "Clear", "WorkMaster", "Quantity"]


class Lineage:
    """The events of a run, as OpenLineage's transport wrote them into a file."""

    def __init__(self, file: Path, run: DagRun, home: Path, secret: str) -> None:
        self._events = [json.loads(line) for line in file.read_text().splitlines()]
        self.text = file.read_text()
        self.run = run
        self.secret = secret
        self.erp = f"sqlite://{home}/erp.db"

    def of(self, task: str, event_type: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Return the inputs and outputs of the last event of a type that a task sent."""
        event = [
            event
            for event in self._events
            if (event["eventType"], event["job"]["name"]) == (event_type, f"wincc_lineage.{task}")
        ][-1]
        return datasets(event["inputs"]), datasets(event["outputs"])


def datasets(told: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["namespace"], each["name"]) for each in told]


def of_station(*names: str) -> list[tuple[str, str]]:
    return [(STATION, name) for name in names]


@pytest.fixture(scope="module")
def lineage(airflow: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lineage]:
    """A run of all kinds of tasks, with a station and an ERP."""
    home = tmp_path_factory.mktemp("lineage")
    erp = Erp(home / "erp.db")
    erp.release("000042")
    events = home / "events.json"
    transport = {"type": "file", "log_file_path": str(events), "append": True}
    with Simulator(plant="still", units=[UNIT]) as station:
        station.raise_message(1001)
        settings = {"AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport)}
        run = airflow.run("wincc_lineage.py", station, settings=settings, erp=erp.connection)
        yield Lineage(events, run, home, station.users["engineer"].password)


def test_every_task_did_what_it_is_to_tell_of(lineage: Lineage) -> None:
    failed = {task for task, state in lineage.run.states.items() if state != "success"}

    assert failed == {"refused", "not_followed"}, lineage.run.output[-6000:]
    assert lineage.run.states["refused"] == "failed"


@pytest.mark.parametrize("event_type", ["START", "COMPLETE"])
@pytest.mark.parametrize(
    ("task", "read"),
    [
        ("read", ["Tank1.Level", "Tank2.Level"]),
        ("wait", ["Tank1.Level", "Mixer1.State"]),
        ("branch", ["Tank1.Level"]),
        ("check", ["Tank1.Level"]),
        ("read_messages", ["message_list:Errors"]),
        ("wait_for_message", ["message_list:Errors"]),
    ],
)
def test_what_looks_at_the_station_has_inputs_alone(
    lineage: Lineage, task: str, read: list[str], event_type: str
) -> None:
    assert lineage.of(task, event_type) == (of_station(*read), [])


def test_a_write_has_the_tags_of_its_interlock_as_inputs_and_what_it_wrote_as_outputs(lineage: Lineage) -> None:
    # Names that are templates are rendered later than OpenLineage asks.
    assert lineage.of("write", "START") == (of_station("Mixer1.State"), of_station("Tank1.Setpoint"))
    assert lineage.of("write", "COMPLETE") == (
        of_station("Mixer1.State"),
        of_station("Tank2.Setpoint", "Tank1.Setpoint"),
    )


def test_a_write_of_computed_values_has_them_as_outputs(lineage: Lineage) -> None:
    assert lineage.of("compute", "START") == ([], [])
    assert lineage.of("compute", "COMPLETE") == ([], of_station("Tank1.Setpoint"))


@pytest.mark.parametrize(
    ("task", "event_type"), [("only_tested", "START"), ("only_tested", "COMPLETE"), ("refused", "FAIL")]
)
def test_what_was_not_written_is_no_output(lineage: Lineage, task: str, event_type: str) -> None:
    assert lineage.of(task, event_type) == ([], [])


def test_a_claim_reads_and_changes_the_table_of_orders(lineage: Lineage) -> None:
    orders = [(lineage.erp, "production_orders")]

    assert lineage.of("claim", "COMPLETE") == (orders, orders)


@pytest.mark.parametrize("event_type", ["START", "COMPLETE"])
def test_a_handoff_leads_from_the_orders_over_the_unit_to_the_results(lineage: Lineage, event_type: str) -> None:
    inputs, outputs = lineage.of("hand_off", event_type)

    tables = [(lineage.erp, "production_orders"), (lineage.erp, "production_results")]
    at_end = event_type == "COMPLETE"
    assert [each for each in inputs if each[0] != STATION] == (tables[:1] if at_end else [])
    assert [each for each in outputs if each[0] != STATION] == (tables if at_end else [])
    unit = {name for namespace, name in outputs if namespace == STATION}
    assert unit == {f"Mixer1.Order.{name}" for name in WRITTEN}
    read = {name for namespace, name in inputs if namespace == STATION}
    assert {"Mixer1.Order.State", "Mixer1.Order.ActualQuantity", "Mixer1.Order.CurrentWorkMaster"} <= read
    assert not read & unit


@pytest.mark.parametrize("event_type", ["START", "COMPLETE"])
def test_clearing_a_unit_writes_the_command_alone(lineage: Lineage, event_type: str) -> None:
    inputs, outputs = lineage.of("clear", event_type)

    assert outputs == of_station("Mixer1.Order.Clear")
    assert (STATION, "Mixer1.Order.State") in inputs


def test_openlineage_does_not_complain_and_learns_no_secret(lineage: Lineage) -> None:
    assert "OpenLineage method failed" not in lineage.run.output
    assert lineage.secret not in lineage.text + lineage.run.output
