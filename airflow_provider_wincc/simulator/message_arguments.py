"""What a message is raised with, checked."""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.simulator.archive_moments import is_aware

if TYPE_CHECKING:
    from airflow_provider_wincc.client.models import Scalar

_MOST_BLOCKS = 10
_LARGEST = 2**63


def moment_of_message(time: datetime | None) -> datetime:
    """Give a time, or now, in UTC and in whole milliseconds.

    Ask for now with the lock held, so that rows have their times in the order of their counters.

    :raises ValueError: when it is no datetime with a zone.
    """
    if time is None or is_aware(time):
        with suppress(OverflowError):  # at the ends of the calendar
            moment = datetime.now(UTC) if time is None else time.astimezone(UTC)
            return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    raise ValueError(f"time is a datetime with a zone, not {time!r}")


def checked_texts(texts: object) -> tuple[str, ...]:
    """Give user text blocks.

    :raises ValueError: when they are no list of up to 10 texts.
    """
    return tuple(check_text("each of texts", text) for text in _blocks("texts", texts))


def checked_values(values: object) -> tuple[Scalar, ...]:
    """Give process value blocks.

    :raises ValueError: when they are no list of up to 10 values that JSON can carry.
    """
    return tuple(map(_checked_value, _blocks("process_values", values)))


def checked_instance(instance: object) -> str:
    """Give the name of an instance, empty for None.

    :raises ValueError: when it is no text, or empty.
    """
    if instance == "":
        raise ValueError("instance is a text that is not empty, or None")
    return "" if instance is None else check_text("instance", instance)


def check_text(name: str, text: object) -> str:
    """Give a text.

    :raises ValueError: naming it, when it is none, or has halves of characters.
    """
    if isinstance(text, str):
        with suppress(UnicodeEncodeError):
            text.encode()
            return text
    raise ValueError(f"{name} is a text that UTF-8 can carry, not {text!r}")


def _checked_value(value: object) -> Scalar:
    if isinstance(value, str):
        return check_text("each of process_values", value)
    if isinstance(value, bool) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, int) and -_LARGEST <= value < _LARGEST:
        return value
    raise ValueError(f"each of process_values is a finite number, a bool or a text, not {value!r}")


def _blocks(name: str, blocks: Any) -> tuple[Any, ...]:
    if not isinstance(blocks, list | tuple) or len(blocks) > _MOST_BLOCKS:
        raise ValueError(f"{name} is a list of up to {_MOST_BLOCKS}, not {blocks!r}")
    return tuple(blocks)
