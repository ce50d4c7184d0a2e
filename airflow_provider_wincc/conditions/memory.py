"""What one wait remembers of earlier readings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from airflow_provider_wincc.conditions.errors import WinCCConditionError

Place = tuple[int, ...]
"""Where a condition stands in the whole: the index at every step down from the outermost one."""


class Baseline(NamedTuple):
    """The first reading of a tag that counted, as text."""

    tag: str
    text: str


class LastSeen(NamedTuple):
    """The value of a tag that was seen last, since when, and whether it had been another one before."""

    text: str
    since: float
    has_changed: bool


@dataclass(slots=True)
class Memory:
    """What one wait remembers; every wait has its own, and hands it to each evaluation of its condition.

    Each ``held_for``, ``changed`` and ``alive`` remembers for its own place in the condition, so two equal ones
    in two places do not disturb each other. Times are those of the observer's monotonic clock.

    :param baselines: per ``changed``, the first reading that counted.
    :param true_since: per ``held_for``, since when its condition has been true.
    :param last_seen: per ``alive``, the value seen last.
    """

    baselines: dict[Place, Baseline] = field(default_factory=dict)
    true_since: dict[Place, float] = field(default_factory=dict)
    last_seen: dict[Place, LastSeen] = field(default_factory=dict)

    def interrupt(self) -> None:
        """Note that there was no reading for a while, because the station was away.

        Hold times begin anew, and ``alive`` must see a change again. The baselines of ``changed`` stay.
        """
        self.true_since.clear()
        self.last_seen.clear()

    def to_json(self) -> dict[str, Any]:
        """Return what survives the process, as plain JSON types: the baselines of ``changed``.

        Hold times and heartbeats do not: they count on the monotonic clock of one process.
        """
        baselines = sorted(self.baselines.items())
        return {
            "baselines": [
                {"place": list(place), "tag": baseline.tag, "text": baseline.text} for place, baseline in baselines
            ]
        }

    @classmethod
    def from_json(cls, data: object) -> Memory:
        """Read a memory from what :meth:`to_json` gave. Its baselines count for the same condition only.

        :raises WinCCConditionError: when the data is not a memory; it says where.
        """
        if not isinstance(data, dict) or data.keys() != {"baselines"} or not isinstance(data["baselines"], list):
            raise WinCCConditionError('JSON of a memory: expected an object with a list of "baselines"')
        memory = cls()
        for index, item in enumerate(data["baselines"]):
            place, baseline = _read_baseline(item, where=f"baselines[{index}]")
            memory.baselines[place] = baseline
        return memory


def _read_baseline(item: object, *, where: str) -> tuple[Place, Baseline]:
    match item:
        case {"place": list(place), "tag": str(tag), "text": str(text), **rest} if not rest:
            if all(isinstance(step, int) and not isinstance(step, bool) for step in place):
                return tuple(place), Baseline(tag, text)
    raise WinCCConditionError(
        f"JSON of a memory, at {where}: expected an object with place (whole numbers), tag and text, not {item!r}"
    )
