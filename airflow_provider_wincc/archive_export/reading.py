"""One reading of an archive for an export: its rows or buckets, what is told meanwhile, and the account of it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.archive_export.aggregates import check_aggregates
from airflow_provider_wincc.archive_export.facts import ArchiveFacts
from airflow_provider_wincc.archive_export.gaps import GapFinder
from airflow_provider_wincc.archive_export.moments import check_span, to_text
from airflow_provider_wincc.archive_export.progress import Progress
from airflow_provider_wincc.archive_export.resampling import Resampler
from airflow_provider_wincc.client.errors import WinCCConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from airflow_provider_wincc.archive_export.aggregates import Aggregate, ResampledValue
    from airflow_provider_wincc.archive_export.interval import Interval
    from airflow_provider_wincc.client import WinCCClient
    from airflow_provider_wincc.client.archives.values import ArchiveWindow

_MOST_TAGS_TOLD = 100
"""In a result, which goes through Airflow's database."""


@dataclass(frozen=True, slots=True)
class Resampling:
    """How rows are made into buckets; see :class:`~airflow_provider_wincc.archive_export.resampling.Resampler`.

    :param every: length of the buckets.
    :param aggregates: of each bucket.
    :param lookback: how far before the interval rows are read for the values in force at its start.
    :param longest_hold: how long a value holds when no other row follows; None for without limit.
    :raises WinCCConfigurationError: when one of them is wrong.
    """

    every: timedelta
    aggregates: tuple[Aggregate, ...]
    lookback: timedelta = timedelta(0)
    longest_hold: timedelta | None = None

    def __post_init__(self) -> None:
        check_span("resample", self.every)
        check_aggregates(self.aggregates)
        if not isinstance(self.lookback, timedelta) or self.lookback < timedelta(0):
            raise WinCCConfigurationError(
                f"lookback is {self.lookback!r}.", hint="Expected a timedelta, such as lookback=timedelta(hours=1)."
            )
        if self.longest_hold is not None:
            check_span("longest_hold", self.longest_hold)


class ArchiveReading:
    """Reads an interval once, as rows or as buckets.

    :param client: of the station.
    :param archive: the archive.
    :param tags: its tags, without patterns.
    :param interval: the span of time.
    :param longest_gap: what is longer without a row counts as a gap; None to look for no gaps.
    :param resampling: how to make buckets; None for rows.
    :param tell: takes a line of progress.
    """

    def __init__(
        self,
        client: WinCCClient,
        archive: str,
        tags: Sequence[str],
        interval: Interval,
        *,
        longest_gap: timedelta | None,
        resampling: Resampling | None,
        tell: Callable[[str], None],
    ) -> None:
        self.archive = archive
        self.tags = tuple(tags)
        self.interval = interval
        self.resampling = resampling
        self._client = client
        self._gaps = GapFinder(tags, start=interval.start, end=interval.end, longest_gap=longest_gap)
        self._progress = Progress(interval, tell)

    def facts(self, start: datetime, end: datetime) -> ArchiveFacts:
        """Return what a file says of where its part of the interval comes from."""
        resampling = self.resampling
        return ArchiveFacts(
            archive=self.archive,
            station=self._client.settings.station,
            tags=self.tags,
            start=start,
            end=end,
            every=None if resampling is None else resampling.every,
            aggregates=() if resampling is None else resampling.aggregates,
        )

    def windows(self) -> Iterator[ArchiveWindow]:
        """Yield the rows of the interval, window by window.

        :raises WinCCError: when reading failed.
        """
        return self._windows(self.interval.start)

    def buckets(self) -> Iterator[list[ResampledValue]]:
        """Yield the buckets of the interval, many at a time.

        :raises WinCCError: when reading failed.
        """
        resampling = self.resampling
        if resampling is None:
            raise TypeError("this reading is of rows")
        resampler = Resampler(
            resampling.every,
            resampling.aggregates,
            start=self.interval.start,
            end=self.interval.end,
            tags=self.tags,
            longest_hold=resampling.longest_hold,
        )
        return resampler.batches(self._windows(self.interval.start - resampling.lookback))

    def result(self) -> dict[str, Any]:
        """Return the account of the reading, of JSON types, once it has come to its end.

        Of more than 100 tags it tells all together, not each of them.
        """
        covered = self._gaps.finish().to_json()
        if len(self.tags) > _MOST_TAGS_TOLD:
            del covered["tags"]
        start, end = to_text(self.interval.start), to_text(self.interval.end)
        return {"archive": self.archive, "start": start, "end": end, **covered}

    def _windows(self, start: datetime) -> Iterator[ArchiveWindow]:
        windows = self._client.read_archive_windows(self.archive, self.tags, start, self.interval.end, ask_ahead=True)
        with closing(windows):
            for window in windows:
                self._gaps.add(window)
                self._progress.note(window)
                yield window
        self._progress.finish()
