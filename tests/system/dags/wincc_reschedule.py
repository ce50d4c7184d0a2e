"""Sensors in reschedule mode that must remember earlier readings, for the system tests."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG

from airflow_provider_wincc.conditions import alive, tag
from airflow_provider_wincc.sensors.tags import WinCCTagSensor
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

RUNNING = tag("Line3.Running") == True  # noqa: E712  a condition, not a truth value

if AIRFLOW_V_3_3_PLUS:
    with DAG(dag_id="wincc_reschedule", schedule=None) as dag:
        conditions = {
            "held": RUNNING.held_for(seconds=3),
            "changed": tag("Line3.Count").changed(),
            "beating": alive("Unit.Heartbeat", within=timedelta(minutes=5)),
            "held_for_long": RUNNING.held_for(hours=1),
        }
        for name, condition in conditions.items():
            WinCCTagSensor(
                task_id=name,
                condition=condition,
                fail_if=tag("Mixer1.State") == "ABORTED",
                deferrable=False,
                mode="reschedule",
                # Airflow hears of a process's end about 5 s late, and fails a task that is queued at that moment.
                poke_interval=3,
                timeout=600,
            )
