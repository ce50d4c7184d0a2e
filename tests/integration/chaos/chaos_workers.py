"""The worker processes, as the walk sees them."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import signal
    from types import TracebackType
    from typing import Self

    from chaos_plans import AttemptPlan

_HOST = Path(__file__).with_name("chaos_worker_host.py")
_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class WorkerEvent:
    """What became of the process of an attempt.

    :param event: ``started``, ``stopped`` (it sleeps) or ``ended``.
    :param code: exit code; negative for the signal that killed it.
    """

    attempt: int
    event: str
    code: int = 0


class Workers:
    """Starts attempts in processes of their own, kills them, puts them to sleep and wakes them."""

    def __init__(self, home: Path) -> None:
        environment = {**os.environ, "AIRFLOW_HOME": str(home), "PYTHONPATH": str(_HOST.parent)}
        self._log = (home / "worker-host.log").open("ab")
        self._host = subprocess.Popen(
            [sys.executable, str(_HOST)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=environment,
        )
        self._processes: dict[int, int] = {}
        self._waiting = b""
        self._log_path = home / "worker-host.log"

    def __enter__(self) -> Self:
        deadline = time.monotonic() + _START_SECONDS
        while not self._lines(timeout=1.0):
            if self._host.poll() is not None or time.monotonic() > deadline:
                self.close()
                raise RuntimeError(f"the host of the workers did not start:\n{self._log_path.read_text()}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill all that is left and end the host."""
        if self._host.stdin is not None:
            self._host.stdin.close()
        self._host.wait(30)
        if self._host.stdout is not None:
            self._host.stdout.close()
        self._log.close()

    def start(self, plan: AttemptPlan) -> None:
        """Start an attempt."""
        assert self._host.stdin is not None
        self._host.stdin.write(plan.to_json().encode() + b"\n")
        self._host.stdin.flush()

    def events(self, *, timeout: float) -> list[WorkerEvent]:
        """Return what happened since the last call; wait for it so many seconds at most."""
        events = []
        for line in self._lines(timeout=timeout):
            words = json.loads(line)
            if words["event"] == "started":
                self._processes[words["attempt"]] = words["pid"]
            elif words["event"] == "ended":
                del self._processes[words["attempt"]]
            events.append(WorkerEvent(words["attempt"], words["event"], words.get("code", 0)))
        return events

    def send(self, attempt: int, number: signal.Signals) -> bool:
        """Send a signal to an attempt; returns whether it was still there."""
        worker = self._processes.get(attempt)
        if worker is None:
            return False
        # It is a child of the host, which tells its end before it is reaped by anybody else.
        try:
            os.kill(worker, number)
        except ProcessLookupError:
            return False
        return True

    def _lines(self, *, timeout: float) -> list[Any]:
        assert self._host.stdout is not None
        ready, _, _ = select.select([self._host.stdout], [], [], timeout)
        if not ready:
            return []
        data = os.read(self._host.stdout.fileno(), 1 << 16)
        if not data:
            raise RuntimeError(f"the host of the workers has ended:\n{self._log_path.read_text()}")
        *lines, self._waiting = (self._waiting + data).split(b"\n")
        return lines
