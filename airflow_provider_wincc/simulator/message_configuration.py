"""Configuration of the message system over REST: classes, types, blocks, messages, limits, groups, filters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.simulator.answers import Answer, json_answer
from airflow_provider_wincc.simulator.listing import not_found, page_of, same_name
from airflow_provider_wincc.simulator.message_catalogue import (
    BLOCKS,
    CLASSES,
    REST_FILTERS,
    TYPES,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from airflow_provider_wincc.simulator.calls import Call
    from airflow_provider_wincc.simulator.message_settings import (
        ConfiguredMessage,
        Language,
        LimitValue,
        MessageBlock,
        MessageClass,
        MessageGroup,
        MessageType,
        RestFilter,
    )
    from airflow_provider_wincc.simulator.renderer import Row
    from airflow_provider_wincc.simulator.state import StationState


def list_classes(state: StationState, call: Call) -> Answer:
    """List message classes: ``GET /alarmLogging/MessageClasses``."""
    return page_of(state, call, "messageClasses", [_class(each, call.language) for each in CLASSES])


def get_class(_: StationState, call: Call) -> Answer:
    """Show a message class: ``GET /alarmLogging/MessageClass/{name}``."""
    found = _named(CLASSES, call)
    return not_found("message class", call.name) if found is None else json_answer(_class(found, call.language))


def list_types(state: StationState, call: Call) -> Answer:
    """List message types: ``GET /alarmLogging/MessageTypes``."""
    return page_of(state, call, "messageTypes", [_type(each, call.language) for each in TYPES])


def get_type(_: StationState, call: Call) -> Answer:
    """Show a message type: ``GET /alarmLogging/MessageType/{name}``."""
    found = _named(TYPES, call)
    return not_found("message type", call.name) if found is None else json_answer(_type(found, call.language))


def list_blocks(state: StationState, call: Call) -> Answer:
    """List message blocks: ``GET /alarmLogging/MessageBlocks``."""
    return page_of(state, call, "messageBlocks", [_block(each, call.language) for each in BLOCKS])


def get_block(_: StationState, call: Call) -> Answer:
    """Show a message block: ``GET /alarmLogging/MessageBlock/{name}``."""
    found = _named(BLOCKS, call)
    return not_found("message block", call.name) if found is None else json_answer(_block(found, call.language))


def list_messages(state: StationState, call: Call) -> Answer:
    """List messages, but for those of bursts: ``GET /alarmLogging/Messages``."""
    return page_of(
        state, call, "messages", [_message(each, call.language) for each in state.messages.configured.messages]
    )


def get_message(state: StationState, call: Call) -> Answer:
    """Show a message: ``GET /alarmLogging/Message/{number}``."""
    configured = state.messages.configured
    found = configured.find(int(call.name)) if re.fullmatch(r"[0-9]{1,9}", call.name) else None
    return not_found("message", call.name) if found is None else json_answer(_message(found, call.language))


def list_limit_values(state: StationState, call: Call) -> Answer:
    """List limit values: ``GET /alarmLogging/LimitValues``."""
    return page_of(state, call, "limitValues", [_limit(each) for each in state.messages.configured.limits])


def get_limit_value(state: StationState, call: Call) -> Answer:
    """Show the limit value of a tag: ``GET /alarmLogging/LimitValue/{tag}``."""
    found = next((each for each in state.messages.configured.limits if same_name(each.tag, call.name)), None)
    return not_found("limit value", call.name) if found is None else json_answer(_limit(found))


def list_groups(state: StationState, call: Call) -> Answer:
    """List message groups: ``GET /alarmLogging/MessageGroups``."""
    return page_of(
        state, call, "messageGroups", [_group(each, call.language) for each in state.messages.configured.groups]
    )


def get_group(state: StationState, call: Call) -> Answer:
    """Show a message group: ``GET /alarmLogging/MessageGroup/{name}``."""
    found = _named(state.messages.configured.groups, call)
    return not_found("message group", call.name) if found is None else json_answer(_group(found, call.language))


def list_rest_filters(_: StationState, call: Call) -> Answer:
    """List REST filters, all at once: ``GET /alarmLogging/RestFilters``."""
    return json_answer({"restFilters": [_filter(each, call.language) for each in REST_FILTERS]})


def get_rest_filter(_: StationState, call: Call) -> Answer:
    """Show a REST filter: ``GET /alarmLogging/RestFilter/{name}``."""
    found = _named(REST_FILTERS, call)
    return not_found("REST filter", call.name) if found is None else json_answer(_filter(found, call.language))


def _named(configured: Iterable[Any], call: Call) -> Any:
    names = ((each.name.in_language(call.name_language), each) for each in configured)
    return next((each for name, each in names if same_name(name, call.name)), None)


def _class(message_class: MessageClass, language: Language) -> Row:
    return {
        "name": message_class.name.in_language(language),
        "id": message_class.number,
        "acknowledgement": message_class.needs_acknowledgement,
    }


def _type(message_type: MessageType, language: Language) -> Row:
    return {
        "name": message_type.name.in_language(language),
        "id": message_type.number,
        "className": message_type.message_class.name.in_language(language),
    }


def _block(block: MessageBlock, language: Language) -> Row:
    return {"name": block.name.in_language(language), "kind": block.kind}


def _message(message: ConfiguredMessage, language: Language) -> Row:
    return {
        "msgNo": message.number,
        "className": message.message_class.name.in_language(language),
        "typeName": message.message_type.name.in_language(language),
        **{f"text{place}": text.in_language(language) for place, text in enumerate(message.texts, 1)},
        "priority": message.priority,
    }


def _limit(limit: LimitValue) -> Row:
    return {
        "variableName": limit.tag,
        "msgNo": limit.number,
        "kind": "lower limit" if limit.is_lower else "upper limit",
        "limit": limit.limit,
        "hysteresis": limit.hysteresis,
    }


def _group(group: MessageGroup, language: Language) -> Row:
    return {"name": group.name.in_language(language), "msgNos": list(group.numbers)}


def _filter(rest_filter: RestFilter, language: Language) -> Row:
    wanted = rest_filter.message_class
    row: Row = {"name": rest_filter.name.in_language(language)}
    return row if wanted is None else {**row, "className": wanted.name.in_language(language)}
