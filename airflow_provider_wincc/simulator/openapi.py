"""The OpenAPI description of the simulated REST service, generated from its routes, in the dialect of the station."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import airflow_provider_wincc
from airflow_provider_wincc.simulator.calls import ROOT
from airflow_provider_wincc.simulator.message_settings import LANGUAGES
from airflow_provider_wincc.simulator.openapi_answers import FAILURE, answer_schemas
from airflow_provider_wincc.simulator.openapi_requests import body_schemas, query_parameter
from airflow_provider_wincc.simulator.routes import ROUTES

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.dialect import Dialect
    from airflow_provider_wincc.simulator.operations import Operation, Route

Content = dict[str, Any]


def openapi_description(dialect: Dialect) -> Content:
    """Describe the service as an OpenAPI 3.1 document that JSON can carry.

    It describes what the *simulated* station does when no fault is in the way, in its dialect; operations that the
    dialect does not have are left out. How certain it is that a real station does the same stands in
    ``docs/rest-surface.md``.
    """
    paths = {route.shape: _path(route, dialect) for route in ROUTES}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Simulated WinCC REST service",
            "version": airflow_provider_wincc.__version__,
            "description": _DESCRIPTION,
        },
        "servers": [{"url": f"/{ROOT}"}],
        "security": [{"login": []}],
        "tags": [{"name": area, "description": description} for area, description in _AREAS.items()],
        "paths": {shape: path for shape, path in paths.items() if path},
        "components": {
            "securitySchemes": {"login": {"type": "http", "scheme": "basic"}},
            "schemas": {**answer_schemas(dialect), **body_schemas()},
            "responses": _RESPONSES,
        },
    }


_DESCRIPTION = (
    "A test double of the documented REST interface of SIMATIC WinCC, not WinCC. It is described in the dialect that "
    "the station answers in now. The letter case of paths does not matter, but for percent-encoding; parameters and "
    "keys of objects that are not described are let pass. Faults that were asked for are left out, and so are "
    "answers without a body, which some dialects give for tags that there are not."
)
_AREAS = {
    "tagManagement": "Runtime values of tags, and their configuration",
    "tagLogging": "Process value archives",
    "alarmLogging": "Messages; with WinCC V8.1",
}


def _path(route: Route, dialect: Dialect) -> Content:
    return {
        verb.lower(): _operation(route, operation, dialect) for verb, operation in route.operations_in(dialect).items()
    }


def _operation(route: Route, operation: Operation, dialect: Dialect) -> Content:
    described: Content = {
        "summary": operation.purpose[0].upper() + operation.purpose[1:],
        "operationId": _operation_id(operation.purpose),
        "tags": [route.shape.split("/")[1]],
        "responses": _responses(route, operation),
    }
    parameters = [
        *_names(route),
        *(query_parameter(parameter, dialect) for parameter in operation.query),
        *(_LANGUAGES if route.is_of_messages else []),
    ]
    if parameters:
        described["parameters"] = parameters
    if operation.body:
        described["requestBody"] = {"required": operation.needs_body, "content": _json(operation.body)}
    return described


def _operation_id(purpose: str) -> str:
    first, *others = purpose.replace("-", " ").split()
    return "".join([first, *(word.capitalize() for word in others)])


def _names(route: Route) -> list[Content]:
    placeholders = re.findall(r"{(\w+)}", route.shape)
    return [_name(placeholder, name) for placeholder, name in zip(placeholders, route.names, strict=True)]


def _name(placeholder: str, name: str) -> Content:
    is_number = placeholder == "number"
    return {
        "name": placeholder,
        "in": "path",
        "required": True,
        "schema": {"type": "integer", "minimum": 0} if is_number else {"type": "string", "minLength": 1},
        "example": int(name) if is_number else name,
    }


def _responses(route: Route, operation: Operation) -> Content:
    failures = {"401": "Unauthorized", "403": "Forbidden"}
    if route.names or operation.query or operation.body:
        failures["400"] = "BadRequest"
    if route.names or operation.body:
        failures["404"] = "NotFound"
    return {
        "200": {"description": "What was asked for", "content": _json(operation.answer)},
        **{status: {"$ref": f"#/components/responses/{name}"} for status, name in sorted(failures.items())},
    }


def _json(schema: str) -> Content:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


_LANGUAGES: list[Content] = [
    {
        "name": name,
        "in": "header",
        "required": False,
        "schema": {"type": "string"},
        "example": LANGUAGES[-1],
        "description": f"{meaning}; {LANGUAGES[0]} for any that the project does not have",
    }
    for name, meaning in (
        ("Accept-Language", "Language of names and texts in the answer"),
        ("Content-Language", "Language of the name in the path"),
    )
]
_PAGE: Content = {"text/html": {"schema": {"type": "string"}}}
_RESPONSES: Content = {
    "BadRequest": {
        "description": "The path, a parameter or the body cannot be understood",
        "content": {**_json(FAILURE), **_PAGE},
    },
    "Unauthorized": {
        "description": "No login, or a wrong one",
        "headers": {"WWW-Authenticate": {"required": True, "schema": {"type": "string", "pattern": "^Basic "}}},
    },
    "Forbidden": {"description": "The user may not do this", "content": _json(FAILURE)},
    "NotFound": {"description": "There is nothing of this name", "content": {**_json(FAILURE), **_PAGE}},
}
