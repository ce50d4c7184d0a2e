"""What is wrong with a notifier is told when the DAG is parsed; what it loads is light."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest

from airflow_provider_wincc.client import WinCCConfigurationError
from airflow_provider_wincc.notifications.tags import WinCCTagNotifier
from airflow_provider_wincc.provider_info import get_provider_info

GOOD = {"status_tag": "Line3.JobStatus", "status": 2, "text_tag": "Line3.JobText", "text": "failed"}


def make(**wrong):
    return WinCCTagNotifier(**{**GOOD, **wrong})


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"status_tag": ""}, "status_tag"),
        ({"status_tag": "  "}, "status_tag"),
        ({"status_tag": None}, "status_tag"),
        ({"status_tag": ["A"]}, "status_tag"),
        ({"text_tag": ""}, "text_tag"),
        ({"text_tag": 3}, "text_tag"),
        ({"text_tag": "LINE3.JOBSTATUS"}, "both 'Line3.JobStatus'"),
        ({"text_tag": None}, "no text_tag"),
        ({"text": None}, "no text"),
        ({"text": 5}, "text"),
        ({"status": None}, "status .*None"),
        ({"status": [1]}, "status"),
        ({"status": math.nan}, "finite"),
        ({"status": math.inf}, "finite"),
        ({"max_text_length": 3}, "max_text_length .*from 4"),
        ({"max_text_length": "80"}, "max_text_length"),
        ({"max_text_length": True}, "max_text_length"),
        ({"verify_timeout": -1}, "verify_timeout .*from 0"),
        ({"verify_timeout": math.nan}, "verify_timeout"),
        ({"verify_timeout": math.inf}, "verify_timeout"),
        pytest.param({"verify_timeout": 10**5000}, "verify_timeout .*too large a number", id="huge"),
        ({"status_type": "string"}, "status_type.*known are"),
    ],
)
def test_a_wrong_argument_is_named_when_the_notifier_is_made(wrong, told):
    with pytest.raises(WinCCConfigurationError, match=told):
        make(**wrong)


def test_an_argument_that_does_not_exist_is_refused():
    with pytest.raises(TypeError, match="messages"):
        make(messages="failed")


def test_making_one_looks_nothing_up():
    assert make(wincc_conn_id="not_defined_anywhere").wincc_conn_id == "not_defined_anywhere"


def test_the_metadata_names_it():
    path = f"{WinCCTagNotifier.__module__}.{WinCCTagNotifier.__qualname__}"

    assert get_provider_info()["notifications"] == [path]


@pytest.mark.parametrize("module", ["notifications.tags", "operators.station"])
def test_what_a_dag_imports_loads_neither_the_hook_nor_heavy_libraries(module):
    ours = ["simulator", "cli", "hooks.wincc", "triggers.poller", "client.client", "client.check"]
    heavy = ["requests", "starlette", "pandas", "pyarrow", "sqlalchemy"]
    names = heavy + [f"airflow_provider_wincc.{name}" for name in ours]
    code = f"""
import sys
import airflow.sdk, airflow.sdk.bases.notifier
before = set(sys.modules)
import airflow_provider_wincc.{module}
print(*[name for name in {names!r} if name in set(sys.modules) - before])
"""

    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert (finished.returncode, finished.stdout.strip()) == (0, ""), finished.stderr
