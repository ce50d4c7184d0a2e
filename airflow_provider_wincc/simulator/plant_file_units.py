"""The production units of a plant file."""

from __future__ import annotations

from dataclasses import fields as settings_of
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.simulator.errors import PlantFileError
from airflow_provider_wincc.simulator.plant_file_tags import TYPE_NAMES
from airflow_provider_wincc.simulator.unit_settings import SimulatedUnit
from airflow_provider_wincc.simulator.unit_tags import unit_tags

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.plant_file_nodes import PlantNode
    from airflow_provider_wincc.simulator.plant_file_tags import ReadTags

_DEFAULTS = SimulatedUnit(name="U")


def read_units(node: PlantNode | None, tags: ReadTags) -> tuple[SimulatedUnit, ...]:
    """Read the units; their settings are those of :class:`SimulatedUnit`.

    :param tags: the tags of the file, none of which may be called like one of a unit.
    :raises PlantFileError: for the first thing that is wrong.
    """
    if node is None:
        return ()
    units: dict[str, SimulatedUnit] = {}
    for name, child in node.fields("a mapping of production units by their names").children.items():
        unit = _read_unit(name, child)
        if name.lower() in units:
            child.fail("two units have this name; WinCC does not look at the case")
        for tag in unit_tags(unit):
            if f"{name}.{tag.name}".lower() in tags:
                child.fail(f"the unit makes the tag '{name}.{tag.name}' itself; take it out of tags")
        units[name.lower()] = unit
    return tuple(units.values())


def _read_unit(name: str, node: PlantNode) -> SimulatedUnit:
    settings: dict[str, Any] = {}
    places: dict[str, PlantNode] = {}
    fields = node.fields("a mapping of the unit's settings, {} for none")
    for setting in settings_of(SimulatedUnit):
        if setting.name == "name":
            continue
        child = fields.take(setting.name)
        if child is not None:
            places[setting.name] = child
            settings[setting.name] = _read_setting(setting.name, child)
    fields.done()
    try:
        unit = SimulatedUnit(name=name, **settings)
        unit_tags(unit)
    except PlantFileError:
        raise
    except ValueError as problem:
        place = next((places[each] for each in places if each in str(problem)), node)
        place.fail(str(problem))
    return unit


def _read_setting(name: str, node: PlantNode) -> Any:
    if name == "parameters":
        children = node.fields("a mapping of types by the names of parameters").children
        return {each: child.choice(TYPE_NAMES, "type") for each, child in children.items()}
    if name == "work_masters":
        return tuple(item.text() for item in node.items("a list of recipes"))
    if name == "quantity_limits":
        pair = [item.number() for item in node.items("a list of two numbers")]
        if len(pair) != 2:
            node.fail(f"expected a list of two numbers, not of {len(pair)}")
        return tuple(pair)
    default = getattr(_DEFAULTS, name)
    if isinstance(default, bool):
        return node.flag()
    if isinstance(default, int):
        return node.whole()
    return node.number() if isinstance(default, float) else node.text()
