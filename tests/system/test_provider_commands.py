"""What ``airflow providers`` says of us, in a real Airflow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from airflow.cli.cli_config import PROVIDERS_COMMANDS

from airflow_provider_wincc.version_compat import AIRFLOW_V_3_2_PLUS

pytestmark = pytest.mark.system

# "get" needs a name. "lazy-loaded" fails in Airflow 3.3.2, which itself looks at providers to read its settings.
LEFT_OUT = {"get", "lazy-loaded"}
COMMANDS = sorted(command.name for command in PROVIDERS_COMMANDS if command.name not in LEFT_OUT)
SHOWN = {
    "list": ["airflow-provider-wincc"],
    "hooks": ["airflow_provider_wincc.hooks.wincc.WinCCHook", "Siemens WinCC"],
    **(
        {"widgets": ["extra__wincc__tag_limits", "extra__wincc__web_page"], "behaviours": ["wincc"]}
        if AIRFLOW_V_3_2_PLUS
        else {}
    ),
    "triggers": [
        "airflow_provider_wincc.triggers.tags",
        "airflow_provider_wincc.triggers.messages",
        "airflow_provider_wincc.triggers.orders",
    ],
    "notifications": ["airflow_provider_wincc.notifications.tags.WinCCTagNotifier"],
    "links": ["airflow_provider_wincc.links.station.WinCCStationLink"],
}
# Starting Airflow takes seconds, and there are many commands.
RUN = """
import contextlib, io, json, sys, warnings
from airflow.cli.cli_parser import get_parser
outputs = {}
for command in json.loads(sys.argv[1]):
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        arguments = get_parser().parse_args(["providers", *command, "--output", "plain"])
        arguments.func(arguments)
    outputs[command[0]] = told.getvalue()
print("OUTPUTS", json.dumps(outputs))
"""


def run(*command):
    finished = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False, timeout=300)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished


@pytest.fixture(scope="module")
def told():
    """What every command that lists something has said: by command, and what was logged and warned of meanwhile."""
    commands = [*([command] for command in COMMANDS), ["get", "airflow-provider-wincc", "--full"]]
    finished = run(sys.executable, "-W", "always", "-c", RUN, json.dumps(commands))
    before, _, outputs = finished.stdout.rpartition("OUTPUTS ")
    return json.loads(outputs), before + finished.stderr


def test_this_airflow_has_every_command_that_is_to_show_us():
    assert SHOWN.keys() <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_shows_what_we_have_and_nothing_else_of_us(command, told):
    outputs, _ = told

    assert [text for text in SHOWN.get(command, []) if text not in outputs[command]] == []
    assert ("wincc" in outputs[command].lower()) is (command in SHOWN)


def test_our_metadata_is_shown_whole(told):
    outputs, _ = told

    for name in ("wincc_write", "WinCCStationLink", "WinCCTagNotifier", "WinCCHook", "sanitize_uri"):
        assert name in outputs["get"]


def test_nothing_is_warned_of_because_of_us(told):
    _, logged = told

    assert [line for line in logged.splitlines() if "wincc" in line.lower()] == []


@pytest.mark.parametrize("command", ["list", "hooks"])
def test_the_command_line_itself_shows_us_without_a_warning(command):
    finished = run(str(Path(sys.executable).parent / "airflow"), "providers", command)

    assert SHOWN[command][0] in finished.stdout
    output = (finished.stdout + finished.stderr).lower()
    assert "warning" not in output
    assert "error" not in output
