"""The rows of all tags in one window."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.archives.columns import trimmed
from airflow_provider_wincc.client.archives.moments import MILLISECOND, SECOND, ceil_to, floor_to
from airflow_provider_wincc.client.archives.values import ArchiveWindow
from airflow_provider_wincc.client.errors import WinCCError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from airflow_provider_wincc.client.archives.batches import Batches
    from airflow_provider_wincc.client.archives.completeness import Answer, CompleteAnswers
    from airflow_provider_wincc.client.archives.limits import RowCount
    from airflow_provider_wincc.client.archives.pace import Pace
    from airflow_provider_wincc.client.archives.requests import ArchiveRequests
    from airflow_provider_wincc.client.archives.values import ArchiveColumns

_MOST_VALUES = 1_000_000
_LONG_WINDOW = 20 * SECOND


@dataclass(slots=True)
class _Reading:
    start: datetime
    end: datetime
    columns: dict[str, ArchiveColumns] = field(default_factory=dict)
    counts: list[RowCount] = field(default_factory=list)


class WindowAnswers:
    """Reads a window of all tags; makes it shorter, or its batches smaller, until every answer is complete.

    :param requests: to the archive, to announce to it what will be asked for next.
    :param max_values: most rows to ask for, but where one tag has more of them in the shortest window there is.
    :param ask_ahead: whether the next request is sent as soon as the one before it is answered.
    """

    def __init__(
        self,
        requests: ArchiveRequests,
        answers: CompleteAnswers,
        batches: Batches,
        pace: Pace,
        max_values: int,
        *,
        ask_ahead: bool = False,
    ) -> None:
        self._requests = requests
        self._answers = answers
        self._batches = batches
        self._pace = pace
        self._max_values = max_values
        self._ask_ahead = ask_ahead
        self._next_window: tuple[datetime, datetime] | None = None

    def expect(self, start: datetime, end: datetime) -> None:
        """Say which window is likely to be read after the next one."""
        self._next_window = start, end

    def forget_expected(self) -> None:
        """Do without what may have been asked ahead: it would be asked for too early."""
        self._next_window = None
        self._requests.forget_announced()

    def read(self, tags: Sequence[str], start: datetime, end: datetime) -> tuple[ArchiveWindow, list[RowCount]]:
        """Read a window; return it, which may end before ``end``, and how many rows came in each answer.

        :raises WinCCTagError: when single tags failed.
        :raises WinCCError: when a request failed, or a tag has more rows than can be asked for.
        """
        reading = _Reading(start, end)
        next_window, self._next_window = self._next_window, None

        def read(batch: Sequence[str], following: Sequence[str]) -> None:
            if self._ask_ahead and following:
                self._announce(following, (reading.start, reading.end))
            elif self._ask_ahead and next_window is not None:
                self._announce(self._batches.first(tags), next_window)
            self._read_batch(batch, reading)

        self._batches.each(tags, read)
        # What was read before the window became shorter is not asked for again.
        columns = (trimmed(reading.columns[tag], start, reading.end) for tag in tags if tag in reading.columns)
        return ArchiveWindow(start, reading.end, tuple(filter(None, columns))), reading.counts

    def _announce(self, batch: Sequence[str], window: tuple[datetime, datetime]) -> None:
        self._requests.announce(batch, *_widened(*window), self._max_values)

    def _read_batch(self, batch: Sequence[str], reading: _Reading) -> None:
        while True:
            answer = self._ask(batch, reading, self._max_values)
            if answer.is_complete:
                reading.columns |= answer.columns
                reading.counts.append(answer.count)
                return
            shorter = self._pace.shorter(reading.start, reading.end)
            if shorter is None:
                break
            reading.end = shorter
        if len(batch) == 1:
            reading.columns |= self._read_crowded(batch[0], reading)
            return
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            self._read_batch(half, reading)

    def _read_crowded(self, tag: str, reading: _Reading) -> dict[str, ArchiveColumns]:
        max_values = self._max_values
        rows = max_values
        while max_values < _MOST_VALUES:
            max_values = min(2 * max_values, _MOST_VALUES)
            answer = self._ask([tag], reading, max_values)
            if answer.is_complete:
                return answer.columns
            if answer.count.total == rows:
                break
            rows = answer.count.total
        raise WinCCError(
            f"The archive tag {tag!r} has {rows} rows or more from {reading.start.isoformat()} to "
            f"{reading.end.isoformat()}, a span that cannot be asked for in parts, and the station hands out no more.",
            hint="Leave this span out, or read it at the station; no row was dropped without this error.",
        )

    def _ask(self, tags: Sequence[str], reading: _Reading, max_values: int) -> Answer:
        return self._answers.of(tags, *_widened(reading.start, reading.end), max_values)


def _widened(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Return what to ask for so that all of a window comes, whether or not begin and end belong to a request.

    Whole seconds as far as possible, because only they are proven.
    """
    overlap: timedelta = SECOND if end - start >= _LONG_WINDOW else MILLISECOND
    step = SECOND if end - start >= SECOND else MILLISECOND
    return floor_to(overlap, start) - overlap, ceil_to(step, end)
