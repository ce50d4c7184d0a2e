"""What a soak is made of; all processes of it get the same plan."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Self

BATCH_SIZE = 150
READ_TIMEOUT = 1.0
WAIT_INTERVAL = 1.0
EDGE_INTERVAL = 0.5
MESSAGE_INTERVAL = 2.0
ORDER_INTERVAL = 0.25
WATCHED_FILTERS = ("Errors", "Warnings")
UNITS = ("U1", "U2", "U3")
ARCHIVE = "Benchmark"
ARCHIVE_TAGS = 4
"""Tags of the archive, each with a row a second."""
HANDOFF_MODES = ("poke", "reschedule", "deferrable")
TASK_ODDS = {
    "read": 20,
    "write": 30,
    "sensor": 10,
    "hook": 5,
    "hopeless connection": 5,
    "read messages": 5,
    "archive to files": 8,
    "archive to table": 6,
    "messages to files": 5,
    "messages to table": 5,
}
"""How often each kind of task is run, beside the handoffs."""
HOPELESS = {"untrusted": "WinCCTLSError", "forbidden": "WinCCPermissionError"}
"""Connections that never work, and the error that says so."""
_TAGS_OF_A_UNIT = 40
"""More than any unit has."""


@dataclass(frozen=True, kw_only=True)
class SoakPlan:
    """What happens in a soak.

    :param seconds: how long it lasts.
    :param seed: of all dice.
    :param load: seconds of load between two quiet points.
    :param live_triggers: how many deferred triggers wait at a time.
    :param wait_tags: counters of the plant that they wait for.
    :param edge_tags: tags that are watched for edges.
    :param set_tags: tags that tasks write.
    :param bursts: every how many loads there is a burst of more messages than a station hands out.
    """

    seconds: float
    seed: int
    load: float = 20.0
    live_triggers: int = 300
    wait_tags: int = 200
    edge_tags: int = 6
    set_tags: int = 30
    bursts: int = 3

    @classmethod
    def for_length(cls, seconds: float, seed: int) -> Self:
        """Return the plan of a soak of so many seconds: with 20 quiet points or so where there is time for them."""
        return cls(seconds=seconds, seed=seed, load=min(30.0, max(4.0, seconds / 25)))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a plan."""
        return cls(**json.loads(text))

    def to_json(self) -> str:
        """Return the plan as one line."""
        return json.dumps(asdict(self))

    @property
    def waits(self) -> list[str]:
        """The plant's counters: each goes up by one every two seconds or so, and never down."""
        return [f"Wait{number:03}.Count" for number in range(self.wait_tags)]

    @property
    def edges(self) -> list[str]:
        """The plant's phases: the lowest bit comes and goes with each."""
        return [f"Edge{number}.Phase" for number in range(self.edge_tags)]

    @property
    def sets(self) -> list[str]:
        """What tasks write."""
        return [f"Set{number:02}.Value" for number in range(self.set_tags)]

    @property
    def most_polled_per_second(self) -> float:
        """Requests of the triggerer per second by the formula of docs/performance.md, if nothing goes wrong."""
        tags = self.wait_tags / WAIT_INTERVAL / BATCH_SIZE, len(UNITS) * _TAGS_OF_A_UNIT / BATCH_SIZE
        waits = math.ceil(tags[0]) / WAIT_INTERVAL
        edges = math.ceil(self.edge_tags / BATCH_SIZE) / EDGE_INTERVAL
        orders = math.ceil(tags[1]) / ORDER_INTERVAL
        return waits + edges + orders + len(WATCHED_FILTERS) / MESSAGE_INTERVAL

    @property
    def limit_per_second(self) -> int:
        """Requests of the triggerer in any one second at most: twice the formula, for what is asked again."""
        return math.ceil(2 * self.most_polled_per_second)
