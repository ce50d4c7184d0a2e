"""Which station a command works with: options, the password, Airflow connections."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from command_runs import Terminal, at, environment_for, plain, run

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_provider_wincc.simulator import Simulator


@pytest.fixture
def connection(plant: Simulator, tmp_path: Path) -> dict[str, str]:
    """An environment in which Airflow knows the connection ``line_3``, with a write policy."""
    told = {
        "conn_type": "wincc",
        "host": plant.url,
        "login": "engineer",
        "password": plant.users["engineer"].password,
        "extra": {"verify": plant.ca_file, "writable_tags": ["Tank?.Setpoint"], "tag_limits": {"Tank*": [0, 80]}},
    }
    return environment_for(None, AIRFLOW_CONN_LINE_3=json.dumps(told), AIRFLOW_HOME=str(tmp_path))


def test_the_password_is_asked_for_and_never_shown(plant: Simulator) -> None:
    password = plant.users["engineer"].password

    with Terminal("read", "Tank1.Setpoint", *at(plant), environment=environment_for(None)) as terminal:
        terminal.wait_for("Password of engineer at https://127.0.0.1")
        terminal.type(f"{password}\n")
        code = terminal.end()

    assert code == 0
    assert "good" in plain(terminal.shown)
    assert password not in terminal.shown


def test_ctrl_c_at_the_password_ends_with_130_and_sends_nothing(plant: Simulator) -> None:
    with Terminal("read", "Tank1.Setpoint", *at(plant), environment=environment_for(None)) as terminal:
        terminal.wait_for("Password of")
        terminal.interrupt()
        code = terminal.end()

    assert code == 130
    assert "Interrupted." in terminal.shown
    assert "Traceback" not in terminal.shown
    assert plant.requests == []


def test_nobody_there_to_ask_names_the_variable(plant: Simulator) -> None:
    result = run("read", "Tank1.Setpoint", *at(plant), environment=environment_for(None), typed="secret\n")

    assert result.returncode == 2
    assert "WINCC_PASSWORD" in result.stderr
    assert plant.requests == []


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ([], "There is no station"),
        (["--url", "https://wincc01", "--conn-id", "line_3"], "There are --url and --conn-id"),
        (["--url", "https://engineer:hunter2@wincc01"], "password in it"),
        (["--url", "ftp://wincc01"], "not supported"),
        (["--url", "https://wincc01:0"], "port"),
        (["--url", "https://wincc01", "--ca-file", "a.pem", "--no-verify"], "contradict"),
        (["--conn-id", "line_3", "--user", "engineer"], "--user cannot be given with --conn-id"),
        (["--conn-id", "line_3", "--ca-file", "a.pem", "--no-verify"], "--ca-file and --no-verify cannot be given"),
        (["--password", "hunter2", "--url", "https://wincc01"], "No such option"),
    ],
)
def test_options_that_do_not_name_one_station_are_wrong_usage(options: list[str], word: str) -> None:
    result = run("read", "Tank1.Level", *options, environment=environment_for(None, COLUMNS="200"))

    assert result.returncode == 2, result.stderr
    assert word in result.stderr
    assert "hunter2" not in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_a_write_without_a_station_says_that_there_is_none() -> None:
    result = run("write", "Tank1.Setpoint=1", "--yes", environment=environment_for(None))

    assert result.returncode == 2
    assert "There is no station" in result.stderr


def test_an_airflow_connection_brings_its_write_policy(plant: Simulator, connection: dict[str, str]) -> None:
    before = len(plant.writes)

    too_high = run("write", "Tank1.Setpoint=85", "--yes", "--conn-id", "line_3", environment=connection)
    other_tag = run("write", "Mixer1.Recipe=R-002", "--yes", "--conn-id", "line_3", environment=connection)
    allowed = run("write", "Tank1.Setpoint=42", "--yes", "--conn-id", "line_3", environment=connection)

    assert (too_high.returncode, other_tag.returncode, allowed.returncode) == (1, 1, 0), allowed.stderr
    assert "0 to 80" in too_high.stderr
    assert "writable tags" in other_tag.stderr
    assert [(write.tag, write.value) for write in plant.writes[before:]] == [("Tank1.Setpoint", 42.0)]


def test_what_may_be_written_cannot_be_widened_for_a_connection(connection: dict[str, str]) -> None:
    result = run(
        "write", "Mixer1.Recipe=R-002", "--yes", "--allow-write", "*", "--conn-id", "line_3", environment=connection
    )

    assert result.returncode == 2
    assert "--allow-write cannot be given with --conn-id" in result.stderr


def test_a_connection_that_airflow_does_not_know_is_told_in_one_line(connection: dict[str, str]) -> None:
    result = run("read", "Tank1.Level", "--conn-id", "line_4", environment=connection)

    assert result.returncode == 2
    assert "Airflow did not hand out the connection 'line_4'" in result.stderr
    assert "AIRFLOW_CONN_LINE_4" in result.stderr
    assert "Traceback" not in result.stderr
