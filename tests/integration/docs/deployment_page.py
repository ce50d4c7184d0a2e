"""What the page on deployment shows is what the system tests run: its settings, and the commands of its parts."""

from __future__ import annotations

import ast
import shlex
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from documentation import REPOSITORY, blocks, text_of

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "docs/deployment.md"
EDGE_WORKER = (
    "SSL_CERT_FILE=/etc/airflow/enterprise-ca.pem airflow edge worker --queues plant_a --edge-hostname plant-a-dmz"
)
POOL = 'airflow pools set wincc_plant_a 4 "tasks that ask the station of plant A at a time"'
CLUSTER = ("airflow celery worker --queues plant_a", "airflow triggerer --queues plant_a")
SYSTEM_TESTS = REPOSITORY / "tests" / "system"
_PROVIDERS = {"edge": "airflow.providers.edge3", "celery": "airflow.providers.celery"}


def missing_executors() -> set[str]:
    """Return the sections of settings that no installed provider knows."""
    return {section for section, package in _PROVIDERS.items() if find_spec(package) is None}


def is_run_at_the_edge_site(command: str, folder: Path) -> None:
    """Check that the command is the only one below the heading that the test of the Edge site reads it from."""
    assert folder.is_dir()
    assert [block.code.strip() for block in blocks("bash", PAGE)].count(command) == 1
    assert 'documented_command("The Edge worker"' in (SYSTEM_TESTS / "edge" / "edge_site.py").read_text()


def makes_the_pool_of_the_edge_site(command: str, folder: Path) -> None:
    """Check that the test of the Edge site runs it for the DAGs of the page, which it runs too."""
    assert folder.is_dir()
    test = (SYSTEM_TESTS / "edge" / "edge_site.py").read_text(encoding="utf-8")
    assert 'parts.run(*documented_command("DAGs"' in test
    assert "documented_dags(" in test
    pool = shlex.split(command)[3]
    assert f'"pool": "{pool}"' in text_of(PAGE)


def is_run_in_the_cluster(command: str, folder: Path) -> None:
    """Check that a part of the tests' cluster is started like that, with a name of its own and the like behind it."""
    assert folder.is_dir()
    program, *words = shlex.split(command)
    started = assigned(SYSTEM_TESTS / "cluster" / "cluster_airflow.py", "COMMANDS").values()
    assert program == "airflow"
    assert [part for part in started if list(part)[: len(words)] == words]


def assigned(file: Path, name: str) -> Any:
    """Return the literal that a module assigns to a name, without importing what it imports."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and [getattr(target, "id", None) for target in node.targets] == [name]:
            return ast.literal_eval(node.value)
    raise AssertionError(f"{file.name} assigns nothing to {name}")
