"""The columns of a message, the same in files and tables."""

from __future__ import annotations

import json
import math
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.storable import storable, storable_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from airflow_provider_wincc.client.messages.values import Message
    from airflow_provider_wincc.client.models import Scalar

    Cell = str | int | float | datetime | None

_BLOCKS = range(1, 11)


class ColumnKind(Enum):
    """What is in a column."""

    TEXT = auto()
    WHOLE_NUMBER = auto()
    NUMBER = auto()
    MOMENT = auto()


COLUMNS: dict[str, ColumnKind] = {
    "number": ColumnKind.WHOLE_NUMBER,
    "state": ColumnKind.TEXT,
    "state_code": ColumnKind.WHOLE_NUMBER,
    "time": ColumnKind.MOMENT,
    "class_name": ColumnKind.TEXT,
    "class_number": ColumnKind.WHOLE_NUMBER,
    "type_name": ColumnKind.TEXT,
    "type_number": ColumnKind.WHOLE_NUMBER,
    **{f"text_{block}": ColumnKind.TEXT for block in _BLOCKS},
    **{f"process_value_{block}": ColumnKind.NUMBER for block in _BLOCKS},
    **{f"process_text_{block}": ColumnKind.TEXT for block in _BLOCKS},
    "priority": ColumnKind.WHOLE_NUMBER,
    "instance": ColumnKind.TEXT,
    "user": ColumnKind.TEXT,
    "computer": ColumnKind.TEXT,
    "comment": ColumnKind.TEXT,
    "counter": ColumnKind.WHOLE_NUMBER,
    "duration_seconds": ColumnKind.NUMBER,
    "server": ColumnKind.TEXT,
    "other": ColumnKind.TEXT,
}
"""Columns in order. ``state`` is in words. A process value that is a finite number is in ``process_value_1`` to ``10``,
with true as 1 and false as 0; any other, and a whole number that no double has, is as text in ``process_text_1`` to
``10``. ``other`` is JSON."""


def cells_of(message: Message) -> dict[str, Cell]:
    """Return what stands in each of the :data:`COLUMNS`; None for what the station does not say.

    Texts are storable, see :mod:`~airflow_provider_wincc.client.storable`.
    """
    values = [_split(_block(message.process_values, block)) for block in _BLOCKS]
    made: dict[str, Cell] = {
        "state": None if message.state is None else message.state.words,
        **{f"text_{block}": _block(message.texts, block) for block in _BLOCKS},
        **{f"process_value_{block}": number for block, (number, _) in zip(_BLOCKS, values, strict=True)},
        **{f"process_text_{block}": text for block, (_, text) in zip(_BLOCKS, values, strict=True)},
        "duration_seconds": None if message.duration is None else message.duration.total_seconds(),
        "other": json.dumps(storable(dict(message.other)), ensure_ascii=False) if message.other else None,
    }
    cells = {name: made[name] if name in made else getattr(message, name) for name in COLUMNS}
    return {name: storable_text(cell) if isinstance(cell, str) else cell for name, cell in cells.items()}


def _block(blocks: Sequence[Scalar | None], number: int) -> Any:
    return blocks[number - 1] if number <= len(blocks) else None


def _split(value: Scalar | None) -> tuple[float | None, str | None]:
    if value is None or isinstance(value, str):
        return None, value
    number = float(value)
    return (number, None) if math.isfinite(number) and number == value else (None, repr(value))
