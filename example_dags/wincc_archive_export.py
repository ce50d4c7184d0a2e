r"""Export a process value archive, hour by hour: every row to Parquet, one-minute values into a table of the ERP.

Each DAG run has an hour as its data interval, which is what both tasks export. So a backfill fetches history, once the
DAG is not paused:

    airflow backfill create --dag-id wincc_archive_export --max-active-runs 1 \
        --from-date 2026-03-01 --to-date 2026-03-02

- **Running an hour again changes nothing.** Its file is replaced as a whole, and so are its rows in the table.
- **Nobody sees half an hour.** The file gets its name when it is complete, the rows come in one transaction.

It needs a connection ``wincc_default`` of type WinCC to a station with the archive ``ProcessData``, such as the
simulated one (``airflow-wincc simulate``), a connection ``erp`` to any database of Airflow's SQL providers, and the
package ``pyarrow`` on the worker. To use it on a plant, replace the names by your own, and ``LAKE`` by a folder or
bucket, such as ``s3://aws_default@lake/plant``.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG
from airflow.timetables.interval import CronDataIntervalTimetable

from airflow_provider_wincc.operators.archives import (
    WinCCArchiveToObjectStorageOperator,
    WinCCArchiveToSqlOperator,
)

ARCHIVE = "ProcessData"
TAGS = ["Tank*"]
LAKE = os.environ.get("WINCC_LAKE", "file:///tmp/wincc-lake")

with DAG(
    dag_id="wincc_archive_export",
    # Airflow's default timetable has no interval: "@hourly" alone would export nothing.
    schedule=CronDataIntervalTimetable("0 * * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    # One export at a time is enough for a plant, however much is to be fetched. A backfill has a limit of its own.
    max_active_runs=1,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=2)},
    doc_md=__doc__,
    tags=["wincc", "example"],
) as dag:
    to_lake = WinCCArchiveToObjectStorageOperator(
        task_id="to_lake",
        archive=ARCHIVE,
        tags=TAGS,
        path=LAKE,
        partition_by="day",
    )

    to_table = WinCCArchiveToSqlOperator(
        task_id="to_table",
        archive=ARCHIVE,
        tags=TAGS,
        sql_conn_id="erp",
        table="plant_minutes",
        resample=timedelta(minutes=1),
        aggregates=["min", "max", "time_weighted_mean", "good_count"],
        # On-change archives say nothing while nothing changes: this far back is looked for the value in force.
        lookback=timedelta(hours=1),
    )

    to_lake >> to_table
