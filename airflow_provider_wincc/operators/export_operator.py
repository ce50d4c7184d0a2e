"""What all exports have in common: the interval, the wait for its last rows, and what lineage learns of both ends."""

from __future__ import annotations

import time
from abc import abstractmethod
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from airflow_provider_wincc.archive_export.interval import Interval, read_moment
from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.connection_form import DEFAULT_CONNECTION_ID
from airflow_provider_wincc.links.station import WinCCStationLink
from airflow_provider_wincc.task_colors import MOVES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.providers.openlineage.extractors import OperatorLineage
    from airflow.sdk import Context

    from airflow_provider_wincc.operators.lineage import Target

# An interval that ends now may end a little later by the clock of another machine.
_CLOCKS_DIFFER = timedelta(minutes=5)


class ExportOperator(BaseOperator):
    """Base of the operators that export an interval; see them for the arguments."""

    ui_color = MOVES
    operator_extra_links = (WinCCStationLink(),)

    def __init__(
        self,
        *,
        start: datetime | str | None = None,
        end: datetime | str | None = None,
        wincc_conn_id: str = DEFAULT_CONNECTION_ID,
        delay: timedelta = timedelta(seconds=10),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.start = start
        self.end = end
        self.wincc_conn_id = wincc_conn_id
        self.delay = delay
        self._targets: list[Target] = []

    def get_openlineage_facets_on_start(self) -> OperatorLineage[Any, Any]:
        """Return what is going to be read, for OpenLineage, as far as the arguments alone tell it."""
        from airflow_provider_wincc.operators.lineage import openlineage_of

        return openlineage_of(self.wincc_conn_id, self._inputs(), [])

    def get_openlineage_facets_on_complete(self, task_instance: object) -> OperatorLineage[Any, Any]:  # noqa: ARG002  Airflow's signature
        """Return what was read and written, for OpenLineage; of a task that failed what it had set out to read."""
        from airflow_provider_wincc.operators.lineage import openlineage_of

        return openlineage_of(self.wincc_conn_id, self._inputs(), self._targets)

    @property
    @abstractmethod
    def _source(self) -> str:
        """What is exported, in the words of the log."""

    @abstractmethod
    def _inputs(self) -> Sequence[str]:
        """Return what is read of the station, as lineage names it."""

    def _note_target(self, target: Target, writer: object) -> None:
        from airflow_provider_wincc.operators.lineage import report_export

        self._targets = [target]
        report_export(self.wincc_conn_id, self._inputs(), target, writer)

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

    def _wait_until_archived(self, interval: Interval) -> None:
        left = (interval.end + self.delay - datetime.now(UTC)).total_seconds()
        if left > 0:
            self.log.info("WinCC %s: waiting %.0f s for the last rows to be archived", self._source, left)
            time.sleep(left)
