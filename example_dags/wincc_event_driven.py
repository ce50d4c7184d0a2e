"""Check the quality of each batch at the moment when the mixer has finished it.

A watcher in the triggerer looks at the plant and starts a run when ``Mixer1.State`` *becomes* ``IDLE``. Nothing else
starts one, and no task waits for it. Watchers of a DAG that is paused do not run.

It needs a connection ``wincc_default`` of type WinCC, and the tags of the simulated station
(``airflow-wincc simulate``; write true to ``Mixer1.Start`` to have it make a batch). To use it on a plant, replace the
tag names by your own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, AssetWatcher, task

from airflow_provider_wincc.assets.tags import tag_asset
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.operators.tags import WinCCReadTagsOperator
from airflow_provider_wincc.triggers.tags import WinCCTagEventTrigger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.sdk import Asset

batch_complete = tag_asset(
    "Mixer1.State",
    watchers=[
        AssetWatcher(
            name="batch_complete",
            trigger=WinCCTagEventTrigger(
                "wincc_default",
                # Reads more often than the shortest state lasts: what comes and goes between two readings is not seen.
                tag("Mixer1.State") == "IDLE",
                poke_interval=1,
            ),
        )
    ],
)

with DAG(
    dag_id="wincc_event_driven",
    schedule=[batch_complete],
    catchup=False,
    doc_md=__doc__,
    tags=["wincc", "example"],
) as dag:

    @task
    def list_batches(triggering_asset_events: Mapping[Asset, list[Any]]) -> list[dict[str, Any]]:
        """Return what the watcher saw; several batches may have started one run, and a manual run has none."""
        events = [event for several in triggering_asset_events.values() for event in several]
        payloads = [event.extra["payload"] for event in events if event.extra.get("from_trigger")]
        # After a crash of the triggerer an event may come twice; the number of its edge tells.
        return list({payload["edge"]: payload for payload in payloads}.values())

    read_quality = WinCCReadTagsOperator(
        task_id="read_quality",
        tags=["Mixer1.Cycles", "Mixer1.Recipe", "Mixer1.Speed", "Tank1.Level"],
        # A recipe is a name, even when it looks like a number.
        types={"Mixer1.Recipe": "text"},
    )

    @task
    def check_quality(batches: list[dict[str, Any]], readings: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """Put the batches and the readings together; here a laboratory system would be told."""
        return {
            "batches": [{"edge": batch["edge"], "finished_at": batch["seen_at"]} for batch in batches],
            "recipe": readings["Mixer1.Recipe"]["value"],
            "tank_in_range": 5 <= readings["Tank1.Level"]["value"] <= 95,
        }

    check_quality(list_batches(), read_quality.output)
