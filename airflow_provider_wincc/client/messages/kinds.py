"""What there is to configure in the message system, and where the REST service has it."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_provider_wincc.client.messages.fields import NUMBER_KEYS


@dataclass(frozen=True, slots=True)
class ConfigurationKind:
    """One kind of entry of the configuration.

    :param words: what one is called.
    :param list_path: of all entries.
    :param entry_path: of one entry; its name follows.
    :param name_keys: normalised keys that an entry may have its name under, the likeliest first.
    :param lister: the client's method that lists them.
    :param has_pages: whether its list takes ``itemLimit`` and ``continuationPoint``.
    :param names_repeat: whether several entries may have one name.
    """

    words: str
    list_path: str
    entry_path: str
    name_keys: tuple[str, ...]
    lister: str
    has_pages: bool = True
    names_repeat: bool = False


# Paths and paging: seen in a REST client written at Siemens. Keys of the answers: assumed.
MESSAGE_CLASS = ConfigurationKind(
    "message class",
    "/alarmLogging/MessageClasses",
    "/alarmLogging/MessageClass/",
    ("name", "classname", "messageclassname", "messageclass"),
    "list_message_classes",
)
MESSAGE_TYPE = ConfigurationKind(
    "message type",
    "/alarmLogging/MessageTypes",
    "/alarmLogging/MessageType/",
    ("name", "typename", "messagetypename", "messagetype"),
    "list_message_types",
)
MESSAGE_BLOCK = ConfigurationKind(
    "message block",
    "/alarmLogging/MessageBlocks",
    "/alarmLogging/MessageBlock/",
    ("name", "blockname", "messageblockname", "messageblock"),
    "list_message_blocks",
)
MESSAGE = ConfigurationKind(
    "message", "/alarmLogging/Messages", "/alarmLogging/Message/", (*NUMBER_KEYS, "name"), "list_messages"
)
LIMIT_VALUE = ConfigurationKind(
    "limit value",
    "/alarmLogging/LimitValues",
    "/alarmLogging/LimitValue/",
    ("variablename", "tagname", "tag", "variable", "name"),
    "list_limit_values",
    # One tag can have several limits.
    names_repeat=True,
)
MESSAGE_GROUP = ConfigurationKind(
    "message group",
    "/alarmLogging/MessageGroups",
    "/alarmLogging/MessageGroup/",
    ("name", "groupname", "messagegroupname", "messagegroup"),
    "list_message_groups",
)
REST_FILTER = ConfigurationKind(
    "REST filter",
    "/alarmLogging/RestFilters",
    "/alarmLogging/RestFilter/",
    ("name", "filtername", "restfiltername", "restfilter"),
    "list_rest_filters",
    has_pages=False,
)
