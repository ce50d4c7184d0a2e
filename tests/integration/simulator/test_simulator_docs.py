"""The page about the simulator keeps its word."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from airflow_provider_wincc.simulator import Dialect, Fault, SimulatedArchiveTag, SimulatedUnit
from airflow_provider_wincc.simulator.archive_catalogue import default_archives
from airflow_provider_wincc.simulator.catalogue import demo_tags
from airflow_provider_wincc.simulator.unit_memory import JobState
from airflow_provider_wincc.simulator.unit_states import shown_state
from airflow_provider_wincc.simulator.unit_tags import unit_tags

PAGE = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_there_are_snippets_to_run() -> None:
    assert len(SNIPPETS) == 6


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


@pytest.mark.parametrize("profile", ["A", "B", "C", "D"])
def test_each_tag_of_a_unit_is_described_with_its_type(profile: str) -> None:
    rows = rows_of("| Tag | Type | Meaning |")
    described = {
        name: kind for row in rows for name, kind in zip(re.findall(r"`([\w.]+)`", row[0]), types_of(row), strict=True)
    }

    tags = unit_tags(SimulatedUnit(name="U", profile=profile))  # type: ignore[arg-type]

    assert [tag.name for tag in tags if described.get(tag.name) != tag.data_type.value] == []


def test_the_table_of_states_has_the_numbers_of_the_unit() -> None:
    rows = rows_of("| `Order.State` | `isa95` |")

    assert [[number.partition(";")[0] for number in row[1:4]] for row in rows] == [
        [str(shown_state(numbers, state, was_stopped=False)) for numbers in ("isa95", "packml", "packml_tmc")]
        for state in JobState
    ]


def test_each_setting_of_a_unit_is_described() -> None:
    described = "".join(row[0] for row in rows_of("| Setting of `SimulatedUnit` | Meaning |"))

    assert [switch.name for switch in fields(SimulatedUnit) if f"`{switch.name}`" not in described] == []


def test_each_setting_of_an_archive_tag_is_described_with_its_default() -> None:
    rows = {row[0]: row[1] for row in rows_of("| Setting of `SimulatedArchiveTag` | Meaning |")}

    described = "".join(rows)
    assert [setting.name for setting in fields(SimulatedArchiveTag) if f"`{setting.name}`" not in described] == []
    plain = SimulatedArchiveTag("T")
    assert f"{plain.period_ms} by default" in rows["`period_ms`"]
    assert f"{plain.low:g} and {plain.high:g} by default" in rows["`low`, `high`"]
    assert f"from {plain.first:%Y-%m-%d} UTC" in rows["`first`, `last`"]
    assert "{} and {} by default".format(*plain.bad_qualities) in rows["`bad_quality`, `bad_qualities`"]


def test_each_tag_of_the_archive_of_the_plant_is_described() -> None:
    described = "".join(row[0] for row in rows_of("| Tag of `ProcessData` | Rows |"))

    tags = [tag.name for archive in default_archives() for tag in archive.tags]

    assert [name for name in tags if f"`{name}`" not in described] == []


def rows_of(header: str) -> list[list[str]]:
    """Return the rows of all tables whose header begins like this."""
    tables = [block for block in PAGE.split("\n\n") if block.startswith(header)]
    assert tables
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for block in tables for line in block.splitlines()[2:]
    ]


def types_of(row: list[str]) -> list[str]:
    """Return a type for each tag of the row; one type may stand for all."""
    types = row[1].split(", ")
    return types * (row[0].count("`") // 2) if len(types) == 1 else types
