"""Tasks that give a text away in every way there is, so that the system test of secrets proves that it looks there."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from datetime import timedelta

from airflow.providers.standard.sensors.filesystem import FileSensor
from airflow.sdk import DAG, Asset, task

from airflow_provider_wincc.notifications.tags import WinCCTagNotifier
from airflow_provider_wincc.version_compat import AIRFLOW_V_3_3_PLUS

CANARY = os.environ["WINCC_CANARY"]
log = logging.getLogger(__name__)
told = Asset("told")
tell_plant = WinCCTagNotifier(
    status_tag="Line3.JobStatus",
    status=2,
    text_tag="Line3.JobText",
    text="{{ exception }}",
    max_text_length=2000,
    wincc_conn_id="wincc_canary",
)

with DAG(dag_id="wincc_canary", schedule=None):

    @task(outlets=[told])
    def tell(**context) -> str:
        """Give it to the log, an XCom, an asset event, and the states of task and asset."""
        log.info("the log says %s", json.dumps(CANARY))
        context["outlet_events"][told].extra = {"said": CANARY}
        if AIRFLOW_V_3_3_PLUS:
            context["task_state_store"].set("said", CANARY)
            context["asset_state_store"][told].set("said", CANARY)
        return CANARY

    @task(on_failure_callback=tell_plant)
    def fail() -> None:
        """Give it to OpenLineage and the plant."""
        raise ValueError(CANARY)

    @task
    def start_process() -> None:
        """Give it to whoever lists processes."""
        subprocess.run([sys.executable, "-c", "import time; time.sleep(8)", CANARY], check=True)

    tell()
    fail()
    start_process()
    # The arguments of its trigger, and the template.
    FileSensor(
        task_id="wait",
        filepath=f"/nowhere/{CANARY}",
        deferrable=True,
        poke_interval=1,
        timeout=timedelta(seconds=15),
    )
