"""Which keys of a message row mean what.

How the REST service spells them is not published. Known are the names of the columns in WinCC's own message archive
(Siemens' documentation of the OLE DB provider: MsgNo, DateTime and Ms, PValue1, PText1, ClassName, TimeDiff ...) and
of the attributes of its OPC servers (CLASSID, TEXT01, PROCESSVALUE01, MODIFYSTATE, OS_EVENTID ...), and the words of
the message blocks in its editor. All are understood, in any letter case and with any marks between the words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from airflow_provider_wincc.client.messages.field_values import (
    read_duration,
    read_name,
    read_process_value,
    read_process_values,
    read_state,
    read_state_words,
    read_text,
    read_texts,
    read_whole,
)
from airflow_provider_wincc.client.wire import first_keys, is_worth_keeping, normalised

Candidates = tuple[tuple[str, Callable[[Any], Any]], ...]
"""Keys that a field may be read from, the likeliest first, each with what reads its value."""

NUMBER_KEYS = ("msgno", "msgnr", "msgnumber", "messageno", "messagenr", "messagenumber", "oseventid", "number", "nr")
BLOCKS = range(1, 11)
"""Numbers of user text blocks and of process value blocks. Source: WinCC's Alarm Logging editor."""

_FIELDS: tuple[tuple[str, Callable[[Any], Any], tuple[str, ...]], ...] = (
    ("number", read_whole, NUMBER_KEYS),
    ("state_code", read_state, ("state", "msgstate", "messagestate", "modifystate", "status")),
    ("state_code", read_state_words, ("statetext", "statustext")),
    ("class_name", read_text, ("classname", "messageclassname", "msgclassname")),
    ("class_name", read_name, ("messageclass", "msgclass", "class")),
    ("class_number", read_whole, ("classid", "classnumber", "classno", "classnr", "messageclassid")),
    ("class_number", read_whole, ("messageclass", "msgclass", "class")),
    ("type_name", read_text, ("typename", "messagetypename", "msgtypename")),
    ("type_name", read_name, ("messagetype", "msgtype", "type")),
    ("type_number", read_whole, ("typeid", "typenumber", "typeno", "typenr", "messagetypeid")),
    ("type_number", read_whole, ("messagetype", "msgtype", "type")),
    ("priority", read_whole, ("priority", "prio")),
    ("instance", read_text, ("instance", "instancename")),
    ("user", read_text, ("username", "user")),
    ("computer", read_text, ("computername", "computer")),
    ("comment", read_text, ("comment",)),
    # Not ALARMCOUNT: that is how many messages are pending, which changes while the row stays the same.
    ("counter", read_whole, ("counter", "msgcounter", "messagecounter", "bigcounter", "uniqueeventid")),
    ("duration", read_duration, ("timediff", "duration")),
    ("server", read_text, ("servername", "server", "serverprefix")),
)
_TIMES = ("datetime", "timestamp", "msgtime", "messagetime", "time", "ts")
_DATES = ("date",)
_MILLISECONDS = ("ms", "millisecond", "milliseconds")
_TEXTS = ("text", "usertext", "usertextblock")
_FIRST_TEXT = ("messagetext", "msgtext", "text", "message")
_TEXT_LISTS = ("texts", "usertexts", "usertextblocks")
_PROCESS_VALUES = ("pvalue", "processvalue", "processvalueblock")
_PROCESS_TEXTS = ("ptext", "processvaluetext")
_PROCESS_VALUE_LISTS = ("pvalues", "processvalues", "processvalueblocks")


@dataclass(frozen=True, slots=True)
class Form:
    """The keys of one form of row, as they are spelled there.

    :param fields: fields that are read from one key each.
    :param times: keys of a time.
    :param dates: keys of a date, where the time has none.
    :param milliseconds: keys of what a time without a fraction lacks.
    :param texts: by text block, up to the last one of this form.
    :param text_lists: keys of all text blocks in one list, where no block has a key of its own.
    :param process_values: by process value block; the same for the value and the value as text.
    :param process_value_lists: keys of all process values in one list.
    :param unknown: keys that nobody knows.
    """

    fields: tuple[tuple[str, Candidates], ...]
    times: tuple[str, ...]
    dates: tuple[str, ...]
    milliseconds: tuple[str, ...]
    texts: tuple[Candidates, ...]
    text_lists: Candidates
    process_values: tuple[tuple[Candidates, Candidates], ...]
    process_value_lists: Candidates
    unknown: frozenset[str]


def form_of(keys: tuple[str, ...]) -> Form:
    """Return what the keys of a row mean. The rows of an answer have few forms, so each is looked at once."""
    return _known_form(keys) if is_worth_keeping(keys) else _form_of(keys)


def _form_of(keys: tuple[str, ...]) -> Form:
    spelled: dict[str, list[str]] = {}
    for key in first_keys(keys):
        spelled.setdefault(normalised(key), []).append(key)
    known: set[str] = set()

    def keys_of(names: tuple[str, ...]) -> tuple[str, ...]:
        found = tuple(key for name in names for key in spelled.get(name, ()))
        known.update(found)
        return found

    def candidates(read: Callable[[Any], Any], names: tuple[str, ...]) -> Candidates:
        return tuple((key, read) for key in keys_of(names))

    fields: dict[str, Candidates] = {}
    for field, read, names in _FIELDS:
        found = candidates(read, names)
        if found:
            fields[field] = fields.get(field, ()) + found
    texts = _up_to_the_last(
        [candidates(read_text, _numbered(_TEXTS, block) + (_FIRST_TEXT if block == 1 else ())) for block in BLOCKS]
    )
    process_values = _up_to_the_last(
        [
            (
                candidates(read_process_value, _numbered(_PROCESS_VALUES, block)),
                candidates(read_text, _numbered(_PROCESS_TEXTS, block)),
            )
            for block in BLOCKS
        ]
    )
    return Form(
        fields=tuple(fields.items()),
        times=keys_of(_TIMES),
        dates=keys_of(_DATES),
        milliseconds=keys_of(_MILLISECONDS),
        texts=texts,
        text_lists=() if texts else candidates(read_texts, _TEXT_LISTS),
        process_values=process_values,
        process_value_lists=() if process_values else candidates(read_process_values, _PROCESS_VALUE_LISTS),
        unknown=frozenset(keys) - known,
    )


_known_form = lru_cache(maxsize=256)(_form_of)


def _numbered(names: tuple[str, ...], block: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{name}{number}" for name in names for number in (block, f"{block:02}")))


def _up_to_the_last(blocks: list[Any]) -> tuple[Any, ...]:
    there = [position for position, block in enumerate(blocks, start=1) if any(block)]
    return tuple(blocks[: there[-1]]) if there else ()
