"""The page on the command line shows what the commands print, and names every option, command and exit code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from documentation import blocks, table, text_of
from station_commands import LINES, PAGE, output_at_a_station

from airflow_provider_wincc.cli import COMMANDS
from airflow_provider_wincc.command_line.endings import ExitCode

OURS = [name for name, (module, *_) in COMMANDS.items() if module.startswith("command_line.")]
OF_THE_STATION = {"--url", "--user", "--ca-file", "--verify", "--conn-id"}
SHOWN = {"browse": 0, "read": 1, "write": 2}


def columns(line: str) -> list[str]:
    """Return the columns of a line, without what differs from station to station."""
    line = re.sub(r"https://\S+", "ADDRESS", re.sub(r"\d{4}-\d\d-\d\d [\d:.]+Z", "TIME", line))
    return re.split(r"\s{2,}", line.strip())


@cache
def options_of(command: str) -> set[str]:
    """Return the options that the help of a command names."""
    shown = subprocess.run(
        [str(Path(sys.executable).with_name("airflow-wincc")), command, "--help"],
        env={**os.environ, "COLUMNS": "300", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    return set(re.findall(r"--[a-z][a-z-]+", shown)) - {"--help", "--no-verify"}


@pytest.mark.parametrize("command", SHOWN)
def test_the_output_on_the_page_is_that_of_its_command(command: str, tmp_path: Path) -> None:
    shown = blocks("text", PAGE)[SHOWN[command]].code.splitlines()
    (line,) = [line for line in LINES if line.split()[1] == command]

    printed = output_at_a_station(line, tmp_path).splitlines()

    asked = [text for text in shown if not text.startswith("Write this?")]
    assert [columns(text) for text in printed] == [columns(text) for text in asked]


def test_every_command_has_its_row_and_its_example() -> None:
    rows = [re.search(r"`([\w-]+)`", row[0]) for row in table(PAGE, "command")]

    assert [row[1] for row in rows if row is not None] == list(COMMANDS)
    assert {line.split()[1] for line in LINES} == set(OURS)


@pytest.mark.parametrize("command", OURS)
def test_every_option_stands_on_the_page(command: str) -> None:
    options = options_of(command)

    assert options >= OF_THE_STATION
    assert [option for option in options if f"`{option}`" not in text_of(PAGE) and option not in " ".join(LINES)] == []


def test_the_tables_name_the_options_that_there_are() -> None:
    of_the_station = [row[0].strip("`") for row in table(PAGE, "option")]
    of_write = [row[0].strip("`") for row in table(PAGE, "option", after="## Writing")]

    assert set(of_the_station) == OF_THE_STATION
    assert set(of_write) == options_of("write") - OF_THE_STATION


def test_the_exit_codes_are_those_of_the_code() -> None:
    assert [int(row[0]) for row in table(PAGE, "code")] == list(ExitCode)
