"""What one wait remembers of earlier readings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from airflow_provider_wincc.conditions.errors import WinCCConditionError

Place = tuple[int, ...]
"""Where a condition stands in the whole: the index at every step down from the outermost one."""


_LONGEST = 1e10
"""Seconds; more is no time that a wait can have lasted, and neither is NaN."""


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

    def to_json_with_times(self, *, now: float) -> dict[str, Any]:
        """Return all of it as plain JSON types, for a process that goes on soon; times as seconds up to ``now``."""
        return {
            **self.to_json(),
            "true_for": [
                {"place": list(place), "seconds": now - since} for place, since in sorted(self.true_since.items())
            ],
            "last_seen": [
                {
                    "place": list(place),
                    "text": seen.text,
                    "seconds": now - seen.since,
                    "has_changed": seen.has_changed,
                }
                for place, seen in sorted(self.last_seen.items())
            ],
        }

    @classmethod
    def from_json(cls, data: object) -> Memory:
        """Read a memory from what :meth:`to_json` gave. Its baselines count for the same condition only.

        :raises WinCCConditionError: when the data is not a memory; it says where.
        """
        lists = _read_lists(data, "baselines")
        return cls(baselines=dict(_read_baseline(item, where) for item, where in lists["baselines"]))

    @classmethod
    def from_json_with_times(cls, data: object, *, now: float) -> Memory:
        """Read a memory from what :meth:`to_json_with_times` gave.

        :param now: when that was, on the clock of this observer.
        :raises WinCCConditionError: when the data is not a memory with times; it says where.
        """
        lists = _read_lists(data, "baselines", "true_for", "last_seen")
        return cls(
            baselines=dict(_read_baseline(item, where) for item, where in lists["baselines"]),
            true_since=dict(_read_true_for(item, where, now) for item, where in lists["true_for"]),
            last_seen=dict(_read_last_seen(item, where, now) for item, where in lists["last_seen"]),
        )


def _read_lists(data: object, *names: str) -> dict[str, list[tuple[object, str]]]:
    """Return the items of each list, each with the words that say where it stands."""
    if not isinstance(data, dict) or data.keys() != set(names):
        raise WinCCConditionError(f"JSON of a memory: expected an object with {', '.join(names)}, not {data!r}")
    for name in names:
        if not isinstance(data[name], list):
            raise WinCCConditionError(f"JSON of a memory, at {name}: expected a list, not {data[name]!r}")
    return {name: [(item, f"{name}[{index}]") for index, item in enumerate(data[name])] for name in names}


def _read_baseline(item: object, where: str) -> tuple[Place, Baseline]:
    match item:
        case {"place": list(place), "tag": str(tag), "text": str(text), **rest} if not rest and _is_place(place):
            return tuple(place), Baseline(tag, text)
    raise _unexpected(item, where, "tag and text")


def _read_true_for(item: object, where: str, now: float) -> tuple[Place, float]:
    match item:
        case {"place": list(place), "seconds": int() | float() as seconds, **rest} if not rest:
            if _is_place(place) and _is_duration(seconds):
                return tuple(place), now - seconds
    raise _unexpected(item, where, "seconds (0 or more)")


def _read_last_seen(item: object, where: str, now: float) -> tuple[Place, LastSeen]:
    match item:
        case {
            "place": list(place),
            "text": str(text),
            "seconds": int() | float() as seconds,
            "has_changed": bool(has_changed),
            **rest,
        } if not rest:
            if _is_place(place) and _is_duration(seconds):
                return tuple(place), LastSeen(text, now - seconds, has_changed)
    raise _unexpected(item, where, "text, seconds (0 or more) and has_changed")


def _is_place(steps: list[object]) -> bool:
    return all(isinstance(step, int) and not isinstance(step, bool) for step in steps)


def _is_duration(seconds: float) -> bool:
    return not isinstance(seconds, bool) and 0 <= seconds < _LONGEST


def _unexpected(item: object, where: str, parts: str) -> WinCCConditionError:
    return WinCCConditionError(
        f"JSON of a memory, at {where}: expected an object with place (whole numbers), {parts}, not {item!r}"
    )
