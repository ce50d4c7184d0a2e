"""Remake the constraints files of the matrix: `python -m demo.matrix.constraints` (or `make matrix-constraints`).

An old Airflow says of many of its dependencies how old they may be and not how new, and does not run with the newest
(Airflow 3.2.2 not with SQLAlchemy 2.1). So its dependencies are taken as they were when it was new: the newest that
had been released a fortnight after it. For the lowest cell, ours are exactly what `setup.cfg` declares as the lowest.
That this cannot be resolved means that `setup.cfg` says something that is not true; uv tells what.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from demo.constraints import pins
from demo.environment import REPOSITORY, InstallationError, run_logged, stage
from demo.matrix.cells import LOWEST_CONSTRAINTS, MIDDLE_CONSTRAINTS, Cell, choose
from demo.matrix.declared import SETUP, DeclarationError, floors
from demo.matrix.installation import EXTRA, FOLDER, install_uv


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How the constraints of a cell are made.

    :param as_of: day after which nothing that was released counts.
    :param lowest: whether our own dependencies are the lowest that `setup.cfg` declares.
    """

    cell: Cell
    file: Path
    as_of: date
    lowest: bool


# Tools of the tests alone whose older versions spoil the tests. No Airflow has a say in them.
_NEWER_TOOLS = ("matplotlib", "pytest-asyncio")
_TOOLS_AS_OF = date(2026, 11, 25)

_LOWEST, _MIDDLE = choose(["lowest", "middle"])
RECIPES = (
    # Airflow 3.1.8 was released on 11 March 2026, 3.2.2 on 29 May 2026.
    Recipe(cell=_LOWEST, file=LOWEST_CONSTRAINTS, as_of=date(2026, 3, 25), lowest=True),
    Recipe(cell=_MIDDLE, file=MIDDLE_CONSTRAINTS, as_of=date(2026, 6, 12), lowest=False),
)


def main() -> int:
    """Write the constraints files anew."""
    try:
        uv = install_uv()
        for recipe in RECIPES:
            with stage(f"finding versions for Airflow {recipe.cell.airflow}, Python {recipe.cell.python}"):
                found = resolve(recipe, uv=uv)
            recipe.file.write_text(header(recipe) + "".join(f"{pin}\n" for pin in found), encoding="utf-8")
            print(f"wrote {recipe.file.relative_to(REPOSITORY)}")
    except (InstallationError, DeclarationError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def resolve(recipe: Recipe, *, uv: Path) -> list[str]:
    """Return the exact version of each package, in the form of a constraint.

    :raises InstallationError: when no versions fit; with what uv says about it.
    """
    with tempfile.TemporaryDirectory(prefix="constraints-") as folder:
        limits, output = Path(folder) / "limits.txt", Path(folder) / "output.txt"
        limits.write_text("\n".join([f"apache-airflow{recipe.cell.airflow}", *lowest_pins(recipe)]), encoding="utf-8")
        command = [
            *(str(uv), "pip", "compile", str(SETUP), "--extra", EXTRA, "--constraint", str(limits)),
            *("--python-version", recipe.cell.python, "--exclude-newer", recipe.as_of.isoformat()),
            *(f"--exclude-newer-package={tool}={_TOOLS_AS_OF.isoformat()}" for tool in _NEWER_TOOLS),
            *("--no-header", "--no-annotate", "--output-file", str(output)),
        ]
        run_logged(command, FOLDER / f"constraints-{recipe.cell.name}.log")
        return pins(output.read_text(encoding="utf-8").splitlines())


def lowest_pins(recipe: Recipe) -> list[str]:
    """Return our own dependencies at their lowest version, as constraints; none if the recipe asks for the newest."""
    if not recipe.lowest:
        return []
    return [f"{name}=={version}" for name, version in floors(EXTRA).items() if name != "apache-airflow"]


def header(recipe: Recipe) -> str:
    """Return the comment that a constraints file begins with."""
    dependencies = "the lowest that setup.cfg declares" if recipe.lowest else "as new as theirs"
    return (
        f"# Exact versions of every package that the tests install, with Airflow {recipe.cell.airflow.lstrip('=')} on "
        f"Python {recipe.cell.python}.\n"
        f"# Airflow's own dependencies are those of {recipe.as_of:%-d %B %Y}; ours are {dependencies}.\n"
        "# Made by `make matrix-constraints`; edit by remaking, not by hand.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
