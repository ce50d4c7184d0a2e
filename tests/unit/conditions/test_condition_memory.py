from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from airflow_provider_wincc.conditions import Evaluation, Memory, WinCCConditionError, alive, tag

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.client.models import TagValue
    from airflow_provider_wincc.conditions import Condition

    Look = Callable[..., Evaluation]

a = tag("A")
BEAT = alive("A", within=timedelta(seconds=30))


@pytest.fixture
def look(reading: Callable[..., TagValue]) -> Callable[[Condition], Look]:
    """Start a wait for a condition on tag A: ``look(condition)`` gives ``at(time, text, quality)``."""

    def start(condition: Condition, memory: Memory | None = None) -> Look:
        remembered = Memory() if memory is None else memory

        def at(time: float, text: str | None, quality: int = 0x80) -> Evaluation:
            readings = {} if text is None else {"A": reading("A", text, quality=quality)}
            return condition.evaluate(readings, memory=remembered, now=time)

        return at

    return start


@pytest.mark.parametrize("condition", [(a == 1).held_for(seconds=1), a.changed(), BEAT, ~BEAT | (a == 1)])
def test_a_condition_that_must_remember_is_refused_without_a_memory(condition: Condition) -> None:
    with pytest.raises(WinCCConditionError, match=f"because of {condition.memory_forms[0]}.*Memory"):
        condition.evaluate({})


def test_held_for_is_true_once_the_time_has_passed_without_a_break(look: Callable[..., Look]) -> None:
    at = look((a == 1).held_for(seconds=10))

    assert [at(time, "1").result for time in (100.0, 105.0, 109.9, 110.0, 200.0)] == [
        False,
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(("text", "during"), [("2", False), (None, None), ("nan", None)])
def test_held_for_begins_anew_after_false_and_after_unknown(
    look: Callable[..., Look], text: str | None, *, during: bool | None
) -> None:
    at = look((a == 1).held_for(seconds=10))
    at(0.0, "1")

    assert at(9.0, text).result is during
    assert at(12.0, "1").is_false
    assert at(21.9, "1").is_false
    assert at(22.0, "1").is_true


def test_held_for_says_when_to_look_again_and_is_true_then(look: Callable[..., Look]) -> None:
    at = look((a == 1).held_for(seconds=0.3))

    first = at(0.1, "1")
    assert first.recheck_at is not None
    second = at(first.recheck_at, "1")

    assert first.is_false
    assert second.is_true
    assert second.recheck_at is None


def test_the_earliest_time_to_look_again_counts(look: Callable[..., Look]) -> None:
    at = look((a == 1).held_for(seconds=10) & (a > 0).held_for(seconds=5) & BEAT)

    assert at(100.0, "1").recheck_at == 105.0


def test_a_hold_time_goes_on_while_another_part_is_false(look: Callable[..., Look]) -> None:
    at = look((a == 2) & (a >= 1).held_for(seconds=10))
    at(0.0, "1")

    assert at(10.0, "2").is_true


def test_equal_hold_times_in_two_places_do_not_disturb_each_other(look: Callable[..., Look]) -> None:
    held = (a == 1).held_for(seconds=10)
    at = look(held & ~~held)
    at(0.0, "1")

    assert at(10.0, "1").is_true


def test_hold_times_nest(look: Callable[..., Look]) -> None:
    at = look((a == 1).held_for(seconds=10).held_for(seconds=5))

    assert [at(time, "1").result for time in (0.0, 10.0, 14.9, 15.0)] == [False, False, False, True]


def test_an_interruption_restarts_hold_times_and_heartbeats_but_keeps_baselines(look: Callable[..., Look]) -> None:
    memory = Memory()
    held = look((a >= 1).held_for(seconds=10), memory)
    held(0.0, "1")
    memory.interrupt()
    assert held(10.0, "1").is_false
    assert held(20.0, "1").is_true

    memory = Memory()
    beat = look(BEAT, memory)
    beat(0.0, "1")
    assert beat(1.0, "2").is_true
    memory.interrupt()
    assert beat(2.0, "3").is_unknown

    memory = Memory()
    changed = look(a.changed(), memory)
    changed(0.0, "1")
    memory.interrupt()
    assert changed(1.0, "2").is_true


def test_changed_compares_with_the_first_reading(look: Callable[..., Look]) -> None:
    at = look(a.changed())

    assert [at(0.0, text).result for text in ("1", "1", "2", "1.0", "x")] == [False, False, True, False, True]


def test_changed_waits_for_a_first_reading_that_counts(look: Callable[..., Look]) -> None:
    at = look(a.changed())

    assert at(0.0, None).is_unknown
    assert at(1.0, "1", 0x08).is_unknown
    assert at(2.0, "2").is_false
    assert at(3.0, "3", 0x40).is_unknown
    assert at(4.0, "2").is_false
    assert at(5.0, "3").is_true


def test_changed_by_needs_at_least_that_difference_in_either_direction(look: Callable[..., Look]) -> None:
    at = look(a.changed(by=0.5))

    results = [at(0.0, text).result for text in ("40", "40.4", "40.5", "39.6", "39.5", " nan ")]

    assert results == [False, False, True, False, True, None]


def test_changed_by_of_a_text_is_an_error(look: Callable[..., Look]) -> None:
    with pytest.raises(WinCCConditionError, match="'A' has the value 'IDLE'"):
        look(a.changed(by=1))(0.0, "IDLE")


def test_alive_must_see_a_change(look: Callable[..., Look]) -> None:
    at = look(BEAT)

    assert at(0.0, "1").is_unknown
    assert at(29.0, "1").is_unknown
    assert at(29.5, "2").is_true
    assert at(59.4, "2").is_true
    assert at(59.5, "2").is_false
    assert at(80.0, "3").is_true


def test_alive_is_false_when_no_change_came_within_the_time(look: Callable[..., Look]) -> None:
    at = look(BEAT)

    first = at(0.0, "1")
    assert first.recheck_at == 30.0
    second = at(30.0, "1")

    assert second.is_false
    assert second.recheck_at is None


def test_alive_does_not_take_a_fresh_timestamp_for_a_change(
    look: Callable[..., Look], reading: Callable[..., TagValue]
) -> None:
    memory = Memory()
    BEAT.evaluate({"A": reading("A", "1", age=10)}, memory=memory, now=0.0)

    assert BEAT.evaluate({"A": reading("A", "1", age=0)}, memory=memory, now=1.0).is_unknown


@pytest.mark.parametrize(("text", "quality"), [(None, 0x80), ("2", 0x08), ("2", 0x44)])
def test_alive_is_unknown_without_a_reading_that_counts_and_then_begins_anew(
    look: Callable[..., Look], text: str | None, quality: int
) -> None:
    at = look(BEAT)
    at(0.0, "1")
    at(1.0, "2")

    assert at(2.0, text, quality).is_unknown
    assert at(3.0, "9").is_unknown
    assert at(4.0, "10").is_true


def test_what_survives_a_process_are_the_baselines(look: Callable[..., Look]) -> None:
    condition = (a == 1).held_for(seconds=10) | a.changed() | BEAT
    memory = Memory()
    look(condition, memory)(0.0, "1")

    data = json.loads(json.dumps(memory.to_json()))
    again = Memory.from_json(data)

    assert data == {"baselines": [{"place": [1], "tag": "A", "text": "1"}]}
    assert again.baselines == memory.baselines
    assert again.true_since == {}
    assert again.last_seen == {}
    assert look(a.changed() | a.changed(), again)(0.0, "2").is_true


@pytest.mark.parametrize("text", ["half \ud800", "nul \x00"])
def test_a_text_that_airflow_cannot_store_is_remembered_and_known_again(look: Callable[..., Look], text: str) -> None:
    condition = a.changed() | BEAT
    memory = Memory()
    look(condition, memory)(0.0, text)

    data = memory.to_json_with_times(now=0.0)
    msgspec.msgpack.encode(data)
    json.dumps(data, ensure_ascii=False).encode()
    again = look(condition, Memory.from_json_with_times(data, now=0.0))

    assert "\x00" not in data["baselines"][0]["text"]
    assert [again(1.0, shown).result for shown in (text, "other")] == [None, True]


def test_with_times_everything_survives_and_counts_on_by_the_clock_of_the_next_process(
    look: Callable[..., Look],
) -> None:
    condition = (a >= 1).held_for(seconds=10) & a.changed() & BEAT
    memory = Memory()
    at = look(condition, memory)
    at(100.0, "1")
    at(104.0, "2")

    data = json.loads(json.dumps(memory.to_json_with_times(now=105.0)))
    again = Memory.from_json_with_times(data, now=7.0)

    assert again.baselines == memory.baselines
    assert again.true_since == {(0,): 2.0}
    assert again.last_seen[2,].since == 6.0
    assert look(condition, again)(11.9, "2").is_false
    assert look(condition, again)(12.0, "2").is_true


def test_a_baseline_of_another_tag_does_not_count(look: Callable[..., Look]) -> None:
    memory = Memory.from_json({"baselines": [{"place": [], "tag": "Old", "text": "1"}]})

    assert look(a.changed(), memory)(0.0, "2").is_false
    assert memory.to_json() == {"baselines": [{"place": [], "tag": "A", "text": "2"}]}


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"baselines": {}},
        {"baselines": [], "more": 1},
        {"baselines": [1]},
        {"baselines": [{"place": [0], "tag": "A"}]},
        {"baselines": [{"place": [True], "tag": "A", "text": "1"}]},
        {"baselines": [{"place": ["0"], "tag": "A", "text": "1"}]},
        {"baselines": [{"place": [0], "tag": "A", "text": 1}]},
        {"baselines": [{"place": [0], "tag": "A", "text": "1", "more": 1}]},
    ],
)
def test_data_that_is_no_memory_is_refused(data: object) -> None:
    with pytest.raises(WinCCConditionError, match="JSON of a memory"):
        Memory.from_json(data)


SEEN = {"place": [0], "text": "1", "seconds": 5, "has_changed": False}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"baselines": [{"place": [0]}]}, r"baselines\[0\]"),
        ({"true_for": {}}, "true_for"),
        ({"true_for": [{"place": [0], "seconds": 1}, {"place": [0], "seconds": "1"}]}, r"true_for\[1\]"),
        ({"true_for": [{"place": [0], "seconds": -1}]}, r"true_for\[0\]"),
        ({"true_for": [{"place": [0], "seconds": float("inf")}]}, r"true_for\[0\]"),
        ({"true_for": [{"place": [0], "seconds": float("nan")}]}, r"true_for\[0\]"),
        ({"true_for": [{"place": [0], "seconds": True}]}, r"true_for\[0\]"),
        ({"true_for": [{"place": [None], "seconds": 1}]}, r"true_for\[0\]"),
        ({"last_seen": [SEEN | {"has_changed": 1}]}, r"last_seen\[0\]"),
        ({"last_seen": [SEEN | {"seconds": -1}]}, r"last_seen\[0\]"),
        ({"last_seen": [SEEN | {"more": 1}]}, r"last_seen\[0\]"),
        ({"more": []}, "expected an object"),
    ],
)
def test_data_that_is_no_memory_with_times_is_refused_and_the_place_is_named(
    change: dict[str, object], where: str
) -> None:
    data = {"baselines": [], "true_for": [], "last_seen": [SEEN]} | change

    with pytest.raises(WinCCConditionError, match=f"JSON of a memory.*{where}"):
        Memory.from_json_with_times(data, now=0.0)
