"""The plugin is there for pytest, and costs those who do not use it next to nothing."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points, requires

from airflow_provider_wincc import pytest_plugin

LOAD = """
import sys
import pytest
before = set(sys.modules)
import airflow_provider_wincc.pytest_plugin
print(*sorted(name for name in set(sys.modules) - before if name.partition(".")[0] not in sys.stdlib_module_names))
"""


def test_pytest_finds_the_plugin() -> None:
    (found,) = entry_points(group="pytest11", name="wincc")

    assert found.load() is pytest_plugin


def test_the_extra_has_pytest_and_the_station() -> None:
    wanted = [line for line in requires("airflow-provider-wincc") or [] if line.endswith('extra == "pytest"')]

    assert {line.partition(";")[0].strip().partition(">")[0] for line in wanted} == {
        "airflow-provider-wincc[simulator]",
        "pytest",
    }


def test_loading_the_plugin_loads_nothing_but_itself() -> None:
    loaded = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, timeout=60, check=True)

    assert loaded.stdout.split() == ["airflow_provider_wincc", "airflow_provider_wincc.pytest_plugin"]
