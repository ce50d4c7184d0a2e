"""The command in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from unit_on_trial import on_trial

from airflow_provider_wincc.unit_check import CHECKLIST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unit_on_trial import Trial

    from airflow_provider_wincc.simulator import Simulator

COMMAND = [str(Path(sys.executable).with_name("airflow-wincc")), "check-unit"]
ORDER = ["--prefix", "U1.", "--payload", "WorkMaster=R-001", "--payload", "Quantity=10"]
QUICK = ["--settle", "0.02", "--watch", "0.1", "--answer-timeout", "2", "--run-timeout", "5"]


@pytest.fixture
def trial() -> Iterator[Trial]:
    with on_trial() as running:
        yield running


def run(
    station: Simulator, *options: str, password: str | None = "engineer", typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the command; the password is that of a user of the station, or none."""
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    environment.pop("WINCC_PASSWORD", None)
    if password is not None:
        known = station.users.get(password)
        environment["WINCC_PASSWORD"] = password if known is None else known.password
    return subprocess.run(
        [*COMMAND, "--url", station.url, "--user", "engineer", "--ca-file", str(station.ca_file), *options],
        capture_output=True,
        text=True,
        input=typed,
        timeout=120,
        check=False,
        env=environment,
    )


def test_a_good_unit_is_reported_check_by_check_without_a_secret(trial: Trial) -> None:
    result = run(trial.station, *ORDER, "--bad", "WorkMaster=NONE", *QUICK, "--yes")

    assert result.returncode == 0, result.stdout + result.stderr
    assert [line.split()[1] for line in result.stdout.splitlines() if line[:4] in {"PASS", "FAIL", "skip"}] == [
        check.name for check in CHECKLIST
    ]
    assert result.stdout.splitlines()[-1] == f"{len(CHECKLIST)} checks: 21 passed, 0 failed, 3 skipped."
    assert "safe test state" in result.stderr
    assert "CHECK-" in result.stderr
    assert trial.station.users["engineer"].password not in result.stdout + result.stderr


def test_a_failed_check_ends_with_1_and_the_json_has_all_of_it() -> None:
    with on_trial(store_and_start=True) as trial:
        result = run(trial.station, *ORDER, *QUICK, "--yes", "--json")

    report: dict[str, Any] = json.loads(result.stdout)
    failed = [check for check in report["checks"] if check["outcome"] == "failed"]
    assert result.returncode == 1
    assert not report["ok"]
    assert [(check["name"], check["promise"]) for check in failed] == [("no-start-by-itself", 5)]
    assert set(failed[0]) == {"name", "promise", "done", "expected", "outcome", "seen"}
    assert report["order_ids"][0] in failed[0]["seen"]
    assert "it may hold an order of this run" in result.stderr


def test_without_yes_it_asks_and_a_no_writes_nothing(trial: Trial) -> None:
    result = run(trial.station, *ORDER, *QUICK, typed="n\n")

    assert result.returncode == 2
    assert "Nothing was written" in result.stderr
    assert trial.station.writes == []
    assert trial.station.requests == []


def test_nobody_there_to_ask_is_a_no(trial: Trial) -> None:
    result = run(trial.station, *ORDER, *QUICK)

    assert result.returncode == 2
    assert trial.station.writes == []


def test_a_restart_is_asked_for_and_what_is_typed_goes_on(trial: Trial) -> None:
    # The person answers at once, without a restart: a unit that was never away remembers too.
    result = run(trial.station, *ORDER, *QUICK, "--restart", "--yes", typed="\n")

    assert result.returncode == 0, result.stdout + result.stderr
    assert "Restart the controller now" in result.stderr
    assert "PASS  restart" in result.stdout


def test_a_tag_map_is_read_from_a_file(trial: Trial, tmp_path: Path) -> None:
    file = tmp_path / "tags.json"
    file.write_text(json.dumps(trial.tags(without=["heartbeat"]).to_json()))

    result = run(trial.station, *ORDER, "--tags", str(file), *QUICK, "--yes", "--json")

    outcomes = {check["name"]: check["outcome"] for check in json.loads(result.stdout)["checks"]}
    assert result.returncode == 0
    assert outcomes["heartbeat"] == "skipped"


@pytest.mark.parametrize(
    ("options", "password", "word"),
    [
        ([*ORDER, "--bad", "WorkMaster"], "engineer", "Write --bad NAME=VALUE"),
        ([*ORDER, "--payload", "Quantity=1"], "engineer", "--payload names 'Quantity' twice"),
        ([*ORDER, "--bad", "Speed=1"], "engineer", "bad has 'Speed'"),
        ([*ORDER, "--tags", "nowhere.json"], "engineer", "nowhere.json cannot be read"),
        ([*ORDER, "--id-length", "4"], "engineer", "The check needs at least 8"),
        ([*ORDER, "--settle", "0"], "engineer", "settle is 0.0"),
        ([*ORDER, "--url", "https://engineer:pass@wincc01"], "engineer", "password in it"),
        ([*ORDER], "wrong-password", "Check user name and password"),
        ([*ORDER], None, "WINCC_PASSWORD"),
        ([*ORDER, "--url", "https://127.0.0.1:9"], "engineer", "is the port right"),
        ([*ORDER, "--profile", "E"], "engineer", "'E' is not one of"),
    ],
)
def test_what_cannot_be_carried_out_ends_with_2_and_says_why(
    options: list[str], password: str | None, word: str, trial: Trial
) -> None:
    result = run(trial.station, *options, *QUICK[2:], "--yes", password=password)

    assert result.returncode == 2, result.stdout
    assert word in result.stderr
    assert "Traceback" not in result.stderr
    assert "wrong-password" not in result.stdout + result.stderr
    assert "pass@" not in result.stderr
    assert trial.station.writes == []
