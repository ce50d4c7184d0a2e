"""Configuration of tag logging over REST: archives, their tags and timers; all read only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator.answers import Answer, json_answer
from airflow_provider_wincc.simulator.archive_catalogue import TIMERS
from airflow_provider_wincc.simulator.listing import not_found, one_of, page_of, same_name
from airflow_provider_wincc.simulator.value_endpoints import unknown_tag

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.archive_settings import SimulatedArchiveTag
    from airflow_provider_wincc.simulator.archives import ProcessValueArchive
    from airflow_provider_wincc.simulator.calls import Call
    from airflow_provider_wincc.simulator.renderer import Row
    from airflow_provider_wincc.simulator.state import StationState


def list_archives(state: StationState, call: Call) -> Answer:
    """List archives: ``GET /tagLogging/Archives``."""
    return page_of(state, call, "archives", [_archive(archive) for archive in state.archives.all()])


def get_archive(state: StationState, call: Call) -> Answer:
    """Show an archive: ``GET /tagLogging/Archive/{archive}``."""
    return one_of(call, "archive", "archiveName", [_archive(archive) for archive in state.archives.all()])


def list_tags_of_archive(state: StationState, call: Call) -> Answer:
    """List the tags of an archive: ``GET /tagLogging/Archive/{archive}/Variables``."""
    archive = state.archives.find(call.name)
    return not_found("archive", call.name) if archive is None else page_of(state, call, "variables", _tags(archive))


def get_tag_of_archive(state: StationState, call: Call) -> Answer:
    """Show a tag of an archive: ``GET /tagLogging/Archive/{archive}/Variable/{tag}``."""
    archive = state.archives.find(call.names[0])
    return not_found("archive", call.names[0]) if archive is None else _one_tag(state, call.name, _tags(archive))


def list_tags(state: StationState, call: Call) -> Answer:
    """List the tags of all archives: ``GET /tagLogging/Variables``."""
    return page_of(state, call, "variables", _all_tags(state))


def get_tag(state: StationState, call: Call) -> Answer:
    r"""Show a tag of any archive: ``GET /tagLogging/Variable/{tag}`` with its name or ``Archive\Tag``."""
    archive, _, tag = call.name.rpartition("\\")
    rows = [row for row in _all_tags(state) if not archive or same_name(row["archiveName"], archive)]
    return _one_tag(state, tag, rows)


def list_timers(state: StationState, call: Call) -> Answer:
    """List timers: ``GET /tagLogging/Timers``."""
    return page_of(state, call, "timers", _timers())


def get_timer(_: StationState, call: Call) -> Answer:
    """Show a timer: ``GET /tagLogging/Timer/{name}``."""
    return one_of(call, "timer", "name", _timers())


def _archive(archive: ProcessValueArchive) -> Row:
    return {"archiveName": archive.name, "archiveType": "ProcessValueArchive", "variableCount": len(archive.tags)}


def _tags(archive: ProcessValueArchive) -> list[Row]:
    return [
        {"variableName": tag.name, "archiveName": archive.name, "acquisitionCycle": _cycle(tag)} for tag in archive.tags
    ]


def _all_tags(state: StationState) -> list[Row]:
    return [row for archive in state.archives.all() for row in _tags(archive)]


def _cycle(tag: SimulatedArchiveTag) -> str:
    if tag.rows is not None or tag.kind == "on_change":
        return ""
    return next((name for name, period in TIMERS.items() if period == tag.period_ms), f"{tag.period_ms} ms")


def _one_tag(state: StationState, name: str, rows: list[Row]) -> Answer:
    for row in rows:
        if same_name(row["variableName"], name):
            return json_answer(row)
    return unknown_tag(state.renderer, name)


def _timers() -> list[Row]:
    return [{"name": name, "milliseconds": period} for name, period in TIMERS.items()]
