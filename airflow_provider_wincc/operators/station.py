"""``WinCCCheckStationOperator``: the connection test, run by the worker that will do the work."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pendulum
from airflow.sdk import BaseOperator

from airflow_provider_wincc.client.errors import (
    WinCCConfigurationError,
    WinCCError,
    WinCCTagError,
    WinCCTagNotFoundError,
    WinCCWriteRefusedError,
)
from airflow_provider_wincc.client.models import FailureKind
from airflow_provider_wincc.connection_form import DEFAULT_CONNECTION_ID
from airflow_provider_wincc.links.station import WinCCStationLink
from airflow_provider_wincc.operators.execution import fail, run_of
from airflow_provider_wincc.task_colors import READS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.providers.openlineage.extractors import OperatorLineage
    from airflow.sdk import Context

    from airflow_provider_wincc.client.models import TagReadings
    from airflow_provider_wincc.client.policy import WritePolicy
    from airflow_provider_wincc.client.settings import StationSettings

_CLOCKS_AGREE_WITHIN = 2.0
_RETURN_VALUE = "return_value"


class WinCCCheckStationOperator(BaseOperator):
    """Tests a connection from the worker that runs this task; changes nothing in the plant.

    It goes from the address over TCP, TLS, login and permission to a first read, like the button "Test" in Airflow's
    web page, which runs on the API server. Give the task the queue of the tasks that will do the work. Everything it
    finds stands as a table in the task's log.

    What happens on failure: the task fails and names the first step that failed and what to do; with retries where
    trying again can help. The result is stored all the same. A tag of bad quality is reported and fails nothing.

    The result (XCom): ``station``, ``worker`` (host name), ``steps`` (for each ``step``, ``result``: ``passed``,
    ``failed`` or ``not reached``, ``detail`` and ``milliseconds``), ``tags`` (tag → ``value``, ``quality``,
    ``quality_code``, ``timestamp``; or ``error``), ``writable`` (tag → None, or why it would be refused),
    ``seconds_ahead`` (by how much the newest timestamp of the tags is ahead of the worker's clock; None where it is
    not), and the run: ``dag_id``, ``run_id``, ``task_id``, ``map_index``, ``try_number``.

    :param tags: tags to read; one that cannot be read fails the task. (templated)
    :param writable: tags that the connection's write policy must let pass, and that must be readable, as they are
        read before each write. Nothing is written; limits of values are not looked at. (templated)
    :param wincc_conn_id: id of the connection. (templated)
    """

    template_fields: Sequence[str] = ("wincc_conn_id", "tags", "writable")
    ui_color = READS
    operator_extra_links = (WinCCStationLink(),)

    def __init__(
        self,
        *,
        tags: Sequence[str] | str = (),
        writable: Sequence[str] | str = (),
        wincc_conn_id: str = DEFAULT_CONNECTION_ID,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.tags = tags
        self.writable = writable
        self.wincc_conn_id = wincc_conn_id

    def execute(self, context: Context) -> dict[str, Any]:
        """Test, log the table and return the result.

        :raises AirflowFailException: for what no retry can mend.
        :raises WinCCError: for what a retry may mend.
        """
        # They bring the whole HTTP stack with them, which parsing a DAG file does not need.
        from airflow_provider_wincc.client.check import check_station
        from airflow_provider_wincc.hooks.wincc import WinCCHook

        try:
            tags, writable = self._names("tags"), self._names("writable")
            settings = WinCCHook(self.wincc_conn_id).get_settings()
        except WinCCError as wrong:
            fail(wrong)
        check = check_station(settings)
        report: dict[str, Any] = {
            "station": settings.station,
            "worker": socket.gethostname(),
            "steps": [step.to_json() for step in check.steps],
            "tags": {},
            "writable": {},
            "seconds_ahead": None,
            **run_of(context),
        }
        error = check.error
        if error is not None:
            error.message = f"Step '{check.failed}' failed on worker {report['worker']!r}: {error.message}"
        elif tags or writable:
            error = self._check_tags(settings, tags, writable, report)
        self.log.info("WinCC station %s, seen from worker %r:\n%s", settings.station, report["worker"], _table(report))
        if error is not None:
            # What a failed task returns is lost, and this is when somebody wants to see it.
            context["ti"].xcom_push(key=_RETURN_VALUE, value=report)
            fail(error)
        return report

    def get_openlineage_facets_on_start(self) -> OperatorLineage[Any, Any]:
        """Return the tags that are read, for OpenLineage."""
        from airflow_provider_wincc.assets.openlineage import tag_lineage

        return tag_lineage(self.wincc_conn_id, read=self._names("tags"))

    def _check_tags(
        self, settings: StationSettings, tags: list[str], writable: list[str], report: dict[str, Any]
    ) -> WinCCError | None:
        """Fill the report's parts on tags; return the error that the task has to fail with."""
        from airflow_provider_wincc.client import WinCCClient

        try:
            with WinCCClient(settings) as client:
                readings = client.try_read_tags([*tags, *writable])
        except WinCCError as error:
            return error
        report["seconds_ahead"] = self._seconds_ahead(readings)
        report["tags"] = {
            name: {"error": str(readings.failures[name])}
            if name in readings.failures
            else readings.values[name].to_json()
            for name in tags
        }
        refused = _refused(writable, settings.policy)
        unreadable = {
            name: f"cannot be read before a write ({failure})"
            for name, failure in readings.failures.items()
            if name in writable
        }
        report["writable"] = {name: refused.get(name, unreadable.get(name)) for name in writable}
        if refused:
            return WinCCWriteRefusedError(
                f"The write policy of the connection refuses {len(refused)} of {len(writable)} tags: "
                f"{' '.join(refused.values())}",
                hint="Check the spelling, name another connection, or have the policy of this one changed.",
                station=settings.station,
            )
        return _read_error(readings, settings) if readings.failures else None

    def _seconds_ahead(self, readings: TagReadings) -> float | None:
        newest = max((value.timestamp for value in readings.values.values() if value.timestamp), default=None)
        ahead = 0.0 if newest is None else (newest - pendulum.now("UTC")).total_seconds()
        if ahead <= _CLOCKS_AGREE_WITHIN:
            return None
        self.log.warning(
            "WinCC timestamps are %.0f s ahead of this worker's clock: one of the two clocks is wrong, or the "
            "connection's extra 'timezone' is not the station's.",
            ahead,
        )
        return round(ahead, 3)

    def _names(self, argument: str) -> list[str]:
        given = getattr(self, argument)
        names = [given] if isinstance(given, str) else given
        if not isinstance(names, Sequence) or not all(isinstance(name, str) and name for name in names):
            raise WinCCConfigurationError(
                f"The {argument} of task {self.task_id!r} are {given!r}.",
                hint='Give a list of tag names, such as ["Tank1.Level"]. A template that makes a list needs '
                "render_template_as_native_obj=True on the DAG.",
            )
        return list(dict.fromkeys(names))


def _refused(names: list[str], policy: WritePolicy) -> dict[str, str]:
    # Limits are about values, and there are none.
    without_limits = replace(policy, tag_limits=())
    refused = {}
    for name in names:
        try:
            without_limits.check({name: 0})
        except WinCCWriteRefusedError as error:
            refused[name] = error.message
    return refused


def _read_error(readings: TagReadings, settings: StationSettings) -> WinCCTagError:
    unknown = all(failure.kind is FailureKind.NOT_FOUND for failure in readings.failures.values())
    kind = WinCCTagNotFoundError if unknown else WinCCTagError
    told = ", ".join(f"{name!r} ({failure})" for name, failure in readings.failures.items())
    return kind(
        f"Tags cannot be read: {told}.",
        errors=readings.failures,
        values=readings.values,
        station=settings.station,
    )


def _table(report: Mapping[str, Any]) -> str:
    rows = [("what", "result", "ms", "detail")]
    for step in report["steps"]:
        milliseconds = "" if step["milliseconds"] is None else f"{step['milliseconds']:.1f}"
        rows.append((step["step"], step["result"], milliseconds, step["detail"]))
    for name, reading in report["tags"].items():
        if "error" in reading:
            rows.append((f"read {name}", "failed", "", reading["error"]))
        else:
            rows.append((f"read {name}", reading["quality"], "", f"{reading['value']!r} at {reading['timestamp']}"))
    for name, reason in report["writable"].items():
        rows.append((f"write {name}", "allowed" if reason is None else "refused", "", reason or "nothing was written"))
    # A text of the station must not look like another row.
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join((what.ljust(widths[0]), result.ljust(widths[1]), time.rjust(widths[2]), detail)).rstrip()
        for what, result, time, detail in cells
    )
