from __future__ import annotations

from typing import TYPE_CHECKING

from demo.report import Report, print_error, table
from demo.waiting import StopRequest, Stopwatch

if TYPE_CHECKING:
    import pytest


def test_states_of_tasks_stand_in_a_column(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(Stopwatch(60, stop=StopRequest()))

    report.task("read", "running")
    report.task("wait_until_filled", "deferred")

    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("   0.0 s  read ")
    assert first.index("running") == second.index("deferred")


def test_log_lines_are_set_off_from_the_steps(capsys: pytest.CaptureFixture[str]) -> None:
    Report(Stopwatch(60, stop=StopRequest())).quote(["Read 3 tags", "Done"])

    assert capsys.readouterr().out == "           | Read 3 tags\n           | Done\n"


def test_an_error_goes_to_standard_error_with_its_details(capsys: pytest.CaptureFixture[str]) -> None:
    print_error("Airflow ended.", ["The end of airflow.log:", "no space left"])

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "\ndemo: Airflow ended.\n  The end of airflow.log:\n  no space left\n"


def test_the_columns_of_a_table_are_as_wide_as_their_longest_cell() -> None:
    lines = table("Orders:", ("order", "status"), [("000101", "confirmed"), ("7", 3)])

    assert lines == [
        "Orders:",
        "  order    status",
        "  000101   confirmed",
        "  7        3",
    ]


def test_a_table_without_rows_has_its_head() -> None:
    assert table("Starts:", ("order", "at"), []) == ["Starts:", "  order   at"]
