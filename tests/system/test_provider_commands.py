"""What ``airflow providers`` says of us, in a real Airflow."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.system


def airflow(*arguments):
    command = [str(Path(sys.executable).parent / "airflow"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False, timeout=120)


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("list", "airflow-provider-wincc"),
        ("hooks", "airflow_provider_wincc.hooks.wincc.WinCCHook"),
        ("widgets", "extra__wincc__tag_limits"),
        ("behaviours", "wincc"),
        ("triggers", "airflow_provider_wincc.triggers.tags"),
        ("notifications", "airflow_provider_wincc.notifications.tags.WinCCTagNotifier"),
    ],
)
def test_the_provider_is_shown_without_a_warning(command, shown):
    result = airflow("providers", command)

    assert result.returncode == 0, result.stderr
    assert shown in result.stdout
    output = (result.stdout + result.stderr).lower()
    assert "warning" not in output
    assert "error" not in output
