from __future__ import annotations

import re

import pytest

from demo.environment import REPOSITORY
from demo.matrix.cells import CELLS
from demo.matrix.constraints import RECIPES, Recipe, header, lowest_pins
from demo.matrix.declared import DeclarationError, floors

SETUP = """
[options]
install_requires =
    apache-airflow>=3.1.1
    requests>=2.32

[options.extras_require]
cli =
    rich>=13
simulator =
    airflow-provider-wincc[cli]
    PyYAML>=6.0
test =
    airflow-provider-wincc[simulator, cli]
    pytest>=8
"""
PINS = {
    recipe.cell.name: dict(
        line.lower().split("==") for line in recipe.file.read_text().splitlines() if not line.startswith("#")
    )
    for recipe in RECIPES
}
recipes = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.cell.name)


def release(version: str) -> tuple[str, ...]:
    """Parts of a version without zeros at its end: 2.32 and 2.32.0 are one."""
    parts = version.split(".")
    while parts[-1] == "0":
        parts.pop()
    return tuple(parts)


def test_the_floors_of_an_extra_are_those_of_the_project_and_of_the_extras_it_names() -> None:
    assert floors("test", setup=SETUP) == {
        "apache-airflow": "3.1.1",
        "requests": "2.32",
        "rich": "13",
        "pyyaml": "6.0",
        "pytest": "8",
    }


@pytest.mark.parametrize("requirement", ["types-requests", "rich<14", "rich>=13,<14", "rich==13", "rich[x]>=13"])
def test_a_dependency_that_says_no_plain_floor_is_an_error_that_names_it(requirement: str) -> None:
    setup = SETUP.replace("rich>=13", requirement)

    with pytest.raises(DeclarationError) as caught:
        floors("test", setup=setup)

    assert requirement in str(caught.value)


def test_two_floors_of_one_package_are_an_error_that_names_both() -> None:
    setup = SETUP.replace("PyYAML>=6.0", "requests>=2.31")

    with pytest.raises(DeclarationError, match=r"two lowest versions of requests: 2\.32 and 2\.31"):
        floors("test", setup=setup)


def test_the_lowest_cell_has_exactly_the_versions_that_setup_cfg_declares_as_the_lowest() -> None:
    declared = floors("test")

    installed = {name: release(PINS["lowest"][name]) for name in declared}

    assert installed == {name: release(version) for name, version in declared.items()}, (
        "make matrix-constraints brings the two together again"
    )


@recipes
def test_a_constraints_file_is_for_the_airflow_of_its_cell_and_says_how_it_is_remade(recipe: Recipe) -> None:
    text = recipe.file.read_text()

    assert PINS[recipe.cell.name]["apache-airflow"] == recipe.cell.airflow.removeprefix("==")
    assert text.startswith(header(recipe))


@recipes
def test_a_constraints_file_is_that_of_its_cell(recipe: Recipe) -> None:
    assert recipe.cell.constraints == recipe.file
    assert [file for file in (REPOSITORY / "constraints").iterdir() if file == recipe.file] == [recipe.file]


def test_only_the_lowest_cell_holds_our_dependencies_down() -> None:
    held_down = {recipe.cell.name: bool(lowest_pins(recipe)) for recipe in RECIPES}

    assert held_down == {"lowest": True, "middle": False}


def test_cells_that_take_the_newest_have_no_constraints() -> None:
    assert [cell.name for cell in CELLS if cell.constraints is None] == ["newest", "prerelease"]


def test_the_page_on_versions_names_the_floors_of_the_project_itself() -> None:
    page = (REPOSITORY / "docs" / "versions.md").read_text().partition("## The lowest dependencies")[2]

    told = dict(re.findall(r"^\| `([\w-]+)` \| (\d[\w.]*) \| .*\|$", page, re.MULTILINE))

    assert told == {name: floor for name, floor in floors("cli").items() if name not in {"rich", "typer"}}
