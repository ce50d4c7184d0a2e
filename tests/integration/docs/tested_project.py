"""The project that the page on testing shows, file by file, on disk."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from documentation import blocks

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "docs/testing.md"
_FILE = re.compile(r"^# (\S+\.(?:py|yaml))\n")


def write_project(folder: Path) -> None:
    """Write the files of the page. A block that does not begin with the name of a file goes on with the tests."""
    for block in sorted(blocks("python", PAGE) + blocks("yaml", PAGE), key=lambda block: block.line):
        named = _FILE.match(block.code)
        file = folder / (named[1] if named else "tests/test_fill_tank.py")
        file.parent.mkdir(exist_ok=True)
        with file.open("a", encoding="utf-8") as open_file:
            open_file.write(f"\n\n{block.code}" if file.stat().st_size else block.code)
