"""The soak, short: everything that a long one does, and the same verdict."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from soak_faults import HANDSHAKE_CUT
from soak_length import SHORTEST
from soak_plan import SoakPlan
from soak_report import table
from soak_run import soak

SEED = int(os.environ.get("SOAK_SEED", "7"))

pytestmark = pytest.mark.long


def test_under_load_with_faults_everything_is_flat_and_nothing_is_lost_or_doubled():
    report = soak(SoakPlan.for_length(SHORTEST, SEED))

    assert report.is_passed, table(report)
    # A soak in which nothing went wrong, or next to nothing was done, would prove nothing.
    done, faults = report.books.figures, report.books.figures["station"]["faults"]
    assert done["triggerer"]["fired"] > 100, table(report)
    assert done["triggerer"]["cancelled"] > 50, table(report)
    assert done["worker"]["attempts that failed"] > 0, table(report)
    assert done["order worker"]["tasks"] > 3, table(report)
    assert faults[HANDSHAKE_CUT] > 0, table(report)
    assert sum(faults.values()) > 10, table(report)
    assert sum(done["station"]["troubles"].values()) > 0, table(report)


def test_ctrl_c_ends_a_soak_with_the_verdict_so_far_and_leaves_no_process_behind(tmp_path):
    script = Path(__file__).with_name("run_soak.py")
    command = [sys.executable, str(script), "--duration", "2h", "--seed", str(SEED), "--output", str(tmp_path)]

    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline(), process.stdout.readline()]
        children = psutil.Process(process.pid).children()
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()

    written = json.loads((tmp_path / "soak.json").read_text())
    assert "waits fired" in lines[1]
    assert len(children) == 4
    assert not any(child.is_running() for child in children)
    assert "interrupted" in rest
    assert rest.splitlines()[-2] == "NOT PASSED"
    assert process.returncode == 1
    assert written["is_interrupted"]
    assert not written["is_passed"]
