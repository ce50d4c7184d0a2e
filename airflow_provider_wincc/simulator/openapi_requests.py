"""What requests to the simulated REST service look like: parameters and bodies as JSON schemas.

The parameters and bodies are those of real clients, see ``docs/rest-surface.md``; what is not said here is let pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.dialect import Dialect

Schema = dict[str, Any]

ITEM_LIMIT = "itemLimit"
CONTINUATION_POINT = "continuationPoint"
VARIABLE_NAME = "variableName"
BEGIN = "begin"
END = "end"
MOST_ARCHIVED = "maxValues of an archive"
MOST_MESSAGES = "maxValues of messages"

NAMES_TO_READ = "NamesToRead"
ARCHIVE_TAGS_TO_READ = "ArchiveTagsToRead"
VALUE_TO_WRITE = "ValueToWrite"
VALUES_TO_WRITE = "ValuesToWrite"
TYPES_TO_FIND = "TypesToFind"
PATTERN = "Pattern"
ARCHIVES_TO_READ = "ArchivesToRead"

_HIGHEST = 999_999_999
_MOMENT = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]"
    r"(:[0-5][0-9](\.[0-9]{1,9})?)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?$"
)


def query_parameter(parameter: str, dialect: Dialect) -> Schema:
    """Describe a parameter of the query string, one of those of this module, as OpenAPI has it."""
    if parameter == MOST_ARCHIVED:
        most = dialect.archive_limit if dialect.archive_above_limit == "refuse" else None
        return _parameter("maxValues", _count(1, most), "Most rows of a tag; 1 if there is no begin either")
    if parameter == MOST_MESSAGES:
        most = 1000 if dialect.message_above_limit == "refuse" else None
        return _parameter("maxValues", _count(1, most), "Most rows; the newest ones are answered, 1000 at most")
    return _parameter(parameter, *_PARAMETERS[parameter])


def wire_name(parameter: str) -> str:
    """Give the name of a parameter in the query string, in lower case, as an endpoint finds it."""
    return parameter.partition(" ")[0].lower()


def body_schemas() -> dict[str, Schema]:
    """Describe each body, by its name in this module."""
    names = {"type": "array", "items": {"type": "string"}}
    moment = {"type": ["string", "null"], "pattern": _MOMENT}
    variable = _object(
        {
            "name": {"type": "string"},
            "timeFrom": moment,
            "timeTo": moment,
            "maxValues": {"type": ["integer", "null"], "minimum": 1},
        },
        required=["name"],
        description="range is refused, because nobody knows its unit",
    )
    archive = _object(
        {"name": {"type": "string"}, "variables": {"type": "array", "items": variable}},
        required=["name", "variables"],
    )
    return {
        NAMES_TO_READ: _object(
            {"variableNames": {**names, "examples": [["Tank1.Level", "Mixer1.Ready"]]}}, required=["variableNames"]
        ),
        ARCHIVE_TAGS_TO_READ: _object(
            {"variableNames": {**names, "examples": [["Tank1_Level", "Mixer1_Speed"]]}}, required=["variableNames"]
        ),
        VALUE_TO_WRITE: _object(
            {"value": {"description": _VALUE, "examples": [42.5, "42.5", True]}}, required=["value"]
        ),
        VALUES_TO_WRITE: {
            "type": "array",
            "items": _object(
                {"variableName": {"type": "string"}, "value": {"description": _VALUE}},
                required=["variableName", "value"],
            ),
            "examples": [[{"variableName": "Tank1.Setpoint", "value": 55.0}]],
        },
        TYPES_TO_FIND: _object({"typeNames": {**names, "examples": [["Tank"]]}}, required=["typeNames"]),
        PATTERN: _object({"variableName": {"type": "string", "description": _WILDCARDS, "examples": ["Tank*"]}}),
        ARCHIVES_TO_READ: {
            "anyOf": [
                _object({"archives": {"type": "array", "items": archive}}, required=["archives"]),
                {
                    **_object({"variableNames": names}, required=["variableNames"]),
                    "not": {"required": ["archives"]},
                    "description": "Each name is Archive\\Tag, or the name of a tag that one archive has",
                },
            ],
            "examples": [{"archives": [{"name": "ProcessData", "variables": [{"name": "Tank1_Level"}]}]}],
        },
    }


def _count(lowest: int, highest: int | None = None) -> Schema:
    return {"type": "integer", "minimum": lowest, "maximum": highest or _HIGHEST}


_VALUE = "A number, a text with a decimal point, or a boolean; what does not fit the tag is refused in its row"
_WILDCARDS = "A name with the wildcards * and ?, in any case of letters"
_PARAMETERS: dict[str, tuple[Schema, str]] = {
    ITEM_LIMIT: (_count(0), "Most items of the answer; 0 for no limit"),
    CONTINUATION_POINT: (_count(0), "Where to go on, as the page before handed it back"),
    VARIABLE_NAME: ({"type": "string"}, f"{_WILDCARDS}; goes before the body"),
    BEGIN: ({"type": "string", "pattern": _MOMENT}, "Begin of the window; without a zone as the dialect takes it"),
    END: ({"type": "string", "pattern": _MOMENT}, "End of the window, not before its begin"),
}


def _parameter(name: str, schema: Schema, description: str) -> Schema:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


def _object(properties: Schema, *, required: list[str] | None = None, description: str = "") -> Schema:
    schema: Schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    if description:
        schema["description"] = description
    return schema
