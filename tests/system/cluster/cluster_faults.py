"""What is killed in a cluster, when, and for how long it stays away."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from cluster_airflow import Cluster

KILLS = {"worker-a": 3, "worker-b": 3, "triggerer-a": 3, "triggerer": 1, "scheduler": 2}
_LONGEST_AWAY = 8.0


@dataclass(frozen=True)
class Kill:
    """One kill.

    :param confirmed: how many orders must be confirmed before.
    :param part: what is killed, as soon as it is at work.
    :param away: seconds until it is started again.
    """

    confirmed: int
    part: str
    away: float


def kills_of(seed: int, *, orders: int) -> list[Kill]:
    """Spread all kills over the first four fifths of the orders; the same seed gives the same kills."""
    dice = random.Random(seed)
    parts = [part for part, times in KILLS.items() for _ in range(times)]
    dice.shuffle(parts)
    moments = sorted(dice.sample(range(orders * 4 // 5), len(parts)))
    return [Kill(moment, part, dice.uniform(0.5, _LONGEST_AWAY)) for moment, part in zip(moments, parts, strict=True)]


class Killer:
    """Kills, and starts again what it has killed; called again and again.

    :param log: file that is told what happens.
    """

    def __init__(self, cluster: Cluster, kills: list[Kill], log: Path) -> None:
        self.done: list[Kill] = []
        self._cluster = cluster
        self._due = list(kills)
        self._away: dict[str, float] = {}
        self._log = log

    @property
    def is_done(self) -> bool:
        """Whether all kills are done, and all parts are started again."""
        return not self._due and not self._away

    def go_on(self, confirmed: int) -> None:
        """Do what is due when so many orders are confirmed."""
        for part in [part for part, until in self._away.items() if time.monotonic() >= until]:
            del self._away[part]
            self._cluster.start(part)
            self._tell(f"{part} is started again")
        for kill in [kill for kill in self._due if confirmed >= kill.confirmed]:
            if kill.part not in self._away and self._cluster.is_at_work(kill.part):
                self._cluster.parts.kill(kill.part)
                self._away[kill.part] = time.monotonic() + kill.away
                self._due.remove(kill)
                self.done.append(kill)
                self._tell(f"{kill.part} is killed, {confirmed} orders are confirmed")

    def _tell(self, what: str) -> None:
        with self._log.open("a") as log:
            log.write(f"{datetime.now(UTC):%H:%M:%S} {what}\n")
