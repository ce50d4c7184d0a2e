"""The tags of a plant file, and what they do by themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.models import DataType, Quality
from airflow_provider_wincc.simulator.catalogue import station_tags
from airflow_provider_wincc.simulator.errors import WrongValueError
from airflow_provider_wincc.simulator.plant_behaviours import NUMBERS, Follow
from airflow_provider_wincc.simulator.plant_file_behaviours import read_behaviour
from airflow_provider_wincc.simulator.plant_file_nodes import unknown_word
from airflow_provider_wincc.simulator.plant_tags import PlantTag
from airflow_provider_wincc.simulator.unit_tags import unit_tags
from airflow_provider_wincc.simulator.values import accept, start_value, stored_type, type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.simulator.plant_file_nodes import PlantNode
    from airflow_provider_wincc.simulator.unit_settings import SimulatedUnit

ReadTags = dict[str, tuple[PlantTag, "PlantNode | None"]]
"""Tags by their names in lower case, with the place of their behaviour."""

TYPE_NAMES = tuple(kind.value for kind in DataType)


@dataclass(frozen=True)
class KnownTags:
    """The tags that other parts of a plant file may name, by their names in lower case."""

    tags: Mapping[str, tuple[str, DataType]]

    @classmethod
    def of(cls, tags: ReadTags, units: Iterable[SimulatedUnit]) -> KnownTags:
        """Gather the tags of a file, of its units, and those that each station has."""
        named = [(tag.name, tag.data_type) for tag in station_tags()]
        named += [(f"{unit.name}.{tag.name}", tag.data_type) for unit in units for tag in unit_tags(unit)]
        named += [(tag.name, tag.data_type) for tag, _ in tags.values()]
        return cls({name.lower(): (name, kind) for name, kind in named})

    def find(self, node: PlantNode, name: str | None = None) -> tuple[str, DataType]:
        """Find a tag that is named in the file.

        :param name: its name; what the node says if left out.
        :raises PlantFileError: naming the tag that looks most like it.
        """
        wanted = node.text("the name of a tag") if name is None else name
        found = self.tags.get(wanted.lower())
        if found is None:
            node.fail(_unknown_tag(wanted, [each for each, _ in self.tags.values()]))
        return found

    def check_behaviours(self, tags: ReadTags) -> None:
        """Check the tags that behaviours look at.

        :raises PlantFileError: for one that is not there or is of a type that cannot be used.
        """
        for tag, node in tags.values():
            if tag.behaviour is None or node is None:
                continue
            for name in tag.behaviour.reads:
                found, kind = self.find(node, name)
                wanted = NUMBERS if isinstance(tag.behaviour, Follow) else {DataType.BOOL}
                if kind not in wanted:
                    what = "a number" if isinstance(tag.behaviour, Follow) else "of type bool"
                    node.fail(f"the tag {found!r} is {kind.value}; expected a tag that is {what}")


def read_tags(node: PlantNode | None, listed: Iterable[PlantTag]) -> ReadTags:
    """Read the tags.

    :param listed: further tags; one of the file that has the same name is read on top of it.
    :raises PlantFileError: for the first thing that is wrong.
    """
    tags: ReadTags = {tag.name.lower(): (tag, None) for tag in listed}
    own: dict[str, str] = {}
    children = {} if node is None else node.fields("a mapping of tags by their names").children
    for name, child in children.items():
        if not name.strip():
            child.fail("the name of a tag is a text that is not empty")
        if name.lower() in own:
            child.fail(f"the tag stands twice, first as {own[name.lower()]!r}; WinCC does not look at the case")
        own[name.lower()] = name
        before = tags.get(name.lower(), (None, None))[0]
        tags[name.lower()] = _read_tag(name, child, before)
    return tags


def read_value(node: PlantNode, data_type: DataType) -> Scalar:
    """Read the value of a tag of a type; a text tag takes the text as it is written.

    :raises PlantFileError: when it does not fit.
    """
    raw = node.text("a value") if data_type is DataType.TEXT else node.scalar("a value")
    try:
        return accept(raw, data_type)
    except WrongValueError as problem:
        node.fail(str(problem))


def read_quality(node: PlantNode) -> int:
    """Read a quality: a code such as 0x80 or 128, or ``good``, ``uncertain``, ``bad``.

    :raises PlantFileError: when it is none.
    """
    expected = "a quality code from 0 to 255, such as 0x80, or good, uncertain or bad"
    try:
        return Quality.parse(node.text(expected)).code
    except ValueError:
        node.fail(f"expected {expected}")


def _read_tag(name: str, node: PlantNode, before: PlantTag | None) -> tuple[PlantTag, PlantNode | None]:
    if not node.is_mapping:
        return _with_value(name, node, before), None
    fields = node.fields("a mapping or a value")
    given = {word: fields.take(word) for word in _TAG_KEYS}
    fields.done()
    tag = _typed(name, node, given["type"], given["value"], before)
    quality, behaviour = given["quality"], given["behaviour"]
    tag = replace(
        tag,
        quality=tag.quality if quality is None else read_quality(quality),
        unit=_text(given["unit"], tag.unit),
        description=_text(given["description"], tag.description),
        group=_text(given["group"], tag.group),
        connection=_text(given["connection"], tag.connection),
    )
    if behaviour is not None:
        tag = replace(tag, behaviour=read_behaviour(behaviour, tag))
    return tag, behaviour


_TAG_KEYS = ("type", "value", "quality", "unit", "description", "group", "connection", "behaviour")


def _text(node: PlantNode | None, otherwise: str) -> str:
    return otherwise if node is None else node.text()


def _with_value(name: str, node: PlantNode, before: PlantTag | None) -> PlantTag:
    if before is not None:
        return replace(before, name=name, value=read_value(node, before.data_type))
    value = node.scalar("the start value of the tag, or a mapping with type and value")
    return PlantTag(name=name, data_type=_type_of(node, value), value=value)


def _typed(
    name: str, node: PlantNode, type_node: PlantNode | None, value_node: PlantNode | None, before: PlantTag | None
) -> PlantTag:
    if type_node is not None:
        kind = stored_type(type_node.choice(TYPE_NAMES, "type"))
        value = start_value(kind) if value_node is None else read_value(value_node, kind)
        return replace(
            before or PlantTag(name=name, data_type=kind, value=value), name=name, data_type=kind, value=value
        )
    if before is not None:
        tag = replace(before, name=name)
        return tag if value_node is None else replace(tag, value=read_value(value_node, tag.data_type))
    if value_node is None:
        node.fail("a tag needs a type or a value; expected one of the keys type and value")
    return _with_value(name, value_node, None)


def _type_of(node: PlantNode, value: Scalar) -> DataType:
    kind = type_of(value)
    try:
        accept(value, kind)
    except WrongValueError as problem:
        node.fail(str(problem))
    return kind


def _unknown_tag(name: str, known: list[str]) -> str:
    said = unknown_word("tag", name, known)
    return said if len(known) <= _MOST_SHOWN else said.partition("; known are")[0].partition(" Known are")[0]


_MOST_SHOWN = 12
