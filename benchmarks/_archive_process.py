"""A process that gets rows out of an archive in one of three ways; a part of ``archive_export.py``.

It reads its plan as a line of JSON, and says its figures as another one.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import requests

ARCHIVE = "Benchmark"
ROWS_IN_A_REQUEST = 15_000


def main() -> None:
    """Do what the plan on the standard input says."""
    plan = json.loads(sys.stdin.readline())
    work = {"operator": export_by_operator, "bare": download_only, "by hand": export_by_hand}[plan["kind"]]
    work(plan)


def prepared() -> tuple[int, float, float]:
    """Note what the process takes before the work begins: memory, time and CPU time."""
    return memory("VmRSS"), time.perf_counter(), time.process_time()


def report(rows: int, before: tuple[int, float, float]) -> None:
    """Say what the work has taken."""
    idle, started, cpu = before
    figures = {
        "rows": rows,
        "seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time() - cpu,
        "peak_above_idle": memory("VmHWM") - idle,
    }
    print(json.dumps(figures), flush=True)


def memory(name: str) -> int:
    """Return a figure of this process's memory, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def export_by_operator(plan: dict[str, Any]) -> None:
    """Export with the operator, as a worker does."""
    logging.disable(logging.CRITICAL)
    import pandas as pd  # noqa: F401  loaded by pyarrow at its first array, where it is installed
    import pyarrow.parquet  # noqa: F401  loaded by every export to Parquet

    from airflow_provider_wincc.hooks.wincc import WinCCHook  # noqa: F401  what a worker loads first
    from airflow_provider_wincc.operators.archives import WinCCArchiveToObjectStorageOperator

    operator = WinCCArchiveToObjectStorageOperator(
        task_id="export",
        wincc_conn_id="station",
        archive=ARCHIVE,
        tags=plan["tags"],
        path=f"file://{plan['folder']}",
        start=plan["start"],
        end=plan["end"],
    )
    task_instance = SimpleNamespace(dag_id="benchmark", run_id="1", task_id="export", map_index=-1, try_number=1)
    before = prepared()
    result = operator.execute({"ti": task_instance})  # type: ignore[typeddict-item]
    report(result["rows"], before)


def download_only(plan: dict[str, Any]) -> None:
    """Send the very requests that the operator sent, and parse the JSON of the answers; nothing else."""
    before = prepared()
    rows = 0
    with session_of(plan) as session:
        for request in plan["requests"]:
            answer = ask(session, plan, request["query"], request["tags"])
            rows += sum(len(item.get("values") or ()) for item in answer)
    report(rows, before)


def export_by_hand(plan: dict[str, Any]) -> None:
    """Do what one writes by hand: windows, a list of dicts, a data frame, a file."""
    import pandas as pd

    before = prepared()
    start, end = datetime.fromisoformat(plan["start"]), datetime.fromisoformat(plan["end"])
    length = timedelta(seconds=ROWS_IN_A_REQUEST // len(plan["tags"]))
    rows: list[dict[str, Any]] = []
    with session_of(plan) as session:
        while start < end:
            until = min(start + length, end)
            query = {
                "begin": f"{start:%Y-%m-%dT%H:%M:%S}",
                "end": f"{until - timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}",
                "maxValues": 20_000,
            }
            for item in ask(session, plan, query, plan["tags"]):
                rows.extend(
                    {
                        "tag": item["variableName"],
                        "timestamp": row["timestamp"],
                        "value": float(row["value"]),
                        "quality": int(row["qualitycode"]),
                    }
                    for row in item["values"]
                )
            start = until
    frame = pd.DataFrame(rows)
    frame["timestamp"] = pd.to_datetime(frame["timestamp"])
    frame.sort_values("timestamp", kind="stable").to_parquet(f"{plan['folder']}/by_hand.parquet")
    report(len(frame), before)


def session_of(plan: dict[str, Any]) -> requests.Session:
    """Open a session with login and certificate check, as the client has them."""
    session = requests.Session()
    session.auth = (plan["user"], plan["password"])
    session.verify = plan["ca_file"]
    session.trust_env = False
    return session


def ask(session: requests.Session, plan: dict[str, Any], query: dict[str, Any], tags: list[str]) -> Any:
    """Send one request, and parse the answer."""
    response = session.post(
        f"{plan['url']}/WinCCRestService/tagLogging/Archive/{ARCHIVE}/values",
        params=query,
        json={"variableNames": tags},
        timeout=60,
    )
    response.raise_for_status()
    return response.json()


if __name__ == "__main__":
    main()
