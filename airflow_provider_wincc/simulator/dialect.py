"""In which of the ways that real stations differ the simulated one answers."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args, get_type_hints


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Switches for what is not certain about the interface, or differs from station to station.

    :param value_typing: ``text`` gives every value as text ("71.25", "true"), ``json`` as a JSON number,
        boolean or text.
    :param key_case: ``lower`` writes ``qualitycode`` and ``errorcode``, ``camel`` ``qualityCode`` and
        ``errorCode``.
    :param unknown_tag: what an unknown tag gives. ``error``: an item with ``error``. ``missing``: no row, and
        an empty body where one tag was asked for. ``not_found_json`` and ``not_found_html``: status 404 when
        only unknown tags were asked for, else an item with ``error``. ``error_code``: an item with
        ``errorcode`` 2048 and no text. ``empty``: no row, and an empty body when only unknown tags were
        asked for.
    :param timestamps: ``z`` 2026-03-02T08:15:30.120Z, ``offset`` the same moment with +01:00, ``no_zone`` UTC
        without a mark, ``no_fraction`` whole seconds with Z, ``seven_digits`` seven digits of fraction with Z.
    :param envelope: ``bare`` answers lists of values as an array, ``wrapped`` as ``{"values": [...]}``.
    :param quality: ``text`` "128", ``int`` 128, ``hex`` "0x80".
    :param initial_quality_on_first_read: a tag that nobody read before answers its start value with quality
        76; the next read gets the real value.
    :param browse: the verb for the list of tags: ``get``, ``post`` or ``both``; another one gets 405.
    :param continuation: where the next ``continuationPoint`` is handed back: in the ``object`` beside the
        list, in a ``header``, or not at all (``offset``: the caller counts).
    :param archive_form: how a request for several archives is answered: ``nested`` {"archives": [{"name",
        "variables": [...]}]}, ``flat`` an array of items with ``archiveName``.
    :param archive_row_keys: ``timestamp`` gives archived rows ``timestamp`` and ``qualitycode``, ``datetime``
        gives them ``datetime`` and ``quality``.
    :param archive_flags: archived rows have ``flags``.
    :param archive_order: the order of archived rows in an answer: ``ascending`` or ``descending`` in time.
    :param archive_begin_inclusive: a row at the very begin of a window belongs to it.
    :param archive_end_inclusive: a row at the very end of a window belongs to it.
    :param archive_times: what a time without a zone means in a request: ``utc``, or ``local`` in Europe/Berlin.
    :param archive_max_values: ``per_tag``: ``maxValues`` holds for each tag; ``whole_answer``: for all of them
        together, so that the first ones leave nothing to the others.
    :param archive_rows_kept: which rows of a window stay when there are more than ``maxValues``: the ``first`` or
        the ``last`` in time.
    :param archive_limit: the highest ``maxValues`` that there is; None for no limit.
    :param archive_above_limit: what a higher one gets: ``cut`` rows without a word, or status 400 (``refuse``).
    :param archive_no_rows: a tag without rows has an ``empty`` list of values, or none (``missing``).
    :param has_messages: whether there is ``/alarmLogging``; without it each path there gets 404 with HTML, as of a
        WinCC before V8.1.
    :param message_keys: the keys of rows of messages: ``camel`` msgNo, className, pValue1; ``ole_db`` MsgNo,
        ClassName, PValue1, and each block, null where it is empty; ``opc_ua`` OS_EVENTID, CLASSNAME,
        PROCESSVALUE01, the state in words as well, and no counter.
    :param message_typing: ``json`` gives numbers in rows of messages as JSON numbers, ``text`` everything as text.
    :param message_time: ``whole`` gives rows of messages one time, ``split`` a time in whole seconds, and the
        milliseconds beside it.
    :param message_envelope: ``wrapped`` answers rows of messages as ``{"messages": [...]}``, ``bare`` as an array.
    :param message_order: the order of rows of messages in an answer: ``ascending`` or ``descending`` in time.
    :param message_above_limit: what a ``maxValues`` above 1000 gets: 1000 rows (``cut``), or status 400
        (``refuse``).
    :param unknown_filter: what a REST filter that there is not gets: status 404 (``not_found``), or 200 with
        ``error`` (``error``).
    :raises ValueError: for a value that a switch does not have.
    """

    value_typing: Literal["text", "json"] = "text"
    key_case: Literal["lower", "camel"] = "lower"
    unknown_tag: Literal["error", "missing", "not_found_json", "not_found_html", "error_code", "empty"] = "error"
    timestamps: Literal["z", "offset", "no_zone", "no_fraction", "seven_digits"] = "z"
    envelope: Literal["bare", "wrapped"] = "bare"
    quality: Literal["text", "int", "hex"] = "text"
    initial_quality_on_first_read: bool = False
    browse: Literal["get", "post", "both"] = "both"
    continuation: Literal["object", "header", "offset"] = "object"
    archive_form: Literal["nested", "flat"] = "nested"
    archive_row_keys: Literal["timestamp", "datetime"] = "timestamp"
    archive_flags: bool = False
    archive_order: Literal["ascending", "descending"] = "ascending"
    archive_begin_inclusive: bool = True
    archive_end_inclusive: bool = True
    archive_times: Literal["utc", "local"] = "utc"
    archive_max_values: Literal["per_tag", "whole_answer"] = "per_tag"
    archive_rows_kept: Literal["first", "last"] = "first"
    archive_limit: int | None = None
    archive_above_limit: Literal["cut", "refuse"] = "cut"
    archive_no_rows: Literal["empty", "missing"] = "empty"
    has_messages: bool = True
    message_keys: Literal["camel", "ole_db", "opc_ua"] = "camel"
    message_typing: Literal["json", "text"] = "json"
    message_time: Literal["whole", "split"] = "whole"
    message_envelope: Literal["wrapped", "bare"] = "wrapped"
    message_order: Literal["ascending", "descending"] = "ascending"
    message_above_limit: Literal["cut", "refuse"] = "cut"
    unknown_filter: Literal["not_found", "error"] = "not_found"

    def __post_init__(self) -> None:
        self._check_limit()
        for switch in fields(self):
            if switch.name == "archive_limit":
                continue
            value, known = getattr(self, switch.name), _CHOICES[switch.name]
            if not any(value is choice or (isinstance(value, str) and value == choice) for choice in known):
                raise ValueError(f"dialect switch {switch.name!r} is one of {_words(known)}, not {value!r}")

    def _check_limit(self) -> None:
        limit = self.archive_limit
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
            raise ValueError(f"dialect switch 'archive_limit' is a whole number from 1, or None, not {limit!r}")

    def changed(self, **switches: Any) -> Dialect:
        """Return a dialect with some switches set anew.

        :raises ValueError: for a switch that there is not, or a value that it does not have.
        """
        for name in switches:
            if name not in _CHOICES:
                raise ValueError(f"there is no dialect switch {name!r}; known are {_words(tuple(_CHOICES))}")
        return replace(self, **switches)


def _choices() -> dict[str, tuple[object, ...]]:
    return {name: get_args(hint) or (True, False) for name, hint in get_type_hints(Dialect).items()}


def _words(known: tuple[object, ...]) -> str:
    return ", ".join(str(choice) for choice in known)


_CHOICES = _choices()
