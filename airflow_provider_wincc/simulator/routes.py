"""Which endpoint answers which path of the simulated REST service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator import configuration_endpoints as configuration
from airflow_provider_wincc.simulator import faults, value_endpoints

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.answers import Answer
    from airflow_provider_wincc.simulator.calls import Call
    from airflow_provider_wincc.simulator.state import StationState

Endpoint = Callable[["StationState", "Call"], "Answer"]


@dataclass(frozen=True, slots=True)
class Route:
    """A path and its endpoints by verb.

    :param shape: the path for people, with ``{...}`` in place of a name.
    :param endpoints: endpoint by verb.
    :param kinds: by verb, which kind of request it is for the faults that ask.
    """

    shape: str
    endpoints: Mapping[str, Endpoint]
    kinds: Mapping[str, str]


def find_route(segments: list[str]) -> Route | None:
    """Find the route of a decoded path below the service; the case of all but the name is ignored."""
    words = tuple(segment.lower() for segment in segments[:_NAME])
    return _ROUTES.get((words, len(segments) > _NAME)) if len(segments) <= _NAME + 1 else None


_NAME = 2
"""Place of the name in a path such as ``tagManagement/Value/{tag}``."""


def _routes(*routes: Route) -> dict[tuple[tuple[str, ...], bool], Route]:
    table = {}
    for route in routes:
        segments = route.shape.lower().strip("/").split("/")
        table[(tuple(segments[:_NAME]), len(segments) > _NAME)] = route
    return table


def _get(shape: str, endpoint: Endpoint) -> Route:
    return Route(shape, {"GET": endpoint}, {})


_ROUTES = _routes(
    Route(
        "/tagManagement/Value/{tag}",
        {"GET": value_endpoints.read_value, "PUT": value_endpoints.write_value},
        {"GET": faults.READ_ONE},
    ),
    Route(
        "/tagManagement/Values",
        {"POST": value_endpoints.read_values, "PUT": value_endpoints.write_values},
        {"POST": faults.READ_MANY, "PUT": faults.WRITE_MANY},
    ),
    _get("/tagManagement/Connections", configuration.list_connections),
    _get("/tagManagement/Connection/{name}", configuration.get_connection),
    _get("/tagManagement/Groups", configuration.list_groups),
    _get("/tagManagement/Group/{name}", configuration.get_group),
    _get("/tagManagement/StructureTypes", configuration.list_structure_types),
    _get("/tagManagement/StructureType/{name}", configuration.get_structure_type),
    _get("/tagManagement/StructureVariable/{typeName}", configuration.list_instances_of_type),
    Route(
        "/tagManagement/StructureVariables",
        {"GET": configuration.list_instances, "POST": configuration.find_instances},
        {},
    ),
    _get("/tagManagement/variable/{tag}", configuration.get_variable),
    Route(
        "/tagManagement/variables",
        {"GET": configuration.list_variables, "POST": configuration.find_variables},
        {},
    ),
)
