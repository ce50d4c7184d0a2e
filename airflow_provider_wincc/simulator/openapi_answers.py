"""What the answers of the simulated REST service look like, as JSON schemas, in the dialect of the station."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.dialect import Dialect

Schema = dict[str, Any]

READING = "Reading"
READINGS = "Readings"
WRITE = "Write"
WRITES = "Writes"
CONFIGURED_TAG = "ConfiguredTag"
INSTANCES = "StructureInstances"
ARCHIVED_VALUES = "ArchivedValues"
ARCHIVED_LIST = "ArchivedValuesOfArchive"
ARCHIVED_LISTS = "ArchivedValuesOfArchives"
CONFIGURED_ARCHIVE_TAG = "ConfiguredArchiveTag"
MESSAGE_ROWS = "MessageRows"
HIT_ROWS = "HitRows"
REST_FILTERS = "RestFilters"
FAILURE = "Failure"

# What is listed page by page: the key of the list, and what stands in it.
PAGES = {
    "Connections": ("connections", "Connection"),
    "Groups": ("groups", "Group"),
    "StructureTypes": ("structureTypes", "StructureType"),
    "Variables": ("variables", "Variable"),
    "Archives": ("archives", "Archive"),
    "ArchiveVariables": ("variables", "ArchiveVariable"),
    "Timers": ("timers", "Timer"),
    "MessageClasses": ("messageClasses", "MessageClass"),
    "MessageTypes": ("messageTypes", "MessageType"),
    "MessageBlocks": ("messageBlocks", "MessageBlock"),
    "Messages": ("messages", "Message"),
    "LimitValues": ("limitValues", "LimitValue"),
    "MessageGroups": ("messageGroups", "MessageGroup"),
}


def answer_schemas(dialect: Dialect) -> dict[str, Schema]:
    """Describe each answer of status 200, and ``Failure``, by its name in this module.

    An empty body, which some dialects answer where a tag is not known, is no JSON and is not described.
    """
    pages = {name: _page(dialect, key, item) for name, (key, item) in PAGES.items()}
    return {**_tags(dialect), **_archives(dialect), **_messages(dialect), **_configuration(), **pages}


_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "integer"}
_NAME: Schema = {"type": "string", "minLength": 1}
_SCALAR: Schema = {"type": ["string", "number", "boolean"]}


def _tags(dialect: Dialect) -> dict[str, Schema]:
    code_key = _code_key(dialect)
    reading = {
        "variableName": _TEXT,
        "dataType": {**_NUMBER, "minimum": 1},
        "value": _value(dialect),
        "timestamp": _moment(dialect),
        _quality_key(dialect): _quality(dialect),
        code_key: _NUMBER,
        "error": _TEXT,
    }
    unknown = {"variableName": _TEXT, **_reason(dialect)}
    written = {"variableName": _TEXT, code_key: _NUMBER, "error": _TEXT}
    return {
        FAILURE: _object({"error": _NAME}),
        "UnknownTag": _object(unknown),
        "TagValue": _object(reading, may_lack="error"),
        "WrittenTag": _object(written, may_lack="error"),
        READING: _any("TagValue", "UnknownTag"),
        WRITE: _any("WrittenTag", "UnknownTag"),
        READINGS: _listed(dialect, _ref(READING)),
        WRITES: _listed(dialect, _ref(WRITE)),
        CONFIGURED_TAG: _any("Variable", "UnknownTag"),
    }


def _archives(dialect: Dialect) -> dict[str, Schema]:
    camel = dialect.key_case == "camel"
    if dialect.archive_row_keys == "timestamp":
        time_key, quality_key = "timestamp", _quality_key(dialect)
    else:
        time_key, quality_key = "dateTime" if camel else "datetime", "quality"
    value = {**_value(dialect), "type": [*_types(_value(dialect)), "null"]}
    row = {"value": value, time_key: _moment(dialect), quality_key: _quality(dialect)}
    if dialect.archive_flags:
        row["flags"] = _NUMBER
    reason = _reason(dialect)

    def item(head: Schema) -> Schema:
        values = {"values": _array(_ref("ArchivedRow"))}
        rarely = "values" if dialect.archive_no_rows == "missing" else ""
        return {"anyOf": [_object({**head, **values}, may_lack=rarely), _object({**head, **reason})]}

    flat = {"archiveName": _TEXT, "variableName": _TEXT}
    archive = _object({"name": _TEXT, "variables": _array(item({"name": _TEXT}))})
    return {
        "ArchivedRow": _object(row),
        ARCHIVED_VALUES: item({"variableName": _TEXT}),
        ARCHIVED_LIST: _listed(dialect, _ref(ARCHIVED_VALUES)),
        ARCHIVED_LISTS: (
            _object({"archives": _array(archive)}) if dialect.archive_form == "nested" else _listed(dialect, item(flat))
        ),
        CONFIGURED_ARCHIVE_TAG: _any("ArchiveVariable", "UnknownTag"),
    }


def _messages(dialect: Dialect) -> dict[str, Schema]:
    number = _TEXT if dialect.message_typing == "text" else _NUMBER
    named = _MESSAGE_KEYS[dialect.message_keys]
    head = {named["number"]: number, named["class"]: _NAME, named["type"]: _NAME}
    row = {**head, named["state"]: number, named["time"]: _moment(dialect, split=dialect.message_time == "split")}
    hit = {**head, named["frequency"]: number}
    return {
        "MessageRow": _object(row, others=True),
        "HitRow": _object(hit, others=True),
        MESSAGE_ROWS: _message_list(dialect, "MessageRow"),
        HIT_ROWS: _message_list(dialect, "HitRow"),
        REST_FILTERS: _object({"restFilters": _array(_ref("RestFilter"))}),
    }


_MESSAGE_KEYS = {
    "camel": {
        "number": "msgNo",
        "class": "className",
        "type": "typeName",
        "state": "state",
        "time": "dateTime",
        "frequency": "frequency",
    },
    "ole_db": {
        "number": "MsgNo",
        "class": "ClassName",
        "type": "TypeName",
        "state": "State",
        "time": "DateTime",
        "frequency": "Frequency",
    },
    "opc_ua": {
        "number": "OS_EVENTID",
        "class": "CLASSNAME",
        "type": "TYPENAME",
        "state": "MODIFYSTATE",
        "time": "DATETIME",
        "frequency": "FREQUENCY",
    },
}


def _message_list(dialect: Dialect, item: str) -> Schema:
    rows = _array(_ref(item))
    listed = _object({"messages": rows}) if dialect.message_envelope == "wrapped" else rows
    return listed if dialect.unknown_filter == "not_found" else {"anyOf": [listed, _ref(FAILURE)]}


def _configuration() -> dict[str, Schema]:
    member = _object({"name": _NAME, "dataType": _NUMBER})
    return {
        "Connection": _object({"connectionName": _NAME, "communicationDriver": _TEXT}),
        "Group": _object({"groupName": _NAME}),
        "StructureType": _object({"name": _NAME, "members": _array(member)}),
        "StructureInstance": _object({"name": _NAME, "typeName": _NAME}),
        INSTANCES: _object({"structureVariables": _array(_ref("StructureInstance"))}),
        "Variable": _object(
            {
                "variableName": _NAME,
                "dataType": _NUMBER,
                "connection": _TEXT,
                "group": _TEXT,
                "unit": _TEXT,
                "comment": _TEXT,
            }
        ),
        "Archive": _object({"archiveName": _NAME, "archiveType": _TEXT, "variableCount": _NUMBER}),
        "ArchiveVariable": _object({"variableName": _NAME, "archiveName": _NAME, "acquisitionCycle": _TEXT}),
        "Timer": _object({"name": _NAME, "milliseconds": _NUMBER}),
        "MessageClass": _object({"name": _NAME, "id": _NUMBER, "acknowledgement": {"type": "boolean"}}),
        "MessageType": _object({"name": _NAME, "id": _NUMBER, "className": _NAME}),
        "MessageBlock": _object(
            {"name": _NAME, "kind": {"type": "string", "enum": ["system", "user text", "process value"]}}
        ),
        "Message": _object({"msgNo": _NUMBER, "className": _NAME, "typeName": _NAME, "priority": _NUMBER}, others=True),
        "LimitValue": _object(
            {
                "variableName": _NAME,
                "msgNo": _NUMBER,
                "kind": _TEXT,
                "limit": {"type": "number"},
                "hysteresis": {"type": "number"},
            }
        ),
        "MessageGroup": _object({"name": _NAME, "msgNos": _array(_NUMBER)}),
        "RestFilter": _object({"name": _NAME, "className": _NAME}, may_lack="className"),
    }


def _page(dialect: Dialect, key: str, item: str) -> Schema:
    content: Schema = {key: _array(_ref(item))}
    if dialect.continuation == "object":
        content["continuationPoint"] = {**_NUMBER, "minimum": 1}
    return _object(content, may_lack="continuationPoint")


def _value(dialect: Dialect) -> Schema:
    return _TEXT if dialect.value_typing == "text" else _SCALAR


def _types(schema: Schema) -> list[str]:
    kind = schema["type"]
    return kind if isinstance(kind, list) else [kind]


def _moment(dialect: Dialect, *, split: bool = False) -> Schema:
    fraction, mark = {
        "z": (r"\.[0-9]{3}", "Z"),
        "offset": (r"\.[0-9]{3}", r"\+01:00"),
        "no_zone": (r"\.[0-9]{3}", ""),
        "no_fraction": ("", "Z"),
        "seven_digits": (r"\.[0-9]{7}", "Z"),
    }[dialect.timestamps]
    day_and_time = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
    return {"type": "string", "pattern": f"^{day_and_time}{'' if split else fraction}{mark}$"}


def _quality(dialect: Dialect) -> Schema:
    forms: dict[str, Schema] = {
        "text": {"type": "string", "pattern": "^[0-9]{1,3}$"},
        "int": {"type": "integer", "minimum": 0, "maximum": 255},
        "hex": {"type": "string", "pattern": "^0x[0-9A-F]{2}$"},
    }
    return forms[dialect.quality]


def _quality_key(dialect: Dialect) -> str:
    return "qualityCode" if dialect.key_case == "camel" else "qualitycode"


def _code_key(dialect: Dialect) -> str:
    return "errorCode" if dialect.key_case == "camel" else "errorcode"


def _reason(dialect: Dialect) -> Schema:
    return {_code_key(dialect): _NUMBER} if dialect.unknown_tag == "error_code" else {"error": _TEXT}


def _listed(dialect: Dialect, item: Schema) -> Schema:
    return _array(item) if dialect.envelope == "bare" else _object({"values": _array(item)})


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _any(*names: str) -> Schema:
    return {"anyOf": [_ref(name) for name in names]}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _object(properties: Schema, *, may_lack: str = "", others: bool = False) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name != may_lack],
        "additionalProperties": others,
    }
