"""The page about the simulator keeps its word."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from airflow_provider_wincc.simulator import Dialect, Fault
from airflow_provider_wincc.simulator.catalogue import demo_tags

PAGE = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_there_are_snippets_to_run() -> None:
    assert len(SNIPPETS) == 3


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_each_snippet_runs(snippet: str) -> None:
    exec(compile(snippet, "docs/simulator.md", "exec"), {})  # asserts inside


def test_each_fault_and_switch_is_described() -> None:
    words = [*Fault, *(switch.name for switch in fields(Dialect))]

    assert [word for word in words if f"`{word}`" not in PAGE] == []


def test_each_tag_of_the_plant_is_described() -> None:
    missing = [
        tag.name
        for tag in demo_tags()
        if f"`{tag.name}`" not in PAGE and f"`.{tag.name.partition('.')[2]}`" not in PAGE
    ]

    assert missing == []
