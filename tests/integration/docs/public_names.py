"""The modules that users may import from, and the classes and functions that these offer."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

from airflow_provider_wincc.provider_info import get_provider_info
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

PACKAGE = "airflow_provider_wincc"
# What needs no Airflow, and what Airflow's metadata has no list for.
PLAIN = ("client", "conditions", "orders", "erp", "messages", "simulator", "pytest_plugin")
ASSETS = ("assets.tags", "assets.messages", "assets.uri")
NEEDS_AIRFLOW_3_3 = ("retries",)


def public_modules() -> list[str]:
    """Return the modules that the provider's metadata names, and the plain ones."""
    info = get_provider_info()
    listed = [
        module
        for kind in ("operators", "sensors", "hooks", "triggers")
        for entry in info[kind]
        for module in entry["python-modules"]
    ]
    classes = [*info["notifications"], *info.get("extra-links", ())]
    return [
        *listed,
        *sorted({name.rpartition(".")[0] for name in classes}),
        *(f"{PACKAGE}.{name}" for name in (*PLAIN, *ASSETS, *(NEEDS_AIRFLOW_3_3 if AIRFLOW_V_3_3_PLUS else ()))),
    ]


def public_objects(module: str) -> dict[str, Any]:
    """Return the classes and functions of a module: those of its `__all__`, or those that are defined in it."""
    loaded = importlib.import_module(module)
    names = getattr(loaded, "__all__", None) or [
        name for name, value in vars(loaded).items() if getattr(value, "__module__", None) == module
    ]
    return {
        name: value
        for name in names
        if not name.startswith("_")
        and (inspect.isclass(value := getattr(loaded, name)) or inspect.isroutine(inspect.unwrap(value)))
    }
