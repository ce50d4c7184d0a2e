"""What Airflow discovers this provider by. Every Airflow process imports it, so it imports nothing heavy."""

from __future__ import annotations

from typing import Any

from airflow_provider_wincc.connection_form import connection_type_metadata

_INTEGRATION = "Siemens WinCC"
_PACKAGE = "airflow_provider_wincc"


def get_provider_info() -> dict[str, Any]:
    """Return the provider's metadata, in the form of Airflow's ``provider_info.schema.json``."""
    return {
        "package-name": "airflow-provider-wincc",
        "name": "Siemens WinCC",
        "description": "Read, wait for and safely write tags of Siemens SIMATIC WinCC over its REST API, hand "
        "production orders to its units, and export its process value archives.",
        "integrations": [
            {
                "integration-name": _INTEGRATION,
                "external-doc-url": "https://www.siemens.com/wincc-v8",
                "tags": ["service"],
            }
        ],
        "operators": [
            _modules(
                "operators.tags",
                "operators.orders",
                "operators.erp",
                "operators.archives",
                "operators.messages",
                "operators.station",
            )
        ],
        "sensors": [_modules("sensors.tags", "sensors.messages")],
        "hooks": [_modules("hooks.wincc")],
        "triggers": [_modules("triggers.tags", "triggers.messages", "triggers.orders")],
        "extra-links": [f"{_PACKAGE}.links.station.WinCCStationLink"],
        "task-decorators": [
            {"name": "wincc_write", "class-name": f"{_PACKAGE}.decorators.write.wincc_write_task"},
        ],
        "notifications": [f"{_PACKAGE}.notifications.tags.WinCCTagNotifier"],
        "asset-uris": [
            {
                "schemes": ["wincc"],
                "handler": f"{_PACKAGE}.assets.uri.sanitize_uri",
                "factory": f"{_PACKAGE}.assets.tags.tag_asset",
                "to_openlineage_converter": f"{_PACKAGE}.assets.openlineage.to_openlineage",
            }
        ],
        "connection-types": [connection_type_metadata(f"{_PACKAGE}.hooks.wincc.WinCCHook")],
    }


def _modules(*names: str) -> dict[str, Any]:
    return {"integration-name": _INTEGRATION, "python-modules": [f"{_PACKAGE}.{name}" for name in names]}
