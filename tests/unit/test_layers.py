"""Imports point downward only, and what is below Airflow's side knows nothing of Airflow."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import airflow_provider_wincc

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "airflow_provider_wincc"
ROOT = Path(airflow_provider_wincc.__file__).parent
PLAIN = {
    "client",
    "conditions",
    "waiting",
    "safe_write",
    "value_types",
    "orders",
    "order_handoff",
    "erp",
    "archive_export",
    "messages",
    "message_export",
}
METADATA = {"", "version_compat", "connection_form", "provider_info", "task_colors"}
BELOW_HOOKS = PLAIN | METADATA
BELOW_TRIGGERS = BELOW_HOOKS | {"hooks"}
BELOW_OPERATORS = BELOW_TRIGGERS | {"triggers"}
ALLOWED = {
    "client": {"client", ""},  # the root holds nothing but the version
    "value_types": {"client"},
    "conditions": {"conditions", "client"},
    "waiting": {"conditions", "client"},
    "safe_write": {"conditions", "client", "value_types"},
    "orders": PLAIN - {"erp", "archive_export", "messages", "message_export"},
    "order_handoff": {"order_handoff", "orders", "client", "value_types"},
    "erp": {"erp", "orders", "client"},
    "archive_export": {"archive_export", "client", ""},
    "messages": {"messages", "client"},
    "message_export": {"message_export", "messages", "archive_export", "client", ""},
    "hooks": BELOW_HOOKS | {"hooks"},
    "triggers": BELOW_TRIGGERS | {"triggers"},
    "assets": BELOW_OPERATORS | {"assets"},
    "links": BELOW_HOOKS | {"hooks"},
    "operators": BELOW_OPERATORS | {"operators", "links", "assets"},
    "sensors": BELOW_OPERATORS | {"sensors", "links", "assets"},
    "notifications": BELOW_OPERATORS | {"notifications"},
    "decorators": BELOW_OPERATORS | {"operators", "sensors"},
    "simulator": {"simulator", "client.models", ""},
    "unit_check": {"unit_check", "orders", "client", "value_types"},
    # The hook for --conn-id only, inside a function; tests of the command assert that Airflow stays out otherwise.
    "command_line": PLAIN | {"command_line", "hooks"},
    "cli": PLAIN | {"", "simulator", "unit_check", "command_line"},
    "pytest_plugin": {"client", "simulator"},
    "": {""},
    "provider_info": METADATA,
    "connection_form": METADATA,
    "version_compat": METADATA,
    "task_colors": METADATA,
    "retries": {"client", "version_compat"},
}
MODULES = sorted(path for path in ROOT.rglob("*.py"))


def layer_of(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


def imports_of(path: Path) -> Iterator[str]:
    """Yield every module that a file imports, at its top, inside functions and for type checking alike."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            assert node.module is not None
            if node.module == PACKAGE:
                yield from (f"{PACKAGE}.{name.name}" for name in node.names)
            else:
                yield node.module


def own_imports_of(path: Path) -> Iterator[str]:
    """Yield the imports from our own package, without its name."""
    for name in imports_of(path):
        if name.partition(".")[0] == PACKAGE:
            below = name.partition(".")[2]
            yield "" if below.startswith("__") else below


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_from_the_layers_below_it(path: Path) -> None:
    allowed = ALLOWED[layer_of(path)]

    for name in own_imports_of(path):
        assert name in allowed or name.partition(".")[0] in allowed, f"{path.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if layer_of(path) in PLAIN | {"simulator", "unit_check", "command_line"}],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_plain_module_imports_nothing_of_airflow(path: Path) -> None:
    assert [name for name in imports_of(path) if name.partition(".")[0] == "airflow"] == []


def test_plain_modules_can_be_imported_where_airflow_is_not_installed() -> None:
    names = [
        ".".join((PACKAGE, *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
        for path in MODULES
        if layer_of(path) in PLAIN | {"simulator", "unit_check", "command_line"}
    ]
    code = f"""
import importlib, sys
sys.modules["airflow"] = None
for name in {names!r}:
    importlib.import_module(name)
"""

    assert run_python(code) == ""


@pytest.mark.parametrize(
    "module",
    [
        "operators.tags",
        "operators.erp",
        "operators.orders",
        "operators.archives",
        "operators.messages",
        "operators.station",
        "sensors.tags",
        "sensors.messages",
        "notifications.tags",
        "decorators.write",
        "links.station",
        "messages",
    ],
)
def test_what_a_dag_imports_loads_neither_the_simulator_nor_heavy_libraries(module: str) -> None:
    names = ("simulator", "cli", "hooks.wincc", "triggers.poller", "archive_export.table", "archive_export.arrow")
    ours = [f"{PACKAGE}.{name}" for name in names]
    heavy = ["requests", "starlette", "uvicorn", "trustme", "typer", "pandas", "pyarrow", "sqlalchemy", *ours]
    # Airflow itself may load some of them; only what our module adds is ours.
    code = f"""
import sys
import airflow.sdk, airflow.sdk.bases.hook, airflow.sdk.bases.sensor, airflow.triggers.base
before = set(sys.modules)
import {PACKAGE}.{module}
print(*[name for name in {heavy!r} if name in set(sys.modules) - before])
"""

    assert run_python(code) == ""


def test_the_metadata_loads_no_hook() -> None:
    code = f"""
import sys
from {PACKAGE}.provider_info import get_provider_info
get_provider_info()
print(*[name for name in sys.modules if name.startswith("{PACKAGE}.hooks") or name == "requests"])
"""

    assert run_python(code) == ""


def run_python(code: str) -> str:
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.strip()
