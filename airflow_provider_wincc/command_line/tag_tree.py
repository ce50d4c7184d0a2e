"""Names of tags as trees, cut at their dots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.tree import Tree

from airflow_provider_wincc.command_line.screen import cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_Branches = dict[str, "_Branches"]


def trees_of(names: Iterable[str]) -> Iterator[Tree]:
    """Yield a tree for each first part of a name, in the order in which the parts come first.

    A name that another one goes on from, such as ``Pump`` beside ``Pump.Speed``, stands as a branch only.
    """
    branches: _Branches = {}
    for name in names:
        here = branches
        for part in name.split("."):
            here = here.setdefault(part, {})
    for part, below in branches.items():
        tree = Tree(cell(part), guide_style="dim")
        _grow(tree, below)
        yield tree


def _grow(tree: Tree, branches: _Branches) -> None:
    waiting = [(tree, branches)]
    while waiting:
        here, below = waiting.pop()
        waiting += [(here.add(cell(part)), further) for part, further in below.items()]
