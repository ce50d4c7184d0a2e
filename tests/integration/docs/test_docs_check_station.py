"""The page on checking a station shows what the operator logs, raises and returns."""

from __future__ import annotations

import inspect
import json
import re
from typing import TYPE_CHECKING, Any

from documentation import blocks, table, text_of

from airflow_provider_wincc.client import WinCCConnectionError
from airflow_provider_wincc.client.check import Step, StepState
from airflow_provider_wincc.operators.station import WinCCCheckStationOperator

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from conftest import PageRun

    from airflow_provider_wincc.simulator import Simulator

PAGE = "docs/check-station.md"
TABLE, FAILURE = (block.code for block in blocks("text", PAGE))
RESULT = json.loads(blocks("json", PAGE)[0].code)


def columns(line: str) -> list[str]:
    return re.split(r"\s{2,}", line.strip())


def test_the_table_of_the_page_is_that_of_its_task(
    run_page: Callable[[str], PageRun],
    station: Simulator,
    context: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level("INFO")
    task = run_page(PAGE).names["check_line_3"]

    task.execute(context)

    log = "\n".join([*(record.getMessage() for record in caplog.records), capsys.readouterr().out])
    title, head, *rows = TABLE.splitlines()
    assert title.partition("https")[0] in log
    assert columns(head) in [columns(line) for line in log.splitlines()]
    logged = [columns(line)[:2] for line in log.splitlines()]
    for row in rows:
        assert columns(row)[:2] in logged


def test_the_result_of_the_page_has_the_keys_of_a_real_one(
    run_page: Callable[[str], PageRun], context: dict[str, Any]
) -> None:
    real = run_page(PAGE).names["check_line_3"].execute(context)

    assert list(RESULT) == list(real)
    assert list(RESULT["steps"][0]) == list(real["steps"][0])
    assert list(RESULT["tags"]["Tank1.Level"]) == list(real["tags"]["Tank1.Level"])
    assert RESULT["writable"] == real["writable"]


def test_the_failure_of_the_page_has_the_hint_of_the_code() -> None:
    told, _, hint = FAILURE.strip().partition(" What to do: ")

    assert told.startswith("Step 'TCP' failed on worker ")
    assert hint == WinCCConnectionError.default_hint


def test_the_page_names_every_argument_every_step_and_every_result() -> None:
    parameters = inspect.signature(WinCCCheckStationOperator.__init__).parameters
    steps = [row[0].strip("`") for row in table(PAGE, "failed")]
    sentence = next(line for line in text_of(PAGE).splitlines() if line.startswith("- `result` of a step"))

    assert {row[0].strip("`") for row in table(PAGE, "argument")} == set(parameters) - {"self", "kwargs"}
    assert steps[: len(Step)] == list(Step)
    assert [state for state in StepState if f"`{state}`" not in sentence] == []
