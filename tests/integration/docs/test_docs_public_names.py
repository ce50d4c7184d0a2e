"""What users may import is shown in a snippet that runs, and described in the reference of the code."""

from __future__ import annotations

import ast
import inspect
import re

import pytest
from documentation import REPOSITORY, blocks, table, text_of
from public_names import NEEDS_AIRFLOW_3_3, PACKAGE, public_modules, public_objects

AUTOMODULE = re.compile(r"^\.\. automodule:: (\S+)$", re.MULTILINE)


def names_in_snippets() -> set[str]:
    trees = [ast.parse(block.code) for block in blocks("python")]
    imported = {
        name.name
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    used = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return imported & used


@pytest.mark.parametrize("module", public_modules())
def test_every_public_class_is_used_in_a_snippet(module: str) -> None:
    classes = {name for name, value in public_objects(module).items() if inspect.isclass(value)}

    assert sorted(classes - names_in_snippets()) == []


def test_there_are_public_classes_of_every_kind() -> None:
    found = {name for module in public_modules() for name in public_objects(module)}

    assert {"WinCCHook", "WinCCOrderHandoffOperator", "WinCCTagSensor", "WinCCTagTrigger", "WinCCTagNotifier"} <= found
    assert {"WinCCClient", "Condition", "tag", "OrderHandoffTags", "StagingTables", "Simulator", "tag_asset"} <= found


def test_the_reference_has_every_public_module() -> None:
    pages = sorted((REPOSITORY / "docs" / "api").glob("*.rst"))
    described = [module for page in pages for module in AUTOMODULE.findall(page.read_text(encoding="utf-8"))]
    index = (REPOSITORY / "docs" / "api" / "index.rst").read_text(encoding="utf-8")

    assert sorted(described) == sorted({*public_modules(), *(f"{PACKAGE}.{name}" for name in NEEDS_AIRFLOW_3_3)})
    assert [page.stem for page in pages if page.stem != "index" and f"   {page.stem}\n" not in index] == []


def test_everything_public_has_a_docstring() -> None:
    without = [
        f"{module}.{name}"
        for module in public_modules()
        for name, value in public_objects(module).items()
        if not inspect.getdoc(value)
    ]

    assert without == []


def test_the_page_on_development_lists_every_target_of_make() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))

    listed = {
        name for row in table("docs/development.md", "target") for name in re.findall(r"`make ([a-z-]+)`", row[0])
    }

    assert listed == targets


def test_the_page_on_upgrading_names_the_versions_of_what_is_stored() -> None:
    from airflow_provider_wincc.conditions import tag
    from airflow_provider_wincc.orders.memory import OrderMemory
    from airflow_provider_wincc.orders.progress import Progress
    from airflow_provider_wincc.triggers.edges import EdgeDetector

    rows = {row[0]: row[2] for row in table("docs/upgrading.md", "stored")}
    versions = {
        "the durable note and the progress of an order": Progress("1", OrderMemory()).to_document(),
        "the state of a watcher": EdgeDetector(tag("A") > 1, None).to_json(),
    }

    assert {name: "`version`" in rows[name] for name in versions} == {
        name: isinstance(stored["version"], int) for name, stored in versions.items()
    }
    assert text_of("docs/upgrading.md").count("yes, `version`") == len(versions)
