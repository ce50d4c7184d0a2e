"""The answers of the tag management, read tolerantly: stations differ in key case, types and envelopes.

What is tolerated, and where it was met, stands in ``docs/wire-format.md``.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import msgspec

from airflow_provider_wincc.client.models import FailureKind, Quality, TagFailure, TagValue, has_64_bits, read_value
from airflow_provider_wincc.client.quotations import LOOKED_AT, json_start, text_of
from airflow_provider_wincc.client.timestamps import read_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import tzinfo

    from airflow_provider_wincc.client.models import Scalar

EMPTY = object()
"""Stands for an answer with status 200 and no body."""

_UNREADABLE = object()
# The deepest answers that are known have six levels.
_DEEPEST = 32
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))

_GOOD = Quality(0x80)
_NOT_SENT = (None, "")
_NO_ERROR = (0, None, "", "0")
_TAG_NOT_FOUND_BIT = 0x0800
_NOT_CONNECTED_BITS = 0x0001 | 0x2000 | 0x4000
# Above or below the format range, conversion error, access fault.
_REFUSED_BITS = 0x0020 | 0x0040 | 0x0080 | 0x1000
_STATE_BITS = 0x7FFF
_LONGEST_NAME_SHOWN = 200
# "Unknown error" says nothing about the tag.
_NOT_FOUND = re.compile(
    r"not\s*(?:be\s+)?found|unknown(?!\s+(?:error|exception|failure|problem|reason|status))|does\s*n[o']t\s+exist"
    r"|not\s+exist|no\s+such|nicht\s+(?:gefunden|vorhanden)|unbekannt(?!e[rs]?\s+(?:fehler|ausnahme|problem))"
    r"|no\s+encontrad|introuvable",
    re.IGNORECASE,
)
_NOT_CONNECTED = re.compile(r"connect|communicat|verbindung|time\s*-?out", re.IGNORECASE)


def parse_body(content: bytes) -> Any:
    """Parse a body as JSON in UTF-8; :data:`EMPTY` when there is none.

    :raises ValueError: when it is not JSON, or nested deeper than any answer is; its text is the start of the body.
    """
    if not content or content.isspace():
        return EMPTY
    answer = _UNREADABLE
    with suppress(msgspec.DecodeError, RecursionError):
        answer = msgspec.json.decode(content)
    if answer is _UNREADABLE:
        with suppress(ValueError, RecursionError):
            # It takes more than JSON allows, such as NaN.
            answer = json.loads(content)
    # A value that is only just not too deep to be parsed is too deep to be compared, copied or quoted.
    if answer is _UNREADABLE or (_may_be_deep(content) and _is_deep(answer)):
        raise ValueError(text_of(content))
    return answer


def _may_be_deep(content: bytes) -> bool:
    brackets = content.translate(None, _ALL_BUT_BRACKETS)
    for _ in range(_DEEPEST):
        if not brackets:
            return False
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return bool(brackets)


def _is_deep(answer: object) -> bool:
    level = [answer]
    for _ in range(_DEEPEST):
        inner: list[Any] = []
        for value in level:
            if isinstance(value, dict | list):
                inner.extend(value.values() if isinstance(value, dict) else value)
        if not inner:
            return False
        level = inner
    return True


def find_items(answer: object, *, single: bool = False, most: int | None = None) -> list[Mapping[str, Any]]:
    """Find the list of items in an answer: a bare list, a list in an object, or one object.

    :param single: one tag was asked for, so that an object may leave the tag's name out.
    :param most: how many items it may have; left out, more than the largest projects have of anything.
    :raises ValueError: when there is none, or one of more items; its text is the start of the answer.
    """
    most = _MOST_ITEMS if most is None else most
    if answer is EMPTY:
        return []
    if isinstance(answer, dict):
        lists = [value for value in answer.values() if isinstance(value, list)]
        keys = set(map(normalised, first_keys(answer)))
        if "variablename" in keys or (single and keys & _SAYS_SOMETHING):
            answer = [answer]
        elif len(lists) == 1:
            answer = lists[0]
    if isinstance(answer, list) and len(answer) <= most and all(isinstance(item, dict) for item in answer):
        return answer
    raise ValueError(json_start(answer))


def by_name(asked: Sequence[str], items: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Match the items of an answer with the tags asked for.

    By exact name first, then in any letter case, with or without the server before it (``Server::Tag``). An item
    without a name goes by its position, but only when as many items came back as were asked for and every item with a
    name stands at its own position. An item with the name of another tag answers nothing: a value must never end up
    under the name of another tag.
    """
    found: dict[str, Mapping[str, Any]] = {}
    wanted = set(asked)
    strangers: list[tuple[int, Mapping[str, Any]]] = []
    form: tuple[str, ...] = ()
    name_key = ""
    for position, item in enumerate(items):
        if tuple(item) != form:
            form, name_key = tuple(item), _keys_of(item).name
        name = item.get(name_key)
        if type(name) is str and name in wanted:
            found[name] = item
        else:
            strangers.append((position, item))
    if strangers:
        _match_strangers(asked, items, strangers, found)
    return found


def _match_strangers(
    asked: Sequence[str],
    items: Sequence[Mapping[str, Any]],
    strangers: list[tuple[int, Mapping[str, Any]]],
    found: dict[str, Mapping[str, Any]],
) -> None:
    names = _NamesInOtherWords([name for name in asked if name not in found])
    nameless: list[tuple[int, Mapping[str, Any]]] = []
    for position, item in strangers:
        sent = field_of(item, "variablename")
        if sent is None or sent == "":
            nameless.append((position, item))
        elif (name := names.name_of(str(sent))) is not None:
            found.setdefault(name, item)
    in_order = len(items) == len(asked) and all(
        name not in found or found[name] is item for name, item in zip(asked, items, strict=True)
    )
    if in_order:
        found.update({asked[position]: item for position, item in nameless})


class _NamesInOtherWords:
    """Finds the tag that a station means which does not spell its name as it was asked for."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = {name.casefold(): name for name in names}
        self._without_server: dict[str, list[str]] = {}
        for folded in self._names:
            self._without_server.setdefault(folded.rpartition("::")[2], []).append(folded)

    def name_of(self, sent: str) -> str | None:
        """Return the name of the tag; None when it is none of them, or when more than one may be meant."""
        folded = sent.casefold()
        if folded in self._names:
            return self._names[folded]
        _, server, tag = folded.rpartition("::")
        candidates = self._without_server.get(tag, [])
        if server:
            candidates = [name for name in candidates if name == tag]
        return self._names[candidates[0]] if len(candidates) == 1 else None


def read_items(
    asked: Sequence[str], items: Sequence[Mapping[str, Any]], timezone: tzinfo
) -> tuple[dict[str, TagValue], dict[str, TagFailure]]:
    """Turn the items of an answer into readings, and into the reasons where there is none.

    A tag that no item answers is in neither.
    """
    values: dict[str, TagValue] = {}
    failures: dict[str, TagFailure] = {}
    form: tuple[str, ...] = ()
    keys = _keys_of({})
    for name, item in by_name(asked, items).items():
        # The items of one answer are nearly always of one form, so its keys are looked up once.
        if tuple(item) != form:
            form, keys = tuple(item), _keys_of(item)
        outcome = _read_item(name, item, keys, timezone)
        if type(outcome) is TagValue:
            values[name] = outcome
        else:
            failures[name] = cast("TagFailure", outcome)
    return values, failures


def _read_item(name: str, item: Mapping[str, Any], keys: _Keys, timezone: tzinfo) -> TagValue | TagFailure:
    if item.get(keys.error) or item.get(keys.error_code) not in _NO_ERROR:
        failure = read_failure(item)
        if failure is not None:
            return failure
    if keys.value not in item:
        return TagFailure(FailureKind.UNREADABLE, "the station sent no value")
    raw_quality = item.get(keys.quality)
    raw_type = item.get(keys.data_type)
    try:
        data_type = raw_type if type(raw_type) is int else whole_number(raw_type)
        raw = item[keys.value]
        text, value = (raw, read_value(raw, data_type)) if isinstance(raw, str) else _read_json_value(raw, data_type)
        quality = _GOOD if raw_quality in _NOT_SENT else Quality.parse(raw_quality)
    except ValueError as error:
        return TagFailure(FailureKind.UNREADABLE, str(error))
    return TagValue(name, value, quality, read_timestamp(item.get(keys.timestamp), timezone), text, data_type, item)


def read_failure(item: Mapping[str, Any]) -> TagFailure | None:
    """Return why the station says that this tag failed, or None when it says nothing of the kind.

    A text in ``error`` wins over an ``errorcode`` of 0; 0 or no code means "fine".
    """
    keys = _keys_of(item)
    reason = item.get(keys.error)
    raw_code = item.get(keys.error_code)
    code = whole_number(raw_code)
    if raw_code not in (None, "") and code is None:
        return TagFailure(FailureKind.FAILED, f"unreadable error code {raw_code!r}")
    text = str(reason)[:LOOKED_AT] if reason else ""
    if not text and not code:
        return None
    kind = _kind_of(text, code or 0)
    return TagFailure(kind, text or kind.value, code)


def read_refusal(item: Mapping[str, Any]) -> TagFailure | None:
    """Return why the station did not take a value, or None when it did; as :func:`read_failure` but for writes.

    A value out of range, one that cannot be converted and a tag that may not be written stay refused when they are
    sent again.
    """
    failure = read_failure(item)
    if failure is None or failure.kind is not FailureKind.FAILED:
        return failure
    state = failure.code if failure.code is not None and 0 < failure.code <= _STATE_BITS else 0
    return replace(failure, kind=FailureKind.REFUSED) if state & _REFUSED_BITS else failure


def field_of(item: Mapping[str, Any], normalised_name: str) -> Any:
    """Return a field by the normalised form of its name (lower case, letters and digits only), or None."""
    if normalised_name == "variablename":
        return item.get(_keys_of(item).name)
    return next((item[key] for key in first_keys(item) if normalised(key) == normalised_name), None)


def describe_unusual(name: str) -> str:
    """Say which characters of a tag name are easily overlooked or mistyped; empty when there are none."""
    found = []
    for position, character in enumerate(name, start=1):
        invisible = unicodedata.category(character) in {"Cf", "Cc", "Zl", "Zp"} or (
            character.isspace() and (character != " " or position in (1, len(name)))
        )
        if invisible:
            word = unicodedata.name(character, "control character")
            found.append(f"U+{ord(character):04X} {word} at position {position}")
    return "" if not found else f"the name holds {', '.join(found)}"


@dataclass(frozen=True, slots=True)
class _Keys:
    """The spelling of each key in one form of item; the normalised name where the form has no such key."""

    name: str
    value: str
    timestamp: str
    quality: str
    data_type: str
    error_code: str
    error: str


_SAYS_SOMETHING = frozenset({"value", "errorcode", "error"})
_KEYS_BY_FORM: dict[tuple[str, ...], _Keys] = {}
_MOST_FORMS = 256
_MOST_ITEMS = 500_000
_MOST_KEYS = 256
_LONGEST_KEY = 256
_MOST_KEY_CHARACTERS = 16_384
_LONGEST_WHOLE_NUMBER = 64
_LARGEST_WHOLE_NUMBER = 2**64


def _keys_of(item: Mapping[str, Any]) -> _Keys:
    form = tuple(item)
    keys = _KEYS_BY_FORM.get(form)
    if keys is None:
        spelled = {normalised(key): key for key in reversed(form[:_MOST_KEYS])}
        if "quality" in spelled:
            spelled.setdefault("qualitycode", spelled["quality"])
        keys = _Keys(
            *(
                spelled.get(name, name)
                for name in (
                    "variablename",
                    "value",
                    "timestamp",
                    "qualitycode",
                    "datatype",
                    "errorcode",
                    "error",
                )
            )
        )
        if len(_KEYS_BY_FORM) >= _MOST_FORMS:
            _KEYS_BY_FORM.clear()
        if is_worth_keeping(form):
            _KEYS_BY_FORM[form] = keys
    return keys


def is_worth_keeping(form: tuple[str, ...]) -> bool:
    """Whether what was found out of the keys of an item may be kept: of a form that items have, not of megabytes."""
    return len(form) <= _MOST_KEYS and sum(map(len, form)) <= _MOST_KEY_CHARACTERS


def first_keys(item: Iterable[str]) -> Iterator[str]:
    """Return the keys that are looked at, which are more than any item of a station has."""
    return islice(item, _MOST_KEYS)


def normalised(key: str) -> str:
    """Return a key as all its spellings have it: lower case, letters and digits only."""
    return "".join(character for character in key[:_LONGEST_KEY].lower() if character.isalnum())


def _read_json_value(raw: object, data_type: int | None) -> tuple[str, Scalar | None]:
    if raw is None:
        return "", None
    if isinstance(raw, bool):
        return str(raw).lower(), raw
    if isinstance(raw, int):
        if not has_64_bits(raw):
            return str(raw), str(raw)
        return str(raw), bool(raw) if data_type == 1 and raw in (0, 1) else raw
    if isinstance(raw, float):
        return repr(raw), raw if math.isfinite(raw) else None
    raise ValueError(f"the value is a {type(raw).__name__}, not a number, a bool or a text")


def whole_number(raw: object) -> int | None:
    """Read a whole number as stations write it: ``8``, ``8.0``, ``"8"``, ``"0x8"``.

    None when it is none, or none of 64 bits.
    """
    number = None
    if isinstance(raw, int) and not isinstance(raw, bool):
        number = raw
    elif isinstance(raw, float) and raw.is_integer():
        number = int(raw)
    elif isinstance(raw, str) and len(raw) <= _LONGEST_WHOLE_NUMBER:
        text = raw.strip().lower()
        with suppress(ValueError):
            number = int(text, 16) if text.startswith("0x") else int(text)
    return number if number is not None and -_LARGEST_WHOLE_NUMBER < number < _LARGEST_WHOLE_NUMBER else None


def _kind_of(text: str, code: int) -> FailureKind:
    state = code if 0 < code <= _STATE_BITS else 0
    if state & _TAG_NOT_FOUND_BIT or _NOT_FOUND.search(text):
        return FailureKind.NOT_FOUND
    if state & _NOT_CONNECTED_BITS or _NOT_CONNECTED.search(text):
        return FailureKind.NOT_CONNECTED
    return FailureKind.FAILED


def names_in_words(names: Iterable[str], *, most: int = 10) -> str:
    """Return tag names for an error, at most ``most`` of them."""
    listed = list(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(repr(name[:_LONGEST_NAME_SHOWN]) for name in listed[:most]) + more
