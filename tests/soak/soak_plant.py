"""What moves in the plant of a soak, and what became due by it: the truth that everything else is compared with."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from soak_plan import SoakPlan

    from airflow_provider_wincc.simulator import Simulator

SERIAL_MESSAGE = 1001
OLD_MESSAGE, OLD_WARNING = 1002, 2001
_MOST_IN_AN_ANSWER = 1_000
BURST = 1_200
"""Messages that come in within a second; a station hands out a thousand."""
_TICK = 0.05
_MEAN_COUNT = 2.0
_MESSAGE_EVERY = 0.5
_PHASE = (1.5, 3.0)
_MEAN_TROUBLE = 8.0
# A reading this close to the end of a phase, or before a restart, may be answered with the next phase, or not at all.
_SURE_AFTER = 1.0
_SURE_FROM = 0.1


@dataclass(slots=True)
class _Edge:
    phase: int = 0
    began_at: float = 0.0
    ends_at: float = 0.0
    read_at: list[float] = field(default_factory=list)
    was_read: dict[int, bool] = field(default_factory=dict)


class Plant:
    """Moves the simulated plant in a thread of its own while it is told to.

    ``counts`` is where its counters stand, ``serial`` the number of the last message of its own, ``messages`` how many
    messages came, those of bursts among them.

    :param simulator: the station, with the tags of the plan.
    """

    def __init__(self, plan: SoakPlan, simulator: Simulator) -> None:
        self.troubles: Counter[str] = Counter()
        self.counts: dict[str, int] = dict.fromkeys(plan.waits, 0)
        self.serial = 0
        self.messages = 0
        self._simulator = simulator
        self._names = plan.waits
        self._edges = {name: _Edge() for name in plan.edges}
        self._random = random.Random(f"{plan.seed} plant")
        self._bursts = plan.bursts
        self._loads = 0
        self._guard = threading.Lock()
        self._moving = threading.Event()
        self._still = threading.Event()
        self._still.set()
        self._next_message_at = 0.0
        self._next_trouble_at = 0.0
        self._burst_is_due = False
        self._fill_archive()
        threading.Thread(target=self._run, name="plant", daemon=True).start()

    def move(self) -> None:
        """Let it move."""
        now = time.monotonic()
        self._next_trouble_at = now + self._random.expovariate(1 / _MEAN_TROUBLE)
        self._burst_is_due = self._loads % self._bursts == 0
        self._loads += 1
        self._still.clear()
        self._moving.set()

    def stand(self) -> None:
        """Let it stand still; when this returns, it does, and the station is there."""
        self._moving.clear()
        self._still.wait()

    def note_read(self, tags: Collection[str]) -> None:
        """Note a request that is answered as it should be."""
        now = time.monotonic()
        with self._guard:
            for name in tags:
                edge = self._edges.get(name)
                if edge is not None:
                    edge.read_at.append(now)

    def take_edges(self) -> dict[str, dict[str, list[int]]]:
        """Return by tag the edges since the last call: ``all`` of them, and those ``due``.

        Due is a phase that was surely read, after one that was surely read as well.
        """
        found = {}
        with self._guard:
            for name, edge in self._edges.items():
                ended = sorted(edge.was_read)
                edges = [phase for phase in ended if phase % 2]
                due = [phase for phase in edges if edge.was_read[phase] and edge.was_read.get(phase - 1)]
                found[name] = {"all": edges + [edge.phase] * (edge.phase % 2), "due": due}
                # The last one that ended is what the next one comes after.
                edge.was_read = {phase: edge.was_read[phase] for phase in ended[-1:] if not phase % 2}
        return found

    def _fill_archive(self) -> None:
        """Let so many messages be of the past that answers are as long at the start of a soak as at its end."""
        began = datetime.now(UTC) - timedelta(hours=1)
        for number in range(_MOST_IN_AN_ANSWER):
            moment = began + timedelta(seconds=number)
            self._simulator.raise_message(OLD_MESSAGE, texts=["of the past"], time=moment)
            self._simulator.raise_message(OLD_WARNING, texts=["of the past"], time=moment)

    def _run(self) -> None:
        while True:
            if not self._moving.is_set():
                self._still.set()
                self._moving.wait()
            self._tick(time.monotonic())
            time.sleep(_TICK)

    def _tick(self, now: float) -> None:
        for name in self._random.sample(self._names, max(1, round(len(self._names) * _TICK / _MEAN_COUNT))):
            self.counts[name] += 1
            self._simulator.set(name, self.counts[name])
        for name, edge in self._edges.items():
            if now >= edge.ends_at:
                self._next_phase(name, edge)
        if now >= self._next_message_at:
            self._next_message_at = now + _MESSAGE_EVERY
            self.serial += 1
            self.messages += 1
            self._simulator.raise_message(SERIAL_MESSAGE, texts=[text_of(self.serial)])
        if self._burst_is_due:
            self._burst_is_due = False
            self.messages += BURST
            self._simulator.burst_of_messages(BURST, class_name="Warning")
        if now >= self._next_trouble_at:
            self._trouble()
            self._next_trouble_at = time.monotonic() + self._random.expovariate(1 / _MEAN_TROUBLE)

    def _next_phase(self, name: str, edge: _Edge) -> None:
        with self._guard:
            now = time.monotonic()
            sure = any(edge.began_at + _SURE_FROM <= at <= now - _SURE_AFTER for at in edge.read_at)
            edge.was_read[edge.phase] = sure
            self._simulator.set(name, edge.phase + 1)
            edge.phase += 1
            edge.began_at, edge.ends_at = now, now + self._random.uniform(*_PHASE)
            edge.read_at.clear()

    def _trouble(self) -> None:
        kind = self._random.choice(("restart", "restart", "service off", "idle connections dropped"))
        self.troubles[kind] += 1
        if kind == "restart":
            self._forget_doubtful_reads()
            self._simulator.stop()
            time.sleep(self._random.uniform(0.2, 1.0))
            self._simulator.start()
        elif kind == "service off":
            self._forget_doubtful_reads()
            self._simulator.stop_service()
            time.sleep(self._random.uniform(0.2, 1.0))
            self._simulator.start_service()
        else:
            self._simulator.drop_idle_connections()

    def _forget_doubtful_reads(self) -> None:
        with self._guard:
            sure_until = time.monotonic() - _SURE_AFTER
            for edge in self._edges.values():
                edge.read_at = [at for at in edge.read_at if at <= sure_until]


def text_of(serial: int) -> str:
    """Return the text of a message by its serial number."""
    return f"soak-{serial:07}"
