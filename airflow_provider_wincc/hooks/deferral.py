"""Whether a deferrable task defers, or waits on the worker because its connection says so."""

from __future__ import annotations

import logging
from typing import Any, Protocol

from airflow.providers.common.compat.sdk import conf

SHORTEST_PAUSE: float = 5.0 + conf.getfloat("workers", "min_heartbeat_interval", fallback=5.0)
"""Seconds between two processes of a task.

Airflow fails a task that it starts again before it has noticed that the last process has ended. The process's
supervisor looks for that once in this interval, and the scheduler a moment later.
"""

_log = logging.getLogger(__name__)


class DeferrableTask(Protocol):
    """What is looked at and set of a task that could defer."""

    wincc_conn_id: str
    mode: Any
    deferrable: bool


def may_defer(task: DeferrableTask) -> bool:
    """Return whether the task is deferrable, and its connection lets it leave its waiting to a triggerer.

    :raises WinCCConfigurationError: when the connection cannot be read.
    """
    if not task.deferrable:
        return False
    # The hook brings the whole HTTP stack with it, which parsing a DAG file does not need.
    from airflow_provider_wincc.hooks.wincc import WinCCHook

    return WinCCHook(task.wincc_conn_id).allows_deferring()


def wait_on_worker(task: DeferrableTask, *, holds_slot_because: str | None) -> None:
    """Make a deferrable task wait on the worker, in this process.

    It is rescheduled between two readings, since a wait of hours must not hold a slot of a site's one worker. Airflow's
    scheduler keeps to the moment that a task asks for, whatever its mode was when the DAG was parsed.

    :param holds_slot_because: why it cannot be rescheduled; it then waits in poke mode, and the log says so.
    """
    task.deferrable = False
    told = f"Connection {task.wincc_conn_id!r} has allow_deferrable=false: the task does not defer."
    if holds_slot_because is None:
        task.mode = "reschedule"
        _log.info("%s It is rescheduled between two readings.", told)
    else:
        task.mode = "poke"
        _log.warning("%s It waits on this worker and holds its slot, because %s.", told, holds_slot_because)
