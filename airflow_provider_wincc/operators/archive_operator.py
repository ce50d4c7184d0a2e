"""What the exports of archives have in common: which rows, of which time, and what is told of them."""

from __future__ import annotations

import time
from abc import abstractmethod
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from airflow_provider_wincc.archive_export.aggregates import check_aggregates
from airflow_provider_wincc.archive_export.interval import Interval, read_moment
from airflow_provider_wincc.client.errors import WinCCConfigurationError, WinCCError
from airflow_provider_wincc.connection_form import DEFAULT_CONNECTION_ID
from airflow_provider_wincc.operators.execution import client_of, fail, run_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.providers.openlineage.extractors import OperatorLineage
    from airflow.sdk import Context

    from airflow_provider_wincc.archive_export.reading import ArchiveReading, Resampling
    from airflow_provider_wincc.operators.lineage import Target

# An interval that ends now may end a little later by the clock of another machine.
_CLOCKS_DIFFER = timedelta(minutes=5)


class ArchiveOperator(BaseOperator):
    """Base of the operators that export an archive; see them for the arguments."""

    template_fields: Sequence[str] = ("wincc_conn_id", "archive", "tags", "start", "end")
    ui_color = "#dfe6d5"

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
        super().__init__(**kwargs)
        self.archive = archive
        self.tags = tags
        self.start = start
        self.end = end
        self.wincc_conn_id = wincc_conn_id
        self.resample = resample
        self.aggregates = aggregates
        self.lookback = lookback
        self.longest_hold = longest_hold
        self.longest_gap = longest_gap
        self.delay = delay
        check_aggregates(aggregates)
        self._tags_read: tuple[str, ...] = ()
        self._targets: list[Target] = []

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
                written = self._export(reading)
        except WinCCError as error:
            fail(error)
        result = {**reading.result(), **written, "station": client.settings.station, **run_of(context)}
        self.log.info("WinCC archive %r: done, %d rows, %d gaps", self.archive, result["rows"], result["gap_count"])
        return result

    def get_openlineage_facets_on_complete(self, task_instance: object) -> OperatorLineage[Any, Any]:  # noqa: ARG002  Airflow's signature
        """Return what was read and written, for OpenLineage; of a task that failed what it had set out to read."""
        from airflow_provider_wincc.operators.lineage import openlineage_of

        return openlineage_of(self.wincc_conn_id, self.archive, self._tags_read, self._targets)

    @abstractmethod
    def _export(self, reading: ArchiveReading) -> dict[str, Any]:
        """Write what is read; return what the result says of it."""

    def _note_target(self, target: Target, writer: object) -> None:
        from airflow_provider_wincc.operators.lineage import report_export

        self._targets = [target]
        report_export(self.wincc_conn_id, self.archive, self._tags_read, target, writer)

    def _interval(self, context: Context) -> Interval:
        start = self._moment("start", self.start, context.get("data_interval_start"))
        end = self._moment("end", self.end, context.get("data_interval_end"))
        if self.start is None and self.end is None and start == end:
            raise WinCCConfigurationError(
                f"The data interval of the DAG run is the moment {start.isoformat()}, which has no length.",
                hint="A cron expression alone has no intervals in Airflow 3. Schedule the DAG by a "
                "CronDataIntervalTimetable, or give start and end.",
            )
        interval = Interval(start, end)
        if interval.end > datetime.now(UTC) + _CLOCKS_DIFFER:
            raise WinCCConfigurationError(
                f"The interval of task {self.task_id!r} ends at {interval.end.isoformat()}, which is in the future.",
                hint="Rows that are not archived yet would be missing from the export. Choose an end that has passed.",
            )
        return interval

    def _moment(self, name: str, given: datetime | str | None, of_run: datetime | None) -> datetime:
        if given is not None:
            return read_moment(f"{name} of task {self.task_id!r}", given)
        if of_run is None:
            raise WinCCConfigurationError(
                f"The DAG run has no data interval, and task {self.task_id!r} has no {name}.",
                hint=f"Give {name}, or schedule the DAG by a CronDataIntervalTimetable.",
            )
        return of_run

    def _resampling(self) -> Resampling | None:
        from airflow_provider_wincc.archive_export.reading import Resampling

        if self.resample is None:
            return None
        return Resampling(self.resample, check_aggregates(self.aggregates), self.lookback, self.longest_hold)

    def _wait_until_archived(self, interval: Interval) -> None:
        left = (interval.end + self.delay - datetime.now(UTC)).total_seconds()
        if left > 0:
            self.log.info("WinCC archive %r: waiting %.0f s for the last rows to be archived", self.archive, left)
            time.sleep(left)
