"""Lists of configured things in answers, page by page, and one thing by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.simulator.answers import Answer, json_answer

if TYPE_CHECKING:
    from airflow_provider_wincc.simulator.calls import Call
    from airflow_provider_wincc.simulator.renderer import Row
    from airflow_provider_wincc.simulator.state import StationState


def page_of(state: StationState, call: Call, key: str, rows: list[Row]) -> Answer:
    """Answer the page of a list that a call asks for."""
    first = call.whole_number("continuationPoint") or 0
    limit = call.whole_number("itemLimit") or len(rows)
    content: dict[str, Any] = {key: rows[first : first + limit]}
    following = first + limit
    if following >= len(rows):
        return json_answer(content)
    form = state.dialect.continuation
    if form == "object":
        content["continuationPoint"] = following
    headers = {"continuationPoint": str(following)} if form == "header" else {}
    return json_answer(content, headers=headers)


def one_of(call: Call, what: str, key: str, rows: list[Row]) -> Answer:
    """Answer the row that has the name of the call under a key."""
    for row in rows:
        if same_name(row[key], call.name):
            return json_answer(row)
    return not_found(what, call.name)


def not_found(what: str, name: str) -> Answer:
    """Say that there is nothing of this name."""
    return json_answer({"error": f"There is no {what} {name!r}"}, 404)


def same_name(name: str, other: str) -> bool:
    """Whether two names are the same, in any case of letters."""
    return name.lower() == other.lower()
