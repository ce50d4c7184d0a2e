"""The messages of a plant file, and what raises them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator.message_catalogue import TYPES
from airflow_provider_wincc.simulator.message_settings import ConfiguredMessage, LimitValue, MessageGroup, Wording
from airflow_provider_wincc.simulator.plant_behaviours import NUMBERS
from airflow_provider_wincc.simulator.plant_file_tags import read_value
from airflow_provider_wincc.simulator.plant_messages import PlantMessages, StateMessage

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.plant_file_nodes import PlantFields, PlantNode
    from airflow_provider_wincc.simulator.plant_file_tags import KnownTags

_TYPES = {message_type.message_class.name.english: message_type for message_type in TYPES}
_HIGHEST_NUMBER = 2**28 - 1
_HIGHEST_PRIORITY = 16
_BLOCKS = ("text", "location", "details")


def read_messages(node: PlantNode | None, known: KnownTags) -> PlantMessages:
    """Read the messages.

    :raises PlantFileError: for the first thing that is wrong.
    """
    if node is None:
        return PlantMessages()
    messages: list[ConfiguredMessage] = []
    limits: list[LimitValue] = []
    states: list[StateMessage] = []
    groups: dict[str, list[int]] = {}
    for name, child in node.fields("a mapping of messages by their numbers").children.items():
        number = _number(name, child)
        fields = child.fields("a mapping with class and text")
        message_class = fields.need("class").choice(tuple(_TYPES), "message class")
        messages.append(ConfiguredMessage(number, _TYPES[message_class], _texts(fields), priority=_priority(fields)))
        group, rule = fields.take("group"), fields.take("raised_by")
        if group is not None:
            groups.setdefault(group.text(), []).append(number)
        fields.done()
        if rule is not None:
            raised = _rule(number, rule, known)
            if isinstance(raised, LimitValue):
                limits.append(raised)
            else:
                states.append(raised)
    return PlantMessages(
        tuple(messages),
        tuple(limits),
        tuple(states),
        tuple(MessageGroup(Wording(name, name), tuple(numbers)) for name, numbers in groups.items()),
    )


def _number(name: str, node: PlantNode) -> int:
    if not re.fullmatch(r"[1-9]\d{0,8}", name) or int(name) > _HIGHEST_NUMBER:
        node.fail(f"the key of a message is its number, 1 to {_HIGHEST_NUMBER}, not {name[:40]!r}")
    return int(name)


def _texts(fields: PlantFields) -> tuple[Wording, ...]:
    blocks = [_wording(fields.need("text"))]
    for name in _BLOCKS[1:]:
        node = fields.take(name)
        blocks.append(Wording("", "") if node is None else _wording(node))
    while not blocks[-1].english and not blocks[-1].german and len(blocks) > 1:
        blocks.pop()
    return tuple(blocks)


def _wording(node: PlantNode) -> Wording:
    if not node.is_mapping:
        text = node.text("a text, or {en: ..., de: ...}")
        return Wording(text, text)
    fields = node.fields("{en: ..., de: ...}")
    english, german = fields.need("en").text(), fields.need("de").text()
    fields.done()
    return Wording(english, german)


def _priority(fields: PlantFields) -> int:
    node = fields.take("priority")
    if node is None:
        return 0
    priority = node.whole()
    if not 0 <= priority <= _HIGHEST_PRIORITY:
        node.fail(f"expected a whole number from 0 to {_HIGHEST_PRIORITY}, not {priority}")
    return priority


def _rule(number: int, node: PlantNode, known: KnownTags) -> LimitValue | StateMessage:
    fields = node.fields("a mapping with tag, and one of above, below, equals")
    tag_node = fields.need("tag")
    tag, kind = known.find(tag_node)
    above, below, equals = fields.take("above"), fields.take("below"), fields.take("equals")
    given = [each for each in (above, below, equals) if each is not None]
    if len(given) != 1:
        fields.done()
        node.fail(f"expected one of the keys above, below, equals, not {len(given)} of them")
    if equals is not None:
        fields.done()
        return StateMessage(tag, number, read_value(equals, kind))
    hysteresis = fields.take("hysteresis")
    fields.done()
    if kind not in NUMBERS:
        tag_node.fail(f"the tag {tag!r} is {kind.value}; above and below are for numbers, use equals")
    slack = 0.0 if hysteresis is None else hysteresis.number()
    if hysteresis is not None and slack < 0:
        hysteresis.fail(f"expected a number from 0, not {slack!r}")
    limit = float(given[0].number())
    return LimitValue(tag, number, limit, slack, is_lower=below is not None)
