"""Every kind of task that moves data, for the system test of what OpenLineage is told."""

from __future__ import annotations

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, task

from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.messages import MessagePattern
from airflow_provider_wincc.operators.erp import WinCCClaimOrdersOperator
from airflow_provider_wincc.operators.messages import WinCCReadMessagesOperator
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

UNIT = OrderHandoffTags(prefix="Mixer1.", payload=["WorkMaster", "Quantity"], results=["ActualQuantity"], id_length=32)

with DAG(dag_id="wincc_lineage", schedule=None, params={"tank": "Tank2"}, default_args={"retries": 0}) as dag:
    read = WinCCReadTagsOperator(task_id="read", tags=["Tank1.Level", "{{ params.tank }}.Level"])
    wait = WinCCTagSensor(
        task_id="wait",
        condition=(tag("Tank1.Level") > 1).held_for(seconds=0.5),
        fail_if=tag("Mixer1.State") == "ABORTED",
        deferrable=True,
        poke_interval=0.2,
        timeout=60,
    )
    branch = WinCCTagBranchOperator(
        task_id="branch", condition=tag("Tank1.Level") > 1, if_true="write", if_false="not_followed"
    )
    not_followed = EmptyOperator(task_id="not_followed")
    write = WinCCWriteTagsOperator(
        task_id="write",
        values=[{"{{ params.tank }}.Setpoint": 55}, {"Tank1.Setpoint": 45}],
        only_if=tag("Mixer1.State") == "IDLE",
    )

    @task.wincc_write
    def compute() -> dict[str, float]:
        return {"Tank1.Setpoint": 46.0}

    only_tested = WinCCWriteTagsOperator(task_id="only_tested", values={"Tank1.Setpoint": 44}, dry_run=True)
    refused = WinCCWriteTagsOperator(
        task_id="refused", values={"Tank1.Setpoint": 450}, limits={"Tank1.Setpoint": (0, 100)}
    )
    check = WinCCCheckStationOperator(task_id="check", tags=["Tank1.Level"], trigger_rule="all_done")
    read_messages = WinCCReadMessagesOperator(task_id="read_messages", rest_filter="Errors")
    wait_for_message = WinCCMessageSensor(
        task_id="wait_for_message", rest_filter="Errors", pattern=MessagePattern(number=1001), poke_interval=0.2
    )
    claim = WinCCClaimOrdersOperator(task_id="claim", erp_conn_id="erp")
    hand_off = WinCCOrderHandoffOperator.partial(
        task_id="hand_off", tags=UNIT, erp_conn_id="erp", settle_window=0.5, poke_interval=0.2
    ).expand_kwargs(claim.output)
    clear = WinCCClearOrderOperator(task_id="clear", order_id="000042", tags=UNIT, settle_window=0.5, poke_interval=0.2)

    read >> wait >> branch >> [not_followed, write]
    write >> compute() >> only_tested >> refused >> check >> read_messages >> wait_for_message >> claim
    hand_off >> clear
