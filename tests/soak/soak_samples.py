"""What the operating system says of a process."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import psutil

_MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A process at one moment.

    :param at: seconds since the soak began.
    :param memory: resident memory in MiB.
    :param own_memory: memory that nobody shares, in MiB; None where the system does not tell.
    :param threads: how many.
    :param handles: open file handles, those of sockets among them.
    :param sockets: open sockets of TCP.
    :param states: the same by state of the connection.
    """

    at: float
    memory: float
    own_memory: float | None
    threads: int
    handles: int
    sockets: int
    states: dict[str, int] = field(default_factory=dict)


def sample_of(pid: int, at: float) -> Sample:
    """Look at a process of this user."""
    process = psutil.Process(pid)
    memory = process.memory_full_info()
    states = Counter(connection.status for connection in _connections(process))
    own = getattr(memory, "uss", None)
    return Sample(
        at=at,
        memory=memory.rss / _MIB,
        own_memory=None if own is None else own / _MIB,
        threads=process.num_threads(),
        handles=process.num_fds(),
        sockets=states.total(),
        states=dict(states),
    )


def _connections(process: psutil.Process) -> list[Any]:
    # It has had its name since psutil 6, and older Airflows take older ones.
    look = getattr(process, "net_connections", None) or process.connections
    return list(look(kind="tcp"))
