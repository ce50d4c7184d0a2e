"""Which endpoint answers which path of the simulated REST service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator import archive_configuration as archives
from airflow_provider_wincc.simulator import archive_endpoints, faults, message_endpoints, value_endpoints
from airflow_provider_wincc.simulator import configuration_endpoints as configuration
from airflow_provider_wincc.simulator import message_configuration as messages

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

    @property
    def is_of_messages(self) -> bool:
        """Whether it belongs to the message system, which an older WinCC has no REST interface for."""
        return self.shape.startswith("/alarmLogging/")


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


def _message_list(shape: str, endpoint: Endpoint) -> Route:
    return Route(shape, {"GET": endpoint}, {"GET": faults.READ_MESSAGES})


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
    _get("/alarmLogging/MessageClasses", messages.list_classes),
    _get("/alarmLogging/MessageClass/{name}", messages.get_class),
    _get("/alarmLogging/MessageTypes", messages.list_types),
    _get("/alarmLogging/MessageType/{name}", messages.get_type),
    _get("/alarmLogging/MessageBlocks", messages.list_blocks),
    _get("/alarmLogging/MessageBlock/{name}", messages.get_block),
    _get("/alarmLogging/Messages", messages.list_messages),
    _get("/alarmLogging/Message/{number}", messages.get_message),
    _get("/alarmLogging/LimitValues", messages.list_limit_values),
    _get("/alarmLogging/LimitValue/{tag}", messages.get_limit_value),
    _get("/alarmLogging/MessageGroups", messages.list_groups),
    _get("/alarmLogging/MessageGroup/{name}", messages.get_group),
    _get("/alarmLogging/RestFilters", messages.list_rest_filters),
    _get("/alarmLogging/RestFilter/{name}", messages.get_rest_filter),
    _message_list("/alarmLogging/MessageList/{filter}", message_endpoints.list_pending),
    _message_list("/alarmLogging/ShortTermArchive/{filter}", message_endpoints.list_archived),
    _message_list("/alarmLogging/LongTermArchive/{filter}", message_endpoints.list_archived),
    _message_list("/alarmLogging/HitList/{filter}", message_endpoints.list_hits),
    _message_list("/alarmLogging/LockList/{filter}", message_endpoints.list_locked),
    _message_list("/alarmLogging/Hidelist/{filter}", message_endpoints.list_hidden),
    _message_list("/alarmLogging/HiddenMessageList/{filter}", message_endpoints.list_hidden_pending),
)
