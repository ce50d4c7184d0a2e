"""The provider's metadata: valid by Airflow's own schema, complete, and leading to what it names."""

from __future__ import annotations

import importlib
import json
import pkgutil
from importlib.metadata import metadata
from importlib.resources import files

import jsonschema
import pytest
from airflow.sdk import BaseNotifier, BaseOperator, BaseOperatorLink
from airflow.sdk.bases.decorator import TaskDecorator

import airflow_provider_wincc
from airflow_provider_wincc.provider_info import get_provider_info

PACKAGE = "airflow_provider_wincc"
INFO = get_provider_info()
SCHEMA = json.loads(files("airflow").joinpath("provider_info.schema.json").read_text())


def imported(path):
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def modules_of(kind):
    return {name for part in INFO[kind] for name in part["python-modules"]}


def defines_tasks(name):
    """Whether a module has operators or sensors that users import from it."""
    module = importlib.import_module(name)
    public = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, BaseOperator)]
    return any(each.__name__.startswith("WinCC") and each.__module__ == name for each in public)


def test_it_is_valid_by_airflows_schema():
    jsonschema.validate(INFO, SCHEMA)


def test_it_has_no_key_that_airflow_does_not_know():
    assert set(INFO) <= set(SCHEMA["properties"])


def test_it_names_the_distribution():
    assert INFO["package-name"] == metadata("airflow-provider-wincc")["Name"]


def test_what_we_do_not_have_is_not_claimed():
    assert {"config", "queues", "plugins", "executors", "transfers"}.isdisjoint(INFO)
    assert not [each for each in INFO["integrations"] if "logo" in each]


@pytest.mark.parametrize(("kind", "package"), [("operators", "operators"), ("sensors", "sensors")])
def test_every_module_with_tasks_for_users_is_listed(kind, package):
    folder = importlib.import_module(f"{PACKAGE}.{package}")
    modules = {f"{PACKAGE}.{package}.{module.name}" for module in pkgutil.iter_modules(folder.__path__)}
    # The operator that clears a unit is imported from where the handoff is.
    found = {name for name in modules if defines_tasks(name)} - {f"{PACKAGE}.operators.clear_order"}

    assert modules_of(kind) == found


@pytest.mark.parametrize("kind", ["operators", "sensors", "hooks", "triggers"])
def test_the_modules_of_it_can_be_imported(kind):
    assert all(importlib.import_module(name) for name in modules_of(kind))


def test_its_links_notifiers_and_decorators_are_such():
    assert all(issubclass(imported(path), BaseOperatorLink) for path in INFO["extra-links"])
    assert all(issubclass(imported(path), BaseNotifier) for path in INFO["notifications"])
    for decorator in INFO["task-decorators"]:
        assert imported(decorator["class-name"]).__annotations__["return"] == TaskDecorator.__name__


def test_every_integration_that_is_named_is_described():
    described = {each["integration-name"] for each in INFO["integrations"]}

    named = {part["integration-name"] for kind in ("operators", "sensors", "hooks", "triggers") for part in INFO[kind]}
    assert named == described


def test_the_version_is_that_of_the_package():
    assert metadata("airflow-provider-wincc")["Version"] == airflow_provider_wincc.__version__
