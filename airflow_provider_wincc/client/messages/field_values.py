"""Single values of a message row, read tolerantly; None for what cannot be read as what it should be."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.messages.values import MessageState
from airflow_provider_wincc.client.models import read_value
from airflow_provider_wincc.client.wire import normalised, whole_number

if TYPE_CHECKING:
    from airflow_provider_wincc.client.models import Scalar

NOTHING_SAID = (None, "")
"""Values of a key that says nothing, like one that is not there."""

_LARGEST = 2**63
_MOST_BLOCKS = 10
_CLOCK = re.compile(r"(\d{1,6}):([0-5]?\d):([0-5]?\d(?:[.,]\d{1,7})?)", re.ASCII)
# German is the language that WinCC is made in. Words of other languages, and the signs that a project may have
# instead of words (+, -, *), say nothing for certain.
_GERMAN = {
    "gekommen": MessageState.CAME_IN,
    "gegangen": MessageState.WENT_OUT,
    "quittiert": MessageState.ACKNOWLEDGED,
}
_STATE_WORDS = {normalised(state.name): state for state in MessageState} | _GERMAN


def read_whole(raw: object) -> int | None:
    """Read a whole number that fits into 64 bits."""
    number = whole_number(raw)
    return number if number is not None and -_LARGEST <= number < _LARGEST else None


def read_text(raw: object) -> str | None:
    """Read a text, with whatever characters it has; numbers and bools as JSON writes them."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return str(raw).lower()
    return str(raw) if isinstance(raw, int | float) else None


def read_name(raw: object) -> str | None:
    """Read a text that is no number, of a key that may as well hold the number of what it names."""
    return raw if isinstance(raw, str) and whole_number(raw) is None else None


def read_state(raw: object) -> int | None:
    """Read a state: its number, or its words."""
    code = read_whole(raw)
    return read_state_words(raw) if code is None else code


def read_state_words(raw: object) -> int | None:
    """Read the words of a state, in English or German."""
    state = _STATE_WORDS.get(normalised(raw)) if isinstance(raw, str) else None
    return None if state is None else int(state)


def read_process_value(raw: object) -> Scalar | None:
    """Read a process value: a number, a bool, or a text that is neither."""
    if isinstance(raw, str):
        value = read_value(raw)
        return raw if type(value) is int and read_whole(value) is None else value
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, int):
        return read_whole(raw)
    return raw if isinstance(raw, float) and math.isfinite(raw) else None


def read_duration(raw: object) -> timedelta | None:
    """Read a span of time: milliseconds (as one user of WinCC's message archive has them), or ``h:mm:ss``."""
    clock = _CLOCK.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if clock is not None:
        hours, minutes, seconds = int(clock[1]), int(clock[2]), float(clock[3].replace(",", "."))
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    number = read_whole(raw)
    try:
        return None if number is None or number < 0 else timedelta(milliseconds=number)
    except OverflowError:
        return None


def read_texts(raw: object) -> tuple[str | None, ...] | None:
    """Read a list of text blocks."""
    return _read_blocks(raw, read_text)


def read_process_values(raw: object) -> tuple[Scalar | None, ...] | None:
    """Read a list of process value blocks."""
    return _read_blocks(raw, read_process_value)


def _read_blocks(raw: object, read: Any) -> tuple[Any, ...] | None:
    if not isinstance(raw, list) or len(raw) > _MOST_BLOCKS:
        return None
    blocks = tuple(None if block in NOTHING_SAID else read(block) for block in raw)
    # All or nothing: a list that is understood in part would lose the rest.
    is_understood = all(block in NOTHING_SAID or value is not None for block, value in zip(raw, blocks, strict=True))
    return blocks if is_understood else None
