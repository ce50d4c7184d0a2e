"""``airflow-wincc watch``: until a condition is met, the time is up, or somebody has seen enough."""

from __future__ import annotations

import signal
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from command_runs import COMMAND, PATIENCE, Terminal, at, environment_for, is_coloured, plain, run_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from airflow_provider_wincc.simulator import Simulator

QUICK = ["--interval", "0.1"]


@pytest.fixture(autouse=True)
def level(plant: Simulator) -> None:
    """The value that the tag has before."""
    plant.start_service()
    plant.set("Tank1.Level", 40)


@contextmanager
def watching(plant: Simulator, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run the command in pipes beside the test."""
    process = subprocess.Popen(
        [COMMAND, "watch", *arguments, *QUICK, *at(plant)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment_for(plant),
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for_requests(plant: Simulator, count: int) -> None:
    patience = time.monotonic() + PATIENCE
    while len(plant.requests) < count:
        assert time.monotonic() < patience, plant.requests
        time.sleep(0.02)


def test_a_condition_that_is_met_ends_with_0_and_each_change_has_a_line(plant: Simulator) -> None:
    with watching(
        plant, "Mixer1.State", "--until", 'tag("Tank1.Level") >= 59 and tag("Mixer1.State") == "IDLE"'
    ) as run:
        assert run.stdout is not None
        first = [run.stdout.readline().rstrip("\n").split("\t") for _ in range(2)]
        plant.set("Tank1.Level", 50)
        second = run.stdout.readline().rstrip("\n").split("\t")
        plant.set("Tank1.Level", 60)
        rest, told = run.communicate(timeout=PATIENCE)

    assert run.returncode == 0, told
    assert [line[1:] for line in first] == [
        ["Mixer1.State", "IDLE", "good (0x80)"],
        ["Tank1.Level", "40", "good (0x80)"],
    ]
    assert second[1:3] == ["Tank1.Level", "50"]
    assert [line.split("\t")[1:3] for line in rest.splitlines()] == [["Tank1.Level", "60"]]
    assert "The condition is met." in told


def test_when_the_time_is_up_it_ends_with_3_and_says_what_is_missing(plant: Simulator) -> None:
    result = run_at(plant, "watch", "--until", 'tag("Tank1.Level") >= 59', "--timeout", "0.5", *QUICK)

    assert result.returncode == 3
    assert "The 0.5 s are up." in result.stderr
    assert "is false: Tank1.Level = 40" in result.stderr


def test_a_value_of_bad_quality_does_not_meet_a_condition(plant: Simulator) -> None:
    plant.set("Tank1.Level", 60, quality=0x18)

    result = run_at(plant, "watch", "--until", 'tag("Tank1.Level") >= 59', "--timeout", "0.5", *QUICK)

    assert result.returncode == 3
    assert "unknown" in result.stderr


@pytest.mark.parametrize("arguments", [["Nowhere"], ["--until", 'tag("Nowhere") == 1'], ["Tank1.Level", "Nowhere"]])
def test_an_unknown_tag_is_an_error_at_once(arguments: list[str], plant: Simulator) -> None:
    result = run_at(plant, "watch", *arguments)

    assert result.returncode == 1
    assert "does not know 'Nowhere'" in result.stderr
    assert len(plant.requests) == 1


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "There is nothing to watch"),
        (["--until", 'tag("Tank1.Level" >= 59'], "column 4"),
        (["--until", "__import__('os').getcwd()"], "--until"),
    ],
)
def test_what_is_no_watch_is_wrong_usage_and_sends_nothing(arguments: list[str], word: str, plant: Simulator) -> None:
    result = run_at(plant, "watch", *arguments)

    assert result.returncode == 2, result.stderr
    assert word in result.stderr
    assert plant.requests == []


def test_advice_on_a_condition_is_one_line_without_a_place_in_our_code(plant: Simulator) -> None:
    result = run_at(plant, "watch", "--until", 'tag("Tank1.Level") == 40.5', "--timeout", "0.3", *QUICK)

    assert result.returncode == 3
    assert result.stderr.startswith("airflow-wincc watch: warning: --until: ")
    assert ".py" not in result.stderr


def test_a_condition_that_does_not_fit_the_value_ends_with_1(plant: Simulator) -> None:
    result = run_at(plant, "watch", "--until", 'tag("Mixer1.State") >= 5')

    assert result.returncode == 1
    assert "Mixer1.State" in result.stderr


def test_a_station_that_does_not_answer_at_first_is_an_error(plant: Simulator) -> None:
    plant.stop_service()

    result = run_at(plant, "watch", "Tank1.Level")

    assert result.returncode == 1
    assert "The REST service is not started" in result.stderr


def test_a_station_that_goes_away_later_is_waited_for(plant: Simulator) -> None:
    with watching(plant, "--until", 'tag("Tank1.Level") >= 59') as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.readline()
        plant.stop_service()
        trouble = run.stderr.readline()
        plant.set("Tank1.Level", 60)
        plant.start_service()
        _, told = run.communicate(timeout=PATIENCE)

    assert run.returncode == 0
    assert trouble.startswith("airflow-wincc watch: warning: no reading: ")
    assert told.splitlines() == [
        "airflow-wincc watch: The station answers again.",
        "airflow-wincc watch: The condition is met.",
    ]


def test_a_refused_login_ends_it_also_later(plant: Simulator) -> None:
    with watching(plant, "Tank1.Level") as run:
        assert run.stdout is not None
        run.stdout.readline()
        plant.fail_next("unauthorized")
        _, told = run.communicate(timeout=PATIENCE)

    assert run.returncode == 1
    assert "Check user name and password" in told


def test_ctrl_c_ends_it_with_130_and_one_line(plant: Simulator) -> None:
    with watching(plant, "Tank1.Level") as run:
        wait_for_requests(plant, 2)
        run.send_signal(signal.SIGINT)
        _, told = run.communicate(timeout=PATIENCE)

    assert run.returncode == 130
    assert told == "airflow-wincc watch: Interrupted.\n"


def test_a_reader_that_goes_away_ends_it_quietly(plant: Simulator) -> None:
    with watching(plant, "Tank1.Level") as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.readline()
        run.stdout.close()
        plant.set("Tank1.Level", 41)
        told = run.stderr.read()
        code = run.wait(PATIENCE)
        run.stdout = None

    assert (code, told) == (141, "")


def test_a_terminal_shows_a_table_that_stays_in_its_place(plant: Simulator) -> None:
    arguments = ["watch", "--until", 'tag("Tank1.Level") >= 59', *QUICK, *at(plant)]

    with Terminal(*arguments, environment=environment_for(plant)) as terminal:
        terminal.wait_for('until tag("Tank1.Level") >= 59')
        plant.set("Tank1.Level", 60.5)
        code = terminal.end()

    shown = terminal.shown
    assert code == 0
    assert "60.5" in plain(shown)
    assert "The condition is met." in plain(shown)
    assert "\x1b[1A" in shown  # the cursor went up to draw over the last table
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")  # it is shown again
    assert is_coloured(shown)


def test_ctrl_c_at_a_terminal_leaves_the_table_and_shows_the_cursor_again(plant: Simulator) -> None:
    with Terminal("watch", "Tank1.Level", *QUICK, *at(plant), environment=environment_for(plant)) as terminal:
        terminal.wait_for("Tank1.Level")
        terminal.interrupt()
        code = terminal.end()

    assert code == 130
    assert "Interrupted." in terminal.shown
    assert "Traceback" not in terminal.shown
    assert terminal.shown.rindex("\x1b[?25h") > terminal.shown.rindex("\x1b[?25l")


def test_a_terminal_of_forty_columns_is_not_overrun(plant: Simulator) -> None:
    arguments = ["watch", "Tank1.Level", *QUICK, "--timeout", "0.5", *at(plant)]

    with Terminal(*arguments, environment=environment_for(plant, NO_COLOR="1"), columns=40) as terminal:
        code = terminal.end()

    tables, _, _ = plain(terminal.shown).partition("airflow-wincc watch:")
    assert code == 3
    assert "  value   40" in tables
    assert max(len(line.rpartition("\r")[2]) for line in tables.splitlines()) <= 40


def test_a_dumb_terminal_gets_lines(plant: Simulator) -> None:
    environment = environment_for(plant, TERM="dumb")

    with Terminal("watch", "Tank1.Level", "--timeout", "0.3", *QUICK, *at(plant), environment=environment) as terminal:
        code = terminal.end()

    assert code == 3
    assert "\x1b" not in terminal.shown
    assert "\tTank1.Level\t40\t" in terminal.shown
