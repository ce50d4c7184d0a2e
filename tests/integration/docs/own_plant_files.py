"""The files that the commands on the page about own plants are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from documentation import blocks

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "docs/own-plant.md"
TAG_LIST = "Name\tData type\tConnection\nOven.On\tBinary Tag\tS7_Oven\nOven.Speed\tSigned 16-bit value\tS7_Oven\n"


def write_files(folder: Path) -> None:
    """Write the plant of the page, and a list of tags as WinCC exports it."""
    (example,) = blocks("yaml", PAGE)
    (folder / "bakery.yaml").write_text(example.code, encoding="utf-8")
    (folder / "tags.csv").write_bytes(TAG_LIST.encode("utf-16"))
