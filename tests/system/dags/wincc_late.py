"""A DAG whose runs are late from the start, for the system tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, AsyncCallback, DeadlineAlert, DeadlineReference

from airflow_provider_wincc.notifications.tags import WinCCTagNotifier

late = AsyncCallback(
    WinCCTagNotifier,
    kwargs={
        "status_tag": "Line3.JobStatus",
        "status": 5,
        "text_tag": "Line3.JobText",
        "text": "{{ dag_run.dag_id }} {{ dag_run.dag_run_id }} is late",
    },
)

with DAG(
    dag_id="wincc_late",
    schedule=None,
    deadline=DeadlineAlert(
        reference=DeadlineReference.FIXED_DATETIME(datetime(2026, 1, 1, tzinfo=UTC)),
        interval=timedelta(seconds=0),
        callback=late,
    ),
) as dag:
    EmptyOperator(task_id="start_job")
