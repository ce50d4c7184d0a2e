"""Reads one hostile answer under a limit of memory, in a process of its own; prints the megabytes it took.

``python hostile_memory.py URL OPERATION LIMIT``: the limit is in megabytes above what the process has when it starts.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from client_operations import OPERATIONS

from airflow_provider_wincc.client import StationSettings, WinCCClient, WinCCError

_MB = 1_000_000


def main(url: str, operation: str, limit: int, max_answer_mb: int) -> None:
    settings = StationSettings.from_url(url, username="engineer", password="secret", max_answer_mb=max_answer_mb)
    before = _peak()
    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (in_use + limit * _MB, resource.RLIM_INFINITY))
    try:
        with WinCCClient(settings) as client:
            OPERATIONS[operation](client)
    except WinCCError as error:
        sys.stdout.write(f"{type(error).__name__} {(_peak() - before) // _MB}\n")
    else:
        sys.stdout.write(f"answered {(_peak() - before) // _MB}\n")


def _peak() -> int:
    # Not ru_maxrss, which is at least what the parent process had when it started this one.
    status = Path("/proc/self/status").read_text()
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
