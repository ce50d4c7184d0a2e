"""Everything that this provider does, well and with every kind of failure, for the system test of secrets.

The connections come from the test; their ids say what is wrong with them.
"""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from airflow.sdk import DAG, Asset, AssetWatcher, task

from airflow_provider_wincc.client import WinCCError
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.hooks.wincc import WinCCHook
from airflow_provider_wincc.messages import MessagePattern
from airflow_provider_wincc.notifications.tags import WinCCTagNotifier
from airflow_provider_wincc.operators.archives import WinCCArchiveToObjectStorageOperator, WinCCArchiveToSqlOperator
from airflow_provider_wincc.operators.erp import WinCCClaimOrdersOperator
from airflow_provider_wincc.operators.messages import (
    WinCCMessagesToObjectStorageOperator,
    WinCCMessagesToSqlOperator,
    WinCCReadMessagesOperator,
)
from airflow_provider_wincc.operators.orders import WinCCClearOrderOperator, WinCCOrderHandoffOperator
from airflow_provider_wincc.operators.station import WinCCCheckStationOperator
from airflow_provider_wincc.operators.tags import (
    WinCCReadTagsOperator,
    WinCCTagBranchOperator,
    WinCCWriteTagsOperator,
)
from airflow_provider_wincc.orders import OrderHandoffTags
from airflow_provider_wincc.sensors.messages import WinCCMessageSensor
from airflow_provider_wincc.sensors.tags import WinCCTagSensor
from airflow_provider_wincc.triggers.messages import WinCCMessageEventTrigger
from airflow_provider_wincc.triggers.tags import WinCCTagEventTrigger
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.client import WinCCClient

log = logging.getLogger(__name__)
LAKE = os.environ["WINCC_LAKE"]
ALL_THAT_FAIL = json.loads(os.environ["WINCC_FAILING"])
HOUR = {"start": "2026-03-02T07:00:00+00:00", "end": "2026-03-02T08:00:00+00:00"}
START, END = (datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (7, 8))
MIXER1 = OrderHandoffTags(
    prefix="Mixer1.",
    payload=["WorkMaster", "Quantity"],
    results=["ActualQuantity", "ActualDuration"],
    id_length=32,
)
HANDOFF = {
    "order_id": "000042",
    "payload": {"WorkMaster": "R-001", "Quantity": 12.5},
    "tags": MIXER1,
    "settle_window": 0.5,
    "poke_interval": 1,
    "unit_timeout": 120,
}
SENSOR = {"poke_interval": 6, "timeout": 600}
TRUE_NOW = tag("T.A") == 1
NEVER = tag("T.A") == 4711
CALLS: dict[str, Callable[[WinCCClient], object]] = {
    "read_tag": lambda client: client.read_tag("T.A"),
    "read_tags": lambda client: client.read_tags(["T.A", "T.B"]),
    "write_tag": lambda client: client.write_tag("T.A", 1),
    "write_tags": lambda client: client.write_tags({"T.A": 1, "T.B": 2}),
    "read_archive": lambda client: list(client.read_archive("ProcessData", ["Tank1_Level"], START, END)),
    "browse": lambda client: list(client.browse_tags()),
}

tell_plant = WinCCTagNotifier(
    status_tag="Line3.JobStatus",
    status=2,
    text_tag="Line3.JobText",
    text="{{ ti.task_id }}: {{ exception }}",
    max_text_length=2000,
)
tell_nobody = WinCCTagNotifier(
    status_tag="T.A", status=2, text_tag="T.T", text="{{ exception }}", wincc_conn_id="wincc_echo_500"
)

watched = Asset(
    "watched",
    watchers=[
        AssetWatcher(
            name="edge",
            trigger=WinCCTagEventTrigger("wincc_default", tag("T.Edge") == True, poke_interval=0.5),  # noqa: E712
        ),
        AssetWatcher(name="refused", trigger=WinCCTagEventTrigger("wincc_wrong_password", TRUE_NOW, poke_interval=0.5)),
        AssetWatcher(
            name="echoed",
            trigger=WinCCTagEventTrigger("wincc_echo_500", TRUE_NOW, poke_interval=0.5, max_consecutive_failures=3),
        ),
        AssetWatcher(
            name="messages",
            trigger=WinCCMessageEventTrigger(
                "wincc_default", "Errors", MessagePattern(state="came in"), poke_interval=0.5
            ),
        ),
        AssetWatcher(
            name="messages_echoed",
            trigger=WinCCMessageEventTrigger(
                "wincc_echo_401", "Errors", MessagePattern(state="came in"), poke_interval=0.5
            ),
        ),
    ],
)

with DAG(dag_id="wincc_secrets_watched", schedule=[watched]):

    @task
    def saw(triggering_asset_events) -> list[dict[str, object]]:
        """Return what the watchers have seen."""
        return [event.extra["payload"] for events in triggering_asset_events.values() for event in events]

    saw()

with DAG(dag_id="wincc_secrets_well", schedule=None, default_args={"on_success_callback": tell_plant}):
    for way in ("default", "in_url", "proxied", "mutual_tls", "stored"):
        WinCCReadTagsOperator(task_id=f"read_{way}", tags=["T.A"], wincc_conn_id=f"wincc_{way}")
    WinCCWriteTagsOperator(task_id="write", values={"T.B": 3}, outlets=[Asset("written")])
    WinCCTagBranchOperator(task_id="branch", condition=TRUE_NOW, if_true=[], if_false=[])
    WinCCTagSensor(task_id="wait_poke", condition=tag("T.Later") == 1, deferrable=False, **SENSOR)
    WinCCTagSensor(
        task_id="wait_reschedule", condition=tag("T.Later") == 1, deferrable=False, mode="reschedule", **SENSOR
    )
    WinCCTagSensor(task_id="wait_deferred", condition=tag("T.Later") == 1, deferrable=True, **SENSOR)
    WinCCMessageSensor(task_id="wait_message", rest_filter="Errors", deferrable=True, **SENSOR)
    WinCCReadMessagesOperator(task_id="read_messages", rest_filter="Errors", **HOUR)
    WinCCMessagesToObjectStorageOperator(
        task_id="export_messages", rest_filter="Errors", path=LAKE, file_format="csv", **HOUR
    )
    WinCCArchiveToObjectStorageOperator(
        task_id="archive_to_files", archive="ProcessData", tags=["Tank1_Level"], path=LAKE, file_format="csv", **HOUR
    )
    WinCCArchiveToSqlOperator(
        task_id="archive_to_sql",
        archive="ProcessData",
        tags=["Tank1_Level"],
        sql_conn_id="erp",
        table="minutes",
        resample=timedelta(minutes=1),
        aggregates=["min"],
        **HOUR,
    )
    WinCCMessagesToSqlOperator(
        task_id="messages_to_sql", rest_filter="Errors", sql_conn_id="erp", table="messages", **HOUR
    )
    claim = WinCCClaimOrdersOperator(task_id="claim", erp_conn_id="erp", unit="Nowhere")
    hand_off = WinCCOrderHandoffOperator(task_id="hand_off", erp_conn_id="erp", deferrable=True, **HANDOFF)
    clear = WinCCClearOrderOperator(task_id="clear", order_id="000042", tags=MIXER1, settle_window=0.5, poke_interval=1)
    claim >> hand_off >> clear
    WinCCCheckStationOperator(task_id="check", tags=["T.A"], writable=["T.B"])

    @task.wincc_write
    def write_computed() -> dict[str, float]:
        """Return what is written."""
        return {"T.C": 4}

    write_computed()

with DAG(
    dag_id="wincc_secrets_failing", schedule=None, default_args={"on_failure_callback": [tell_plant, tell_nobody]}
):
    for way in ("echo_401", "echo_redirect", "mutual_tls_locked", "untrusted"):
        WinCCReadTagsOperator(task_id=f"read_{way}", tags=["T.A"], wincc_conn_id=f"wincc_{way}")
    WinCCWriteTagsOperator(task_id="write_refused", values={"T.B": 3}, wincc_conn_id="wincc_read_only")
    WinCCWriteTagsOperator(task_id="write_echo", values={"T.B": 3}, wincc_conn_id="wincc_echo_500", verify_timeout=1)
    WinCCTagSensor(
        task_id="wait_poke_wrong", condition=NEVER, wincc_conn_id="wincc_wrong_password", deferrable=False, **SENSOR
    )
    WinCCTagSensor(
        task_id="wait_reschedule_wrong",
        condition=NEVER,
        wincc_conn_id="wincc_proxy_refused",
        deferrable=False,
        mode="reschedule",
        poke_interval=6,
        timeout=8,
    )
    for way in ("then_401", "then_500"):
        WinCCTagSensor(
            task_id=f"wait_deferred_{way}",
            condition=NEVER,
            fail_if_unknown_for=4,
            wincc_conn_id=f"wincc_{way}",
            deferrable=True,
            **SENSOR,
        )
    WinCCMessageSensor(
        task_id="wait_message_echo", rest_filter="Errors", wincc_conn_id="wincc_echo_401", deferrable=True, **SENSOR
    )
    WinCCMessageSensor(
        task_id="wait_message_then_401",
        rest_filter="Errors",
        wincc_conn_id="wincc_then_401",
        deferrable=True,
        **SENSOR,
    )
    WinCCReadMessagesOperator(task_id="read_messages_echo", rest_filter="Errors", wincc_conn_id="wincc_bearer", **HOUR)
    WinCCArchiveToObjectStorageOperator(
        task_id="archive_echo",
        archive="ProcessData",
        tags=["Tank1_Level"],
        path=LAKE,
        wincc_conn_id="wincc_echo_500",
        **HOUR,
    )
    WinCCArchiveToSqlOperator(
        task_id="archive_to_refused_sql",
        archive="ProcessData",
        tags=["Tank1_Level"],
        sql_conn_id="erp_refused",
        table="minutes",
        **HOUR,
    )
    WinCCClaimOrdersOperator(task_id="claim_refused", erp_conn_id="erp_refused", unit="Mixer1")
    WinCCOrderHandoffOperator(task_id="hand_off_refused_erp", erp_conn_id="erp_refused", **HANDOFF)
    if AIRFLOW_V_3_3_PLUS:
        # Before, only an ERP could keep its note.
        WinCCOrderHandoffOperator(
            task_id="hand_off_echo", wincc_conn_id="wincc_echo_rows", timeouts={"observe": 1}, **HANDOFF
        )
    WinCCCheckStationOperator(task_id="check_echo", wincc_conn_id="wincc_echo_500")

    @task
    def call_everything() -> dict[str, str]:
        """Do everything that a client does with each connection that fails, and log each error with its traceback."""
        said = {}
        for conn_id in ALL_THAT_FAIL:
            said[conn_id] = WinCCHook(conn_id).test_connection()[1]
            for name, call in CALLS.items():
                try:
                    with WinCCHook(conn_id).get_conn() as client:
                        call(client)
                except WinCCError as error:
                    log.exception("%s over %s", name, conn_id)
                    said[f"{conn_id} {name}"] = f"{error!r} {error} {vars(error)}"
        return said

    call_everything()
