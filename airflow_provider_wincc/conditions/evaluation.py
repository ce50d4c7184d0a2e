"""Judge a condition by readings: true, false or unknown."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import singledispatch
from typing import TYPE_CHECKING, Any, NoReturn

from airflow_provider_wincc.client.models import TagFailure, TagValue
from airflow_provider_wincc.client.storable import storable_text
from airflow_provider_wincc.conditions.condition import AllOf, AnyOf, AtLeast, Condition, HeldFor, Not
from airflow_provider_wincc.conditions.durations import in_words
from airflow_provider_wincc.conditions.errors import WinCCConditionError
from airflow_provider_wincc.conditions.judging import (
    NOT_A_NUMBER,
    Outcome,
    counted,
    judge_reading,
    plain_number,
    unknown,
)
from airflow_provider_wincc.conditions.memory import Baseline, LastSeen, Memory
from airflow_provider_wincc.conditions.observation import NoReading, Observation
from airflow_provider_wincc.conditions.tag_conditions import Alive, Changed
from airflow_provider_wincc.conditions.values import as_number, is_same_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow_provider_wincc.conditions.memory import Place


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result of judging a condition once.

    :param result: True, False, or None for unknown. Only True satisfies a condition.
    :param readings: the readings of the condition's tags; a tag that was not read is missing.
    :param condition: the condition that was judged.
    :param recheck_at: the time on the monotonic clock at which the result may change without a new reading,
        because a hold time, an age limit or a heartbeat runs out; None when it cannot.
    :param outcome: the result of every part.
    """

    result: bool | None
    readings: Mapping[str, TagValue | TagFailure]
    condition: Condition
    recheck_at: float | None
    outcome: Outcome = field(repr=False)

    @property
    def is_true(self) -> bool:
        """Whether the condition is satisfied."""
        return self.result is True

    @property
    def is_false(self) -> bool:
        """Whether it is known that the condition is not satisfied."""
        return self.result is False

    @property
    def is_unknown(self) -> bool:
        """Whether the readings do not tell."""
        return self.result is None

    def explain(self) -> str:
        """Return, in one or more lines, which parts made the result so, and the readings behind them."""
        from airflow_provider_wincc.conditions.explanation import explanation

        return explanation(self)

    def readings_json(self) -> dict[str, Any]:
        """Return the reading of every tag of the condition as plain JSON types.

        A tag maps to what :meth:`TagValue.to_json` gives, or to ``{"error": reason}`` when there is no value.
        """
        return {name: _reading_json(self.readings.get(name)) for name in self.condition.tags}

    def __bool__(self) -> NoReturn:
        raise TypeError("an evaluation has three results; ask is_true, is_false or is_unknown")


def evaluate(
    condition: Condition,
    readings: Mapping[str, TagValue | TagFailure],
    *,
    memory: Memory | None = None,
    now: float | None = None,
    wall_time: datetime | None = None,
    refuse_overridden: bool = False,
) -> Evaluation:
    """Judge a condition by these readings; see :meth:`Condition.evaluate`."""
    if memory is None:
        _refuse_forms_with_memory(condition)
    if wall_time is not None and wall_time.tzinfo is None:
        raise WinCCConditionError(f"wall_time must have a timezone, and {wall_time.isoformat()} has none")
    observation = Observation(
        readings=readings,
        memory=Memory() if memory is None else memory,
        now=time.monotonic() if now is None else now,
        wall_time=datetime.now(UTC) if wall_time is None else wall_time,
        refuse_overridden=refuse_overridden,
    )
    outcome = _judge(condition, observation, ())
    return Evaluation(outcome.result, observation.seen, condition, observation.recheck_at, outcome)


def _refuse_forms_with_memory(condition: Condition) -> None:
    forms = condition.memory_forms
    if forms:
        raise WinCCConditionError(
            f"{condition!r} cannot be judged from one reading, because of {', '.join(forms)}",
            hint="Wait for it with a sensor, or give evaluate(..., memory=) a Memory that lives as long as the wait.",
        )


def _reading_json(reading: TagValue | TagFailure | None) -> dict[str, Any]:
    match reading:
        case TagValue():
            return reading.to_json()
        case TagFailure():
            return {"error": storable_text(str(reading))}
        case None:
            return {"error": "not read"}


@singledispatch
def _judge(condition: Condition, observation: Observation, place: Place) -> Outcome:  # noqa: ARG001  # others use it
    return judge_reading(condition, observation)


@_judge.register(Not)
def _not(condition: Not, observation: Observation, place: Place) -> Outcome:
    child = _judge(condition.condition, observation, (*place, 0))
    return Outcome(condition, None if child.result is None else not child.result, children=(child,))


@_judge.register(AllOf)
def _all_of(condition: AllOf, observation: Observation, place: Place) -> Outcome:
    children = _judge_all(condition.conditions, observation, place)
    results = [child.result for child in children]
    result = False if False in results else None if None in results else True
    return Outcome(condition, result, children=children)


@_judge.register(AnyOf)
def _any_of(condition: AnyOf, observation: Observation, place: Place) -> Outcome:
    children = _judge_all(condition.conditions, observation, place)
    results = [child.result for child in children]
    result = True if True in results else None if None in results else False
    return Outcome(condition, result, children=children)


@_judge.register(AtLeast)
def _at_least(condition: AtLeast, observation: Observation, place: Place) -> Outcome:
    children = _judge_all(condition.conditions, observation, place)
    true = sum(child.result is True for child in children)
    unknown = sum(child.result is None for child in children)
    result = True if true >= condition.count else None if true + unknown >= condition.count else False
    return Outcome(condition, result, f"{true} of {len(children)} true, {condition.count} needed", children)


def _judge_all(conditions: tuple[Condition, ...], observation: Observation, place: Place) -> tuple[Outcome, ...]:
    # Every one is judged, even when the result is clear before, because some must remember each reading.
    return tuple(_judge(child, observation, (*place, index)) for index, child in enumerate(conditions))


@_judge.register(HeldFor)
def _held_for(condition: HeldFor, observation: Observation, place: Place) -> Outcome:
    child = _judge(condition.condition, observation, (*place, 0))
    needed = condition.duration.total_seconds()
    if child.result is not True:
        observation.memory.true_since.pop(place, None)
        return Outcome(condition, child.result, f"true for 0 s of {in_words(needed)}", (child,))
    since = observation.memory.true_since.setdefault(place, observation.now)
    held = observation.now >= since + needed
    if not held:
        observation.look_again_at(since + needed)
    return Outcome(condition, held, f"true for {in_words(observation.now - since)} of {in_words(needed)}", (child,))


@_judge.register(Changed)
def _changed(condition: Changed, observation: Observation, place: Place) -> Outcome:
    by = None if condition.by is None else plain_number(condition.by, condition)
    reading = counted(condition.tag, condition, observation)
    if isinstance(reading, NoReading):
        return unknown(condition, reading)
    if by is not None and as_number(reading, condition) is None:
        return Outcome(condition, None, NOT_A_NUMBER)
    reading = _as_remembered(reading)
    name = condition.tag.name
    baseline = observation.memory.baselines.get(place)
    if baseline is None or baseline.tag != name:
        observation.memory.baselines[place] = Baseline(name, reading.text)
        return Outcome(condition, result=False, note="this is the first reading that counts")
    result = _differs(baseline, reading, by, condition)
    return Outcome(condition, result, f"it was {baseline.text!r} at first")


def _as_remembered(reading: TagValue) -> TagValue:
    # A memory is stored by Airflow, and what comes back from it must compare equal to the same reading.
    return reading._replace(text=storable_text(reading.text))


def _differs(baseline: Baseline, reading: TagValue, by: float | None, condition: Changed) -> bool | None:
    if by is None:
        return not is_same_value(baseline.text, reading.text)
    before = as_number(reading._replace(text=baseline.text), condition)
    after = as_number(reading, condition)
    return None if before is None or after is None else abs(after - before) >= by


@_judge.register(Alive)
def _alive(condition: Alive, observation: Observation, place: Place) -> Outcome:
    reading = counted(condition.tag, condition, observation)
    seen = observation.memory.last_seen
    if isinstance(reading, NoReading):
        seen.pop(place, None)
        return unknown(condition, reading)
    reading = _as_remembered(reading)
    last = seen.get(place)
    if last is None:
        last = seen[place] = LastSeen(reading.text, observation.now, has_changed=False)
    elif not is_same_value(last.text, reading.text):
        last = seen[place] = LastSeen(reading.text, observation.now, has_changed=True)
    within = condition.within.total_seconds()
    unchanged_for = in_words(observation.now - last.since)
    note = f"no change seen for {unchanged_for}, {in_words(within)} are allowed"
    if observation.now >= last.since + within:
        return Outcome(condition, result=False, note=note)
    observation.look_again_at(last.since + within)
    return Outcome(condition, True if last.has_changed else None, note)
