"""A DAG that starts when a batch is done, for the system tests."""

from __future__ import annotations

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, AssetWatcher

from airflow_provider_wincc.assets.tags import tag_asset
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.triggers.tags import WinCCTagEventTrigger

batch_done = tag_asset(
    "Batch.Done",
    watchers=[
        AssetWatcher(
            name="batch_done",
            trigger=WinCCTagEventTrigger("wincc_default", tag("Batch.Done") == True, poke_interval=0.5),  # noqa: E712
        )
    ],
)

with DAG(dag_id="wincc_watched", schedule=batch_done) as dag:
    EmptyOperator(task_id="batch_is_done")
