"""The connection form, defined once: Airflow 3.2+ reads it as metadata, Airflow 3.1 through the hook's methods."""

from __future__ import annotations

from typing import Any

CONNECTION_TYPE = "wincc"
HOOK_NAME = "Siemens WinCC"
DEFAULT_CONNECTION_ID = "wincc_default"


def _text(label: str, description: str, **schema: Any) -> dict[str, Any]:
    return {"label": label, "description": description, "schema": {"type": ["string", "null"], **schema}}


# No field has a default: saving the form would write it into connections that never asked for it.
CONNECTION_FIELDS: dict[str, dict[str, Any]] = {
    "verify": _text(
        "Certificate check",
        "true (default), false (tests only), or the path of a file with the plant's CA certificate, on the machine "
        "that runs the task.",
    ),
    "client_cert": _text("Client certificate", "Path of a PEM file, for mutual TLS."),
    "client_key": _text("Client key", "Path of the unencrypted PEM key, when it is not in the certificate's file."),
    "bearer_token": _text("Bearer token", "Sent instead of login and password.", format="password"),
    "base_path": _text("Base path", "Path of the REST service; /WinCCRestService when empty."),
    "connect_timeout": {
        "label": "Connect time-out (s)",
        "description": "10 when empty.",
        "schema": {"type": ["integer", "null"], "minimum": 1},
    },
    "read_timeout": {
        "label": "Read time-out (s)",
        "description": "60 when empty.",
        "schema": {"type": ["integer", "null"], "minimum": 1},
    },
    "max_answer_mb": {
        "label": "Largest answer (MB)",
        "description": "A larger answer is not read; 32 when empty.",
        "schema": {"type": ["integer", "null"], "minimum": 1},
    },
    "batch_size": {
        "label": "Batch size",
        "description": "Most tags in one request; 150 when empty.",
        "schema": {"type": ["integer", "null"], "minimum": 1},
    },
    "archive_batch_size": {
        "label": "Archive batch size",
        "description": "Most tags in one archive request; 20 when empty.",
        "schema": {"type": ["integer", "null"], "minimum": 1},
    },
    "archive_max_values": {
        "label": "Archive rows",
        "description": "Most rows asked for in one archive answer; 20000 when empty.",
        "schema": {"type": ["integer", "null"], "minimum": 1},
    },
    "archive_form": _text(
        "Archive request", "single (default): one archive in a request; multiple: the form for several archives."
    ),
    "archive_times": _text(
        "Archive times", "How times are written in archive requests: utc (default), utc_z with a Z, local without one."
    ),
    "read_only": {
        "label": "Read only",
        "description": "Refuse every write over this connection.",
        "schema": {"type": ["boolean", "null"]},
    },
    "writable_tags": _text(
        "Writable tags", 'Patterns such as ["Mixer1.*", "Tank?.Setpoint"]; when set, no other tag is written.'
    ),
    "tag_limits": _text(
        "Limits of values", 'Lowest and highest value by pattern, such as {"Tank*.Setpoint": [0, 100]}.'
    ),
    "timezone": _text(
        "Time zone of the station", "Where its timestamps carry none, such as Europe/Berlin; UTC when empty."
    ),
    "web_page": _text(
        "Web page of the station",
        "Address that tasks link to in Airflow's web page, such as https://wincc01.plant.example/WebUX. Everybody who "
        "may look at a task sees it: no user name, password or token.",
    ),
    # As text, because a switch shows an empty field as off, and empty means true.
    "allow_deferrable": _text(
        "Allow deferring", "true (default); false where no triggerer reaches the station: tasks wait on the worker."
    ),
    "proxy": _text("Proxy", "Such as http://proxy.example:3128; false for none; the environment's when empty."),
}

HIDDEN_FIELDS: list[str] = []
RELABELING = {"login": "WinCC user", "host": "Host or URL", "schema": "Schema (https)"}
PLACEHOLDERS = {
    "host": "wincc01.plant.example",
    "port": "34568",
    "schema": "https",
    "verify": "/etc/ssl/plant-ca.pem",
    "batch_size": "150",
}


def connection_type_metadata(hook_class_name: str) -> dict[str, Any]:
    """Return the entry of ``connection-types`` in the provider's metadata (Airflow 3.2 and later)."""
    return {
        "connection-type": CONNECTION_TYPE,
        "hook-class-name": hook_class_name,
        "hook-name": HOOK_NAME,
        "conn-fields": CONNECTION_FIELDS,
        "ui-field-behaviour": {
            "hidden-fields": HIDDEN_FIELDS,
            "relabeling": RELABELING,
            "placeholders": PLACEHOLDERS,
        },
    }


def connection_form_widgets() -> dict[str, Any]:
    """Return the same fields as form widgets (Airflow 3.1)."""
    from wtforms import BooleanField, IntegerField, PasswordField, StringField
    from wtforms.validators import Optional

    widgets = {"string": StringField, "integer": IntegerField, "boolean": BooleanField}

    def widget(field: dict[str, Any]) -> Any:
        schema = field["schema"]
        kind = PasswordField if schema.get("format") == "password" else widgets[schema["type"][0]]
        return kind(field["label"], description=field["description"], validators=[Optional()])

    return {name: widget(field) for name, field in CONNECTION_FIELDS.items()}


def ui_field_behaviour() -> dict[str, Any]:
    """Return labels and placeholders as the hook's method has them (Airflow 3.1)."""
    return {"hidden_fields": HIDDEN_FIELDS, "relabeling": RELABELING, "placeholders": PLACEHOLDERS}
