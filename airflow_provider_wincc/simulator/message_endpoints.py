"""Messages over REST: the seven runtime lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator.answers import Answer, json_answer
from airflow_provider_wincc.simulator.calls import BadRequestError
from airflow_provider_wincc.simulator.faults import Fault
from airflow_provider_wincc.simulator.listing import not_found, same_name
from airflow_provider_wincc.simulator.message_catalogue import REST_FILTERS
from airflow_provider_wincc.simulator.message_statistics import hits_of

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.calls import Call
    from airflow_provider_wincc.simulator.message_records import MessageRecord
    from airflow_provider_wincc.simulator.message_settings import RestFilter
    from airflow_provider_wincc.simulator.state import StationState

MOST_ROWS = 1000
"""The highest ``maxValues``."""


def list_pending(state: StationState, call: Call) -> Answer:
    """List pending messages: ``GET /alarmLogging/MessageList/{filter}``."""
    return _listed(state, call, state.messages.pending)


def list_archived(state: StationState, call: Call) -> Answer:
    """List the newest rows of both archives: ``GET /alarmLogging/ShortTermArchive/{filter}?maxValues=``."""
    limit = _limit(state, call)
    return _listed(state, call, state.messages.archive, limit)


def list_hits(state: StationState, call: Call) -> Answer:
    """List statistics: ``GET /alarmLogging/HitList/{filter}?maxValues=``."""
    limit = _limit(state, call)
    rest_filter = _filter(call)
    if rest_filter is None:
        return _unknown_filter(state, call)
    hits = hits_of(_passed(rest_filter, state.messages.archive))[:limit]
    if call.fault is not None and call.fault.fault is Fault.MISSING_ROWS:
        del hits[-1:]
    return _answer(state, state.renderer.messages.hits(hits, call.language))


def list_locked(state: StationState, call: Call) -> Answer:
    """List locked messages: ``GET /alarmLogging/LockList/{filter}``."""
    return _listed(state, call, state.messages.locked)


def list_hidden(state: StationState, call: Call) -> Answer:
    """List what is hidden: ``GET /alarmLogging/Hidelist/{filter}``."""
    return _listed(state, call, state.messages.hidden)


def list_hidden_pending(state: StationState, call: Call) -> Answer:
    """List messages that are pending but hidden: ``GET /alarmLogging/HiddenMessageList/{filter}``."""
    return _listed(state, call, state.messages.hidden_pending)


def _limit(state: StationState, call: Call) -> int:
    limit = call.whole_number("maxValues")
    if limit is None:
        return MOST_ROWS
    if limit == 0 or (limit > MOST_ROWS and state.dialect.message_above_limit == "refuse"):
        raise BadRequestError(f"maxValues is a whole number from 1 to {MOST_ROWS}, not {limit}")
    return min(limit, MOST_ROWS)


def _listed(state: StationState, call: Call, records: list[MessageRecord], limit: int | None = None) -> Answer:
    rest_filter = _filter(call)
    if rest_filter is None:
        return _unknown_filter(state, call)
    shown = _passed(rest_filter, records)
    if limit is not None:
        shown = shown[-limit:]
    if call.fault is not None and call.fault.fault is Fault.MISSING_ROWS:
        shown = shown[:-1]
    if state.dialect.message_order == "descending":
        shown = shown[::-1]
    return _answer(state, state.renderer.messages.rows(shown, call.language))


def _filter(call: Call) -> RestFilter | None:
    named = (each for each in REST_FILTERS if same_name(each.name.in_language(call.name_language), call.name))
    return next(named, None)


def _unknown_filter(state: StationState, call: Call) -> Answer:
    if state.dialect.unknown_filter == "not_found":
        return not_found("REST filter", call.name)
    return json_answer({"error": f"There is no REST filter {call.name!r}"})


def _passed(rest_filter: RestFilter, records: list[MessageRecord]) -> list[MessageRecord]:
    wanted = rest_filter.message_class
    return [record for record in records if wanted is None or record.message.message_class is wanted]


def _answer(state: StationState, rows: str) -> Answer:
    text = f'{{"messages":[{rows}]}}' if state.dialect.message_envelope == "wrapped" else f"[{rows}]"
    return Answer(200, text.encode("utf-8"))
