"""Two hundred sensors that wait for one tag each of a plant, for the system tests."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG

from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.sensors.tags import WinCCTagSensor

SENSORS = 200

with DAG(dag_id="wincc_released", schedule=None) as dag:
    for number in range(SENSORS):
        WinCCTagSensor(
            task_id=f"wait_{number}",
            condition=(tag("Released") == True) & (tag(f"Unit{number}.Ready") == True),  # noqa: E712
            deferrable=True,
            poke_interval=1,
            timeout=timedelta(minutes=10),
        )
