"""One wait for one condition: the same judgement for a sensor that pokes, reschedules or is deferred."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.error_json import error_to_json
from airflow_provider_wincc.client.errors import (
    WinCCError,
    WinCCFailConditionMetError,
    WinCCNoUsableReadingError,
    WinCCTagNotFoundError,
)
from airflow_provider_wincc.client.models import FailureKind, TagFailure, TagValue
from airflow_provider_wincc.conditions import Memory

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from airflow_provider_wincc.conditions import Condition, Evaluation


@dataclass(frozen=True, slots=True)
class WaitOutcome:
    """How a wait ended: with the readings that satisfied it, or with an error."""

    readings: dict[str, Any] | None = None
    error: WinCCError | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as the payload of a trigger's event."""
        if self.error is not None:
            return {"status": "failed", "error": error_to_json(self.error)}
        return {"status": "met", "readings": self.readings}


@dataclass(slots=True)
class TagWait:
    """Judges one reading after the other until the wait is over.

    :param condition: what is waited for.
    :param fail_if: what ends the wait with a failure; None for nothing. It is judged first: when both are true in
        the same readings, the wait has failed, because work on a plant in trouble must not go on.
    :param fail_if_unknown_for: seconds without a usable reading after which the wait fails; None for never.
        Readings are usable when ``condition`` can be judged by them.
    :param max_consecutive_failures: how many failed readings in a row are waited through, and how many without a tag
        that was there before; None for any number.
    """

    condition: Condition
    fail_if: Condition | None = None
    fail_if_unknown_for: float | None = None
    max_consecutive_failures: int | None = None
    memory: Memory = field(default_factory=Memory)
    fail_if_memory: Memory = field(default_factory=Memory)
    failures: int = 0
    has_read_all: bool = False
    lacking: int = 0
    unknown_since: float = field(default_factory=time.monotonic)
    _last: Evaluation | None = None
    _last_fail_if: Evaluation | None = None
    _last_error: WinCCError | None = None
    _looks_again_at: float | None = None

    @property
    def tags(self) -> tuple[str, ...]:
        """The names of all tags to read, sorted, each once."""
        return tuple(sorted({name for condition in self._conditions for name in condition.tags}))

    def observe(self, readings: Mapping[str, TagValue | TagFailure], *, now: float | None = None) -> WaitOutcome | None:
        """Judge fresh readings of the :attr:`tags`; return the outcome, or None to wait on.

        A tag that the station does not know ends the wait at once, and so does a value that cannot be compared. Once
        all tags have been read, one that is missing is unknown at first: a busy station loses rows of its answers.
        """
        moment = time.monotonic() if now is None else now
        unknown_tags = _unknown_tags(self.tags, readings)
        self._note_lack(unknown_tags, moment)
        if unknown_tags and not self._waits_for_lacking_tags:
            return WaitOutcome(error=_not_found(unknown_tags))
        self.has_read_all = self.has_read_all or all(isinstance(readings.get(name), TagValue) for name in self.tags)
        try:
            failing = self._judge_fail_if(readings, moment)
            if failing is not None and failing.is_true:
                return WaitOutcome(error=_fail_condition_met(failing))
            evaluation = self.condition.evaluate(readings, memory=self.memory, now=moment)
        except WinCCError as error:
            return WaitOutcome(error=error)
        self._last, self._last_fail_if, self._last_error, self.failures = evaluation, failing, None, 0
        if evaluation.is_true:
            return WaitOutcome(readings=evaluation.readings_json())
        if not evaluation.is_unknown:
            self.unknown_since = moment
        return self._judge_unknown(moment)

    def observe_failure(self, error: WinCCError, *, now: float | None = None) -> WaitOutcome | None:
        """Judge a reading that failed as a whole; return the outcome, or None to wait on."""
        moment = time.monotonic() if now is None else now
        self.failures += 1
        self._last_error = error
        self.interrupt()
        if not error.retryable:
            return WaitOutcome(error=error)
        if self.max_consecutive_failures is not None and self.failures > self.max_consecutive_failures:
            return WaitOutcome(error=error)
        return self._judge_unknown(moment)

    def interrupt(self) -> None:
        """Note that nobody looked for a while: hold times begin anew, and ``alive`` must see a change again."""
        self.memory.interrupt()
        self.fail_if_memory.interrupt()

    @property
    def counts_time(self) -> bool:
        """Whether a time is running that an interruption ends: a hold time, a heartbeat, or that without readings."""
        memories = (self.memory, self.fail_if_memory)
        return self.fail_if_unknown_for is not None or any(memory.true_since or memory.last_seen for memory in memories)

    @property
    def recheck_at(self) -> float | None:
        """Monotonic time from which unchanged readings have to be judged again; None for "only on a change"."""
        judged = (self._last, self._last_fail_if)
        times = [last.recheck_at for last in judged if last is not None and last.recheck_at is not None]
        if self.fail_if_unknown_for is not None and (self._last is None or self._last.is_unknown):
            times.append(self.unknown_since + self.fail_if_unknown_for)
        if self._looks_again_at is not None:
            times.append(self._looks_again_at)
        return min(times, default=None)

    def explain(self) -> str:
        """Say which part of the condition is not met and how ``fail_if`` stands, with the last readings."""
        lines = [f"Condition: {self.condition!r}"]
        if self._last_error is not None:
            lines.append(f"The last {self.failures} readings failed: {self._last_error}")
        if self._last is not None:
            lines.append(self._last.explain())
        elif self._last_error is None:
            lines.append("Nothing was read yet.")
        if self._last_fail_if is not None:
            lines.append(f"fail_if: {self._last_fail_if.explain()}")
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return what a trigger must know to go on with this wait, however much later."""
        return {
            "memory": self.memory.to_json(),
            "fail_if_memory": self.fail_if_memory.to_json(),
            "failures": self.failures,
            "has_read_all": self.has_read_all,
            "lacking": self.lacking,
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on where another process left off; hold times and the time without a usable reading begin anew."""
        self.memory = Memory.from_json(state["memory"])
        self.fail_if_memory = Memory.from_json(state["fail_if_memory"])
        self.failures = state["failures"]
        self.has_read_all = state["has_read_all"]
        self.lacking = state["lacking"]

    @property
    def _conditions(self) -> tuple[Condition, ...]:
        return (self.condition,) if self.fail_if is None else (self.condition, self.fail_if)

    def _note_lack(self, unknown_tags: Mapping[str, TagFailure], now: float) -> None:
        self.lacking = self.lacking + 1 if unknown_tags else 0
        # The same answer once more is counted, too.
        self._looks_again_at = now if unknown_tags else None

    @property
    def _waits_for_lacking_tags(self) -> bool:
        return self.has_read_all and (
            self.max_consecutive_failures is None or self.lacking <= self.max_consecutive_failures
        )

    def _judge_fail_if(self, readings: Mapping[str, TagValue | TagFailure], now: float) -> Evaluation | None:
        if self.fail_if is None:
            return None
        return self.fail_if.evaluate(readings, memory=self.fail_if_memory, now=now)

    def _judge_unknown(self, now: float) -> WaitOutcome | None:
        if self.fail_if_unknown_for is None or now - self.unknown_since < self.fail_if_unknown_for:
            return None
        return WaitOutcome(
            error=WinCCNoUsableReadingError(
                f"No usable reading for {now - self.unknown_since:.0f} s "
                f"(fail_if_unknown_for={self.fail_if_unknown_for:g}).\n{self.explain()}\n"
            )
        )


def _unknown_tags(tags: Iterable[str], readings: Mapping[str, TagValue | TagFailure]) -> dict[str, TagFailure]:
    return {
        name: reading
        for name in tags
        if isinstance(reading := readings.get(name), TagFailure) and reading.kind is FailureKind.NOT_FOUND
    }


def _not_found(failures: Mapping[str, TagFailure]) -> WinCCTagNotFoundError:
    names = ", ".join(f"{name!r} ({failure})" for name, failure in failures.items())
    return WinCCTagNotFoundError(f"The wait needs tags that the station does not know: {names}.", errors=failures)


def _fail_condition_met(evaluation: Evaluation) -> WinCCFailConditionMetError:
    return WinCCFailConditionMetError(f"The wait ended because fail_if is true.\n{evaluation.explain()}\n")
