"""What the exports of archives have in common: which rows, of which time, and what is told of them."""

from __future__ import annotations

import sys
from abc import abstractmethod
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.archive_export.aggregates import check_aggregates
from airflow_provider_wincc.client.errors import WinCCError
from airflow_provider_wincc.connection_form import DEFAULT_CONNECTION_ID
from airflow_provider_wincc.operators.execution import client_of, fail, run_of
from airflow_provider_wincc.operators.export_operator import ExportOperator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from airflow.sdk import Context

    from airflow_provider_wincc.archive_export.reading import ArchiveReading, Resampling

_TURN = 0.001
"""Seconds that a thread may keep others from running."""


class ArchiveOperator(ExportOperator):
    """Base of the operators that export an archive; see them for the arguments."""

    template_fields: Sequence[str] = ("wincc_conn_id", "archive", "tags", "start", "end")

    def __init__(
        self,
        *,
        archive: str,
        tags: Sequence[str] | None = None,
        start: datetime | str | None = None,
        end: datetime | str | None = None,
        wincc_conn_id: str = DEFAULT_CONNECTION_ID,
        resample: timedelta | None = None,
        aggregates: Sequence[str] = ("min", "max", "mean"),
        lookback: timedelta = timedelta(0),
        longest_hold: timedelta | None = None,
        longest_gap: timedelta | None = timedelta(minutes=10),
        delay: timedelta = timedelta(seconds=10),
        **kwargs: Any,
    ) -> None:
        super().__init__(start=start, end=end, wincc_conn_id=wincc_conn_id, delay=delay, **kwargs)
        self.archive = archive
        self.tags = tags
        self.resample = resample
        self.aggregates = aggregates
        self.lookback = lookback
        self.longest_hold = longest_hold
        self.longest_gap = longest_gap
        check_aggregates(aggregates)
        self._tags_read: tuple[str, ...] = ()

    def execute(self, context: Context) -> dict[str, Any]:
        """Export; return what was exported.

        :raises AirflowFailException: for what no retry can mend.
        :raises WinCCError: for what a retry may mend.
        """
        # They need not be loaded to parse a DAG file.
        from airflow_provider_wincc.archive_export.reading import ArchiveReading
        from airflow_provider_wincc.archive_export.selection import select_tags

        try:
            interval = self._interval(context)
            resampling = self._resampling()
            with client_of(self.wincc_conn_id) as client:
                tags = select_tags(client, self.archive, self.tags)
                self._wait_until_archived(interval)
                reading = ArchiveReading(
                    client,
                    self.archive,
                    tags,
                    interval,
                    longest_gap=self.longest_gap,
                    resampling=resampling,
                    tell=lambda line: self.log.info("WinCC archive %r: %s", self.archive, line),
                )
                self._tags_read = tags
                with _short_turns():
                    written = self._export(reading)
        except WinCCError as error:
            fail(error)
        result = {**reading.result(), **written, "station": client.settings.station, **run_of(context)}
        self.log.info("WinCC archive %r: done, %d rows, %d gaps", self.archive, result["rows"], result["gap_count"])
        return result

    @abstractmethod
    def _export(self, reading: ArchiveReading) -> dict[str, Any]:
        """Write what is read; return what the result says of it."""

    @property
    def _source(self) -> str:
        return f"archive {self.archive!r}"

    def _inputs(self) -> Sequence[str]:
        from airflow_provider_wincc.hooks.archive_lineage import names_for_lineage

        # Which tags a pattern stands for, the station says.
        named = [tag for tag in self.tags or () if not {"*", "?"} & set(tag)]
        return names_for_lineage(self.archive, self._tags_read or named)

    def _resampling(self) -> Resampling | None:
        from airflow_provider_wincc.archive_export.reading import Resampling

        if self.resample is None:
            return None
        return Resampling(self.resample, check_aggregates(self.aggregates), self.lookback, self.longest_hold)


@contextmanager
def _short_turns() -> Iterator[None]:
    """Let threads of this task's process take turns more often.

    The one that receives the next rows needs many short turns; at Python's default of 5 ms, it would get them too late
    while this one works on the last rows.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
