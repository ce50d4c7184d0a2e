"""Tables and trees on screens of any width."""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from airflow_provider_wincc.command_line.screen import Screen, cell, table_of
from airflow_provider_wincc.command_line.tag_tree import trees_of

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


class TerminalText(StringIO):
    """Text that is collected, and says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def rendered(file: StringIO, thing: RenderableType, screen: Console) -> list[str]:
    screen.print(thing)
    return [re.sub(r"\x1b\[\d*m", "", line).rstrip() for line in file.getvalue().splitlines()]


@pytest.fixture(autouse=True)
def no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "LINES"):
        monkeypatch.delenv(name, raising=False)


def test_a_table_has_a_line_for_each_row_where_it_fits() -> None:
    file = StringIO()
    screen = Screen(file)
    rows = [(cell("Tank1.Level"), cell("40")), (cell("Empty"), cell(""))]

    assert rendered(file, table_of(screen, ("tag", "value"), rows), screen) == [
        "tag          value",
        "Tank1.Level  40",
        "Empty        ''",
    ]


def test_a_table_that_is_too_wide_becomes_lines_for_each_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    file = TerminalText()
    screen = Screen(file)
    rows = [(cell("Tank1.Level"), cell("40"), cell("bad, not connected"))]

    assert rendered(file, table_of(screen, ("tag", "value", "quality"), rows), screen) == [
        "Tank1.Level",
        "  value   40",
        "  quality bad, not",
        "          connected",
    ]


def test_markup_in_a_cell_is_text() -> None:
    file = StringIO()
    screen = Screen(file)

    assert rendered(file, table_of(screen, ("tag",), [(cell("[red]x[/red]:smile:\x1b"),)]), screen)[1] == (
        r"[red]x[/red]:smile:\x1b"
    )


def test_names_with_the_same_beginnings_share_branches_in_the_order_they_came() -> None:
    file = StringIO()
    screen = Screen(file)

    for tree in trees_of(["B.Y", "A", "B.X.1", "B.X.2", "A.Z", "..", "[red].q"]):
        screen.print(tree)

    assert [line.rstrip() for line in file.getvalue().splitlines()] == [
        "B",
        "├── Y",
        "└── X",
        "    ├── 1",
        "    └── 2",
        "A",
        "└── Z",
        "''",
        "└── ''",
        "    └── ''",
        "[red]",
        "└── q",
    ]


def test_a_name_of_many_parts_makes_no_deep_recursion() -> None:
    (tree,) = trees_of([".".join("x" * 5000)])

    depth = 0
    while tree.children:
        (tree,) = tree.children
        depth += 1
    assert depth == 4999
