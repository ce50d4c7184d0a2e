"""``airflow-wincc read``: readings as a table or JSON, on terminals of all kinds and in pipes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from command_runs import COMMAND, PATIENCE, Terminal, at, environment_for, is_coloured, plain, run, run_at

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator import Simulator

BAD = 0x18


def test_readings_come_with_value_type_quality_in_words_and_time(plant: Simulator) -> None:
    plant.set("Tank1.Level", 71.25)
    plant.set("Line3.Running", True, quality=BAD)

    result = run_at(plant, "read", "Tank1.Level", "Mixer1.State", "Line3.Running")

    head, level, state, running = result.stdout.splitlines()
    assert (result.returncode, result.stderr) == (0, "")
    assert head.split() == ["tag", "value", "type", "quality", "time"]
    assert level.split()[:5] == ["Tank1.Level", "71.25", "float", "good", "(0x80)"]
    assert level.endswith("Z") or level.rstrip().endswith("Z")
    assert state.split()[:3] == ["Mixer1.State", "IDLE", "text"]
    assert running.split("  ")[0] == "Line3.Running"
    assert "true" in running
    assert "bad, no communication, no usable value (0x18)" in running


def test_a_tag_that_fails_is_told_with_a_remedy_beside_the_others(plant: Simulator) -> None:
    result = run_at(plant, "read", "Nowhere", "Tank1.Setpoint")

    assert result.returncode == 1
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["tag", "Nowhere", "Tank1.Setpoint"]
    assert "not found" in result.stdout
    assert "Tags cannot be read: 'Nowhere'" in result.stderr
    assert "Check the spelling" in result.stderr


def test_json_has_the_readings_by_tag(plant: Simulator) -> None:
    plant.set("Tank1.Level", 71.25)

    result = run_at(plant, "read", "--json", "Tank1.Level", "Nowhere")

    told = json.loads(result.stdout)
    assert result.returncode == 1
    assert set(told) == {"Tank1.Level", "Nowhere"}
    assert {name: told["Tank1.Level"][name] for name in ("value", "quality", "quality_code", "type")} == {
        "value": 71.25,
        "quality": "good",
        "quality_code": 128,
        "type": "float",
    }
    assert "not found" in told["Nowhere"]["error"]


def test_texts_of_the_plant_neither_steer_the_terminal_nor_are_read_as_markup(plant: Simulator) -> None:
    text = "[red]a[/red]\x1b[2J\r\n\u202e:smile:"
    plant.set("Plant.BatchId", text)

    with Terminal("read", "Plant.BatchId", *at(plant), environment=environment_for(plant)) as terminal:
        code = terminal.end()

    assert code == 0
    assert r"[red]a[/red]\x1b[2J\r\n\u202e:smile:" in plain(terminal.shown)
    assert "\x1b[2J" not in terminal.shown
    assert "\u202e" not in terminal.shown


def test_texts_in_json_are_escaped_as_well(plant: Simulator) -> None:
    plant.set("Plant.BatchId", "\x1b[2J\x9b\u202e")

    result = run_at(plant, "read", "Plant.BatchId", "--json")

    assert result.stdout.isascii()
    assert "\x1b" not in result.stdout
    assert json.loads(result.stdout)["Plant.BatchId"]["value"] == "\x1b[2J\x9b\u202e"


def test_names_in_an_error_are_escaped_too(plant: Simulator) -> None:
    result = run_at(plant, "read", "No\x1b[2Jwhere")

    assert result.returncode != 0
    assert "\x1b" not in result.stdout + result.stderr


def test_there_are_colours_on_a_terminal(plant: Simulator) -> None:
    with Terminal("read", "Tank1.Setpoint", *at(plant), environment=environment_for(plant)) as terminal:
        code = terminal.end()

    assert code == 0
    assert is_coloured(terminal.shown)


@pytest.mark.parametrize("variable", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_there_are_no_colours_on_a_terminal_that_wants_none(variable: dict[str, str], plant: Simulator) -> None:
    environment = environment_for(plant, **variable)

    with Terminal("read", "Tank1.Setpoint", *at(plant), environment=environment) as terminal:
        code = terminal.end()

    assert code == 0
    assert "Tank1.Setpoint" in terminal.shown
    # Bold is no colour.
    assert "\x1b[32m" not in terminal.shown


def test_there_are_no_colours_in_a_pipe_and_no_line_is_cut(plant: Simulator) -> None:
    plant.set("Plant.BatchId", "x" * 300)

    result = run_at(plant, "read", "Plant.BatchId", COLUMNS="40")

    assert not is_coloured(result.stdout)
    assert len(result.stdout.splitlines()) == 2
    assert "x" * 300 in result.stdout


def test_forty_columns_are_enough(plant: Simulator) -> None:
    plant.set("Tank1.Level", 71.25, quality=BAD)
    environment = environment_for(plant, NO_COLOR="1")

    with Terminal("read", "Tank1.Level", *at(plant), environment=environment, columns=40) as terminal:
        code = terminal.end()

    lines = [line.rstrip() for line in plain(terminal.shown).splitlines()]
    assert code == 0
    assert max(map(len, lines)) <= 40
    assert lines[0] == "Tank1.Level"
    assert "  value   71.25" in lines
    assert "  quality bad, no communication, no" in lines


def test_a_reader_that_goes_away_ends_it_quietly(plant: Simulator) -> None:
    # More than a pipe holds.
    names = [f"Wide{number}" for number in range(1000)]
    for name in names:
        plant.set(name, "y" * 4000)
    process = subprocess.Popen(
        [COMMAND, "read", *names, *at(plant)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment_for(plant),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    first = process.stdout.readline()
    process.stdout.close()
    complaints = process.stderr.read()
    process.stderr.close()

    assert process.wait(PATIENCE) == 141
    assert first.startswith("tag")
    assert complaints == ""


def test_an_output_that_takes_nothing_is_told(plant: Simulator) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123  no path of a file
        result = subprocess.run(
            [COMMAND, "read", "Tank1.Setpoint", *at(plant)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=environment_for(plant),
            timeout=PATIENCE,
            check=False,
        )

    assert result.returncode == 1
    assert result.stderr == "airflow-wincc read: The output cannot be written: No space left on device.\n"


def test_a_terminal_without_unicode_gets_escapes(plant: Simulator) -> None:
    plant.set("Plant.BatchId", "Grün")

    result = run_at(plant, "read", "Plant.BatchId", PYTHONIOENCODING="ascii")

    assert result.returncode == 0
    assert r"Gr\xfcn" in result.stdout


def test_a_read_that_is_tried_again_is_told_in_one_line(plant: Simulator) -> None:
    plant.fail_next("unavailable", count=1)

    result = run_at(plant, "read", "Tank1.Setpoint")

    assert result.returncode == 0
    assert result.stderr.startswith("airflow-wincc read: warning: WinCC read failed, trying again")
    assert result.stderr.count("\n") == 1


def test_a_station_that_refuses_the_user_ends_with_1_and_says_so(plant: Simulator) -> None:
    result = run_at(plant, "read", "Tank1.Setpoint", user="guest")

    assert result.returncode == 1
    assert result.stdout == ""
    assert "not authorised" in result.stderr


def test_neither_airflow_nor_what_only_exports_need_is_imported_for_an_address(plant: Simulator) -> None:
    code = (
        "import atexit, sys\n"
        "from airflow_provider_wincc.cli import main\n"
        "heavy = {'airflow', 'pandas', 'pyarrow', 'sqlalchemy', 'starlette', 'uvicorn'}\n"
        "atexit.register(lambda: print('heavy:', sorted(heavy & set(sys.modules))))\n"
        "main()"
    )

    result = subprocess.run(
        [sys.executable, "-c", code, "read", "Tank1.Setpoint", *at(plant)],
        capture_output=True,
        text=True,
        env=environment_for(plant),
        timeout=PATIENCE,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    assert "Tank1.Setpoint" in result.stdout
    assert result.stdout.splitlines()[-1] == "heavy: []"


def test_no_tag_is_wrong_usage(plant: Simulator) -> None:
    result = run("read", *at(plant), environment=environment_for(plant))

    assert result.returncode == 2
    assert plant.requests == []
