"""All processes of a soak together."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from soak_plan import BATCH_SIZE, READ_TIMEOUT
from soak_process import SoakProcess

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from soak_plan import SoakPlan

_START_SECONDS = 180.0
# Python's own allocator and one heap for each thread keep memory that is free: what they keep grows for a while.
_ALLOCATOR = {"PYTHONMALLOC": "malloc", "MALLOC_ARENA_MAX": "1"}


@dataclass(frozen=True)
class SoakProcesses:
    """The station, and those that are judged."""

    station: SoakProcess
    triggerer: SoakProcess
    worker: SoakProcess
    order_worker: SoakProcess

    @property
    def judged(self) -> tuple[SoakProcess, ...]:
        """The processes that run the provider."""
        return (self.triggerer, self.worker, self.order_worker)

    def warm_up(self) -> None:
        """Have each load what it needs, which a busy machine takes its time for."""
        # Orders that are deferred need the triggerer.
        self.triggerer.ask("warm up", seconds=_START_SECONDS)
        for worker in (self.worker, self.order_worker):
            worker.tell("warm up")
        for worker in (self.worker, self.order_worker):
            worker.answer(seconds=_START_SECONDS)


@contextmanager
def running_processes(plan: SoakPlan, folder: Path) -> Iterator[SoakProcesses]:
    """Run them; they end with the context."""
    with ExitStack() as stack:
        station = stack.enter_context(SoakProcess("station", "soak_station.py", plan, folder, {}))
        described = station.ask("describe")

        def start(name: str, script: str, user: str, *options: str) -> SoakProcess:
            home = folder / name
            home.mkdir()
            environment = {
                "AIRFLOW_HOME": str(home),
                "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
                **_ALLOCATOR,
                **_connections(described, user, folder),
            }
            return stack.enter_context(SoakProcess(name, script, plan, folder, environment, *options))

        processes = SoakProcesses(
            station,
            # It only reads, so that the station can tell its requests from those of the workers.
            start("triggerer", "soak_triggerer.py", "viewer"),
            start("worker", "soak_worker.py", "engineer", "tasks"),
            start("order worker", "soak_worker.py", "engineer", "orders"),
        )
        try:
            yield processes
        finally:
            # All at once, so that they end at the same time.
            for process in processes.judged:
                process.hang_up()


def _connections(station: Mapping[str, Any], user: str, folder: Path) -> dict[str, str]:
    def wincc(login: str, verify: str | bool) -> dict[str, Any]:
        extra = {"verify": verify, "read_timeout": READ_TIMEOUT, "connect_timeout": 2.0, "batch_size": BATCH_SIZE}
        password = station["passwords"][login]
        return {"conn_type": "wincc", "host": station["url"], "login": login, "password": password, "extra": extra}

    connections = {
        "station": wincc(user, station["ca_file"]),
        "untrusted": wincc(user, True),
        "forbidden": wincc("guest", station["ca_file"]),
        "erp": {"conn_type": "sqlite", "host": str(folder / "erp.db")},
        "exports": {"conn_type": "sqlite", "host": str(folder / "exports.db")},
    }
    return {f"AIRFLOW_CONN_{name.upper()}": json.dumps(connection) for name, connection in connections.items()}
