"""What a simulated unit remembers for people and tests; no restart of the unit loses it."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from airflow_provider_wincc.simulator.journal import KEPT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.client.models import Scalar


@dataclass(frozen=True, slots=True)
class StartRecord:
    """One start: the moment when the unit began to execute an order.

    :param order_id: the id as the controller holds it.
    :param revision: revision of the order.
    :param payload: value by name of each parameter, as the unit copied them at the commit.
    :param sequence: number with which the order was accepted, as ``Order.CurrentSequence`` shows it.
    :param at: aware, in UTC.
    """

    order_id: str
    revision: int
    payload: dict[str, Scalar]
    sequence: int
    at: datetime


@dataclass(frozen=True, slots=True)
class UnitEvent:
    """Something that happened at the unit.

    :param at: aware, in UTC.
    :param event: ``offered``, ``permitted``, ``accepted``, ``refused``, ``updated``, ``started`` (the start
        command was taken), ``running`` (the start itself), ``held``, ``unheld``, ``ended``, ``aborted``,
        ``cancelled``, ``cleared``, ``mode``, ``restarting`` or ``restarted``.
    :param order_id: the order that it happened to; empty where there is none.
    :param detail: more in words; empty where there is no more to say.
    """

    at: datetime
    event: str
    order_id: str
    detail: str


class UnitLog:
    """The last 10,000 starts and events of one unit, oldest first, safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._starts: deque[StartRecord] = deque(maxlen=KEPT)
        self._events: deque[UnitEvent] = deque(maxlen=KEPT)

    @property
    def starts(self) -> list[StartRecord]:
        """All starts."""
        with self._lock:
            return list(self._starts)

    @property
    def timeline(self) -> list[UnitEvent]:
        """All events."""
        with self._lock:
            return list(self._events)

    def note_start(self, order_id: str, revision: int, payload: Mapping[str, Scalar], sequence: int) -> None:
        """Note the start of an order."""
        record = StartRecord(order_id, revision, dict(payload), sequence, datetime.now(UTC))
        with self._lock:
            self._starts.append(record)

    def note(self, event: str, order_id: str = "", detail: str = "") -> None:
        """Note an event."""
        with self._lock:
            self._events.append(UnitEvent(datetime.now(UTC), event, order_id, detail))
