"""The help of every command, its example, shell completion, and what is missing without an extra."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from importlib import import_module

import pytest
from command_runs import COMMAND, PATIENCE, Terminal, environment_for, plain, run

from airflow_provider_wincc.cli import COMMANDS
from airflow_provider_wincc.client.messages.query import MessageList

OURS = [name for name, (module, *_) in COMMANDS.items() if module.startswith("command_line.")]


def help_of(*command: str, columns: int = 200) -> str:
    environment = environment_for(None, COLUMNS=str(columns), NO_COLOR="1")
    result = run(*command, "--help", environment=environment)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def test_the_help_lists_every_command_and_the_exit_codes() -> None:
    shown = help_of()

    assert [name for name in COMMANDS if not re.search(rf"^\W*{name}\s", shown, re.MULTILINE)] == []
    assert "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 time is up, 130 Ctrl-C." in shown


@pytest.mark.parametrize("command", OURS)
def test_a_command_has_an_example_with_options_that_it_has(command: str) -> None:
    shown = help_of(command)
    example = import_module(f"airflow_provider_wincc.{COMMANDS[command][0]}").EXAMPLE

    words = shlex.split(example)
    assert f"Example: {example}" in " ".join(shown.split())
    assert words[:2] == ["airflow-wincc", command]
    assert [word for word in words if word.startswith("--") and word not in shown] == []
    assert "Exit code" in shown


@pytest.mark.parametrize("command", OURS)
def test_forty_columns_are_enough_for_the_help(command: str) -> None:
    with Terminal(command, "--help", environment=environment_for(None, NO_COLOR="1"), columns=40) as terminal:
        code = terminal.end()

    assert code == 0
    assert max(map(len, plain(terminal.shown).splitlines())) <= 40


@pytest.mark.parametrize("command", OURS)
def test_no_command_takes_a_password_as_an_argument(command: str) -> None:
    shown = help_of(command)

    assert "--password" not in shown
    assert "WINCC_PASSWORD" in shown


def test_the_lists_of_messages_are_those_that_there_are() -> None:
    shown = " ".join(re.sub(r"[│\s]+", " ", help_of("messages", columns=300)).split())

    assert [each.value for each in MessageList if each.value not in shown] == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_complete_the_commands(shell: str) -> None:
    line = {"COMP_WORDS": "airflow-wincc br", "COMP_CWORD": "1", "_TYPER_COMPLETE_ARGS": "airflow-wincc br"}
    environment = environment_for(None, _AIRFLOW_WINCC_COMPLETE=f"complete_{shell}", **line)
    environment["_TYPER_COMPLETE_FISH_ACTION"] = "get-args"

    result = run(environment=environment)

    assert "browse" in result.stdout
    assert "simulate" not in result.stdout


def test_a_command_that_there_is_not_is_wrong_usage() -> None:
    result = run("brows", environment=environment_for(None, COLUMNS="200"))

    assert result.returncode == 2
    assert "No such command 'brows'" in result.stderr


def python(prelude: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = f"import sys\n{prelude}\nfrom airflow_provider_wincc.cli import main\nmain()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env=environment_for(None, COLUMNS="200", NO_COLOR="1"),
    )


def test_without_typer_it_says_what_to_install() -> None:
    result = python("sys.modules['typer'] = None", "read", "Tank1.Level")

    assert result.returncode == 1
    assert result.stderr == "airflow-wincc needs typer: pip install 'airflow-provider-wincc[cli]'\n"


def test_without_the_simulators_extra_the_other_commands_work() -> None:
    prelude = "sys.modules['uvicorn'] = None"

    listed = python(prelude, "--help")
    wanted = python(prelude, "simulate", "--port", "0")
    usage = python(prelude, "read", "Tank1.Level")

    assert listed.returncode == 0
    assert re.search(r"simulate\s+Not installed; run it to be told what it needs.", listed.stdout)
    assert "needs uvicorn: pip install 'airflow-provider-wincc[simulator]'" in wanted.stderr
    assert usage.returncode == 2
    assert "There is no station" in usage.stderr


def test_a_connection_where_airflow_is_not_installed_is_told() -> None:
    result = python("sys.modules['airflow'] = None", "read", "Tank1.Level", "--conn-id", "line_3")

    assert result.returncode == 2
    assert "--conn-id needs Airflow" in result.stderr


def test_the_command_is_installed() -> None:
    assert subprocess.run([COMMAND, "--help"], capture_output=True, timeout=PATIENCE, check=False).returncode == 0
