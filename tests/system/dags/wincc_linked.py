"""Tasks with and without a web page of their station, for the system test of the link to it."""

from __future__ import annotations

from airflow.sdk import DAG

from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.operators.tags import WinCCReadTagsOperator, WinCCWriteTagsOperator
from airflow_provider_wincc.sensors.tags import WinCCTagSensor

with DAG(dag_id="wincc_linked", schedule=None) as dag:
    linked = WinCCReadTagsOperator(task_id="linked", tags=["Tank1.Level"], wincc_conn_id="{{ 'with_page' }}")
    failed = WinCCReadTagsOperator(task_id="failed", tags=["Tank9.Level"], wincc_conn_id="with_page")
    mapped = WinCCReadTagsOperator.partial(task_id="mapped", tags=["Tank1.Level"]).expand(
        wincc_conn_id=["with_page", "wincc_default"]
    )
    deferred = WinCCTagSensor(
        task_id="deferred",
        condition=tag("Tank1.Level") > 1000,
        wincc_conn_id="with_page",
        deferrable=True,
        poke_interval=1,
    )
    without_page = WinCCWriteTagsOperator(task_id="without_page", values={"Tank1.Setpoint": 50})
    not_defined = WinCCReadTagsOperator(task_id="not_defined", tags=["Tank1.Level"], wincc_conn_id="not_defined")
