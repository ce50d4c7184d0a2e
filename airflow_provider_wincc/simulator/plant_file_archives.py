"""The process value archives of a plant file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from airflow_provider_wincc.simulator.archive_settings import Kind, SimulatedArchive, SimulatedArchiveTag
from airflow_provider_wincc.simulator.plant_file_moments import read_moment, read_spans
from airflow_provider_wincc.simulator.plant_file_tags import read_quality

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.simulator.archive_settings import HandMadeRow
    from airflow_provider_wincc.simulator.plant_file_nodes import PlantNode


def read_archives(node: PlantNode | None) -> tuple[SimulatedArchive, ...]:
    """Read the archives; the settings of their tags are those of :class:`SimulatedArchiveTag`.

    :raises PlantFileError: for the first thing that is wrong.
    """
    if node is None:
        return ()
    archives: dict[str, SimulatedArchive] = {}
    for name, child in node.fields("a mapping of archives by their names").children.items():
        if name.lower() in archives:
            child.fail("two archives have this name; WinCC does not look at the case")
        tags = [_read_tag(each, tag) for each, tag in child.fields("a mapping of archive tags").children.items()]
        try:
            archives[name.lower()] = SimulatedArchive(name, tags)
        except ValueError as problem:
            child.fail(str(problem))
    return tuple(archives.values())


def _read_tag(name: str, node: PlantNode) -> SimulatedArchiveTag:
    fields = node.fields("a mapping of the archive tag's settings, {} for none")
    settings: dict[str, Any] = {}
    places: dict[str, PlantNode] = {}
    for setting, read in _SETTINGS.items():
        child = fields.take(setting)
        if child is not None:
            places[setting] = child
            settings[setting] = read(child)
    fields.done()
    try:
        return SimulatedArchiveTag(name, **settings)
    except ValueError as problem:
        reason = str(problem).partition(": ")[2] or str(problem)
        place = next((places[each] for each in places if reason.startswith(each)), node)
        place.fail(reason)


def _read_bad_quality(node: PlantNode) -> Any:
    return read_spans(node) if node.is_list else node.number("a share from 0 to 1, or a list of spans")


def _read_rows(node: PlantNode) -> list[HandMadeRow]:
    return [_read_row(item) for item in node.items("a list of rows {at, value, quality}")]


def _read_row(node: PlantNode) -> HandMadeRow:
    fields = node.fields("a row {at, value, quality}")
    at, value, quality = fields.need("at"), fields.need("value"), fields.take("quality")
    fields.done()
    return read_moment(at), value.scalar(), 0x80 if quality is None else read_quality(quality)


def _read_codes(node: PlantNode) -> tuple[int, ...]:
    return tuple(read_quality(item) for item in node.items("a list of quality codes"))


_SETTINGS: dict[str, Callable[[PlantNode], Any]] = {
    "kind": lambda node: node.choice(get_args(Kind), "kind of archive tag"),
    "period_ms": lambda node: node.whole(),
    "low": lambda node: node.number(),
    "high": lambda node: node.number(),
    "first": read_moment,
    "last": read_moment,
    "duplicate_every": lambda node: node.whole(),
    "duplicate_count": lambda node: node.whole(),
    "gaps": read_spans,
    "bad_quality": _read_bad_quality,
    "bad_qualities": _read_codes,
    "seed": lambda node: node.whole(),
    "rows": _read_rows,
}
