"""Runtime values over REST: read one, read many, write one, write many."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.simulator.answers import Answer, html_answer, json_answer
from airflow_provider_wincc.simulator.calls import BadRequestError
from airflow_provider_wincc.simulator.faults import Fault
from airflow_provider_wincc.simulator.journal import WriteRecord
from airflow_provider_wincc.simulator.tags import SimulatedTag

if TYPE_CHECKING:
    from collections.abc import Collection

    from airflow_provider_wincc.simulator.calls import Call
    from airflow_provider_wincc.simulator.renderer import Renderer, Row
    from airflow_provider_wincc.simulator.state import StationState
    from airflow_provider_wincc.simulator.tags import Refused


def read_value(state: StationState, call: Call) -> Answer:
    """Read one tag: ``GET /tagManagement/Value/{tag}``."""
    row = _reading_rows(state, call, [call.name])[0]
    return unknown_tag(state.renderer, call.name) if row is None else json_answer(row)


def read_values(state: StationState, call: Call) -> Answer:
    """Read many tags: ``POST /tagManagement/Values`` with ``{"variableNames": [...]}``."""
    names = names_asked(call.json())
    return _list_answer(state.renderer, call, names, _reading_rows(state, call, names))


def write_value(state: StationState, call: Call) -> Answer:
    """Write one tag: ``PUT /tagManagement/Value/{tag}`` with ``{"value": x}``."""
    body = call.json()
    if not isinstance(body, dict) or "value" not in body:
        raise BadRequestError('expected an object {"value": x}')
    row = _written_rows(state, call, [(call.name, body["value"])])[0]
    return unknown_tag(state.renderer, call.name) if row is None else json_answer(row)


def write_values(state: StationState, call: Call) -> Answer:
    """Write many tags: ``PUT /tagManagement/Values`` with ``[{"variableName": ..., "value": x}, ...]``."""
    items = _items_to_write(call.json())
    return _list_answer(state.renderer, call, [name for name, _ in items], _written_rows(state, call, items))


def unknown_tag(renderer: Renderer, name: str) -> Answer:
    """Answer a request for one tag that is not there."""
    form = renderer.dialect.unknown_tag
    if form in {"missing", "empty"}:
        return Answer(200)
    if form == "not_found_json":
        return json_answer({"error": "Not Found"}, 404)
    if form == "not_found_html":
        return html_answer(404)
    return json_answer(renderer.unknown(name))


def tags_named(call_body: Any) -> list[str]:
    """Return the tags that the body of a read or write of many names, as far as it names any."""
    if isinstance(call_body, dict):
        call_body = call_body.get("variableNames")
    items = call_body if isinstance(call_body, list) else []
    names = [item.get("variableName") if isinstance(item, dict) else item for item in items]
    return [name for name in names if isinstance(name, str)]


def names_asked(body: Any) -> list[str]:
    """Return the tags that the body of a read of many names.

    :raises BadRequestError: when it is another body than documented.
    """
    names = body.get("variableNames") if isinstance(body, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadRequestError('expected an object {"variableNames": ["tag", ...]}')
    return names


def _items_to_write(body: Any) -> list[tuple[str, object]]:
    if not isinstance(body, list):
        raise BadRequestError('expected an array [{"variableName": "tag", "value": x}, ...]')
    for place, item in enumerate(body):
        if not isinstance(item, dict) or not isinstance(item.get("variableName"), str) or "value" not in item:
            raise BadRequestError(f'item {place}: expected {{"variableName": "tag", "value": x}}')
    return [(item["variableName"], item["value"]) for item in body]


def _reading_rows(state: StationState, call: Call, names: list[str]) -> list[Row | None]:
    renderer = state.renderer
    tags = state.tags.find(names)
    first_reads = _first_reads(state, tags) if renderer.dialect.initial_quality_on_first_read else ()
    return [
        None if tag is None else _reading_row(renderer, call, name, tag, first_reads)
        for name, tag in zip(names, tags, strict=True)
    ]


def _reading_row(renderer: Renderer, call: Call, name: str, tag: SimulatedTag, first_reads: Collection[str]) -> Row:
    fault = call.fault
    if fault is not None and fault.spoils(name):
        if fault.fault is Fault.BAD_QUALITY:
            return renderer.reading(name, tag, _NO_COMMUNICATION)
        if fault.fault is Fault.INITIAL_QUALITY:
            return renderer.initial(name, tag)
    return renderer.initial(name, tag) if tag.name in first_reads else renderer.reading(name, tag)


_NO_COMMUNICATION = 24


def _first_reads(state: StationState, tags: list[SimulatedTag | None]) -> set[str]:
    new = {tag.name for tag in tags if tag is not None} - state.acquired
    state.acquired |= new
    return new


def _written_rows(state: StationState, call: Call, items: list[tuple[str, object]]) -> list[Row | None]:
    renderer = state.renderer
    outcomes = state.tags.write(items, user=call.user)
    now = datetime.now(UTC)
    for outcome in outcomes:
        if isinstance(outcome, SimulatedTag):
            state.journal.note_write(WriteRecord(outcome.name, outcome.value, now, call.user, call.number))
    return [_written_row(renderer, name, outcome) for (name, _), outcome in zip(items, outcomes, strict=True)]


def _written_row(renderer: Renderer, name: str, outcome: SimulatedTag | Refused | None) -> Row | None:
    if outcome is None:
        return None
    return renderer.written(name, None if isinstance(outcome, SimulatedTag) else outcome)


def _list_answer(renderer: Renderer, call: Call, names: list[str], rows: list[Row | None]) -> Answer:
    form = renderer.dialect.unknown_tag
    none_known = bool(rows) and not any(rows)
    if none_known and form in {"empty", "not_found_json", "not_found_html"}:
        return unknown_tag(renderer, names[0])
    shown = [
        row or renderer.unknown(name)
        for name, row in zip(names, rows, strict=True)
        if row is not None or form not in {"missing", "empty"}
    ]
    if call.fault is not None and call.fault.fault is Fault.MISSING_ROWS:
        del shown[-1:]
    return json_answer(renderer.listed(shown))
