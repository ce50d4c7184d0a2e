"""When alarms come in, keep what the plant did around them, and write a report for those who look into it.

A watcher in the triggerer looks at the message archive, and starts a run when messages of the REST filter ``Errors``
have come in. One run handles all alarms of all events that started it. It exports the archive and all messages from
five minutes before its first alarm to one minute after its last, and writes a report beside them. Started by hand, it
looks at the last ten minutes.

- **A burst of alarms makes few reports.** The watcher gathers alarms for ten seconds, and what comes while a run is
  active waits for the next one.
- **An event may come twice**, after a crash of the triggerer, with the same number. Files are named after the first
  alarm and the number of its event, so they are replaced, and not written a second time under another name.
- **Texts of alarms are data**, whatever characters they have. The report escapes them, and nothing renders them.

It needs a connection ``wincc_default`` of type WinCC to a station with messages over REST (WinCC V8.1), the REST
filters ``Errors`` and ``All`` and the archive ``ProcessData``, such as the simulated one (``airflow-wincc simulate``;
write 95 to ``Tank1.Setpoint`` to have it raise an alarm). To use it on a plant, replace the names by your own, and
``LAKE`` by a folder or bucket, such as ``s3://aws_default@lake/plant``.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, AssetWatcher, ObjectStoragePath, task

from airflow_provider_wincc.assets.messages import message_asset
from airflow_provider_wincc.messages import MessagePattern
from airflow_provider_wincc.operators.archives import WinCCArchiveToObjectStorageOperator
from airflow_provider_wincc.operators.messages import WinCCMessagesToObjectStorageOperator
from airflow_provider_wincc.triggers.messages import WinCCMessageEventTrigger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Asset
    from airflow.sdk.types import DagRunProtocol

LAKE = os.environ.get("WINCC_LAKE", "file:///tmp/wincc-lake")
BEFORE, AFTER = timedelta(minutes=5), timedelta(minutes=1)
BY_HAND = timedelta(minutes=10)

alarms = message_asset(
    "Errors",
    watchers=[
        AssetWatcher(
            name="alarms",
            trigger=WinCCMessageEventTrigger(
                "wincc_default",
                "Errors",
                # What goes out or is acknowledged starts nothing.
                MessagePattern(state="came in"),
                poke_interval=5,
                batch_window=10,
            ),
        )
    ],
)


def events_of(triggering_asset_events: Mapping[Asset, list[Any]]) -> list[dict[str, Any]]:
    """Return what the watcher saw, each event once, in order; a run that was started by hand has none."""
    events = [event for several in triggering_asset_events.values() for event in several]
    payloads = [event.extra["payload"] for event in events if event.extra.get("from_trigger")]
    # The number alone will not do: it begins with 1 again when the watcher has no state to go on from.
    distinct = {(payload["seen_at"], payload["sequence"]): payload for payload in payloads}
    return [distinct[key] for key in sorted(distinct)]


def line_of(alarm: Mapping[str, Any]) -> str:
    """Return the line of an alarm in the report, with what the plant says written as Python writes texts."""
    texts, values = alarm.get("texts", []), alarm.get("process_values", [])
    return f"{alarm['time']}  {alarm['number']}  {texts!r}  {values!r}"


with DAG(
    dag_id="wincc_alarm_response",
    schedule=[alarms],
    catchup=False,
    # Alarms that come meanwhile start one run together, when this one is over.
    max_active_runs=1,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=1)},
    doc_md=__doc__,
    tags=["wincc", "example"],
) as dag:

    @task
    def find_window(triggering_asset_events: Mapping[Asset, list[Any]], dag_run: DagRunProtocol) -> dict[str, str]:
        """Return the span of time to look at and the folder for it; the same when the run is repeated."""
        events = events_of(triggering_asset_events)
        # The station's clock, as in the archive. A message that has no time came at about the time of its reading.
        moments = [
            datetime.fromisoformat(alarm["time"] or event["seen_at"]) for event in events for alarm in event["messages"]
        ]
        if moments:
            start, end, name = min(moments) - BEFORE, max(moments) + AFTER, str(events[0]["sequence"])
        else:
            start, end, name = dag_run.run_after - BY_HAND, dag_run.run_after, "by_hand"
        return {
            "folder": f"{LAKE}/alarms/{start:%Y%m%dT%H%M%SZ}_{name}",
            "start": start.isoformat(),
            "end": end.isoformat(),
        }

    window = find_window()

    # Both wait until the minute after the last alarm is over and archived.
    export_archive = WinCCArchiveToObjectStorageOperator(
        task_id="export_archive",
        archive="ProcessData",
        tags=["Tank*"],
        start=window["start"],
        end=window["end"],
        path=window["folder"],
        file_format="csv",
    )

    export_messages = WinCCMessagesToObjectStorageOperator(
        task_id="export_messages",
        rest_filter="All",
        start=window["start"],
        end=window["end"],
        path=window["folder"],
        file_format="csv",
    )

    @task
    def write_report(
        folder: str,
        archive: dict[str, Any],
        messages: dict[str, Any],
        triggering_asset_events: Mapping[Asset, list[Any]],
    ) -> str:
        """Write the report beside the exports; return its path. Here people would be told as well."""
        events = events_of(triggering_asset_events)
        lines = [line_of(alarm) for event in events for alarm in event["messages"]]
        report = [
            f"From {archive['start']} to {archive['end']}",
            f"Alarms that have started this run: {len(lines)}" if events else "Started by hand",
            *lines,
            f"Archive: {archive['rows']} rows, {archive['gap_count']} gaps, in {', '.join(archive['paths'])}",
            f"Messages: {messages['rows']}, in {', '.join(messages['paths']) or 'no file'}",
        ]
        if messages["may_lack_messages"] or any(event["may_lack_messages"] for event in events):
            report.append("More messages came than the station hands out: some may be missing here")
        path = ObjectStoragePath(folder) / "report.txt"
        path.write_text("\n".join([*report, ""]), encoding="utf-8")
        return str(path)

    export_archive >> export_messages
    write_report(window["folder"], export_archive.output, export_messages.output)
