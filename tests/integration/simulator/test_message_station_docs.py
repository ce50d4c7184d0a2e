"""What the page about the simulator says of messages."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from airflow_provider_wincc.simulator import Simulator
from airflow_provider_wincc.simulator.message_catalogue import (
    BURST_SIZE,
    CLASSES,
    LIMIT_VALUES,
    MESSAGES,
    REST_FILTERS,
    burst_numbers,
)
from airflow_provider_wincc.simulator.message_system import KEPT_ROWS

PAGE = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("\n## Messages\n")[2].partition("\n## ")[0]


def rows_of(header: str) -> list[list[str]]:
    (table,) = [block for block in SECTION.split("\n\n") if block.startswith(header)]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]


def test_each_message_is_described_with_its_class_type_and_texts() -> None:
    described = {row[0]: row[1:3] for row in rows_of("| Message | Class, type |")}

    for message in MESSAGES:
        kind, texts = described[str(message.number)]
        assert kind == f"{message.message_class.name.english}, {message.message_type.name.english}"
        if message.number != 2002:
            assert texts == f"{message.texts[0].english}, {message.texts[0].german}"


def test_the_numbers_for_bursts_are_those_of_the_table() -> None:
    told = "".join(" ".join(row) for row in rows_of("| Message | Class, type |") if "Burst" in row[2])

    for message_class in CLASSES:
        numbers = burst_numbers(message_class.name.english)
        assert f"{numbers[0]} to {numbers[-1]}" in told
    assert f"{BURST_SIZE:,} at most" in SECTION


def test_the_limits_are_those_of_the_tanks() -> None:
    assert {(limit.limit, limit.hysteresis) for limit in LIMIT_VALUES} == {(90, 5)}
    assert "from a level of 90 % until it is below 85 %" in SECTION


def test_which_class_needs_to_be_acknowledged_is_told() -> None:
    assert [each.name.english for each in CLASSES if each.needs_acknowledgement] == ["Error"]
    assert "Messages of class Error stay pending until they have gone out and are acknowledged" in SECTION


def test_each_filter_is_described_in_both_languages() -> None:
    told = " ".join(cell for row in rows_of("| REST filter |") for cell in row)

    names = [name for each in REST_FILTERS for name in (each.name.english, each.name.german)]
    assert [name for name in names if f"`{name}`" not in told] == []


def test_each_call_is_described_and_each_described_call_is_there() -> None:
    calls = set(re.findall(r"`(\w+)\(", "".join(row[0] for row in rows_of("| Call |"))))

    own = {name for name, _ in inspect.getmembers(Simulator, inspect.isfunction) if "message" in name}
    assert calls == own


def test_how_many_rows_are_kept_is_told() -> None:
    assert f"the last {KEPT_ROWS:,} rows" in SECTION
