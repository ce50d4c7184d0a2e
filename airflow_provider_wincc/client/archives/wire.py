"""The answers to archive requests, read tolerantly: which item belongs to which tag, and what rows it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.archives.learned_rows import LearnedRow
from airflow_provider_wincc.client.quotations import json_start
from airflow_provider_wincc.client.wire import by_name, field_of, first_keys, normalised

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Item = Mapping[str, Any]


def named_answer(answer: object, tag: str) -> object:
    """Return the answer to a request for one tag with the tag's name in it, where the station left it out.

    An object of rows would otherwise look like an envelope with rows in place of tags.
    """
    if not isinstance(answer, dict) or any(normalised(key) == "variablename" for key in first_keys(answer)):
        return answer
    rows = field_of(answer, "values")
    is_envelope = isinstance(rows, list) and any(_has_values(row) for row in rows)
    return answer if rows is None or is_envelope else {"variableName": tag, **answer}


def items_by_tag(archive: str, asked: Sequence[str], items: Sequence[Item]) -> dict[str, Item]:
    """Match items with the tags asked for; tags without an item are missing.

    Understood are items of tags, also with the archive's name before the tag's, and items of archives with items of
    tags in them. Several items of one tag are taken as one.
    """
    tag_items = [_with_plain_name(archive, inner) for item in items for inner in _inner_items(archive, item)]
    return by_name(asked, _united(tag_items) if len(tag_items) > len(asked) else tag_items)


def rows_of(item: Item) -> list[Any]:
    """Return the rows of an item, objects or of :class:`LearnedRow`; none when it has no values.

    :raises ValueError: quoting a row that is no object.
    """
    rows = field_of(item, "values")
    if isinstance(rows, dict):
        rows = [rows]
    if not rows:
        return []
    if not isinstance(rows, list):
        raise ValueError(f"the rows are a {type(rows).__name__}")  # noqa: TRY004  one error for every unreadable form
    if not isinstance(rows[0], LearnedRow) and set(map(type, rows)) != {dict}:
        stranger = next(row for row in rows if not isinstance(row, dict))
        raise ValueError(f"the row {json_start(stranger)} is no object")
    return list(rows)


def _has_values(item: object) -> bool:
    return isinstance(item, dict) and any(
        normalised(key) in {"values", "variablename", "variables"} for key in first_keys(item)
    )


def _inner_items(archive: str, item: Item) -> Sequence[Item]:
    inner = field_of(item, "variables")
    if not isinstance(inner, list):
        return [item]
    name = field_of(item, "name") or field_of(item, "archivename")
    is_ours = name is None or str(name).casefold() == archive.casefold()
    return [entry for entry in inner if isinstance(entry, dict)] if is_ours else []


def _with_plain_name(archive: str, item: Item) -> Item:
    sent = field_of(item, "variablename")
    name = field_of(item, "name") if sent is None else sent
    if not isinstance(name, str):
        return item
    before = f"{archive}\\"
    if name.casefold().startswith(before.casefold()):
        name = name[len(before) :]
    elif sent is not None:
        return item
    others = {key: value for key, value in item.items() if normalised(key) not in {"name", "variablename"}}
    return {"variableName": name, **others}


def _united(items: Sequence[Item]) -> list[Item]:
    united: dict[str, dict[str, Any]] = {}
    for item in items:
        name = str(field_of(item, "variablename"))
        first = united.setdefault(name, dict(item))
        if first != item:
            first.update(item, values=[*_sent_rows(first), *_sent_rows(item)])
    return list(united.values())


def _sent_rows(item: Item) -> list[Any]:
    rows = field_of(item, "values")
    if isinstance(rows, list):
        return rows
    return [rows] if rows else []
