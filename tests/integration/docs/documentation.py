"""The pages of the documentation, taken apart: fenced blocks, tables, links."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
PAGES = ["README.md", *(f"docs/{path.name}" for path in sorted((REPOSITORY / "docs").glob("*.md")))]

_FENCED = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: str
    line: int
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@cache
def text_of(page: str) -> str:
    return (REPOSITORY / page).read_text(encoding="utf-8")


def blocks(language: str, page: str | None = None) -> list[Block]:
    return [
        Block(name, _line_of(name, match.start(3)), match[2], textwrap.dedent(match[3]))
        for name in (PAGES if page is None else [page])
        for match in _FENCED.finditer(text_of(name))
        if match[2] == language
    ]


def table(page: str, first_heading: str, *, after: str = "") -> list[list[str]]:
    """Return the cells of the first table, after a piece of text, whose first column has this heading."""
    lines = text_of(page).partition(after)[2].splitlines() if after else text_of(page).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first_heading} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return rows


def links(page: str) -> list[str]:
    """Return where the page links to, other sites left out."""
    prose = _FENCED.sub("", text_of(page))
    return [target for target in _LINK.findall(prose) if "://" not in target]


def anchors(page: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _line_of(page: str, position: int) -> int:
    return text_of(page)[:position].count("\n") + 1
