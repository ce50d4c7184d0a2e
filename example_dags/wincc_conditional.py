"""Let the state of the plant decide what to do: true, false, and *unknown* each have a way of their own.

It needs a connection ``wincc_default`` of type WinCC, and the tags of the simulated station
(``airflow-wincc simulate``). To use it on a plant, replace the tag names by your own.
"""

from __future__ import annotations

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, task

from airflow_provider_wincc.assets.tags import tag_asset
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.operators.tags import (
    WinCCReadTagsOperator,
    WinCCTagBranchOperator,
    WinCCWriteTagsOperator,
)

# The line runs (bit 0 of its status word) and has reached its speed (bit 1).
at_speed = tag("Line3.StatusWord").bit(0) & tag("Line3.StatusWord").bit(1)

with DAG(
    dag_id="wincc_conditional",
    schedule=None,
    catchup=False,
    # One run at a time writes to the plant.
    max_active_runs=1,
    doc_md=__doc__,
    tags=["wincc", "example"],
) as dag:
    is_line_at_speed = WinCCTagBranchOperator(
        task_id="is_line_at_speed",
        condition=at_speed,
        if_true="fill_tank",
        if_false="leave_tank",
        # Without this, unknown fails the task: it is neither true nor false.
        if_unknown="report_unknown",
    )

    # The plant may have changed since the branch was chosen, so the write looks again.
    fill_tank = WinCCWriteTagsOperator(
        task_id="fill_tank",
        values={"Tank2.Setpoint": 55.0},
        limits={"Tank2.Setpoint": (0, 100)},
        only_if=at_speed,
        # DAGs that are scheduled by this asset get the receipt with the event.
        outlets=[tag_asset("Tank2.Setpoint")],
    )

    leave_tank = EmptyOperator(task_id="leave_tank")

    @task
    def report_unknown() -> str:
        """Tell people; here a message would be sent to those on duty."""
        return "The state of line 3 cannot be read. Is its controller connected?"

    read_after = WinCCReadTagsOperator(
        task_id="read_after",
        tags=["Line3.StatusWord", "Tank2.Setpoint"],
        on_bad_quality="return",
        quality_timeout=0,
        trigger_rule="none_failed_min_one_success",
    )

    is_line_at_speed >> [fill_tank, leave_tank, report_unknown()] >> read_after
