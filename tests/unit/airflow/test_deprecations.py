"""What Airflow will take away is not used: its warnings are errors, on every Airflow that the suite runs on."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import airflow_provider_wincc
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

PACKAGE = Path(airflow_provider_wincc.__file__).parent
EXAMPLES = PACKAGE.parent / "example_dags"
# All Airflows from 3.1 on still have it, and warn.
DEPRECATED = ("airflow.hooks.base", "BaseHook")


def test_what_airflow_says_of_a_deprecated_name_is_an_error_in_a_test() -> None:
    module, name = DEPRECATED

    with pytest.raises(Warning, match="deprecated"):
        getattr(importlib.import_module(module), name)


def test_nothing_deprecated_is_imported_by_the_package_or_the_examples() -> None:
    modules = [
        ".".join(("airflow_provider_wincc", *path.relative_to(PACKAGE).with_suffix("").parts))
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.stem != "__init__"
    ]
    if not AIRFLOW_V_3_3_PLUS:
        modules.remove("airflow_provider_wincc.triggers.confirmed_stream")
    # Airflow's own start may warn, so warnings are errors only after it. Some modules need a newer Airflow, and say so.
    code = f"""
import importlib, runpy, warnings
import airflow.sdk, airflow.sdk.bases.hook, airflow.sdk.bases.sensor, airflow.triggers.base
from airflow.providers.common.compat.sdk import AirflowOptionalProviderFeatureException
warnings.simplefilter("error")
for module in {modules!r}:
    try:
        importlib.import_module(module)
    except AirflowOptionalProviderFeatureException as error:
        assert "needs Airflow" in str(error), error
for example in {[str(path) for path in sorted(EXAMPLES.glob("*.py"))]!r}:
    runpy.run_path(example)
print("done")
"""

    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False)

    assert finished.stdout.splitlines()[-1:] == ["done"], finished.stderr
