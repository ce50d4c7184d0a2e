"""Every snippet of the documentation runs, or is read by what it is meant for."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import deployment_page
import own_plant_files
import pytest
import station_commands
import tested_project
from archive_rows import export_rows
from documentation import PAGES, REPOSITORY, Block, anchors, blocks, links, text_of

from airflow_provider_wincc.version_compat import AIRFLOW_V_3_2_PLUS

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import PageRun

    from airflow_provider_wincc.simulator import Simulator

SHELLS = ("bash", "console")
NOT_RUN = {"text"}
# The blocks of the page on testing are files of one project, whose tests are run by the command of that page.
PAGES_WITH_PYTHON = [page for page in PAGES if blocks("python", page) and page != tested_project.PAGE]


def test_the_pages_have_snippets_to_run() -> None:
    pages = {"docs/connection.md", "docs/tags.md", "docs/waiting.md", "docs/archives.md"}
    assert {"README.md", *pages} <= set(PAGES_WITH_PYTHON)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_kind_of_snippet_that_nobody_checks(page: str) -> None:
    opened = re.findall(r"^ *```(.+)$", text_of(page), re.MULTILINE)

    assert set(opened) <= {"python", "json", "ini", "sql", "yaml", *SHELLS, *NOT_RUN}


@pytest.mark.parametrize("page", PAGES_WITH_PYTHON)
def test_the_python_of_a_page_runs_and_its_dags_are_valid(page: str, run_page: Callable[[str], PageRun]) -> None:
    done = run_page(page)

    assert len(done.dags) == text_of(page).count("with DAG(")
    for dag in done.dags.values():
        assert dag.tasks
        dag.validate()
        dag.check_cycle()
        assert _serialized(dag)["dag"]["dag_id"] == dag.dag_id


@pytest.mark.parametrize(
    ("page", "dag_id", "task_id"),
    [
        ("README.md", "fill_tank", "read_tank"),
        ("docs/tags.md", "read_tanks", "read_tanks"),
        ("docs/tags.md", "level_out", "read_level"),
    ],
)
def test_a_read_of_the_docs_returns_good_values(
    page: str, dag_id: str, task_id: str, run_page: Callable[[str], PageRun], context: dict[str, Any]
) -> None:
    task = run_page(page).dags[dag_id].get_task(task_id)

    readings = task.execute(context)

    assert list(readings) == task.tags
    assert {reading["quality"] for reading in readings.values()} == {"good"}


def test_a_batch_number_read_as_the_docs_advise_keeps_its_zeros(
    run_page: Callable[[str], PageRun], context: dict[str, Any]
) -> None:
    task = run_page("docs/tags.md").dags["read_tanks"].get_task("read_tanks")

    assert task.execute(context)["Plant.BatchId"]["value"] == "000042"


@pytest.mark.parametrize(
    ("page", "name", "written"),
    [
        ("README.md", "fill_tank", [("Tank1.Setpoint", 60.0)]),
        ("docs/tags.md", "set_speed", [("Mixer1.SpeedSetpoint", 450.0)]),
        ("docs/tags.md", "write_recipe", [("Mixer1.Recipe", "R-002")]),
        (
            "docs/tags.md",
            "start_cycle",
            [("Mixer1.Recipe", "R-002"), ("Mixer1.SpeedSetpoint", 300.0), ("Line3.Running", True)],
        ),
    ],
)
def test_a_write_of_the_docs_arrives_and_is_proved(
    page: str,
    name: str,
    written: list[tuple[str, object]],
    run_page: Callable[[str], PageRun],
    station: Simulator,
    context: dict[str, Any],
) -> None:
    task = run_page(page).names[name]
    before = len(station.writes)

    receipt = task.execute(context)

    assert {entry["outcome"] for entry in receipt["receipts"]} == {"verified"}
    assert [(write.tag, write.value) for write in station.writes[before:]] == written


def test_the_receipt_in_the_docs_has_the_keys_of_a_real_one(
    run_page: Callable[[str], PageRun], context: dict[str, Any]
) -> None:
    shown = next(json.loads(block.code) for block in blocks("json", "docs/tags.md") if "receipts" in block.code)

    real = run_page("README.md").names["fill_tank"].execute(context)

    assert list(shown) == list(real)
    assert list(shown["receipts"][0]) == list(real["receipts"][0])
    assert shown["receipts"][0]["confirmed_by"] == real["receipts"][0]["confirmed_by"]


def test_the_waits_of_the_docs_end_when_the_plant_is_ready(
    run_page: Callable[[str], PageRun], context: dict[str, Any]
) -> None:
    task = run_page("docs/waiting.md").names["wait_for_idle"]

    assert task.execute(context)["Mixer1.State"]["value"] == "IDLE"


def test_the_python_tasks_of_the_docs_reach_the_station(run_page: Callable[[str], PageRun]) -> None:
    list_tags = run_page("docs/tags.md").names["tags_of_tank_1"].function
    check = run_page("docs/connection.md").names["check_station"].function

    assert "Tank1.Level" in list_tags()
    assert check().startswith("All steps passed")


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_json_of_the_docs_is_valid_and_connections_in_it_can_be_read(block: Block) -> None:
    from airflow_provider_wincc.client import StationSettings
    from airflow_provider_wincc.client.settings import OPTION_NAMES
    from airflow_provider_wincc.hooks.airflow_options import AIRFLOW_OPTION_NAMES

    data = json.loads(block.code)

    assert data
    if "conn_type" in data:
        assert data.pop("conn_type") == "wincc"
        assert set(data["extra"]) <= OPTION_NAMES | AIRFLOW_OPTION_NAMES
        assert StationSettings.from_fields(**data).address.host.endswith(".plant.example")


@pytest.mark.parametrize("block", blocks("ini"), ids=str)
def test_settings_of_the_docs_are_settings_of_airflow(block: Block) -> None:
    from airflow.configuration import conf

    parser = configparser.ConfigParser()
    parser.read_string(block.code)

    options = [(section, option) for section in parser.sections() for option in parser.options(section)]
    assert options
    # The settings of an executor that is not installed here are run by the system tests, which install it.
    options = [option for option in options if option[0] not in deployment_page.missing_executors()]
    if not AIRFLOW_V_3_2_PLUS:
        options = [option for option in options if option != ("triggerer", "queues_enabled")]
    assert [option for option in options if not (conf.has_option(*option) or _is_described(*option))] == []


def _is_described(section: str, option: str) -> bool:
    """Whether Airflow, or an installed provider, describes a setting; one without a default is not an option yet."""
    from airflow.configuration import conf
    from airflow.providers_manager import ProvidersManager

    described = {**conf.configuration_description, **dict(ProvidersManager().provider_configs)}
    return option in described.get(section, {}).get("options", {})


def _in_continuous_integration(command: str, folder: Path) -> None:
    assert folder.is_dir()
    assert command in (REPOSITORY / ".ci" / "run").read_text(encoding="utf-8")


def _installs_what_setup_cfg_offers(command: str, folder: Path) -> None:
    assert folder.is_dir()
    setup = configparser.ConfigParser()
    setup.read(REPOSITORY / "setup.cfg", encoding="utf-8")
    place, _, extra = command.removeprefix("pip install '").removesuffix("]'").partition("[")
    assert place in {".", setup["metadata"]["name"]}
    assert setup.has_option("options.extras_require", extra)


def _starts_for_real(command: str, folder: Path) -> None:
    program, *arguments = command.split()
    description = folder / "station.json"
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name(program)), *arguments, "--port", "0", "--describe", str(description)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        patience = time.monotonic() + 30
        while not description.exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < patience, "the station did not start within 30 seconds"
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        printed, complaints = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0, complaints
    assert '{"conn_type": "wincc"' in printed


def _passes_on_a_good_unit(command: str, folder: Path) -> None:
    from airflow_provider_wincc.simulator import SimulatedUnit, Simulator

    program, *arguments = shlex.split(command)
    with Simulator(plant="still", units=[SimulatedUnit(name="Mixer1", speed=20, runs_when_frozen=True)]) as station:
        given = {"--url": station.url, "--ca-file": str(station.ca_file)}
        for option, value in given.items():
            arguments[arguments.index(option) + 1] = value
        finished = subprocess.run(
            [str(Path(sys.executable).with_name(program)), *arguments, "--settle", "0.1", "--yes"],
            env={**os.environ, "WINCC_PASSWORD": station.users["engineer"].password},
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert " 0 failed" in finished.stdout


def _passes_in_the_project_of_the_page(command: str, folder: Path) -> None:
    tested_project.write_project(folder)
    program, *arguments = command.split()
    finished = subprocess.run(
        [str(Path(sys.executable).with_name(program)), *arguments, "-p", "no:cacheprovider", "-p", "no:asyncio"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-8000:] + finished.stderr
    assert f" {text_of(tested_project.PAGE).count('def test_')} passed" in finished.stdout


def _simulates_an_own_plant(command: str, folder: Path) -> None:
    own_plant_files.write_files(folder)
    for name in ("bakery.yaml", "bakery-state", "tags.csv"):
        command = command.replace(f" {name}", f" {folder / name}")
    _starts_for_real(command, folder)


def _makes_a_plant_file(command: str, folder: Path) -> None:
    from airflow_provider_wincc.simulator import PlantFile

    own_plant_files.write_files(folder)
    called, _, written = command.partition(" > ")
    program, *arguments = called.split()
    with (folder / written).open("wb") as file:
        subprocess.run(
            [str(Path(sys.executable).with_name(program)), *arguments], stdout=file, cwd=folder, check=True, timeout=60
        )
    assert [tag.name for tag in PlantFile.read(folder / written).tags] == ["Oven.On", "Oven.Speed"]


def _understood_by_airflow(command: str, folder: Path) -> None:
    from airflow.cli import cli_parser

    assert folder.is_dir()
    program, *arguments = shlex.split(command)
    assert program == "airflow"
    assert cli_parser.get_parser().parse_args(arguments).subcommand == arguments[1]


def _draws_an_export(command: str, folder: Path) -> None:
    program, script, export, picture = shlex.split(command)
    assert (program, (REPOSITORY / picture).exists()) == ("python", True)
    rows = folder / Path(export).name
    export_rows(rows)
    drawn = folder / Path(picture).name
    # matplotlib keeps a list of fonts in its home.
    environment = {**os.environ, "MPLCONFIGDIR": str(folder)}
    subprocess.run(
        [sys.executable, str(REPOSITORY / script), str(rows), str(drawn)], env=environment, check=True, timeout=120
    )
    told = re.findall(r"<text[^>]*>([^<]*)<", drawn.read_text(encoding="utf-8"))
    assert "Temperature" in told
    assert "Batch" not in told  # texts cannot be drawn


CHECK_UNIT = (
    "airflow-wincc check-unit --url https://wincc01.plant.example:34568 --user engineer --ca-file plant-ca.pem "
    "--prefix Mixer1. --payload WorkMaster=R-001 --payload Quantity=10 --bad WorkMaster=NONE"
)
BACKFILL = (
    "airflow backfill create --dag-id archive_hours --from-date 2026-03-01 --to-date 2026-03-01T23:00 "
    "--max-active-runs 1"
)
DRAW_ARCHIVE = (
    "python docs/plots/archive_plot.py /data/plant-days/ProcessData_20260302T000000Z.parquet docs/plots/archive.svg"
)
HOW_A_COMMAND_IS_COVERED: dict[str, Callable[[str, Path], None]] = {
    "make demo": _in_continuous_integration,
    "make test": _in_continuous_integration,
    "pip install '.[simulator]'": _installs_what_setup_cfg_offers,
    "pip install 'airflow-provider-wincc[simulator]'": _installs_what_setup_cfg_offers,
    "pip install 'airflow-provider-wincc[pytest]'": _installs_what_setup_cfg_offers,
    "pytest tests": _passes_in_the_project_of_the_page,
    "pip install 'airflow-provider-wincc[cli]'": _installs_what_setup_cfg_offers,
    "pip install 'airflow-provider-wincc[arrow]'": _installs_what_setup_cfg_offers,
    "pip install 'airflow-provider-wincc[pandas]'": _installs_what_setup_cfg_offers,
    BACKFILL: _understood_by_airflow,
    'airflow pools set wincc_archives 1 "one export at a time"': _understood_by_airflow,
    'airflow pools set wincc_mixer1 1 "orders for Mixer1" --include-deferred': _understood_by_airflow,
    DRAW_ARCHIVE: _draws_an_export,
    "airflow-wincc simulate": _starts_for_real,
    "airflow-wincc simulate --plant bakery.yaml": _simulates_an_own_plant,
    "airflow-wincc simulate --plant bakery.yaml --state bakery-state": _simulates_an_own_plant,
    "airflow-wincc simulate --tags tags.csv": _simulates_an_own_plant,
    "airflow-wincc plant-from-tags tags.csv > plant.yaml": _makes_a_plant_file,
    CHECK_UNIT: _passes_on_a_good_unit,
    **dict.fromkeys(station_commands.LINES, station_commands.works_at_a_station),
    deployment_page.EDGE_WORKER: deployment_page.is_run_at_the_edge_site,
    deployment_page.POOL: deployment_page.makes_the_pool_of_the_edge_site,
    **dict.fromkeys(deployment_page.CLUSTER, deployment_page.is_run_in_the_cluster),
}


def test_every_command_of_the_docs_is_covered() -> None:
    commands = {line for shell in SHELLS for block in blocks(shell) for line in block.code.splitlines() if line}

    assert commands == set(HOW_A_COMMAND_IS_COVERED)


@pytest.mark.parametrize("command", HOW_A_COMMAND_IS_COVERED)
def test_a_command_of_the_docs_does_what_it_is_there_for(command: str, tmp_path: Path) -> None:
    HOW_A_COMMAND_IS_COVERED[command](command, tmp_path)


@pytest.mark.parametrize("page", PAGES)
def test_the_links_of_a_page_lead_somewhere(page: str) -> None:
    broken = [target for target in links(page) if not _leads_somewhere(page, target)]

    assert broken == []


def test_the_index_names_every_page() -> None:
    listed = {f"docs/{target}" for target in links("docs/index.md")}

    assert listed | {"docs/index.md", "README.md"} == set(PAGES)


def _serialized(dag: Any) -> dict[str, Any]:
    from airflow.serialization import serialized_objects

    module: Any = serialized_objects
    # Airflow renamed the class between 3.1 and 3.3.
    kind = getattr(module, "DagSerialization", None) or module.SerializedDAG
    serialized: dict[str, Any] = kind.to_dict(dag)
    return serialized


def _leads_somewhere(page: str, target: str) -> bool:
    file, _, anchor = target.partition("#")
    path = ((REPOSITORY / page).parent / file).resolve() if file else REPOSITORY / page
    return path.exists() and (not anchor or anchor in anchors(str(path.relative_to(REPOSITORY))))
