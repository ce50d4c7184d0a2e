"""``airflow-wincc write``: checked, asked, sent once, read back, and told as it is."""

from __future__ import annotations

import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from command_runs import COMMAND, PATIENCE, Terminal, at, environment_for, plain, run_at

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator import Simulator

ALLOWED = ["--allow-write", "Tank?.Setpoint", "--allow-write", "Plant.BatchId"]


@pytest.fixture(autouse=True)
def setpoints(plant: Simulator) -> None:
    """The values that the tags have before."""
    plant.set("Tank1.Setpoint", 40)
    plant.set("Tank2.Setpoint", 40)
    plant.set("Plant.BatchId", "000042")


def writes_since(plant: Simulator, before: int) -> list[tuple[str, object]]:
    return [(write.tag, write.value) for write in plant.writes[before:]]


@pytest.mark.parametrize("answer", ["y", "YES"])
def test_old_and_new_values_are_shown_and_a_yes_writes(answer: str, plant: Simulator) -> None:
    before = len(plant.writes)
    arguments = ["write", "Tank1.Setpoint=61.5", *ALLOWED, *at(plant)]

    with Terminal(*arguments, environment=environment_for(plant)) as terminal:
        terminal.wait_for("Write this? [y/N]")
        asked_with = writes_since(plant, before)
        question = plain(terminal.shown)
        terminal.type(f"{answer}\n")
        code = terminal.end()

    assert code == 0
    assert asked_with == []
    assert [line.split()[:3] for line in question.splitlines()[2:3]] == [["Tank1.Setpoint", "40", "61.5"]]
    assert "verified" in plain(terminal.shown)
    assert writes_since(plant, before) == [("Tank1.Setpoint", 61.5)]


@pytest.mark.parametrize("answer", ["n\n", "\n", "maybe\n", "\x04"])
def test_all_but_a_yes_writes_nothing(answer: str, plant: Simulator) -> None:
    before = len(plant.writes)

    with Terminal("write", "Tank1.Setpoint=61", *ALLOWED, *at(plant), environment=environment_for(plant)) as terminal:
        terminal.wait_for("Write this? [y/N]")
        terminal.type(answer)
        code = terminal.end()

    assert code == 1
    assert "Nothing was written." in plain(terminal.shown)
    assert writes_since(plant, before) == []


def test_ctrl_c_at_the_question_writes_nothing(plant: Simulator) -> None:
    before = len(plant.writes)

    with Terminal("write", "Tank1.Setpoint=61", *ALLOWED, *at(plant), environment=environment_for(plant)) as terminal:
        terminal.wait_for("Write this? [y/N]")
        terminal.interrupt()
        code = terminal.end()

    assert code == 130
    assert "Traceback" not in terminal.shown
    assert writes_since(plant, before) == []


def test_without_a_terminal_and_without_yes_it_refuses_before_anything_is_sent(plant: Simulator) -> None:
    result = run_at(plant, "write", "Tank1.Setpoint=61", *ALLOWED)

    assert result.returncode == 2
    assert "--yes" in result.stderr
    assert plant.requests == []


def test_with_yes_it_writes_all_in_one_request_and_reports_each(plant: Simulator) -> None:
    before = len(plant.writes)

    result = run_at(plant, "write", "Tank1.Setpoint=61", "Tank2.Setpoint=62", "--yes", *ALLOWED)

    assert result.returncode == 0, result.stderr
    assert [line.split()[:4] for line in result.stdout.splitlines()[1:]] == [
        ["Tank1.Setpoint", "40", "61", "verified"],
        ["Tank2.Setpoint", "40", "62", "verified"],
    ]
    assert sorted(writes_since(plant, before)) == [("Tank1.Setpoint", 61.0), ("Tank2.Setpoint", 62.0)]
    assert len([request for request in plant.requests if request.method == "PUT"]) == 1


def test_a_dry_run_shows_all_and_sends_nothing(plant: Simulator) -> None:
    before = len(plant.writes)

    result = run_at(plant, "write", "Tank1.Setpoint=61", "--dry-run", *ALLOWED)

    assert result.returncode == 0
    assert "dry run" in result.stdout
    assert "not sent" in result.stdout
    assert writes_since(plant, before) == []


def test_a_text_of_digits_keeps_its_zeros_by_its_type(plant: Simulator) -> None:
    before = len(plant.writes)
    plant.set("Plant.BatchId", "42")

    guessed = run_at(plant, "write", "Plant.BatchId=000043", "--yes", *ALLOWED)
    named = run_at(plant, "write", "Plant.BatchId=000043", "--type", "Plant.BatchId=text", "--yes", *ALLOWED)

    assert guessed.returncode == 1
    assert "--type Plant.BatchId=text" in guessed.stderr
    assert named.returncode == 0, named.stderr
    assert writes_since(plant, before) == [("Plant.BatchId", "000043")]


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["Tank1.Setpoint=61"], 2, "--url alone only reads"),
        (["Mixer1.Recipe=R-002", *ALLOWED], 2, "fits none of --allow-write 'Tank?.Setpoint'"),
        (["Tank1.Setpoint", *ALLOWED], 2, "Write TAG=VALUE"),
        (["Tank1.Setpoint=1", "Tank1.Setpoint=2", *ALLOWED], 2, "stands twice"),
        (["Tank1.Setpoint=61", "--limit", "Tank*=0", *ALLOWED], 2, "--limit 'Tank?.Setpoint=0:90'"),
        (["Tank1.Setpoint=61", "--limit", "Tank*=90:0", *ALLOWED], 2, "wrong way round"),
        (["Tank1.Setpoint=61", "--type", "Tank1.Setpoint=real", *ALLOWED], 2, "unknown data type 'real'"),
        (["Tank1.Setpoint=61", "--type", "Tank2.Setpoint=float", *ALLOWED], 2, "which is not written"),
        (["Tank1.Setpoint=95", "--limit", "Tank*=:90", *ALLOWED], 1, "95 is outside"),
        (["Tank1.Setpoint=95", "--limit", "Tnak1.*=:90", *ALLOWED], 2, "--limit names 'Tnak1.*', which bounds none"),
        (["Tank1.Setpoint=61", "--limit", "Tank*=:90", "--limit", "Tank2.*=:90", *ALLOWED], 2, "names 'Tank2.*', "),
        (["Tank1.Setpoint=much", *ALLOWED], 1, "does not fit tag 'Tank1.Setpoint'"),
        (["Tank1.Setpoint=nan", *ALLOWED], 1, "does not fit tag 'Tank1.Setpoint'"),
        (["Tank3.Setpoint=61", *ALLOWED], 1, "could not be read before"),
        (["Tank1.Setpoint=61", "--read-back", "nan", *ALLOWED], 2, "--read-back"),
        (["Tank1.Setpoint=61", "--read-back", "inf", *ALLOWED], 2, "--read-back is inf"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_sent(
    arguments: list[str], code: int, word: str, plant: Simulator
) -> None:
    before = len(plant.writes)

    result = run_at(plant, "write", *arguments, "--yes")

    assert result.returncode == code, result.stderr
    assert word in result.stderr
    assert "Traceback" not in result.stderr
    assert writes_since(plant, before) == []


def test_a_lost_answer_is_read_back_and_told_when_the_value_is_there(plant: Simulator) -> None:
    before = len(plant.writes)
    plant.fail_next("drop_after", method="PUT")

    result = run_at(plant, "write", "Tank1.Setpoint=61", "--yes", *ALLOWED)

    assert result.returncode == 0, result.stderr
    assert "reading back, because the station's answer was lost" in result.stdout
    assert "in doubt, reading back" in result.stderr
    assert writes_since(plant, before) == [("Tank1.Setpoint", 61.0)]


def test_a_lost_answer_without_the_value_is_told_as_in_doubt_and_not_sent_again(plant: Simulator) -> None:
    plant.fail_next("drop_before", method="PUT")

    result = run_at(plant, "write", "Tank1.Setpoint=61", "--yes", "--read-back", "0.5", *ALLOWED)

    assert result.returncode == 1
    assert "in doubt: may have arrived" in result.stdout
    assert "Nothing is sent again by itself" in result.stderr
    assert len([request for request in plant.requests if request.method == "PUT"]) == 1


def test_ctrl_c_while_the_station_has_not_answered_says_that_the_value_may_have_arrived(plant: Simulator) -> None:
    before = len(plant.writes)
    plant.fail_next("delay", method="PUT", seconds=3)
    process = subprocess.Popen(
        [COMMAND, "write", "Tank1.Setpoint=61", "--yes", *ALLOWED, *at(plant)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment_for(plant),
    )
    patience = time.monotonic() + PATIENCE
    while not writes_since(plant, before):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < patience
        time.sleep(0.02)

    process.send_signal(signal.SIGINT)
    shown, told = process.communicate(timeout=PATIENCE)

    assert process.returncode == 130
    assert "verified" not in shown
    assert told.splitlines()[-2:] == [
        "airflow-wincc write: Interrupted while writing: the values may have arrived, or not. Read the tags to see.",
        "airflow-wincc write: Interrupted.",
    ]


def test_a_value_that_the_plant_does_not_take_over_is_not_called_written(plant: Simulator) -> None:
    plant.set("Tank1.Setpoint", 40, quality=0x18)

    result = run_at(plant, "write", "Tank1.Setpoint=61", "--yes", "--read-back", "0.5", *ALLOWED)

    assert result.returncode == 1
    assert "verified" not in result.stdout
    assert "--read-back" in result.stderr


def test_a_tag_that_the_station_refuses_is_told_beside_those_that_were_written(plant: Simulator) -> None:
    plant.set("Tank2.Setpoint", 40, error_code=5, error="locked by [red]maintenance")

    result = run_at(plant, "write", "Tank1.Setpoint=61", "Tank2.Setpoint=62", "--yes", "--read-back", "0.5", *ALLOWED)

    assert result.returncode == 1
    assert "locked by [red]maintenance" in result.stdout + result.stderr


def test_a_user_who_may_not_write_is_told_so(plant: Simulator) -> None:
    before = len(plant.writes)

    result = run_at(plant, "write", "Tank1.Setpoint=61", "--yes", *ALLOWED, user="viewer")

    assert result.returncode == 1
    assert "not authorised" in result.stderr
    assert writes_since(plant, before) == []
