"""Order handoffs that are interrupted, deferred, rescheduled and cancelled, for the system tests.

The tests give the names of the cases. Each case has a station of its own, and one for the ERP, if it has one.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from airflow.sdk import DAG

from airflow_provider_wincc.operators.orders import WinCCOrderHandoffOperator
from airflow_provider_wincc.orders import OrderHandoffTags
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

if TYPE_CHECKING:
    from airflow.sdk import Context

ORDER_ID = "000042"
PAYLOAD = {"WorkMaster": "R-001", "Quantity": 12.5}
MIXER1 = OrderHandoffTags(
    prefix="Mixer1.",
    payload=["WorkMaster", "Quantity"],
    results=["ActualQuantity", "ActualDuration"],
    id_length=32,
)
QUICK = {"settle_window": 0.5, "poke_interval": 1, "unit_timeout": 60, "run_timeout": 900}


def note_process(context: Context) -> None:
    """Write down which process executes the task, and which one supervises it."""
    instance = context["ti"]
    file = Path(os.environ["WINCC_PROCESSES"]) / f"{instance.task_id}-{instance.try_number}"
    file.with_suffix(".new").write_text(json.dumps({"task": os.getpid(), "worker": os.getppid()}))
    file.with_suffix(".new").rename(file)


def hand_off(name: str, *, erp: bool = True, **arguments: object) -> None:
    """Make the task of a case."""
    WinCCOrderHandoffOperator(
        task_id=name,
        order_id=ORDER_ID,
        payload=PAYLOAD,
        tags=MIXER1,
        wincc_conn_id=f"wincc_{name}",
        erp_conn_id=f"erp_{name}" if erp else None,
        clear=True,
        pre_execute=note_process,
        **{**QUICK, **arguments},  # type: ignore[arg-type]
    )


with DAG(dag_id="wincc_crash", schedule=None, default_args={"retries": 5, "retry_delay": timedelta(seconds=1)}):
    for case, has_erp in json.loads(os.environ["WINCC_CRASH_CASES"]).items():
        hand_off(case, erp=has_erp, deferrable=False)

with DAG(dag_id="wincc_modes", schedule=None):
    hand_off("deferred", deferrable=True)
    # Airflow hears of a process's end about 5 s late, and fails a task that is queued at that moment.
    hand_off("rescheduled", deferrable=False, mode="reschedule", poke_interval=3)

if AIRFLOW_V_3_3_PLUS:
    with DAG(dag_id="wincc_cancel", schedule=None):
        hand_off("cancelled", deferrable=True, on_cancel="stop")
