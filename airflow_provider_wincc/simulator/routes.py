"""Which endpoint answers which path of the simulated REST service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator import archive_configuration as archives
from airflow_provider_wincc.simulator import archive_endpoints, faults, value_endpoints
from airflow_provider_wincc.simulator import configuration_endpoints as configuration

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
    """Find the route of a decoded path below the service; the case of all but the names is ignored."""
    return _ROUTES.get(_words(segments))


def names_in(segments: list[str]) -> tuple[str, ...]:
    """Return the segments that are names."""
    return tuple(segments[_FIRST_NAME::2])


_FIRST_NAME = 2
"""Names stand at this place and at every second one after it: ``tagLogging/Archive/{archive}/Value/{tag}``."""


def _words(segments: list[str]) -> tuple[str | None, ...]:
    return tuple(
        None if place >= _FIRST_NAME and place % 2 == 0 else segment.lower() for place, segment in enumerate(segments)
    )


def _routes(*routes: Route) -> dict[tuple[str | None, ...], Route]:
    return {_words(route.shape.strip("/").split("/")): route for route in routes}


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
    _get("/tagLogging/Archives", archives.list_archives),
    _get("/tagLogging/Archive/{archive}", archives.get_archive),
    _get("/tagLogging/Archive/{archive}/Variables", archives.list_tags_of_archive),
    _get("/tagLogging/Archive/{archive}/Variable/{tag}", archives.get_tag_of_archive),
    _get("/tagLogging/Variables", archives.list_tags),
    _get("/tagLogging/Variable/{tag}", archives.get_tag),
    _get("/tagLogging/Timers", archives.list_timers),
    _get("/tagLogging/Timer/{name}", archives.get_timer),
    Route(
        "/tagLogging/Archive/{archive}/Value/{tag}",
        {"GET": archive_endpoints.read_archived},
        {"GET": faults.READ_ONE_ARCHIVED},
    ),
    Route(
        "/tagLogging/Archive/{archive}/values",
        {"POST": archive_endpoints.read_archive},
        {"POST": faults.READ_MANY_ARCHIVED},
    ),
    Route(
        "/tagLogging/Values",
        {"POST": archive_endpoints.read_archives},
        {"POST": faults.READ_MANY_ARCHIVED},
    ),
)
