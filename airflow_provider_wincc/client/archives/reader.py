"""The archives of one station: the parts of an archive read, put together."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.archives.arguments import check_archive, check_archive_tags, check_interval
from airflow_provider_wincc.client.archives.batches import Batches
from airflow_provider_wincc.client.archives.completeness import CompleteAnswers
from airflow_provider_wincc.client.archives.limits import RowCount, StationLimits
from airflow_provider_wincc.client.archives.moments import RequestTimes
from airflow_provider_wincc.client.archives.pace import Pace
from airflow_provider_wincc.client.archives.requests import ArchiveRequests
from airflow_provider_wincc.client.archives.rows import last_row, rows_of_window
from airflow_provider_wincc.client.archives.window_answers import WindowAnswers
from airflow_provider_wincc.client.archives.window_plan import WindowPlan
from airflow_provider_wincc.client.archives.windows import Windows

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from datetime import datetime

    from airflow_provider_wincc.client.archives.values import ArchiveColumns, ArchiveValue, ArchiveWindow
    from airflow_provider_wincc.client.settings import StationSettings
    from airflow_provider_wincc.client.transport import Transport


class ArchiveReader:
    """Reads archives, and remembers what the answers of the station have shown of its limits."""

    def __init__(self, transport: Transport, settings: StationSettings) -> None:
        self._transport = transport
        self._settings = settings
        self._limits = StationLimits()

    def windows(
        self, archive: str, tags: Iterable[str], start: datetime, end: datetime, *, ask_ahead: bool = False
    ) -> Generator[ArchiveWindow, None, None]:
        """Yield windows; see :meth:`WinCCClient.read_archive_windows`."""
        requests, names = self._asked(archive, tags)
        first, last = check_interval(start, end)
        settings = self._settings
        times = RequestTimes(settings.archive_times, settings.timezone)
        pace = Pace(self._limits, times, settings.archive_max_values)
        answers = WindowAnswers(
            requests,
            CompleteAnswers(requests.rows, self._limits, times),
            Batches(requests, settings.archive_batch_size),
            pace,
            settings.archive_max_values,
            ask_ahead=ask_ahead,
        )
        windows = Windows(
            answers,
            WindowPlan(answers, pace),
            names,
            wait=settings.retry_wait,
            attempts=settings.read_retries,
        )
        return _closing(requests, windows.between(first, last))

    def rows(self, archive: str, tags: Iterable[str], start: datetime, end: datetime) -> Iterator[ArchiveValue]:
        """Yield rows; see :meth:`WinCCClient.read_archive`."""
        windows = self.windows(archive, tags, start, end)
        return (row for window in windows for row in rows_of_window(window))

    def latest(self, archive: str, tags: Iterable[str]) -> dict[str, ArchiveValue]:
        """Return the latest rows; see :meth:`WinCCClient.read_latest_archived`."""
        requests, names = self._asked(archive, tags)
        batches = Batches(requests, self._settings.archive_batch_size)
        found: dict[str, ArchiveColumns] = {}

        def read(batch: Sequence[str], _: Sequence[str]) -> None:
            columns = requests.rows(batch, None, None, 1)
            self._limits.note(RowCount.of({tag: len(each) for tag, each in columns.items()}), 1)
            found.update(columns)

        batches.each(names, read)
        missing = [name for name in names if name not in found]
        if missing:
            time.sleep(self._settings.retry_wait)
            # Where "at most one value" may hold for the whole answer, only a request of its own can be believed.
            one_by_one = Batches(requests, 1)
            (batches if self._limits.max_values_is_per_tag else one_by_one).each(missing, read)
        return {name: last_row(found[name]) for name in names if name in found}

    def _asked(self, archive: str, tags: Iterable[str]) -> tuple[ArchiveRequests, list[str]]:
        check_archive(archive)
        return ArchiveRequests(self._transport, self._settings, archive), check_archive_tags(tags)


def _closing(requests: ArchiveRequests, windows: Iterator[ArchiveWindow]) -> Generator[ArchiveWindow, None, None]:
    try:
        yield from windows
    finally:
        requests.close()
