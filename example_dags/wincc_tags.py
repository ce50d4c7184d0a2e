"""Read tags, decide, wait until the plant is ready, write a set-point safely, and read the tags again.

It needs a connection ``wincc_default`` of type WinCC, and the tags of the simulated station
(``airflow-wincc simulate``). To use it on a plant, replace the tag names by your own.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Param

from airflow_provider_wincc.conditions import number, tag
from airflow_provider_wincc.operators.tags import (
    WinCCReadTagsOperator,
    WinCCTagBranchOperator,
    WinCCWriteTagsOperator,
)
from airflow_provider_wincc.sensors.tags import WinCCTagSensor

TAGS = ["Tank1.Level", "Tank1.Setpoint", "Mixer1.State", "Mixer1.SpeedSetpoint", "Mixer1.Speed"]

with DAG(
    dag_id="wincc_tags",
    schedule=None,
    catchup=False,
    # One run at a time writes to the plant.
    max_active_runs=1,
    params={
        "level": Param(60.0, type="number", minimum=0, maximum=100, description="Wanted level of tank 1, in percent"),
        "speed": Param(450.0, type="number", minimum=0, maximum=1500, description="Wanted mixer speed, in 1/min"),
    },
    doc_md=__doc__,
    tags=["wincc", "example"],
) as dag:
    # A tag that nobody looked at for a while first shows its initial value; the operator waits for a good one.
    read_before = WinCCReadTagsOperator(task_id="read_before", tags=TAGS)

    # Unknown (bad quality, no answer) is neither true nor false: the task fails rather than guess.
    is_tank_low = WinCCTagBranchOperator(
        task_id="is_tank_low",
        condition=tag("Tank1.Level") < number("{{ params.level }}"),
        if_true="fill_tank",
        if_false="tank_is_full",
    )

    # Checked against the connection's policy and the limits here, sent once, and read back until it is there.
    fill_tank = WinCCWriteTagsOperator(
        task_id="fill_tank",
        values={"Tank1.Setpoint": "{{ params.level }}"},
        limits={"Tank1.Setpoint": (0, 100)},
    )
    tank_is_full = EmptyOperator(task_id="tank_is_full")

    # Waits in the triggerer: however many tasks wait, the station is read once per interval.
    wait_until_ready = WinCCTagSensor(
        task_id="wait_until_ready",
        condition=((tag("Mixer1.State") == "IDLE") & (tag("Tank1.Level") >= number("{{ params.level - 1 }}"))).held_for(
            seconds=3
        ),
        deferrable=True,
        poke_interval=1,
        timeout=timedelta(minutes=10),
        fail_if_unknown_for=timedelta(minutes=2),
        trigger_rule="none_failed_min_one_success",
    )

    # The interlock is read just before the write; Mixer1.Speed is measured by the controller, so it proves arrival.
    set_mixer_speed = WinCCWriteTagsOperator(
        task_id="set_mixer_speed",
        values={"Mixer1.SpeedSetpoint": "{{ params.speed }}"},
        limits={"Mixer1.SpeedSetpoint": (0, 1500)},
        only_if=(tag("Mixer1.State") == "IDLE") & tag("Tank1.Level").between(5, 95),
        verify_with={"Mixer1.SpeedSetpoint": "Mixer1.Speed"},
        tolerance=5,
        verify_timeout=60,
    )

    read_after = WinCCReadTagsOperator(task_id="read_after", tags=TAGS)

    read_before >> is_tank_low >> [fill_tank, tank_is_full] >> wait_until_ready >> set_mixer_speed >> read_after
