"""Tasks that succeed, fail, are retried and skipped, and tell the plant, for the system tests."""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.common.compat.sdk import AirflowSkipException
from airflow.sdk import DAG, BaseHook, task

from airflow_provider_wincc.notifications.tags import WinCCTagNotifier
from airflow_provider_wincc.operators.station import WinCCCheckStationOperator


def tell(status: int, text: str = "{{ ti.dag_id }}.{{ ti.task_id }}: {{ exception }}") -> WinCCTagNotifier:
    return WinCCTagNotifier(
        status_tag="Line3.JobStatus", status=status, text_tag="Line3.JobText", text=text, max_text_length=100
    )


failed = tell(2)

with DAG(dag_id="wincc_notified", schedule=None, default_args={"on_failure_callback": failed}) as dag:
    check = WinCCCheckStationOperator(task_id="check", tags=["Line3.JobStatus"], writable=["Line3.JobStatus"])

    @task
    def fails() -> None:
        connection = BaseHook.get_connection("erp")
        raise ValueError(f"{connection.password} was refused")

    @task(trigger_rule="all_done")
    def fails_too() -> None:
        raise ValueError("no order")

    @task(trigger_rule="all_done", on_skipped_callback=tell(4, "skipped"))
    def is_skipped() -> None:
        raise AirflowSkipException("nothing to do")

    @task(
        trigger_rule="all_done",
        retries=1,
        retry_delay=timedelta(0),
        on_retry_callback=tell(3, "again: {{ exception }}"),
        on_success_callback=tell(1, "{{ ti.task_id }} is done"),
    )
    def works_at_last(ti=None) -> str:
        if ti.try_number == 1:
            raise ValueError("not yet")
        return "done"

    @task(
        trigger_rule="all_done",
        on_success_callback=WinCCTagNotifier(status_tag="A", status=1, wincc_conn_id="not_defined"),
    )
    def cannot_tell() -> str:
        return "done"

    check >> fails() >> fails_too() >> is_skipped() >> works_at_last() >> cannot_tell()
