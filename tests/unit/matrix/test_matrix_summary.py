from __future__ import annotations

import pytest

from demo.matrix.cells import CELLS
from demo.matrix.suite import Counts
from demo.matrix.summary import Outcome, Result, table, verdict

LOWEST, _, NEWEST, PRERELEASE = CELLS


def test_the_table_has_a_line_for_each_cell_with_versions_counts_and_outcome() -> None:
    results = [
        Result(
            cell=LOWEST,
            outcome=Outcome.FAILED,
            installed={"apache-airflow": "3.1.8", "sqlalchemy": "2.0.5", "other": "1"},
            counts=Counts(passed=10, failed=2, skipped=3),
            seconds=61.4,
        ),
        Result(cell=NEWEST, outcome=Outcome.NO_PYTHON),
    ]

    heads, lowest, newest = table(results).splitlines()

    assert heads.split() == [
        *("cell", "python", "airflow", "sqlalchemy", "requests", "starlette", "pandas"),
        *("passed", "failed", "skipped", "seconds", "outcome"),
    ]
    assert lowest.split() == ["lowest", "3.11", "3.1.8", "2.0.5", "-", "-", "-", "10", "2", "3", "61", "FAILED"]
    assert newest.split() == ["newest", "3.13", "-", "-", "-", "-", "-", "0", "0", "0", "0", "NO", "PYTHON"]
    assert heads.index("outcome") == lowest.index("FAILED") == newest.index("NO PYTHON")


def test_cells_that_all_passed_leave_nothing_to_say() -> None:
    results = [Result(cell=cell, outcome=Outcome.PASSED) for cell in CELLS]

    assert verdict(results, in_ci=True) == ([], 0)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.NOT_INSTALLED])
def test_a_required_cell_that_did_not_pass_fails_the_command(outcome: Outcome) -> None:
    said, code = verdict([Result(cell=LOWEST, outcome=outcome)], in_ci=False)

    assert code == 1
    assert said == [f"lowest {outcome.value}."]


@pytest.mark.parametrize("airflow", ["3.4.0a1", "3.4.0b2", "3.4.0rc1"])
def test_an_airflow_that_is_not_final_may_fail_but_it_is_said(airflow: str) -> None:
    failed = Result(cell=PRERELEASE, outcome=Outcome.FAILED, installed={"apache-airflow": airflow})

    said, code = verdict([Result(cell=LOWEST, outcome=Outcome.PASSED), failed], in_ci=True)

    assert code == 0
    assert said == ["prerelease FAILED, WHICH IS ALLOWED while that Airflow is not final. Look at it."]


def test_once_that_airflow_is_final_its_failure_counts() -> None:
    failed = Result(cell=PRERELEASE, outcome=Outcome.FAILED, installed={"apache-airflow": "3.4.0"})

    assert verdict([failed], in_ci=False) == (["prerelease FAILED."], 1)


def test_an_airflow_that_is_not_final_and_cannot_be_installed_is_said() -> None:
    said, code = verdict([Result(cell=PRERELEASE, outcome=Outcome.NOT_INSTALLED)], in_ci=False)

    assert code == 0
    assert said == ["prerelease NOT INSTALLED, WHICH IS ALLOWED while that Airflow is not final. Look at it."]


@pytest.mark.parametrize(("in_ci", "code"), [(False, 0), (True, 1)])
def test_a_python_that_is_missing_is_said_and_fails_the_command_in_ci_only(in_ci: bool, code: int) -> None:
    results = [Result(cell=LOWEST, outcome=Outcome.PASSED), Result(cell=NEWEST, outcome=Outcome.NO_PYTHON)]

    assert verdict(results, in_ci=in_ci) == (["newest DID NOT RUN: there is no Python 3.13 on this machine."], code)


def test_a_matrix_of_which_nothing_ran_has_failed() -> None:
    said, code = verdict([Result(cell=NEWEST, outcome=Outcome.NO_PYTHON)], in_ci=False)

    assert code == 1
    assert said[-1] == "Nothing ran."
