"""A DAG that starts when errors come in, for the system tests."""

from __future__ import annotations

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, AssetWatcher

from airflow_provider_wincc.assets.messages import message_asset
from airflow_provider_wincc.messages import MessagePattern
from airflow_provider_wincc.triggers.messages import WinCCMessageEventTrigger

errors = message_asset(
    "Errors",
    watchers=[
        AssetWatcher(
            name="errors",
            trigger=WinCCMessageEventTrigger(
                "wincc_default", "Errors", MessagePattern(state="came in"), poke_interval=0.5
            ),
        )
    ],
)

with DAG(dag_id="wincc_messages_watched", schedule=errors) as dag:
    EmptyOperator(task_id="errors_came_in")
