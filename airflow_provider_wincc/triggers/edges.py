"""Find the moments at which a condition becomes true: the edges that a watcher fires on."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.models import FailureKind, TagFailure
from airflow_provider_wincc.conditions import Memory, WinCCConditionError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from airflow_provider_wincc.client.models import TagValue
    from airflow_provider_wincc.conditions import Condition, Evaluation

    Readings = Mapping[str, TagValue | TagFailure]

_VERSION = 1
_LONG_AGO = 1e9


@dataclass(frozen=True, slots=True)
class Edge:
    """A condition has become true.

    :param number: counts the edges of one watcher, from 1.
    :param count: how many edges this one stands for; more than 1 when ``min_interval`` held some back.
    :param seen_at: time of the reading that showed it (of the last of them), ISO 8601 in UTC.
    :param readings: that reading, as :meth:`Evaluation.readings_json` gives it.
    """

    number: int
    count: int
    seen_at: str
    readings: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return the edge as plain JSON types."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Edge:
        """Read an edge from what :meth:`to_json` gave.

        :raises ValueError: when the data is not an edge.
        """
        match data:
            case {"number": int(number), "count": int(count), "seen_at": str(seen_at), "readings": dict(readings)}:
                return cls(number, count, seen_at, readings)
        raise ValueError(f"expected an edge with number, count, seen_at and readings, not {data!r}")


class EdgeDetector:
    """Judges one reading after the other, and remembers each edge until it is confirmed that others know of it.

    An edge is a reading for which the condition is true after one for which it was false, while the detector is
    armed. Each edge disarms it. It is armed by ``rearm``; without that, by a reading for which the condition is
    false. The first reading that tells anything makes no edge; when the condition is false then, it arms.
    *Unknown* changes nothing: neither does it make an edge, nor arm.

    ``changed`` compares with the value at which the detector was armed. ``held_for`` counts anew after a reading was
    missed; until its time is over, nobody knows whether it had been over before, so that counts as unknown.

    :param condition: what makes an edge.
    :param rearm: what arms again after an edge; None for "the condition is false".
    :param min_interval: seconds that must lie between two edges that are given out. Edges in between are held back,
        and come as one when the time is over.

    ``tags`` are the names of all tags that it looks at, sorted, each once. ``problem`` says why the last reading
    could not be judged, or is None.
    """

    def __init__(self, condition: Condition, rearm: Condition | None = None, *, min_interval: float = 0.0) -> None:
        self.condition = condition
        self.rearm = rearm
        self.min_interval = min_interval
        self._conditions = (condition,) if rearm is None else (condition, rearm)
        self.tags = tuple(sorted({name for part in self._conditions for name in part.tags}))
        self.problem: str | None = None
        self._armed = False
        self._was_true: bool | None = None
        self._number = 0
        self._given_out_at: float | None = None
        self._held_back: Edge | None = None
        self._unconfirmed: dict[int, Edge] = {}
        self._judge = _Judge(condition)
        self._judge_rearm = None if rearm is None else _Judge(rearm)

    @property
    def needs_every_reading(self) -> bool:
        """Whether the result may change although no reading did, because time passes."""
        sources = [source for condition in self._conditions for node in condition.walk() for source in node.sources]
        return (
            self.min_interval > 0
            or any(condition.needs_memory for condition in self._conditions)
            or any(source.not_older_than is not None for source in sources)
        )

    def observe(self, readings: Readings, *, now: float, at: datetime) -> None:
        """Judge a reading of its tags. One that cannot be judged counts as unknown, see ``problem``.

        :param now: the time on the monotonic clock.
        :param at: the time of day, timezone-aware.
        """
        try:
            self._observe(readings, now, at)
            self.problem = _unknown_tags(self.tags, readings)
        except WinCCConditionError as error:
            self.problem = str(error)

    def interrupt(self) -> None:
        """Note that a reading was missed."""
        self._judge.interrupt()
        if self._judge_rearm is not None:
            self._judge_rearm.interrupt()

    def give_out(self, at: float) -> Edge | None:
        """Return the edge that waits, if it is time for it; from now on it waits to be confirmed.

        :param at: the time of day, in seconds since 1970.
        """
        if self._held_back is None or not self._is_time(at):
            return None
        edge, self._held_back = self._held_back, None
        self._unconfirmed[edge.number] = edge
        self._given_out_at = at
        return edge

    def confirm(self, number: int) -> None:
        """Forget an edge that was given out."""
        self._unconfirmed.pop(number, None)

    @property
    def unconfirmed(self) -> tuple[Edge, ...]:
        """The edges that were given out and not confirmed, oldest first."""
        return tuple(self._unconfirmed.values())

    def to_json(self) -> dict[str, Any]:
        """Return what another process must know to go on, as plain JSON types; the same for the same state."""
        return {
            "version": _VERSION,
            "armed": self._armed,
            "was_true": self._was_true,
            "number": self._number,
            "given_out_at": self._given_out_at,
            "held_back": None if self._held_back is None else self._held_back.to_json(),
            "unconfirmed": [edge.to_json() for edge in self._unconfirmed.values()],
            # What it compares with counts from the moment when it is armed.
            "memory": self._judge.memory.to_json() if self._armed else None,
            "rearm_memory": None if self._judge_rearm is None else self._judge_rearm.memory.to_json(),
        }

    def resume(self, data: object) -> None:
        """Go on where another process left off.

        :raises ValueError: when the data is not what :meth:`to_json` gave; nothing is changed then.
        """
        match data:
            case {
                "version": 1,
                "armed": bool(armed),
                "was_true": bool() | None as was_true,
                "number": int(number),
                "given_out_at": int() | float() | None as given_out_at,
                "held_back": held_back,
                "unconfirmed": list(unconfirmed),
                "memory": memory,
                "rearm_memory": rearm_memory,
            }:
                edge = None if held_back is None else Edge.from_json(held_back)
                edges = [Edge.from_json(item) for item in unconfirmed]
                memories = _memory(memory), _memory(rearm_memory)
            case _:
                raise ValueError(f"expected the state of a watcher, version {_VERSION}, not {data!r}")
        self._armed, self._was_true, self._number, self._given_out_at = armed, was_true, number, given_out_at
        self._held_back, self._unconfirmed = edge, {item.number: item for item in edges}
        self._judge = _Judge(self.condition, memories[0])
        self._judge_rearm = None if self.rearm is None else _Judge(self.rearm, memories[1])

    def _observe(self, readings: Readings, now: float, at: datetime) -> None:
        evaluation, result = self._judge.judge(readings, now)
        may_arm = None if self._judge_rearm is None else self._judge_rearm.judge(readings, now)[1]
        if self._was_true is None and result is not None:
            self._armed = not result
        self._armed = self._armed or may_arm is True
        is_edge = self._armed and self._was_true is False and result is True
        if is_edge:
            self._note_edge(evaluation, at)
            self._armed = self._judge_rearm is not None and self._judge_rearm.judge_anew(readings, now) is True
        if is_edge or not self._armed:
            result = self._judge.judge_anew(readings, now)
            self._armed = self._armed or (self._judge_rearm is None and result is False)
        if result is not None:
            self._was_true = result

    def _note_edge(self, evaluation: Evaluation, at: datetime) -> None:
        self._number += 1
        count = 1 if self._held_back is None else self._held_back.count + 1
        self._held_back = Edge(self._number, count, at.isoformat(), evaluation.readings_json())

    def _is_time(self, at: float) -> bool:
        passed = None if self._given_out_at is None else at - self._given_out_at
        # A clock that was set back must not hold an edge back for longer than the interval.
        return passed is None or passed < 0 or passed >= self.min_interval


class _Judge:
    """One condition with its memory, and whether a hold time that runs was cut off by a missed reading."""

    def __init__(self, condition: Condition, memory: Memory | None = None) -> None:
        self.memory = memory or Memory()
        self._condition = condition
        self._compares = "changed" in condition.memory_forms
        self._resumes = True
        self._resumed_at = float("-inf")

    def interrupt(self) -> None:
        self.memory.interrupt()
        self._resumes = True

    def judge(self, readings: Readings, now: float) -> tuple[Evaluation, bool | None]:
        evaluation = self._condition.evaluate(readings, memory=self.memory, now=now)
        if self._resumes:
            self._resumes, self._resumed_at = False, now
        cut_off = {place: since for place, since in self.memory.true_since.items() if since <= self._resumed_at}
        if not cut_off:
            return evaluation, evaluation.result
        longer = {place: since - _LONG_AGO for place, since in cut_off.items()}
        memory = replace(self.memory, true_since={**self.memory.true_since, **longer})
        if self._condition.evaluate(readings, memory=memory, now=now).result is evaluation.result:
            return evaluation, evaluation.result
        return evaluation, None

    def judge_anew(self, readings: Readings, now: float) -> bool | None:
        """Judge with the present values as what ``changed`` compares with."""
        if self._compares:
            self.memory.baselines.clear()
        return self.judge(readings, now)[1]


def _memory(data: object) -> Memory | None:
    try:
        return None if data is None else Memory.from_json(data)
    except WinCCConditionError as error:
        raise ValueError(str(error)) from None


def _unknown_tags(tags: tuple[str, ...], readings: Readings) -> str | None:
    unknown = [
        f"{name!r} ({reading})"
        for name in tags
        if isinstance(reading := readings.get(name), TagFailure) and reading.kind is FailureKind.NOT_FOUND
    ]
    return f"The station does not know these tags: {', '.join(unknown)}." if unknown else None
