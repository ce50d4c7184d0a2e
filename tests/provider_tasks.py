"""All classes of tasks that the provider has."""

from __future__ import annotations

import importlib
import inspect

from airflow.sdk import BaseOperator

from airflow_provider_wincc.decorators.write import WinCCWriteDecoratedOperator
from airflow_provider_wincc.provider_info import get_provider_info


def tasks_of_the_provider() -> list[type[BaseOperator]]:
    """Return them by name: those of the modules that the provider's metadata names, and that of the decorator."""
    info = get_provider_info()
    modules = [name for kind in ("operators", "sensors") for part in info[kind] for name in part["python-modules"]]
    classes = {
        each
        for module in map(importlib.import_module, modules)
        for _, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, BaseOperator) and each.__name__.startswith("WinCC")
    }
    return sorted({*classes, WinCCWriteDecoratedOperator}, key=lambda each: each.__name__)
