"""The timeline of a plant file."""

from __future__ import annotations

from dataclasses import fields as switches_of
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.simulator.dialect import Dialect
from airflow_provider_wincc.simulator.faults import Fault, make_fault
from airflow_provider_wincc.simulator.plant_file_tags import read_quality, read_value
from airflow_provider_wincc.simulator.tags import GOOD
from airflow_provider_wincc.simulator.timeline import (
    AcknowledgeMessage,
    ChangeDialect,
    ClearFaults,
    ClearMessage,
    MeetFault,
    RaiseMessage,
    ReleaseTags,
    SetTags,
    SwitchService,
    TimelineEvent,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.client.models import Scalar
    from airflow_provider_wincc.simulator.plant_file_nodes import PlantFields, PlantNode
    from airflow_provider_wincc.simulator.plant_file_tags import KnownTags
    from airflow_provider_wincc.simulator.plant_messages import PlantMessages
    from airflow_provider_wincc.simulator.timeline import Happening


def read_timeline(node: PlantNode | None, known: KnownTags, messages: PlantMessages) -> tuple[TimelineEvent, ...]:
    """Read the timeline.

    :raises PlantFileError: for the first thing that is wrong.
    """
    if node is None:
        return ()
    reader = _Reader(known, messages)
    return tuple(reader.event(item) for item in node.items("a list of events"))


class _Reader:
    def __init__(self, known: KnownTags, messages: PlantMessages) -> None:
        self._known = known
        self._messages = messages
        self._kinds: dict[str, Callable[[PlantNode, PlantFields], Happening]] = {
            "set": self._set,
            "release": self._release,
            "raise": self._raise,
            "clear": self._clear,
            "acknowledge": self._acknowledge,
            "fault": self._fault,
            "clear_faults": self._clear_faults,
            "service": self._service,
            "dialect": self._dialect,
        }

    def event(self, node: PlantNode) -> TimelineEvent:
        fields = node.fields("an event: a mapping with at and what happens")
        at_node = fields.need("at")
        at = at_node.number("seconds since the plant started")
        if at < 0:
            at_node.fail(f"expected seconds from 0, not {at!r}")
        taken = {name: fields.take(name) for name in self._kinds}
        given = {name: child for name, child in taken.items() if child is not None}
        if len(given) != 1:
            if not given:
                fields.done()
            node.fail(f"an event has at and one of {', '.join(self._kinds)}; it has {' and '.join(given) or 'none'}")
        ((kind, child),) = given.items()
        happening = self._kinds[kind](child, fields)
        fields.done()
        return TimelineEvent(float(at), happening)

    def _set(self, node: PlantNode, fields: PlantFields) -> Happening:
        values: dict[str, Scalar] = {}
        for name, child in node.fields("a mapping of values by the names of tags").children.items():
            tag, kind = self._known.find(child, name)
            values[tag] = read_value(child, kind)
        quality = fields.take("quality")
        return SetTags(values, GOOD if quality is None else read_quality(quality))

    def _release(self, node: PlantNode, _: PlantFields) -> Happening:
        items = node.items("a list of tags") if node.is_list else [node]
        return ReleaseTags(tuple(self._known.find(item)[0] for item in items))

    def _raise(self, node: PlantNode, fields: PlantFields) -> Happening:
        number, values = self._number(node), fields.take("process_values")
        given = () if values is None else tuple(item.scalar() for item in values.items("a list of up to 10 values"))
        if values is not None and len(given) > _MOST_VALUES:
            values.fail(f"expected a list of up to {_MOST_VALUES} values, not of {len(given)}")
        return RaiseMessage(number, given, _text(fields, "instance"))

    def _clear(self, node: PlantNode, fields: PlantFields) -> Happening:
        return ClearMessage(self._number(node), _text(fields, "instance"))

    def _acknowledge(self, node: PlantNode, fields: PlantFields) -> Happening:
        return AcknowledgeMessage(self._number(node), _text(fields, "user"), _text(fields, "instance"))

    def _number(self, node: PlantNode) -> int:
        number = node.whole("the number of a message")
        if self._messages.find(number) is None:
            known = ", ".join(str(message.number) for message in self._messages.messages[:_MOST_SHOWN])
            node.fail(f"the plant has no message {number}; it has {known or 'none'}")
        return number

    def _fault(self, node: PlantNode, fields: PlantFields) -> Happening:
        words: dict[str, Any] = {}
        readers: dict[str, Callable[[PlantNode], Any]] = {
            "count": lambda each: each.whole(),
            "method": lambda each: each.text(),
            "path": lambda each: each.text(),
            "seconds": lambda each: each.number(),
            "tag": lambda each: self._known.find(each)[0],
        }
        for name, read in readers.items():
            child = fields.take(name)
            if child is not None:
                words[name] = read(child)
        fault = node.choice(tuple(Fault), "fault")
        try:
            return MeetFault(make_fault(fault, **words))
        except ValueError as problem:
            node.fail(str(problem))

    def _clear_faults(self, node: PlantNode, _: PlantFields) -> Happening:
        if not node.flag():
            node.fail("expected true; leave the event out to clear nothing")
        return ClearFaults()

    def _service(self, node: PlantNode, _: PlantFields) -> Happening:
        return SwitchService(node.choice(("stopped", "running"), "state of the service") == "running")

    def _dialect(self, node: PlantNode, _: PlantFields) -> Happening:
        fields = node.fields("a mapping of switches of the dialect")
        switches: dict[str, Any] = {}
        for switch in switches_of(Dialect):
            child = fields.take(switch.name)
            if child is not None:
                switches[switch.name] = child.scalar()
        fields.done()
        try:
            Dialect().changed(**switches)
        except ValueError as problem:
            node.fail(str(problem))
        return ChangeDialect(switches)


_MOST_VALUES = 10
_MOST_SHOWN = 10


def _text(fields: PlantFields, name: str) -> str | None:
    node = fields.take(name)
    return None if node is None else node.text()
