"""Orders for five units at two plants, handed over by a cluster, for the system tests.

The plant that has a triggerer waits in it; the other one waits on its worker.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, AssetWatcher

from airflow_provider_wincc.assets.tags import tag_asset
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.operators.erp import WinCCClaimOrdersOperator
from airflow_provider_wincc.operators.orders import WinCCOrderHandoffOperator
from airflow_provider_wincc.orders import OrderHandoffTags
from airflow_provider_wincc.triggers.tags import WinCCTagEventTrigger

UNITS: dict[str, tuple[str, dict[str, Any]]] = {
    "Mixer1": ("plant_a", {"deferrable": True}),
    "Mixer2": ("plant_a", {"deferrable": True}),
    "Mixer3": ("plant_a", {"deferrable": False}),
    "Mixer4": ("plant_b", {"deferrable": False}),
    # Airflow hears of a process's end about 5 s late, and fails a task that is queued at that moment.
    "Mixer5": ("plant_b", {"deferrable": False, "mode": "reschedule", "poke_interval": 6}),
}

orders_released = tag_asset(
    "Erp.OrdersReleased",
    watchers=[
        AssetWatcher(
            name="orders_released",
            trigger=WinCCTagEventTrigger("wincc_default", tag("Erp.OrdersReleased") == True, poke_interval=1),  # noqa: E712
        )
    ],
)

with DAG(
    dag_id="wincc_cluster",
    schedule=orders_released,
    # Each death of a worker costs the tasks that it executes one try.
    default_args={"retries": 12, "retry_delay": timedelta(seconds=1)},
) as dag:
    for unit, (queue, waiting) in UNITS.items():
        claim = WinCCClaimOrdersOperator(task_id=f"claim_{unit}", erp_conn_id="erp", unit=unit, queue=queue)
        WinCCOrderHandoffOperator.partial(
            task_id=f"hand_off_{unit}",
            tags=OrderHandoffTags(
                prefix=f"{unit}.",
                payload=["WorkMaster", "Quantity"],
                results=["ActualQuantity", "ActualDuration"],
                id_length=32,
            ),
            erp_conn_id="erp",
            **{"settle_window": 0.5, "poke_interval": 1, **waiting},
            unit_timeout=timedelta(minutes=10),
            run_timeout=timedelta(minutes=10),
            pool=f"wincc_{unit}",
            queue=queue,
        ).expand_kwargs(claim.output)
