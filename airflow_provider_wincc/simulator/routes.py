"""Which operations the paths of the simulated REST service have.

The same definitions route requests and are described in :mod:`openapi`. A parameter or a body that an operation does
not name here never reaches its endpoint. Where each of them is known from stands in ``docs/rest-surface.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator import archive_configuration as archives
from airflow_provider_wincc.simulator import archive_endpoints, faults, message_endpoints, value_endpoints
from airflow_provider_wincc.simulator import configuration_endpoints as configuration
from airflow_provider_wincc.simulator import message_configuration as messages
from airflow_provider_wincc.simulator import openapi_answers as answers
from airflow_provider_wincc.simulator import openapi_requests as requests
from airflow_provider_wincc.simulator.operations import Operation, Route, message_list, paged, single

if TYPE_CHECKING:
    from collections.abc import Iterable


def find_route(segments: list[str]) -> Route | None:
    """Find the route of a decoded path below the service; the case of all but the names is ignored."""
    return _BY_WORDS.get(_words(segments))


def names_in(segments: list[str]) -> tuple[str, ...]:
    """Return the segments that are names."""
    return tuple(segments[_FIRST_NAME::2])


_FIRST_NAME = 2
"""Names stand at this place and at every second one after it: ``tagLogging/Archive/{archive}/Value/{tag}``."""


def _words(segments: Iterable[str]) -> tuple[str | None, ...]:
    return tuple(
        None if place >= _FIRST_NAME and place % 2 == 0 else segment.lower() for place, segment in enumerate(segments)
    )


_PAGED_BY_NAME = (requests.VARIABLE_NAME, requests.ITEM_LIMIT, requests.CONTINUATION_POINT)
_WINDOW = (requests.BEGIN, requests.END, requests.MOST_ARCHIVED)
_NEWEST = (requests.MOST_MESSAGES,)

ROUTES = (
    Route(
        "/tagManagement/Value/{tag}",
        {
            "GET": Operation("read a tag", value_endpoints.read_value, answers.READING, kind=faults.READ_ONE),
            "PUT": Operation("write a tag", value_endpoints.write_value, answers.WRITE, body=requests.VALUE_TO_WRITE),
        },
        ("Tank1.Setpoint",),
    ),
    Route(
        "/tagManagement/Values",
        {
            "POST": Operation(
                "read tags",
                value_endpoints.read_values,
                answers.READINGS,
                body=requests.NAMES_TO_READ,
                kind=faults.READ_MANY,
            ),
            "PUT": Operation(
                "write tags",
                value_endpoints.write_values,
                answers.WRITES,
                body=requests.VALUES_TO_WRITE,
                kind=faults.WRITE_MANY,
            ),
        },
    ),
    paged("/tagManagement/Connections", "list connections", configuration.list_connections, "Connections"),
    single(
        "/tagManagement/Connection/{name}",
        "S7_Line3",
        "show a connection",
        configuration.get_connection,
        "Connection",
    ),
    paged("/tagManagement/Groups", "list tag groups", configuration.list_groups, "Groups"),
    single("/tagManagement/Group/{name}", "Line3", "show a tag group", configuration.get_group, "Group"),
    paged(
        "/tagManagement/StructureTypes", "list structure types", configuration.list_structure_types, "StructureTypes"
    ),
    single(
        "/tagManagement/StructureType/{name}",
        "Tank",
        "show a structure type and its members",
        configuration.get_structure_type,
        "StructureType",
    ),
    single(
        "/tagManagement/StructureVariable/{typeName}",
        "Tank",
        "list the instances of a structure type",
        configuration.list_instances_of_type,
        answers.INSTANCES,
    ),
    Route(
        "/tagManagement/StructureVariables",
        {
            "GET": Operation("list the instances of all types", configuration.list_instances, answers.INSTANCES),
            "POST": Operation(
                "list the instances of some types",
                configuration.find_instances,
                answers.INSTANCES,
                body=requests.TYPES_TO_FIND,
            ),
        },
    ),
    single(
        "/tagManagement/variable/{tag}",
        "Line3.Count",
        "show how a tag is configured",
        configuration.get_variable,
        answers.CONFIGURED_TAG,
    ),
    Route(
        "/tagManagement/variables",
        {
            "GET": Operation(
                "list tags",
                configuration.list_variables,
                "Variables",
                _PAGED_BY_NAME,
                absent_where_browse="post",
            ),
            "POST": Operation(
                "list tags by a pattern",
                configuration.find_variables,
                "Variables",
                _PAGED_BY_NAME,
                requests.PATTERN,
                needs_body=False,
                absent_where_browse="get",
            ),
        },
    ),
    paged("/tagLogging/Archives", "list archives", archives.list_archives, "Archives"),
    single("/tagLogging/Archive/{archive}", "ProcessData", "show an archive", archives.get_archive, "Archive"),
    paged(
        "/tagLogging/Archive/{archive}/Variables",
        "list the tags of an archive",
        archives.list_tags_of_archive,
        "ArchiveVariables",
        ("ProcessData",),
    ),
    Route(
        "/tagLogging/Archive/{archive}/Variable/{tag}",
        {"GET": Operation("show a tag of an archive", archives.get_tag_of_archive, answers.CONFIGURED_ARCHIVE_TAG)},
        ("ProcessData", "Tank1_Level"),
    ),
    paged("/tagLogging/Variables", "list the tags of all archives", archives.list_tags, "ArchiveVariables"),
    single(
        "/tagLogging/Variable/{tag}",
        "Tank1_Level",
        "show a tag of any archive",
        archives.get_tag,
        answers.CONFIGURED_ARCHIVE_TAG,
    ),
    paged("/tagLogging/Timers", "list timers", archives.list_timers, "Timers"),
    single("/tagLogging/Timer/{name}", "1 second", "show a timer", archives.get_timer, "Timer"),
    Route(
        "/tagLogging/Archive/{archive}/Value/{tag}",
        {
            "GET": Operation(
                "read rows of an archive tag",
                archive_endpoints.read_archived,
                answers.ARCHIVED_VALUES,
                _WINDOW,
                kind=faults.READ_ONE_ARCHIVED,
            )
        },
        ("ProcessData", "Tank1_Level"),
    ),
    Route(
        "/tagLogging/Archive/{archive}/values",
        {
            "POST": Operation(
                "read rows of tags of an archive",
                archive_endpoints.read_archive,
                answers.ARCHIVED_LIST,
                _WINDOW,
                requests.ARCHIVE_TAGS_TO_READ,
                kind=faults.READ_MANY_ARCHIVED,
            )
        },
        ("ProcessData",),
    ),
    Route(
        "/tagLogging/Values",
        {
            "POST": Operation(
                "read rows of tags of several archives",
                archive_endpoints.read_archives,
                answers.ARCHIVED_LISTS,
                _WINDOW,
                requests.ARCHIVES_TO_READ,
                kind=faults.READ_MANY_ARCHIVED,
            )
        },
    ),
    paged("/alarmLogging/MessageClasses", "list message classes", messages.list_classes, "MessageClasses"),
    single("/alarmLogging/MessageClass/{name}", "Error", "show a message class", messages.get_class, "MessageClass"),
    paged("/alarmLogging/MessageTypes", "list message types", messages.list_types, "MessageTypes"),
    single("/alarmLogging/MessageType/{name}", "Alarm", "show a message type", messages.get_type, "MessageType"),
    paged("/alarmLogging/MessageBlocks", "list message blocks", messages.list_blocks, "MessageBlocks"),
    single("/alarmLogging/MessageBlock/{name}", "Number", "show a message block", messages.get_block, "MessageBlock"),
    paged("/alarmLogging/Messages", "list messages as they are configured", messages.list_messages, "Messages"),
    single(
        "/alarmLogging/Message/{number}",
        "1001",
        "show how a message is configured",
        messages.get_message,
        "Message",
    ),
    paged("/alarmLogging/LimitValues", "list limit values", messages.list_limit_values, "LimitValues"),
    single(
        "/alarmLogging/LimitValue/{tag}",
        "Tank1.Level",
        "show the limit value of a tag",
        messages.get_limit_value,
        "LimitValue",
    ),
    paged("/alarmLogging/MessageGroups", "list message groups", messages.list_groups, "MessageGroups"),
    single("/alarmLogging/MessageGroup/{name}", "Tanks", "show a message group", messages.get_group, "MessageGroup"),
    Route(
        "/alarmLogging/RestFilters",
        {"GET": Operation("list REST filters", messages.list_rest_filters, answers.REST_FILTERS)},
    ),
    single("/alarmLogging/RestFilter/{name}", "Errors", "show a REST filter", messages.get_rest_filter, "RestFilter"),
    message_list("/alarmLogging/MessageList/{filter}", "list pending messages", message_endpoints.list_pending),
    message_list(
        "/alarmLogging/ShortTermArchive/{filter}",
        "list rows of the short-term archive of messages",
        message_endpoints.list_archived,
        _NEWEST,
    ),
    message_list(
        "/alarmLogging/LongTermArchive/{filter}",
        "list rows of the long-term archive of messages",
        message_endpoints.list_archived,
        _NEWEST,
    ),
    message_list(
        "/alarmLogging/HitList/{filter}",
        "list how often messages came",
        message_endpoints.list_hits,
        _NEWEST,
        answers.HIT_ROWS,
    ),
    message_list("/alarmLogging/LockList/{filter}", "list locked messages", message_endpoints.list_locked),
    message_list("/alarmLogging/Hidelist/{filter}", "list messages that are hidden", message_endpoints.list_hidden),
    message_list(
        "/alarmLogging/HiddenMessageList/{filter}",
        "list messages that are pending but hidden",
        message_endpoints.list_hidden_pending,
    ),
)
"""All paths of the service."""

_BY_WORDS = {_words(route.shape.strip("/").split("/")): route for route in ROUTES}
