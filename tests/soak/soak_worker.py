"""A worker of a soak: one task after the other, all in one process.

Airflow forks a process for each task, so that whatever a task leaves behind ends with it. Here it would pile up.
"""

from __future__ import annotations

import select
import sys
from pathlib import Path

from soak_child import answer, be_quiet, next_command, own_objects
from soak_orders import Orders
from soak_plan import SoakPlan
from soak_tasks import Tasks

_KINDS = {"tasks": Tasks, "orders": Orders}


def main() -> None:
    """Do what is asked, and run tasks in between, until the input ends."""
    be_quiet()
    work = _KINDS[sys.argv[3]](SoakPlan.from_json(sys.argv[2]), Path(sys.argv[1]))
    loaded = False
    while True:
        if loaded and not select.select([sys.stdin], [], [], 0)[0]:
            work.run_one()
            continue
        command = next_command()
        if command["do"] == "end":
            return
        loaded = command["do"] == "load"
        if command["do"] == "warm up":
            work.warm_up()
        answer(**({**work.account(), **own_objects()} if command["do"] == "rest" else {}))


if __name__ == "__main__":
    main()
