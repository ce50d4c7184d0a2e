"""Archived values over REST: of one tag, of tags of one archive, of tags of several archives."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.simulator.answers import Answer
from airflow_provider_wincc.simulator.archive_requests import window_of_query, windows_of_body
from airflow_provider_wincc.simulator.archive_series import earliest_rows, latest_rows
from airflow_provider_wincc.simulator.archives import within
from airflow_provider_wincc.simulator.calls import BadRequestError
from airflow_provider_wincc.simulator.faults import Fault
from airflow_provider_wincc.simulator.listing import not_found
from airflow_provider_wincc.simulator.value_endpoints import names_asked, unknown_tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow_provider_wincc.simulator.archive_requests import Window
    from airflow_provider_wincc.simulator.archive_series import Chunk, Series
    from airflow_provider_wincc.simulator.calls import Call
    from airflow_provider_wincc.simulator.faults import PendingFault
    from airflow_provider_wincc.simulator.renderer import Row
    from airflow_provider_wincc.simulator.state import StationState


@dataclass(frozen=True, slots=True)
class _Asked:
    """A tag that is asked for; the series is None when there is no such tag."""

    archive: str
    tag: str
    series: Series | None
    window: Window


def read_archived(state: StationState, call: Call) -> Answer:
    """Read one tag: ``GET /tagLogging/Archive/{archive}/Value/{tag}``, with the query of :func:`read_archive`."""
    archive_name, tag = call.names
    archive = state.archives.find(archive_name)
    if archive is None:
        return not_found("archive", archive_name)
    asked = _Asked(archive.name, tag, archive.series(tag), window_of_query(state.dialect, call))
    if asked.series is None:
        return unknown_tag(state.renderer, tag)
    return _answer(_item(state, call.fault, _plain_head(asked), asked, asked.window.limit)[0])


def read_archive(state: StationState, call: Call) -> Answer:
    """Read tags of one archive: ``POST /tagLogging/Archive/{archive}/values?begin=&end=&maxValues=``."""
    archive = state.archives.find(call.name)
    if archive is None:
        return not_found("archive", call.name)
    window = window_of_query(state.dialect, call)
    asked = [_Asked(archive.name, tag, archive.series(tag), window) for tag in names_asked(call.json())]
    if _all_unknown(state, asked):
        return unknown_tag(state.renderer, asked[0].tag)
    return _listed(state, [text for _, text in _items(state, call, asked, _plain_head)])


def read_archives(state: StationState, call: Call) -> Answer:
    r"""Read tags of several archives: ``POST /tagLogging/Values``.

    The body is ``{"archives": [{"name", "variables": [{"name", "timeFrom", "timeTo", "maxValues"}]}]}``, or
    ``{"variableNames": [...]}`` with ``Archive\Tag`` or names that one archive has, and the query of
    :func:`read_archive`.
    """
    body = call.json()
    window_of_all = window_of_query(state.dialect, call)
    if isinstance(body, dict) and "archives" in body:
        wanted = list(windows_of_body(state.dialect, body["archives"]))
        for archive_name, _, _ in wanted:
            if state.archives.find(archive_name) is None:
                return not_found("archive", archive_name)
        asked = [
            _Asked(archive, tag, state.archives.get(archive).series(tag), window) for archive, tag, window in wanted
        ]
    elif isinstance(body, dict) and "variableNames" in body:
        asked = [_Asked(*state.archives.place_of(name), window_of_all) for name in names_asked(body)]
    else:
        raise BadRequestError('expected an object with "archives" or "variableNames"')
    if _all_unknown(state, asked):
        return unknown_tag(state.renderer, asked[0].tag)
    if state.dialect.archive_form == "flat":
        return _listed(state, [text for _, text in _items(state, call, asked, _flat_head)])
    groups = groupby(_items(state, call, asked, _nested_head), key=lambda item: item[0].archive)
    archives = [
        f'{{"name":{_json(name)},"variables":[{",".join(text for _, text in items)}]}}' for name, items in groups
    ]
    return _answer(f'{{"archives":[{",".join(archives)}]}}')


def _plain_head(asked: _Asked) -> Row:
    return {"variableName": asked.tag}


def _flat_head(asked: _Asked) -> Row:
    return {"archiveName": asked.archive, "variableName": asked.tag}


def _nested_head(asked: _Asked) -> Row:
    return {"name": asked.tag}


def _all_unknown(state: StationState, asked: list[_Asked]) -> bool:
    none_known = bool(asked) and all(item.series is None for item in asked)
    return none_known and state.dialect.unknown_tag in {"empty", "not_found_json", "not_found_html"}


def _items(
    state: StationState, call: Call, asked: list[_Asked], head_of: Callable[[_Asked], Row]
) -> list[tuple[_Asked, str]]:
    shared = state.dialect.archive_max_values == "whole_answer"
    used = 0
    items = []
    for item in asked:
        if item.series is None and state.dialect.unknown_tag in {"missing", "empty"}:
            continue
        limit = item.window.limit
        if shared and limit is not None:
            limit = max(0, limit - used)
        text, count = _item(state, call.fault, head_of(item), item, limit)
        used += count
        items.append((item, text))
    if call.fault is not None and call.fault.fault is Fault.MISSING_ROWS:
        del items[-1:]
    return items


def _item(
    state: StationState, fault: PendingFault | None, head: Row, asked: _Asked, limit: int | None
) -> tuple[str, int]:
    if asked.series is None:
        reason = state.renderer.unknown(asked.tag)
        del reason["variableName"]  # the head names the tag, in the way of its form
        return _json({**head, **reason}), 0
    if fault is not None and fault.fault is Fault.SEGMENT_CHANGE:
        return _json({**head, "error": "The database segment of the archive is being changed"}), 0
    chunks = [] if fault is not None and fault.fault is Fault.EMPTY_ARCHIVE else list(_chunks(asked, limit))
    if fault is not None and fault.spoils(asked.tag):
        chunks = [_spoilt(chunk, fault.fault) for chunk in chunks]
    if not chunks and state.dialect.archive_no_rows == "missing":
        return _json(head), 0
    rows = state.renderer.archived.rows(chunks)
    return f'{_json(head)[:-1]},"values":[{rows}]}}', sum(len(chunk.offsets) for chunk in chunks)


def _chunks(asked: _Asked, limit: int | None) -> Iterator[Chunk]:
    if asked.series is None:
        return iter(())
    start, end = within(asked.series, asked.window.start, asked.window.end)
    if asked.window.keeps_last and limit is not None:
        return latest_rows(asked.series, start, end, limit)
    return earliest_rows(asked.series, start, end, limit)


def _spoilt(chunk: Chunk, fault: Fault) -> Chunk:
    if fault is Fault.BAD_QUALITY:
        return chunk._replace(qualities=[_NO_COMMUNICATION] * len(chunk.offsets))
    if fault is Fault.INITIAL_QUALITY:
        starts = [type(value)() if value is not None else None for value in chunk.values]
        return chunk._replace(values=starts, qualities=[_INITIAL] * len(chunk.offsets))
    return chunk


_NO_COMMUNICATION = 24
_INITIAL = 76


def _listed(state: StationState, items: list[str]) -> Answer:
    text = f"[{','.join(items)}]"
    return _answer(text if state.dialect.envelope == "bare" else f'{{"values":{text}}}')


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _answer(text: str) -> Answer:
    return Answer(200, text.encode("utf-8"))
