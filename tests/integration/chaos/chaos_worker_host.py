"""A process that has loaded everything and forks one worker process for each attempt.

It reads plans of attempts, one a line, and writes what becomes of their processes: ``started``, ``stopped``,
``ended``. A fork costs milliseconds, where a new interpreter with Airflow costs a second.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import threading
import traceback

from chaos_attempt import run_attempt
from chaos_plans import AttemptPlan, log_path

from airflow_provider_wincc.hooks.staging import erp_tables


def main() -> None:
    """Fork workers until the input ends; then kill what is left of them."""
    warm_up()
    assert threading.active_count() == 1, threading.enumerate()
    wakeup_read, wakeup_write = os.pipe()
    os.set_blocking(wakeup_write, False)
    os.set_blocking(wakeup_read, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakeup_write)
    workers: dict[int, int] = {}
    say(ready=True)
    waiting = b""
    while True:
        ready, _, _ = select.select([0, wakeup_read], [], [])
        if wakeup_read in ready:
            os.read(wakeup_read, 4096)
            reap(workers)
        if 0 in ready:
            data = os.read(0, 1 << 16)
            if not data:
                break
            *lines, waiting = (waiting + data).split(b"\n")
            for line in lines:
                start(AttemptPlan.from_json(line.decode()), workers)
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)


def warm_up() -> None:
    """Load what an attempt would load, so that its process has it from the start."""
    os.environ["AIRFLOW_CONN_ERP"] = json.dumps({"conn_type": "sqlite", "host": ":memory:"})
    erp_tables("erp")
    gc.collect()
    gc.freeze()


def start(plan: AttemptPlan, workers: dict[int, int]) -> None:
    worker = os.fork()
    if worker:
        workers[worker] = plan.attempt
        say(attempt=plan.attempt, event="started", pid=worker)
        return
    code = 1
    try:
        become_worker(plan)
        run_attempt(plan)
        code = 0
    except BaseException:  # noqa: BLE001  the log is the only place left to tell
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def become_worker(plan: AttemptPlan) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDONLY)
    log = os.open(log_path(plan.folder, plan.attempt), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(null, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)


def reap(workers: dict[int, int]) -> None:
    while workers:
        worker, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
        if not worker:
            return
        if os.WIFSTOPPED(status):
            say(attempt=workers[worker], event="stopped")
        else:
            say(attempt=workers.pop(worker), event="ended", code=os.waitstatus_to_exitcode(status))


def say(**words: object) -> None:
    os.write(1, json.dumps(words).encode() + b"\n")


if __name__ == "__main__":
    main()
