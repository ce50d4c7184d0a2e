"""What happens to the units during the walk: restarts, local mode, somebody at the machine, and a person who helps."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from airflow_provider_wincc.simulator.production_unit import ProductionUnit

KEPT = "restart, memory kept"
LOST = "restart, memory lost"
LOST_AND_RESET = "restart, memory and client tags lost"
RESTORED = "restart, memory one order old"
LOST_WHILE_RUNNING = "restart while an order runs, memory lost"
HARMLESS = (
    *("local", "maintenance", "heartbeat still", "held", "held", KEPT, KEPT, KEPT),
    *("stopped", "aborted", "order will fail"),
)
LOSSES = (LOST, LOST_AND_RESET, RESTORED, LOST_WHILE_RUNNING)
"""What a broken unit is spared."""
_RESTART_SECONDS = 0.25


class Machine:
    """One unit in trouble.

    :param unit: the unit.
    :param dice: decides what happens and when.
    :param kinds: what may happen; nothing does when it is empty.
    :param mean_seconds: between two troubles.
    """

    def __init__(
        self, unit: ProductionUnit, dice: random.Random, *, kinds: tuple[str, ...], mean_seconds: float
    ) -> None:
        self.unit = unit
        self.counts: Counter[str] = Counter()
        self.losses: list[float] = []
        self._dice = dice
        self._kinds = kinds
        self._mean_seconds = mean_seconds
        self._next_at = time.monotonic() + dice.expovariate(1 / mean_seconds)
        self._endings: list[tuple[float, Callable[[], object]]] = []
        self._when_running = ""
        # Trouble at a request comes from the thread of the station.
        self._guard = threading.RLock()

    def go_on(self, now: float) -> None:
        """Let happen what is due."""
        self.end_troubles(now)
        if self._when_running and self.unit.state == "running":
            kind, self._when_running = self._when_running, ""
            self.trouble(kind)
        if now >= self._next_at:
            self._next_at = now + self._dice.expovariate(1 / self._mean_seconds)
            self.trouble()

    def trouble(self, kind: str | None = None) -> None:
        """Let something happen to the unit now.

        :param kind: what; the dice decide if left out.
        """
        with self._guard:
            if kind or self._kinds:
                self._trouble(kind or self._dice.choice(self._kinds))

    def end_troubles(self, now: float | None = None) -> None:
        """End the troubles that are due to end; all of them without a time."""
        with self._guard:
            due = [ending for at, ending in self._endings if now is None or at <= now]
            self._endings = [] if now is None else [one for one in self._endings if one[0] > now]
            for ending in due:
                ending()

    def _trouble(self, kind: str) -> None:
        unit, seconds = self.unit, self._dice.uniform(0.1, 0.5)
        match kind:
            case "local":
                unit.set_local(True)
                self._later(seconds, lambda: unit.set_local(False))
            case "maintenance":
                unit.set_mode(2)
                self._later(seconds, lambda: unit.set_mode(1))
            case "held":
                if not unit.hold():
                    self._when_running = kind
                    return
                self._later(seconds, self._unhold)
            case "stopped" | "aborted":
                if not (unit.stop() if kind == "stopped" else unit.abort()):
                    self._when_running = kind
                    return
            case "heartbeat still":
                unit.stop_heartbeat()
                self._later(2 * seconds, unit.start_heartbeat)
            case _ if kind == LOST_WHILE_RUNNING and unit.state != "running":
                self._when_running = kind
                return
            case "order will fail":
                unit.fail_next_order()
            case _:
                self._restart(kind)
        self.counts[kind] += 1

    def _unhold(self) -> None:
        # While it restarts, nobody can do anything at the machine.
        if not self.unit.unhold() and self.unit.state == "interrupted":
            self._later(0.1, self._unhold)

    def _restart(self, kind: str) -> None:
        if kind == KEPT:
            self.unit.restart(seconds=_RESTART_SECONDS)
            return
        self.losses.append(time.time())
        if kind == RESTORED:
            self.unit.restart(memory="one_order_old", seconds=_RESTART_SECONDS)
        else:
            tags = "reset" if kind == LOST_AND_RESET else "kept"
            self.unit.restart(memory="lost", seconds=_RESTART_SECONDS, client_tags=tags)

    def _later(self, seconds: float, ending: Callable[[], object]) -> None:
        self._endings.append((time.monotonic() + seconds, ending))
