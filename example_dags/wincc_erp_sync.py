"""Book what the plant has made and used into the ERP, once an hour, from counters of the controllers.

Counters only count up. What counts for an hour is the difference of two good readings, and the reading before is the
last row of the ERP's table itself: there is no second place that could disagree with it.

- **A bad value is never booked.** The hour has no row for that counter then, and the next good reading takes what
  was counted meanwhile with it. So a row counts everything since the row before it.
- **A counter that fell was set back.** What it shows now was counted since; how much was counted between the last
  reading and the reset nobody knows, and the row is marked.
- **Running an hour again changes nothing.** Its row stands, and an hour that has no row, but later ones have, gets
  none: it is in the first of those.

The first reading of a counter books 0; it is where counting begins.

It needs a connection ``wincc_default`` of type WinCC, with the tags of the simulated station (``airflow-wincc
simulate``), and a connection ``erp`` of the type that ``DATABASE`` below says. To use it on a plant, replace the tag
names by your own.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.sdk import DAG, task
from airflow.timetables.interval import CronDataIntervalTimetable

from airflow_provider_wincc.operators.tags import WinCCReadTagsOperator

if TYPE_CHECKING:
    from airflow.sdk.types import DagRunProtocol

DATABASE = "sqlite"  # or "postgresql", with a connection of type postgres

COUNTERS = ["Line3.Count", "Mixer1.Cycles"]

# Times are texts in UTC, which sort as they should in every database.
MAKE_TABLE = """
CREATE TABLE IF NOT EXISTS plant_consumption (
    counter      text    NOT NULL,
    interval_end text    NOT NULL,
    reading      bigint  NOT NULL,
    quantity     bigint  NOT NULL,
    was_reset    integer NOT NULL,
    PRIMARY KEY (counter, interval_end)
)
"""

BOOK = """
INSERT INTO plant_consumption (counter, interval_end, reading, quantity, was_reset)
SELECT new.counter, new.interval_end, new.reading,
    CASE WHEN last.reading IS NULL THEN 0
         WHEN new.reading < last.reading THEN new.reading
         ELSE new.reading - last.reading END,
    CASE WHEN new.reading < last.reading THEN 1 ELSE 0 END
FROM (
    SELECT CAST(? AS text) AS counter, CAST(? AS text) AS interval_end, CAST(? AS bigint) AS reading
) AS new LEFT JOIN plant_consumption AS last ON last.counter = new.counter
    AND last.interval_end = (SELECT max(interval_end) FROM plant_consumption WHERE counter = new.counter)
WHERE last.interval_end IS NULL OR last.interval_end < new.interval_end
ON CONFLICT (counter, interval_end) DO NOTHING
""".replace("?", {"sqlite": "?", "postgresql": "%s"}[DATABASE])

with DAG(
    dag_id="wincc_erp_sync",
    schedule=CronDataIntervalTimetable("0 * * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    # The plant cannot be asked what it showed hours ago.
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=2)},
    doc_md=__doc__,
    tags=["wincc", "example"],
) as dag:
    make_table = SQLExecuteQueryOperator(task_id="make_table", conn_id="erp", sql=MAKE_TABLE)

    # One counter without good quality must not keep the others from being booked, so it is returned and left out below.
    read_counters = WinCCReadTagsOperator(
        task_id="read_counters",
        tags=COUNTERS,
        types=dict.fromkeys(COUNTERS, "int"),
        on_bad_quality="return",
    )

    @task
    def good_readings(readings: dict[str, dict[str, Any]], dag_run: DagRunProtocol) -> list[list[str | int]]:
        """Return counter, end of the interval and reading, for each counter that can be trusted now."""
        # A run that was triggered without a date has no interval; it belongs to the moment at which it was started.
        interval_end = (dag_run.data_interval_end or dag_run.run_after).astimezone(UTC).isoformat(timespec="seconds")
        good = {name: reading["value"] for name, reading in readings.items() if reading["quality"] == "good"}
        for name in readings.keys() - good.keys():
            print(f"WinCC {name!r} is {readings[name]['quality']}, it is not booked")  # noqa: T201  the task's log
        return [[name, interval_end, value] for name, value in good.items()]

    book = SQLExecuteQueryOperator.partial(task_id="book", conn_id="erp", sql=BOOK).expand(
        parameters=good_readings(read_counters.output)
    )

    # What the ERP's own job would fetch.
    show_consumption = SQLExecuteQueryOperator(
        task_id="show_consumption",
        conn_id="erp",
        sql="SELECT * FROM plant_consumption ORDER BY interval_end DESC, counter LIMIT 10",
        show_return_value_in_logs=True,
        trigger_rule="none_failed",
    )

    make_table >> read_counters
    book >> show_consumption
