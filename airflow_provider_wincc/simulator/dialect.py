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

    def __post_init__(self) -> None:
        for switch in fields(self):
            value, known = getattr(self, switch.name), _CHOICES[switch.name]
            if not any(value is choice or (isinstance(value, str) and value == choice) for choice in known):
                raise ValueError(f"dialect switch {switch.name!r} is one of {_words(known)}, not {value!r}")

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
