"""Dynamic task mapping and TaskFlow outputs as arguments, for the system tests."""

from __future__ import annotations

from airflow.sdk import DAG, task

from airflow_provider_wincc.conditions import number, tag
from airflow_provider_wincc.operators.tags import WinCCReadTagsOperator, WinCCWriteTagsOperator
from airflow_provider_wincc.sensors.tags import WinCCTagSensor

with DAG(dag_id="wincc_mapping", schedule=None, params={"low": 5, "tank": "Tank1"}) as dag:

    @task
    def set_points() -> dict[str, float]:
        return {"Tank1.Setpoint": 51.5, "Tank2.Setpoint": 52.5}

    @task
    def one_set_point_each() -> list[dict[str, float]]:
        return [{"Tank1.Setpoint": 61.5}, {"Tank2.Setpoint": 62.5}]

    @task
    def names() -> list[str]:
        return ["Tank1.Setpoint", "Tank2.Setpoint"]

    written = WinCCWriteTagsOperator(task_id="write_output", values=set_points())
    read_output = WinCCReadTagsOperator(task_id="read_output", tags=names())
    wait_mapped = WinCCTagSensor.partial(task_id="wait_mapped", poke_interval=0.2, timeout=10).expand(
        condition=[tag("Tank1.Level") > number("{{ params.low }}"), tag("{{ params.tank }}.ValveOpen") == False]  # noqa: E712
    )
    write_mapped = WinCCWriteTagsOperator.partial(
        task_id="write_mapped", max_active_tis_per_dag=1, only_if=tag("Tank1.Level") > number("{{ params.low }}")
    ).expand(values=one_set_point_each())
    read_mapped = WinCCReadTagsOperator.partial(task_id="read_mapped").expand(
        tags=[["Tank1.Setpoint"], ["Tank2.Setpoint"]]
    )
    written >> read_output >> wait_mapped >> write_mapped >> read_mapped
