"""DAGs of a plant behind an Edge worker, for the system tests.

Without ``WINCC_EDGE_ARCHIVE`` it is only the DAG of the waits, once, as deferrable as Airflow's default is.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pendulum
from airflow.sdk import DAG, Asset, task

from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.messages import MessagePattern
from airflow_provider_wincc.operators.archives import WinCCArchiveToObjectStorageOperator
from airflow_provider_wincc.operators.orders import WinCCOrderHandoffOperator
from airflow_provider_wincc.operators.station import WinCCCheckStationOperator
from airflow_provider_wincc.operators.tags import WinCCReadTagsOperator, WinCCWriteTagsOperator
from airflow_provider_wincc.orders import OrderHandoffTags
from airflow_provider_wincc.sensors.messages import WinCCMessageSensor
from airflow_provider_wincc.sensors.tags import WinCCTagSensor

ARCHIVE_FOLDER = os.environ.get("WINCC_EDGE_ARCHIVE")
AT_THE_PLANT: dict[str, Any] = (
    {"queue": "plant_a", "executor": "EdgeExecutor"} if ARCHIVE_FOLDER else {"queue": "default"}
)
WAYS: dict[str, dict[str, Any]] = {"by_default": {"poke_interval": 1}}
if ARCHIVE_FOLDER:
    # What a DAG that was written for an Edge site says.
    WAYS["rescheduled"] = {"deferrable": False, "mode": "reschedule", "poke_interval": 10}
STANDS_STILL = tag("Tank1.Level") == tag("Tank1.Level")

with DAG(dag_id="wincc_edge_waits", schedule=None, default_args=AT_THE_PLANT) as dag:
    for way, how in WAYS.items():
        shared = {"timeout": timedelta(hours=1), **how}
        WinCCTagSensor(task_id=f"held_{way}", condition=STANDS_STILL.held_for(seconds=5), **shared)
        WinCCTagSensor(
            task_id=f"failed_{way}",
            condition=tag("Mixer1.State") == "DONE",
            fail_if=STANDS_STILL.held_for(seconds=5),
            **shared,
        )
        WinCCTagSensor(task_id=f"late_{way}", condition=tag("Mixer1.State") == "DONE", **{**shared, "timeout": 5})
        WinCCMessageSensor(task_id=f"message_{way}", rest_filter="All", pattern=MessagePattern(number=1001), **shared)

if ARCHIVE_FOLDER:
    batch_complete = Asset("wincc://wincc_default/Line3.Running")

    with DAG(dag_id="wincc_edge_work", schedule=None, default_args=AT_THE_PLANT):
        check = WinCCCheckStationOperator(task_id="check_station")
        read = WinCCReadTagsOperator(task_id="read", tags=["Tank1.Level", "Mixer1.State"])
        write = WinCCWriteTagsOperator(task_id="write", values={"Tank1.Setpoint": 61.5})
        export = WinCCArchiveToObjectStorageOperator(
            task_id="export",
            archive="ProcessData",
            path=f"file://{ARCHIVE_FOLDER}",
            file_format="csv",
            start=pendulum.now("UTC").subtract(hours=2).isoformat(),
            end=pendulum.now("UTC").subtract(hours=1).isoformat(),
        )
        hand_off = {
            way: WinCCOrderHandoffOperator(
                task_id=f"hand_off_{way}",
                order_id=f"00004{number}",
                payload={"WorkMaster": "R-001", "Quantity": 12.5},
                tags=OrderHandoffTags(
                    prefix=f"Mixer{number}.",
                    payload=["WorkMaster", "Quantity"],
                    results=["ActualQuantity", "ActualDuration"],
                    id_length=32,
                ),
                settle_window=0.5,
                clear=True,
                **how,
            )
            for number, (way, how) in enumerate(WAYS.items(), start=1)
        }
        check >> [read, write, export, *hand_off.values()]

    with DAG(dag_id="wincc_edge_collector", schedule=None, default_args=AT_THE_PLANT):
        WinCCTagSensor(
            task_id="collect",
            condition=tag("Line3.Running") == True,  # noqa: E712  a condition, not a truth value
            deferrable=False,
            mode="reschedule",
            poke_interval=10,
            timeout=timedelta(hours=1),
            outlets=[batch_complete],
        )

    with DAG(dag_id="wincc_edge_told", schedule=[batch_complete]):

        @task
        def list_sources(triggering_asset_events=None):
            """Return which tasks told of the asset; it runs in the enterprise's network."""
            return [event.source_task_id for events in triggering_asset_events.values() for event in events]

        list_sources()
