"""The processes of this machine, as far as needed to find a program's descendants.

Linux is read from `/proc`, because a small Debian has no `ps`; other systems are asked by `ps`.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


_PS_COLUMNS = ("pid", "ppid", "pgid", "state", "lstart")


@dataclass(frozen=True, order=True)
class Process:
    """One process; two are the same when process id and start time agree, so a reused id is told apart."""

    pid: int
    started: str
    parent: int = field(compare=False)
    group: int = field(compare=False)
    session: int | None = field(compare=False)


def list_processes(*, proc: Path = Path("/proc")) -> list[Process]:
    """List all processes that have not ended (a zombie has ended, and only waits for its parent to notice).

    :param proc: the system's process folder; where there is none, `ps` is asked.
    """
    return list(_from_proc(proc) if (proc / "self/stat").exists() else _from_ps())


def family_of(root: int, processes: Iterable[Process]) -> set[Process]:
    """Select the process `root`, its descendants, and whatever is in a session or group that `root` leads.

    Sessions and groups matter for processes whose parent has died: they have lost their line of descent.
    """
    processes = list(processes)
    family = {process for process in processes if root in (process.pid, process.session, process.group)}
    while True:
        pids = {process.pid for process in family} | {root}
        children = {process for process in processes if process.parent in pids} - family
        if not children:
            return family
        family |= children


def _from_proc(proc: Path) -> Iterator[Process]:
    for entry in proc.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # it ended while the table was read
        # The program's name stands in parentheses and may itself hold spaces and parentheses.
        fields = stat.rpartition(")")[2].split()
        state, parent, group, session, started = fields[0], fields[1], fields[2], fields[3], fields[19]
        if state not in "ZX":
            yield Process(int(entry.name), started, parent=int(parent), group=int(group), session=int(session))


def _from_ps() -> Iterator[Process]:
    table = subprocess.run(  # nosec B607 # where the system has it, and nobody but the user of the demo sets the path
        ["ps", "-A", *(word for column in _PS_COLUMNS for word in ("-o", f"{column}="))],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LC_ALL": "C"},
    ).stdout
    for line in table.splitlines():
        pid, parent, group, state, started = line.split(maxsplit=4)
        if not state.startswith("Z"):
            yield Process(int(pid), started, parent=int(parent), group=int(group), session=None)
