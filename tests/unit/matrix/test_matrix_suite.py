"""The suite of a cell is run by a real pytest, on a small suite."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from demo.matrix import suite
from demo.matrix.suite import Counts, Part, SuiteError, count, run_part

MIXED = """
import pytest

def test_good(): assert True
def test_bad(): assert "ham" == "spam"
@pytest.mark.skip(reason="not today")
def test_left_out(): pass
@pytest.fixture
def broken(): raise OSError
def test_error(broken): pass
"""


def part_of(folder: Path, content: str) -> Part:
    """A part of a suite whose tests are one file, in a project of its own, whose settings and plugins are its own."""
    (folder / "test_small.py").write_text(content)
    (folder / "pytest.ini").write_text("[pytest]\n")
    return Part("small", ("--rootdir", str(folder), "-c", str(folder / "pytest.ini"), str(folder / "test_small.py")))


def test_what_became_of_the_tests_is_counted_and_a_failure_shows_the_end_of_the_log(tmp_path: Path) -> None:
    part = part_of(tmp_path, MIXED)

    with pytest.raises(SuiteError, match="'ham' == 'spam'") as caught:
        run_part(part, python=Path(sys.executable), folder=tmp_path)

    assert caught.value.counts == Counts(passed=1, failed=2, skipped=1)
    assert str(tmp_path / "small.log") in str(caught.value)


def test_a_suite_that_passes_is_counted(tmp_path: Path) -> None:
    part = part_of(tmp_path, "def test_good(): assert True")

    assert run_part(part, python=Path(sys.executable), folder=tmp_path) == Counts(passed=1)


def test_a_part_without_any_test_has_failed(tmp_path: Path) -> None:
    part = part_of(tmp_path, "")

    with pytest.raises(SuiteError, match="pytest ended with 5"):
        run_part(part, python=Path(sys.executable), folder=tmp_path)


def test_a_log_of_an_earlier_run_is_not_counted_again(tmp_path: Path) -> None:
    run_part(part_of(tmp_path, "def test_good(): assert True"), python=Path(sys.executable), folder=tmp_path)
    broken = Part("small", ("--no-such-option",))

    with pytest.raises(SuiteError) as caught:
        run_part(broken, python=Path(sys.executable), folder=tmp_path)

    assert caught.value.counts == Counts()


def test_a_long_part_says_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(suite, "_PROGRESS_SECONDS", 0.05)
    part = part_of(tmp_path, "def test_good(): assert True")

    run_part(part, python=Path(sys.executable), folder=tmp_path)

    assert "starting after 0 s" in capsys.readouterr().out


def test_commands_of_the_cell_are_found_before_others(tmp_path: Path) -> None:
    part = part_of(
        tmp_path,
        "import os, sys, pathlib\n"
        "def test_path(): assert os.environ['PATH'].split(os.pathsep)[0] == str(pathlib.Path(sys.executable).parent)\n",
    )

    assert run_part(part, python=Path(sys.executable), folder=tmp_path) == Counts(passed=1)


def test_what_a_test_prints_is_not_taken_for_the_end(tmp_path: Path) -> None:
    log = tmp_path / "small.log"
    log.write_text("7 failed in 1.00s\n=== 2 failed, 11 passed, 3 skipped, 1 error in 95.11s (0:01:35) ===\n")

    assert count(log) == Counts(passed=11, failed=3, skipped=3)


def test_a_log_without_an_end_counts_nothing(tmp_path: Path) -> None:
    log = tmp_path / "small.log"
    log.write_text("..........\nINTERNALERROR> 3 passed\n")

    assert count(log) == Counts()
