"""Functions whose values are written, mapped and retried, for the system tests."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, task

from airflow_provider_wincc.operators.tags import WinCCReadTagsOperator

with DAG(dag_id="wincc_computed", schedule=None, params={"share": 0.5}) as dag:
    read = WinCCReadTagsOperator(task_id="read", tags=["Tank1.Level"])

    @task.wincc_write(limits={"Tank?.Setpoint": (0, 100)})
    def from_level(readings: dict, params=None) -> dict[str, float]:
        return {"Tank1.Setpoint": readings["Tank1.Level"]["value"] * params["share"]}

    @task.wincc_write(limits={"Tank?.Setpoint": (0, 100)}, max_active_tis_per_dag=1)
    def each_tank(tank: str, level: float) -> dict[str, float]:
        return {f"{tank}.Setpoint": level}

    @task.wincc_write(retries=1, retry_delay=timedelta(0))
    def at_the_second_try(ti=None) -> dict[str, float]:
        if ti.try_number == 1:
            raise RuntimeError("not yet")
        return {"Tank1.Setpoint": 70.0 + ti.try_number}

    @task(trigger_rule="all_done")
    def show_receipt(result: dict) -> list:
        return [receipt["outcome"] for receipt in result["receipts"]]

    written = from_level(read.output)
    tanks = each_tank.partial(level=61.5).expand(tank=["Tank1", "Tank2"])
    written >> tanks >> at_the_second_try()
    show_receipt(written)
