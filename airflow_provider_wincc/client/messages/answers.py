"""The answers of the message system, read tolerantly: where the rows of a list are, and what says that it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.messages.fields import NUMBER_KEYS
from airflow_provider_wincc.client.quotations import json_start
from airflow_provider_wincc.client.wire import EMPTY, first_keys, normalised, read_failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.client.models import TagFailure

    Item = Mapping[str, Any]

# A request asks for 1000 rows at most, and a station that looks at no limit sends what it has.
_MOST_ROWS = 100_000


def rows_of(answer: object) -> list[Item]:
    """Find the rows in an answer: a bare list, an object with ``messages``, an object with one list; none in no body.

    :raises ValueError: saying what cannot be understood.
    """
    rows: Any = [] if answer is EMPTY or answer is None else answer
    if isinstance(rows, dict):
        rows = _list_in(rows)
    if not isinstance(rows, list) or len(rows) > _MOST_ROWS:
        raise ValueError(json_start(answer))
    for row in rows:
        if not isinstance(row, dict):
            raise ValueError(f"the row {json_start(row)} is no object")  # noqa: TRY004  as above
    return rows


def failure_in(answer: object) -> TagFailure | None:
    """Return why the station says, with status 200, that a request failed; None when it says nothing of the kind."""
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]
    if not isinstance(answer, dict) or keys_of(answer) & set(NUMBER_KEYS):
        return None
    return read_failure(answer)


def entry_of(answer: object, name_keys: tuple[str, ...]) -> Item | None:
    """Find the entry in the answer to a request for one: an object, alone, in an envelope, or the only one in a list.

    There is none in an empty answer.

    :raises ValueError: saying what cannot be understood.
    """
    entry = None if answer is EMPTY else answer
    if isinstance(entry, dict) and len(entry) == 1 and not keys_of(entry) & set(name_keys):
        entry = next(iter(entry.values()))
    if isinstance(entry, list) and len(entry) == 1:
        entry = entry[0]
    if not entry and not isinstance(entry, int | str):
        return None
    if isinstance(entry, dict):
        return entry
    raise ValueError(json_start(answer))


def keys_of(item: Item) -> set[str]:
    """Return the keys of an object in the form that all their spellings have."""
    return set(map(normalised, first_keys(item)))


def _list_in(answer: Item) -> Any:
    lists = [value for value in answer.values() if isinstance(value, list)]
    for key, value in answer.items():
        if normalised(key) == "messages" and (value is None or isinstance(value, list)):
            return value or []
    return lists[0] if len(lists) == 1 else None
