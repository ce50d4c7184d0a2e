"""``airflow-wincc archive`` and ``messages``: whole files, or none."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow.parquet
import pytest
from command_runs import COMMAND, PATIENCE, Terminal, at, environment_for, plain, run_at

if TYPE_CHECKING:
    from pathlib import Path

    from airflow_provider_wincc.simulator import Simulator

HOUR = ["--start", "2026-03-02T07:00:00Z", "--end", "2026-03-02T09:00:00+01:00"]
ONE_TAG = ["archive", "ProcessData", "Tank1_Level", *HOUR]


def tags_and_times(file: Path) -> list[tuple[str, str]]:
    """Return tag and time of each row of a file of any form."""
    if file.suffix == ".csv":
        with file.open(newline="") as lines:
            return [(row["tag"], row["timestamp"]) for row in csv.DictReader(lines)]
    if file.suffix == ".jsonl":
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        return [(row["tag"], row["timestamp"]) for row in rows]
    rows = pyarrow.parquet.read_table(file).to_pylist()
    return [(row["tag"], row["timestamp"].strftime("%Y-%m-%dT%H:%M:%S.%fZ")) for row in rows]


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_an_hour_of_an_archive_goes_into_a_file_of_the_form_of_its_ending(
    ending: str, plant: Simulator, tmp_path: Path
) -> None:
    out = tmp_path / "new folder" / f"level{ending}"

    result = run_at(plant, *ONE_TAG, "--out", str(out))

    rows = tags_and_times(out)
    assert result.returncode == 0, result.stderr
    assert {tag for tag, _ in rows} == {"Tank1_Level"}
    assert rows[0][1] == "2026-03-02T07:00:00.000000Z"
    assert all("2026-03-02T07" in time for _, time in rows)
    assert result.stdout.startswith(f"{len(rows):,} rows of 1 tags in {out}, 2026-03-02T07:00:00")
    assert f"{len(rows):,} rows in " in result.stderr
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_patterns_and_no_tag_at_all_mean_many(plant: Simulator, tmp_path: Path) -> None:
    some, every = tmp_path / "some.csv", tmp_path / "all.csv"

    some_run = run_at(plant, "archive", "ProcessData", "Tank1_*", *HOUR, "--out", str(some))
    all_run = run_at(plant, "archive", "ProcessData", *HOUR, "--out", str(every))

    assert (some_run.returncode, all_run.returncode) == (0, 0)
    tags = {tag for tag, _ in tags_and_times(some)}
    assert tags == {tag for tag, _ in tags_and_times(every) if tag.startswith("Tank1_")}
    assert len(tags) > 1
    assert tags < {tag for tag, _ in tags_and_times(every)}


def test_a_bar_shows_how_far_it_is_and_is_gone_at_the_end(plant: Simulator, tmp_path: Path) -> None:
    arguments = ["archive", "ProcessData", *HOUR, "--out", str(tmp_path / "all.csv"), *at(plant)]

    with Terminal(*arguments, environment=environment_for(plant), columns=40) as terminal:
        code = terminal.end()

    assert code == 0
    assert "100%" in plain(terminal.shown)
    assert "━" in terminal.shown
    assert terminal.shown.rindex("\x1b[?25h") > terminal.shown.rindex("\x1b[?25l")


def test_an_export_that_fails_leaves_the_old_file(plant: Simulator, tmp_path: Path) -> None:
    out = tmp_path / "level.csv"
    out.write_text("of yesterday")
    plant.fail_next("segment_change", count=100, path="/tagLogging/*")

    result = run_at(plant, *ONE_TAG, "--out", str(out))

    assert result.returncode == 1
    assert "is being changed" in result.stderr
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("level.csv", "of yesterday")]


def test_ctrl_c_leaves_the_old_file_and_nothing_half_done(plant: Simulator, tmp_path: Path) -> None:
    out = tmp_path / "level.csv"
    out.write_text("of yesterday")
    plant.fail_next("delay", seconds=2, path="/tagLogging/*")
    process = subprocess.Popen(
        [COMMAND, *ONE_TAG, "--out", str(out), *at(plant)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment_for(plant),
    )
    patience = time.monotonic() + PATIENCE
    while len(list(tmp_path.iterdir())) < 2:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < patience
        time.sleep(0.02)

    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=PATIENCE)

    assert process.returncode == 130
    assert told == "airflow-wincc archive: Interrupted.\n"
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("level.csv", "of yesterday")]


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["archive", "ProcessData", *HOUR, "--out", "level.xlsx"], 2, ".parquet, .csv, .jsonl"),
        (
            ["archive", "ProcessData", "--start", "07:00", "--end", "08:00", "--out", "a.csv"],
            2,
            "The --start is '07:00'",
        ),
        (
            [
                "archive",
                "ProcessData",
                "--start",
                "2026-03-02T07:00:00",
                "--end",
                "2026-03-02T08:00:00",
                "--out",
                "a.csv",
            ],
            2,
            "has no time zone",
        ),
        (["archive", "ProcessData", *HOUR[:2], "--end", "2026-03-02T06:00:00Z", "--out", "a.csv"], 2, "must be later"),
        (["archive", "ProcessData", *HOUR[:2], "--end", "2999-01-01T00:00:00Z", "--out", "a.csv"], 2, "future"),
        (["archive", "Nowhere", "Tank1_Level", *HOUR, "--out", "a.csv"], 1, "'Nowhere'"),
        (["archive", "ProcessData", "Boiler*", *HOUR, "--out", "a.csv"], 1, "fits 'Boiler*'"),
        (["messages", "Errors", "--list", "short", "--out", "a.csv"], 2, "'short_term_archive'"),
        (["messages", "Errors", "--language", "German", "--out", "a.csv"], 2, "language is 'German'"),
        (["messages", "Errors", "--out", "messages.txt"], 2, ".parquet, .csv, .jsonl"),
        (["messages", "Nowhere", "--out", "a.csv"], 1, "'Nowhere'"),
        (["messages", "Errors", "--start", "2026-03-02", "--out", "a.csv"], 2, "has no time zone"),
    ],
)
def test_what_cannot_be_exported_is_told_and_writes_no_file(
    arguments: list[str], code: int, word: str, plant: Simulator, tmp_path: Path
) -> None:
    arguments = [*arguments[:-1], str(tmp_path / arguments[-1])]

    result = run_at(plant, *arguments)

    assert result.returncode == code, result.stderr
    assert word in result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["archive", "messages"])
def test_a_folder_that_cannot_be_written_is_told(command: str, plant: Simulator, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    arguments = ONE_TAG if command == "archive" else ["messages", "All"]

    result = run_at(plant, *arguments, "--out", str(tmp_path / "file" / "a.csv"))

    assert result.returncode == 1
    assert "could not be written" in result.stderr
    assert "worker" not in result.stderr


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet"])
def test_messages_go_into_a_file_oldest_first(ending: str, plant: Simulator, tmp_path: Path) -> None:
    out = tmp_path / f"messages{ending}"
    plant.reset_messages()
    plant.raise_message(1001, time=datetime(2026, 3, 2, 7, tzinfo=UTC))
    plant.raise_message(1002, time=datetime(2026, 3, 2, 6, tzinfo=UTC))

    result = run_at(plant, "messages", "All", "--list", "short_term_archive", "--out", str(out))

    if ending == ".parquet":
        numbers = [row["number"] for row in pyarrow.parquet.read_table(out).to_pylist()]
    elif ending == ".csv":
        with out.open(newline="") as lines:
            numbers = [int(row["number"]) for row in csv.DictReader(lines)]
    else:
        numbers = [json.loads(line)["number"] for line in out.read_text().splitlines()]
    assert result.returncode == 0, result.stderr
    assert numbers.index(1002) < numbers.index(1001)
    assert result.stdout.startswith(f"{len(numbers)} messages in {out}, 2026-03-02T06:00:00")


def test_a_window_of_time_leaves_the_others_out(plant: Simulator, tmp_path: Path) -> None:
    out = tmp_path / "messages.csv"
    plant.reset_messages()
    plant.raise_message(1001, time=datetime(2026, 3, 2, 7, tzinfo=UTC))
    plant.raise_message(1002, time=datetime(2026, 3, 2, 6, tzinfo=UTC))

    result = run_at(plant, "messages", "All", "--list", "short_term_archive", *HOUR, "--out", str(out))

    with out.open(newline="") as lines:
        assert [row["number"] for row in csv.DictReader(lines)] == ["1001"]
    assert result.returncode == 0


def test_a_full_answer_warns_that_messages_may_be_missing(plant: Simulator, tmp_path: Path) -> None:
    plant.burst_of_messages(1200)

    result = run_at(plant, "messages", "All", "--list", "short_term_archive", "--out", str(tmp_path / "all.csv"))

    plant.reset_messages()
    assert result.returncode == 0
    assert "warning: messages may be missing" in result.stderr
    assert result.stdout.startswith("1,000 messages")
