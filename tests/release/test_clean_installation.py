"""The wheel in an environment of its own: nothing here can be imported from the checkout."""

from __future__ import annotations

import re
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo.processes import Service
from demo.station import Station
from release.source_tree import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clean_environment import CleanEnvironment

    from release.build import Built

pytestmark = pytest.mark.long

ADDED = """
import importlib.metadata, json
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

def needed(name, extras=frozenset(), seen=None):
    seen = set() if seen is None else seen
    if (name, extras) in seen:
        return seen
    seen.add((name, extras))
    for line in importlib.metadata.requires(name) or []:
        requirement = Requirement(line)
        asked = [{"extra": extra} for extra in extras | {""}]
        if requirement.marker is None or any(requirement.marker.evaluate(environment) for environment in asked):
            needed(canonicalize_name(requirement.name), frozenset(requirement.extras), seen)
    return seen

installed = {canonicalize_name(found.name) for found in importlib.metadata.distributions()}
of_airflow = {name for name, _ in needed("apache-airflow")}
print("RESULT", json.dumps(sorted(installed - of_airflow - {"pip", "setuptools", "wheel"})))
"""
IMPORTS = """
import importlib, json, sys
failures = {}
for name in %r:
    try:
        importlib.import_module(name)
    except ImportError as error:
        failures[name] = str(error)
print("RESULT", json.dumps({
    "file": sys.modules["airflow_provider_wincc"].__file__, "path": sys.path, "failures": failures
}))
"""
EXAMPLES = """
import json, pathlib
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(%r)
print("RESULT", json.dumps({
    "errors": bag.import_errors, "files": sorted({pathlib.Path(dag.fileloc).name for dag in bag.dags.values()})
}))
"""
RUN = """
import json
from airflow.dag_processing.dagbag import DagBag
run = DagBag(%r).dags[%r].test()
print("RESULT", json.dumps({"run": str(run.state), **{ti.task_id: str(ti.state) for ti in run.get_task_instances()}}))
"""
# Where the error does not name the extra itself, it names a package that only an extra brings.
NEEDS_AN_EXTRA = {
    "cli": {"typer", "rich"},
    "command_line": {"typer", "rich"},
    "unit_check": {"typer", "rich"},
    "simulator": {"starlette", "uvicorn", "trustme", "yaml", "typer"},
    "pytest_plugin": {"pytest"},
}


def modules_of(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        files = [Path(name) for name in archive.namelist() if name.endswith(".py")]
    return [".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in files]


@pytest.fixture
def simulated_station(clean_with_simulator: CleanEnvironment, tmp_path: Path) -> Iterator[tuple[Service, Path]]:
    """The station that the command of the wheel starts, once it answers, and its description."""
    description = tmp_path / "station.json"
    command = [clean_with_simulator.program("airflow-wincc"), "simulate", "--port", "0", "--describe", str(description)]
    with Service("the station", command, environment=clean_with_simulator.variables, log=tmp_path / "log") as service:
        deadline = time.monotonic() + 60
        while not description.exists():
            service.check()
            assert time.monotonic() < deadline, service.log_tail()
            time.sleep(0.1)
        yield service, description


def test_it_brings_nothing_along_that_airflow_does_not_have_itself(clean: CleanEnvironment) -> None:
    assert clean.evaluate(ADDED) == ["airflow-provider-wincc"]


def test_every_module_can_be_imported_or_says_which_extra_it_lacks(clean: CleanEnvironment, built: Built) -> None:
    found = clean.evaluate(IMPORTS % modules_of(built.wheel))

    assert Path(found["file"]).is_relative_to(clean.folder)
    assert [path for path in found["path"] if Path(path).is_relative_to(REPOSITORY)] == []
    unexplained = {
        name: error
        for name, error in found["failures"].items()
        if "pip install 'airflow-provider-wincc[" not in error
        and not any(package in error for package in NEEDS_AN_EXTRA.get(name.split(".")[1], ()))
    }
    assert unexplained == {}


def test_the_examples_are_dags_there(clean: CleanEnvironment) -> None:
    clean.run("airflow", "db", "migrate")

    found = clean.evaluate(EXAMPLES % str(clean.dags))

    assert found["errors"] == {}
    assert found["files"] == sorted(path.name for path in (REPOSITORY / "example_dags").glob("*.py"))


def test_airflow_lists_the_provider_there(clean: CleanEnvironment) -> None:
    listed = clean.run("airflow", "providers", "list", "--output", "plain")
    hooks = clean.run("airflow", "providers", "hooks", "--output", "plain")

    (line,) = (line for line in listed.splitlines() if line.startswith("airflow-provider-wincc "))
    assert "tags of Siemens SIMATIC WinCC" in line
    assert re.search(r"^wincc .*airflow_provider_wincc\.hooks\.wincc\.WinCCHook", hooks, re.MULTILINE)


def test_the_command_checks_the_station_of_the_wheel_over_https(
    clean_with_simulator: CleanEnvironment, simulated_station: tuple[Service, Path]
) -> None:
    service, file = simulated_station
    station = Station.from_description(file.read_text(encoding="utf-8"))
    check = ["airflow-wincc", "check", "--url", station.url, "--user", station.user]
    with_ca = [*check, "--ca-file", station.ca_file]

    passed = clean_with_simulator.run(*with_ca, WINCC_PASSWORD=station.password)
    refused = clean_with_simulator.run(*with_ca, returns=1, WINCC_PASSWORD="wrong")
    not_trusted = clean_with_simulator.run(*check, returns=1, WINCC_PASSWORD=station.password)
    service.stop()
    # The station takes the file of its CA away with it.
    away = clean_with_simulator.run(*check, returns=1, WINCC_PASSWORD=station.password)

    assert station.url.startswith("https://")
    assert re.search(r"^first read +passed", passed, re.MULTILINE)
    assert re.search(r"^login +failed", refused, re.MULTILINE)
    assert re.search(r"^TLS +failed", not_trusted, re.MULTILINE)
    assert re.search(r"^TCP +failed", away, re.MULTILINE)


def test_the_quick_start_of_the_readme_works_there(
    clean_with_simulator: CleanEnvironment, simulated_station: tuple[Service, Path]
) -> None:
    service, _ = simulated_station
    (printed,) = re.findall(r'^.*(\{"conn_type": "wincc".*\})', service.log.read_text("utf-8"), re.MULTILINE)
    (dag,) = re.findall(r"```python\n(.*?)```", (REPOSITORY / "README.md").read_text("utf-8"), re.DOTALL)
    indented = "".join(line.removeprefix("   ") for line in dag.splitlines(keepends=True))
    (clean_with_simulator.dags / "quick_start.py").write_text(indented, encoding="utf-8")
    clean_with_simulator.run("airflow", "db", "migrate")
    clean_with_simulator.run("airflow", "dags", "reserialize")

    states = clean_with_simulator.evaluate(
        RUN % (str(clean_with_simulator.dags), "fill_tank"), {"AIRFLOW_CONN_WINCC_DEFAULT": printed}
    )

    assert states == dict.fromkeys(("run", "read_tank", "fill_tank", "tank_full"), "success")
    assert sys.prefix not in clean_with_simulator.program("python")
