from __future__ import annotations

import json
import operator
import warnings
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pendulum
from condition_strategies import NAMES, conditions, numbers, ordered, quietly, texts
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_wincc.client.models import Quality, TagValue, read_value
from airflow_provider_wincc.conditions import (
    Condition,
    FloatEqualityWarning,
    Memory,
    alive,
    all_of,
    any_of,
    at_least,
    number,
    tag,
)

if TYPE_CHECKING:
    from collections.abc import Callable


unhurried = settings(deadline=None)
"""A machine that does other work too must not fail a test."""

NAMESPACE = {"tag": tag, "alive": alive, "at_least": at_least, "number": number, "timedelta": timedelta}


@unhurried
@given(conditions)
def test_json_keeps_everything(condition: Condition) -> None:
    text = json.dumps(condition.to_json(), allow_nan=False)

    again = Condition.from_json(json.loads(text))

    assert again == condition
    assert hash(again) == hash(condition)
    assert json.dumps(again.to_json()) == text


@unhurried
@given(conditions)
def test_repr_is_python_that_builds_an_equal_condition(condition: Condition) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FloatEqualityWarning)
        again = eval(repr(condition), dict(NAMESPACE))

    assert again == condition
    assert repr(again) == repr(condition)


@unhurried
@given(conditions)
def test_rendering_to_the_same_changes_nothing(condition: Condition) -> None:
    assert condition.render(lambda text: text) == condition


@unhurried
@given(st.lists(conditions, min_size=2, max_size=2))
def test_conditions_are_equal_exactly_when_their_json_is(pair: list[Condition]) -> None:
    one, other = pair

    assert (one == other) is (json.dumps(one.to_json()) == json.dumps(other.to_json()))


# Conditions whose result is drawn freely: "1" is true, "0" is false, and a tag that is not read is unknown.
plain = st.sampled_from([tag(name) == 1 for name in NAMES])
logical = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.builds(operator.and_, inner, inner),
        st.builds(operator.or_, inner, inner),
        st.builds(operator.invert, inner),
    ),
    max_leaves=8,
)
worlds = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, st.sampled_from(["0", "1"])))


def good(name: str, text: str, quality: int = 0x80) -> TagValue:
    return TagValue(name, read_value(text), Quality(quality), pendulum.datetime(2026, 11, 23), text)


def result(condition: Condition, world: dict[str, str]) -> bool | None:
    return condition.evaluate({name: good(name, text) for name, text in world.items()}).result


@unhurried
@given(logical, logical, worlds)
def test_and_and_or_are_each_other_negated(one: Condition, other: Condition, world: dict[str, str]) -> None:
    assert result(~(one & other), world) is result(~one | ~other, world)
    assert result(~(one | other), world) is result(~one & ~other, world)


@unhurried
@given(logical, logical, logical, worlds)
def test_order_and_grouping_do_not_matter(
    one: Condition, two: Condition, three: Condition, world: dict[str, str]
) -> None:
    assert result(one & two, world) is result(two & one, world)
    assert result(one | two, world) is result(two | one, world)
    assert result(one & (two | three), world) is result((one & two) | (one & three), world)
    assert result(one | (two & three), world) is result((one | two) & (one | three), world)


@unhurried
@given(logical, worlds)
def test_false_decides_an_and_and_true_decides_an_or(condition: Condition, world: dict[str, str]) -> None:
    known = {**world, "K": "1"}

    assert result(condition & (tag("K") == 0), known) is False
    assert result(condition | (tag("K") == 1), known) is True
    assert result(condition & (tag("K") == 1), known) is result(condition, world)
    assert result(condition | (tag("K") == 0), known) is result(condition, world)


@unhurried
@given(logical, worlds)
def test_negating_twice_changes_nothing(condition: Condition, world: dict[str, str]) -> None:
    assert result(~~condition, world) is result(condition, world)


@unhurried
@given(st.lists(logical, min_size=1, max_size=5), worlds)
def test_at_least_ends_at_any_of_and_all_of(parts: list[Condition], world: dict[str, str]) -> None:
    assert result(at_least(1, *parts), world) is result(any_of(*parts), world)
    assert result(at_least(len(parts), *parts), world) is result(all_of(*parts), world)


@unhurried
@given(st.lists(st.sampled_from([True, False, None]), min_size=1, max_size=6), st.data())
def test_at_least_is_true_or_false_only_when_no_unknown_could_change_it(
    values: list[bool | None], data: st.DataObject
) -> None:
    count = data.draw(st.integers(1, len(values)))
    parts = [tag(f"T{index}") == 1 for index in range(len(values))]
    world = {f"T{i}": str(int(value)) for i, value in enumerate(values) if value is not None}

    lowest = sum(value is True for value in values) >= count
    highest = sum(value is not False for value in values) >= count

    assert result(at_least(count, *parts), world) is (lowest if lowest == highest else None)


@unhurried
@given(logical, logical, worlds)
def test_another_part_of_an_and_never_makes_it_true(one: Condition, other: Condition, world: dict[str, str]) -> None:
    if result(one, world) is not True:
        assert result(one & other, world) is not True


@unhurried
@given(logical, worlds, st.sampled_from(NAMES), st.sampled_from(["0", "1"]))
def test_what_is_known_stays_so_when_more_is_read(
    condition: Condition, world: dict[str, str], name: str, text: str
) -> None:
    before = result(condition, world)

    if before is not None:
        assert result(condition, {name: text, **world}) is before


@unhurried
@given(
    st.sampled_from([operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]),
    numbers,
    numbers,
)
def test_a_comparison_of_numbers_agrees_with_python(
    compare: Callable[[Any, Any], Any], left: float, right: float
) -> None:
    condition = quietly(compare)(tag("A"), right)

    assert condition.evaluate({"A": good("A", str(left))}).result is compare(left, right)
    assert quietly(compare)(tag("A"), tag("B")).evaluate(
        {"A": good("A", str(left)), "B": good("B", str(right))}
    ).result is compare(left, right)


@unhurried
@given(numbers, ordered)
def test_between_and_outside_agree_with_python_and_exclude_each_other(value: float, pair: list[float]) -> None:
    low, high = pair
    readings = {"A": good("A", str(value))}

    assert tag("A").between(low, high).evaluate(readings).result is (low <= value <= high)
    assert tag("A").outside(low, high).evaluate(readings).result is not (low <= value <= high)


@unhurried
@given(st.integers(-(2**63), 2**64 - 1), st.integers(0, 63))
def test_bits_agree_with_python(value: int, index: int) -> None:
    expected = bool(value & (1 << index))

    assert tag("A").bit(index).evaluate({"A": good("A", str(value))}).result is expected


@unhurried
@given(texts.filter(lambda text: read_value(text) is not None), texts)
def test_texts_compare_letter_by_letter(value: str, literal: str) -> None:
    assert (tag("A") == literal).evaluate({"A": good("A", value)}).result is (value == literal)


@unhurried
@given(st.integers(0, 255), st.booleans(), st.booleans())
def test_only_what_the_quality_allows_is_ever_true(code: int, accept: bool, refuse_overridden: bool) -> None:
    source = tag("A").accept_uncertain() if accept else tag("A")
    overridden = code & 0xFC in {0x60, 0xD8}
    counts = (code >= 0x80 or (accept and code >= 0x40)) and not (refuse_overridden and overridden)

    judged = (source == 1).evaluate({"A": good("A", "1", code)}, refuse_overridden=refuse_overridden)

    assert judged.result is (True if counts else None)


steps = st.lists(st.tuples(st.floats(0, 20), st.sampled_from(["1", "0", None])), min_size=1, max_size=30)


@unhurried
@given(steps, st.integers(1, 30))
def test_held_for_follows_its_model(walk: list[tuple[float, str | None]], seconds: int) -> None:
    condition = (tag("A") == 1).held_for(seconds=seconds)
    memory = Memory()
    now, since = 1000.0, None

    for wait, text in walk:
        now += wait
        readings = {} if text is None else {"A": good("A", text)}
        judged = condition.evaluate(readings, memory=memory, now=now)

        since = None if text != "1" else now if since is None else since
        expected = None if text is None else since is not None and now >= since + seconds
        assert judged.result is expected
        counting = since is not None and expected is False
        assert judged.recheck_at == (since + seconds if counting and since is not None else None)


@unhurried
@given(steps, st.integers(1, 30))
def test_alive_follows_its_model(walk: list[tuple[float, str | None]], seconds: int) -> None:
    condition = alive("A", within=timedelta(seconds=seconds))
    memory = Memory()
    now, last, since, changed = 1000.0, None, 0.0, False

    for wait, text in walk:
        now += wait
        readings = {} if text is None else {"A": good("A", text)}
        judged = condition.evaluate(readings, memory=memory, now=now)

        if text != last:
            changed, since = last is not None, now
        last = text
        expected = None if text is None else False if now >= since + seconds else True if changed else None
        assert judged.result is expected


@unhurried
@given(conditions.filter(lambda condition: not condition.is_templated), st.lists(st.floats(0, 100), max_size=5))
def test_a_time_to_look_again_always_lies_ahead(condition: Condition, waits: list[float]) -> None:
    memory = Memory()
    readings = {name: good(name, "1") for name in condition.tags}
    wall_time = pendulum.datetime(2026, 11, 23)
    elapsed = 0.0

    for wait in waits:
        elapsed += wait
        judged = condition.evaluate(
            readings, memory=memory, now=5.0 + elapsed, wall_time=wall_time.add(seconds=elapsed)
        )
        assert judged.recheck_at is None or judged.recheck_at > 5.0 + elapsed
        assert judged.explain().startswith(f"{condition!r} is ")
        assert set(judged.readings_json()) == set(condition.tags)
