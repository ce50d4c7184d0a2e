"""Drives a handoff: takes snapshots, carries out the steps, and keeps what must survive this process.

Before every step it looks at the unit. Before every write it asks the store whether it is still the newest attempt, and
before an order may become stored or started it saves a note. So an attempt that was killed is joined by the next one,
and one that slept while another went on finds out before it writes.
"""

from __future__ import annotations

from airflow_provider_wincc.order_handoff.handoff import OrderHandoff
from airflow_provider_wincc.order_handoff.options import (
    DEFAULT_POLL_INTERVAL,
    DEFAULT_SETTLE,
    DEFAULT_TIMEOUTS,
    HandoffOptions,
    Waiting,
)

__all__ = [
    "DEFAULT_POLL_INTERVAL",
    "DEFAULT_SETTLE",
    "DEFAULT_TIMEOUTS",
    "HandoffOptions",
    "OrderHandoff",
    "Waiting",
]
