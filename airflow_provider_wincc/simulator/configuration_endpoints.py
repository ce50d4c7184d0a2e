"""Configuration over REST: connections, groups, structures and the list of tags; all read only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator.answers import Answer, json_answer
from airflow_provider_wincc.simulator.calls import BadRequestError
from airflow_provider_wincc.simulator.listing import not_found, one_of, page_of, same_name
from airflow_provider_wincc.simulator.renderer import DATA_TYPE_NUMBERS, Row
from airflow_provider_wincc.simulator.value_endpoints import unknown_tag

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.calls import Call
    from airflow_provider_wincc.simulator.catalogue import Structure
    from airflow_provider_wincc.simulator.state import StationState


def list_connections(state: StationState, call: Call) -> Answer:
    """List connections: ``GET /tagManagement/Connections``."""
    return page_of(state, call, "connections", _connections(state))


def get_connection(state: StationState, call: Call) -> Answer:
    """Show a connection: ``GET /tagManagement/Connection/{name}``."""
    return one_of(call, "connection", "connectionName", _connections(state))


def list_groups(state: StationState, call: Call) -> Answer:
    """List tag groups: ``GET /tagManagement/Groups``."""
    return page_of(state, call, "groups", _groups(state))


def get_group(state: StationState, call: Call) -> Answer:
    """Show a tag group: ``GET /tagManagement/Group/{name}``."""
    return one_of(call, "group", "groupName", _groups(state))


def list_structure_types(state: StationState, call: Call) -> Answer:
    """List structure types: ``GET /tagManagement/StructureTypes``."""
    return page_of(
        state, call, "structureTypes", [_structure_type(structure) for structure in state.tag_configuration.structures]
    )


def get_structure_type(state: StationState, call: Call) -> Answer:
    """Show a structure type: ``GET /tagManagement/StructureType/{name}``."""
    return one_of(
        call, "structure type", "name", [_structure_type(structure) for structure in state.tag_configuration.structures]
    )


def list_instances_of_type(state: StationState, call: Call) -> Answer:
    """List the instances of one type: ``GET /tagManagement/StructureVariable/{typeName}``."""
    if not any(same_name(structure.name, call.name) for structure in state.tag_configuration.structures):
        return not_found("structure type", call.name)
    return json_answer({"structureVariables": _instances(state, [call.name])})


def list_instances(state: StationState, _: Call) -> Answer:
    """List all instances: ``GET /tagManagement/StructureVariables``."""
    return json_answer(
        {"structureVariables": _instances(state, [structure.name for structure in state.tag_configuration.structures])}
    )


def find_instances(state: StationState, call: Call) -> Answer:
    """List the instances of types: ``POST /tagManagement/StructureVariables`` with ``{"typeNames": [...]}``."""
    body = call.json()
    names = body.get("typeNames") if isinstance(body, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadRequestError('expected an object {"typeNames": ["type", ...]}')
    return json_answer({"structureVariables": _instances(state, names)})


def get_variable(state: StationState, call: Call) -> Answer:
    """Show the configuration of a tag: ``GET /tagManagement/variable/{tag}``."""
    tag = state.tags.find([call.name])[0]
    renderer = state.renderer
    return unknown_tag(renderer, call.name) if tag is None else json_answer(renderer.configured(tag))


def list_variables(state: StationState, call: Call) -> Answer:
    """List tags: ``GET /tagManagement/variables``, with ``variableName=<pattern>`` only those that match."""
    return _variables(state, call, call.query.get("variablename", "*"))


def find_variables(state: StationState, call: Call) -> Answer:
    """List tags by a pattern: ``POST /tagManagement/variables``; the query string goes before the body."""
    body = call.json() if call.body else {}
    if not isinstance(body, dict) or not isinstance(body.get("variableName", "*"), str):
        raise BadRequestError('expected an object {"variableName": "pattern"}')
    return _variables(state, call, call.query.get("variablename", body.get("variableName", "*")))


def _connections(state: StationState) -> list[Row]:
    return [
        {"connectionName": name, "communicationDriver": driver} for name, driver in state.tag_configuration.connections
    ]


def _groups(state: StationState) -> list[Row]:
    return [{"groupName": name} for name in state.tag_configuration.groups]


def _structure_type(structure: Structure) -> Row:
    return {
        "name": structure.name,
        "members": [
            {"name": member.name, "dataType": DATA_TYPE_NUMBERS[member.data_type]} for member in structure.members
        ],
    }


def _instances(state: StationState, type_names: list[str]) -> list[Row]:
    return [
        {"name": instance, "typeName": structure.name}
        for structure in state.tag_configuration.structures
        if any(same_name(structure.name, name) for name in type_names)
        for instance in structure.instances
    ]


def _variables(state: StationState, call: Call, pattern: str) -> Answer:
    matches = _wildcards(pattern).fullmatch
    renderer = state.renderer
    rows = [renderer.configured(tag) for tag in state.tags.all() if matches(tag.name)]
    return page_of(state, call, "variables", rows)


def _wildcards(pattern: str) -> re.Pattern[str]:
    # Runs of asterisks mean the same as one, and would make the search slow.
    parts = re.sub(r"\*+", "*", pattern)
    words = [{"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in parts]
    return re.compile("".join(words), re.IGNORECASE | re.DOTALL)
