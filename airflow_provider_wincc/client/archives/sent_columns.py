"""Rows whose columns are made only when they are asked for."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.archives import raw_columns
from airflow_provider_wincc.client.archives.learned_rows import LearnedRow, learned_column
from airflow_provider_wincc.client.archives.raw_columns import UnreadableEntryError
from airflow_provider_wincc.client.archives.row_forms import (
    GOOD,
    MOMENT_KEY,
    are_of_one_length,
    keys_of,
    raw_columns_of,
)
from airflow_provider_wincc.client.archives.values import ArchiveColumns
from airflow_provider_wincc.client.wire import normalised

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Row = Mapping[str, Any]
    Explain = Callable[[UnreadableEntryError, Row], Exception]

_MADE_WHEN_ASKED_FOR = {"timestamps", "values", "qualities", "flags"}


def sent_columns(tag: str, rows: list[Any], explain: Explain) -> ArchiveColumns | None:
    """Return columns that are read later; None where that cannot be, because the order needs the times to be read.

    It can be for rows of one form whose times are texts in UTC of one length: those sort as the times themselves do.
    """
    is_learned = isinstance(rows[0], LearnedRow)
    key = rows[0].keys[0] if is_learned else keys_of(rows[0])[0]
    if key is None or normalised(key) != MOMENT_KEY or not (is_learned or are_of_one_length(rows)):
        return None
    try:
        texts = (is_learned and learned_column(rows, 0)) or list(map(itemgetter(key), rows))
        is_in_utc = raw_columns.are_zulu_of_one_length(texts)
    except (KeyError, TypeError):
        return None
    return _SentColumns(tag, texts, rows, explain) if is_in_utc else None


class _SentColumns(ArchiveColumns):
    """So the work is done by whoever uses the rows, while the next ones are already waited for."""

    __slots__ = ("_explain", "_rows")

    def __init__(self, tag: str, texts: list[str], rows: list[Any], explain: Explain) -> None:
        self.tag = tag
        self.timestamp_texts = texts
        self._rows = rows
        self._explain = explain

    def __getattr__(self, name: str) -> Any:
        if name not in _MADE_WHEN_ASKED_FOR:
            raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
        try:
            if name == "timestamps":
                self.timestamps = raw_columns.read_moments(self._texts, UTC)[0]
            else:
                self._read_others()
        except UnreadableEntryError as error:
            row = self._rows[error.position]
            raise self._explain(error, row.to_dict() if isinstance(row, LearnedRow) else row) from None
        return getattr(self, name)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def places(self) -> Sequence[str]:
        return self._texts

    def moments_at(self, positions: slice) -> list[datetime]:
        try:
            return list(map(datetime.fromisoformat, self._texts[positions]))
        except ValueError:
            return super().moments_at(positions)

    def position_of(self, moment: datetime, *, from_position: int = 0) -> int:
        try:
            return bisect_left(self._texts, moment, from_position, key=datetime.fromisoformat)
        except ValueError:
            return super().position_of(moment, from_position=from_position)

    def picked(self, pick: Callable[[list[Any]], list[Any]]) -> ArchiveColumns:
        return _SentColumns(self.tag, pick(self._texts), pick(self._rows), self._explain)

    @property
    def _texts(self) -> list[str]:
        return self.timestamp_texts or []

    def _read_others(self) -> None:
        rows, count = self._rows, len(self._rows)
        if isinstance(rows[0], LearnedRow):
            values, qualities, flags = (learned_column(rows, part) for part in (1, 2, 3))
        else:
            values, qualities, flags = raw_columns_of(rows, all_but_moments=True)[1:]
        self.values = [None] * count if values is None else raw_columns.read_values(values)
        self.qualities = [GOOD] * count if qualities is None else raw_columns.read_qualities(qualities)
        self.flags = None if flags is None else raw_columns.read_flags(flags)
