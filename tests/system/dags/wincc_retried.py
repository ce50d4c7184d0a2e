"""Tasks that fail in different ways under the retry policy, for the system tests."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, task

from airflow_provider_wincc.hooks.wincc import WinCCHook
from airflow_provider_wincc.operators.tags import WinCCWriteTagsOperator
from airflow_provider_wincc.retries import WinCCRetryPolicy

DEFAULT_ARGS = {
    "retries": 2,
    # So long that a run in which it counts does not end in time.
    "retry_delay": timedelta(hours=1),
    "retry_policy": WinCCRetryPolicy(first_delay=timedelta(seconds=1), longest_delay=timedelta(seconds=2)),
    "trigger_rule": "all_done",
}

with DAG(dag_id="wincc_retried", schedule=None, default_args=DEFAULT_ARGS) as dag:

    @task
    def away_twice() -> float:
        with WinCCHook().get_conn() as client:
            return client.read_tag("Tank1.Level").value

    @task
    def login_refused() -> float:
        with WinCCHook("wrong_login").get_conn() as client:
            return client.read_tag("Tank1.Level").value

    @task
    def unknown_tag() -> float:
        with WinCCHook().get_conn() as client:
            return client.read_tag("Tank9.Level").value

    in_doubt = WinCCWriteTagsOperator(task_id="in_doubt", values={"Tank1.Setpoint": 55}, verify_timeout=0.2)

    away_twice() >> login_refused() >> unknown_tag() >> in_doubt
