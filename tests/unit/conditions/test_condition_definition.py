from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError
from datetime import timedelta
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

import pytest

from airflow_provider_wincc.conditions import (
    Condition,
    WinCCConditionError,
    alive,
    all_of,
    any_of,
    at_least,
    number,
    tag,
)

if TYPE_CHECKING:
    from collections.abc import Callable

a, b = tag("A"), tag("B")
LARGE = 10**400
NOT_A_NUMBER = float("nan")


@pytest.mark.parametrize(
    ("define", "named"),
    [
        (lambda: tag(""), "''"),
        (lambda: tag("  "), "'  '"),
        (lambda: tag(5), "5"),  # type: ignore[arg-type]
        (lambda: tag(a), r"tag\("),  # type: ignore[arg-type]
        (lambda: alive("", within=timedelta(seconds=1)), "''"),
        (lambda: alive("A", within=30), "30"),  # type: ignore[arg-type]
        (lambda: alive("A", within=timedelta()), "0 s"),
        (lambda: a == None, "None"),  # noqa: E711
        (lambda: a == [1], r"\[1\]"),
        (lambda: a == (b == 1), r'tag\("B"\) == 1'),
        (lambda: a < (b == 1), r'tag\("B"\) == 1'),  # type: ignore[operator]
        (lambda: a == NOT_A_NUMBER, "nan"),
        (lambda: a == float("inf"), "inf"),
        (lambda: a > LARGE, "300 digits"),
        (lambda: a < "IDLE", "'IDLE'"),
        (lambda: a < "42.5", "'42.5'"),
        (lambda: a < True, "True"),
        (lambda: a > None, "None"),  # type: ignore[operator]
        (lambda: a >= float("-inf"), "-inf"),
        (lambda: a.between(2, 1), r"low \(2\) is greater than high \(1\)"),
        (lambda: a.outside(2, 1), r"low \(2\) is greater than high \(1\)"),
        (lambda: a.between("1", 2), "'1'"),
        (lambda: a.between(1, True), "True"),
        (lambda: a.between(b, 2), "tag"),  # type: ignore[arg-type]
        (lambda: a.close_to(1, tolerance=-0.5), "-0.5"),
        (lambda: a.close_to("x", tolerance=1), "'x'"),
        (lambda: a.is_in([]), "empty"),
        (lambda: a.is_in("IDLE"), "'IDLE'"),
        (lambda: a.is_in({"IDLE"}), "no fixed order"),  # type: ignore[arg-type]
        (lambda: a.is_in([None]), "None"),  # type: ignore[list-item]
        (lambda: a.matches("B-("), r"'B-\('"),
        (lambda: a.matches(5), "5"),  # type: ignore[arg-type]
        (lambda: a.bit(-1), "-1"),
        (lambda: a.bit(64), "64"),
        (lambda: a.bit(True), "True"),
        (lambda: a.bit(1.0), "1.0"),  # type: ignore[arg-type]
        (lambda: a.changed(by=0), "0"),
        (lambda: a.changed(by=-1), "-1"),
        (lambda: a.changed(by="x"), "'x'"),
        (lambda: a.quality_is("fine"), "'good', 'uncertain', 'bad', not 'fine'"),
        (lambda: number("IDLE"), "'IDLE'"),
        (lambda: number("nan"), "'nan'"),
        (lambda: number(True), "True"),
        (lambda: number(None), "None"),  # type: ignore[arg-type]
        (all_of, "at least 1"),
        (any_of, "at least 1"),
        (lambda: all_of([a == 1]), r"\[tag"),  # type: ignore[arg-type]
        (lambda: any_of(a), 'not tag\\("A"\\)'),  # type: ignore[arg-type]
        (lambda: at_least(0, a == 1), "not 0"),
        (lambda: at_least(2, a == 1), "not 2"),
        (lambda: at_least(1), "not 0"),
        (lambda: at_least(a == 1, b == 1), r'not tag\("A"\) == 1'),  # type: ignore[arg-type]
        (lambda: at_least(True, a == 1), "True"),
        ((a == 1).held_for, "longer than zero"),
        (lambda: (a == 1).held_for(minutes=0), "longer than zero"),
        (lambda: (a == 1).held_for(timedelta(seconds=-1)), "-1 s"),
        (lambda: (a == 1).held_for(timedelta(seconds=1), seconds=1), "twice"),
        (lambda: (a == 1).held_for(minutes=2, seconds=-1), "seconds.*-1"),
        (lambda: (a == 1).held_for(hours=float("nan")), "nan"),
        (lambda: (a == 1).held_for(minutes="2"), "'2'"),  # type: ignore[arg-type]
        (lambda: (a == 1).held_for(minutes=True), "True"),
        (lambda: (a == 1).held_for(120), "120"),  # type: ignore[arg-type]
        (lambda: (a == 1).held_for(hours=1e300), "100 years"),
        (a.not_older_than, "not_older_than.*longer than zero"),
        (lambda: (a == 1).not_older_than(seconds=0), "not_older_than.*longer than zero"),
    ],
)
def test_a_wrong_argument_is_refused_where_it_is_written_and_named(define: Callable[[], object], named: str) -> None:
    with pytest.raises(WinCCConditionError, match=named):
        define()


@pytest.mark.parametrize(
    ("use", "advice"),
    [
        (lambda: bool(a), r"&, \| and ~"),
        (lambda: bool(a == 1), r"&, \| and ~"),
        (lambda: (a == 1) and (b == 1), r"&, \| and ~"),
        (lambda: (a == 1) or (b == 1), r"&, \| and ~"),
        (lambda: not a.bit(1), r"&, \| and ~"),
        (lambda: 1 < a < 2, r"\.between\(a, b\)"),
        (lambda: a < b < 2, r"\.between\(a, b\)"),
        (lambda: 1 in a, r'tag\("A"\) == 1'),  # type: ignore[operator]
        (lambda: a in [1, 2], r"&, \| and ~"),
        (lambda: a == 1 & b == 2, "parentheses"),  # type: ignore[operator]
        (lambda: a == 1 | b == 2, "parentheses"),  # type: ignore[operator]
        (lambda: a & (b == 1), "Compare the tag first"),
        (lambda: a | (b == 1), "Compare the tag first"),
        (lambda: (a == 1) & b, "parentheses"),  # type: ignore[operator]
        (lambda: (a == 1) & True, "True is none"),  # type: ignore[operator]
        (lambda: (a == 1) | None, "None is none"),  # type: ignore[operator]
        (lambda: True & (a == 1), "True is none"),  # type: ignore[operator]
        (lambda: 1 | (a == 1), "1 is none"),  # type: ignore[operator]
        (lambda: ~a, r'tag\("A"\) == False'),
    ],
)
def test_python_that_cannot_mean_what_it_says_is_refused_with_advice(use: Callable[[], object], advice: str) -> None:
    with pytest.raises(TypeError, match=advice):
        use()


@pytest.mark.parametrize(
    ("condition", "source"),
    [
        ((a == "IDLE") & b.between(40, 90), 'tag("A") == "IDLE") & tag("B").between(40, 90)'),
        (a.bit(4) | (a > b), 'tag("A").bit(4) | (tag("A") > tag("B"))'),
        ((a.bit(1) | a.bit(2)) & ~a.bit(3), '(tag("A").bit(1) | tag("A").bit(2)) & ~tag("A").bit(3)'),
        (a.bit(1) & a.bit(2) | a.bit(3), 'tag("A").bit(1) & tag("A").bit(2) | tag("A").bit(3)'),
        (~(a == 1), '~(tag("A") == 1)'),
        (~(a.bit(1) & a.bit(2)), '~(tag("A").bit(1) & tag("A").bit(2))'),
        ((a == 1).held_for(minutes=2), '(tag("A") == 1).held_for(minutes=2)'),
        (a.bit(1).held_for(seconds=90), 'tag("A").bit(1).held_for(seconds=90)'),
        ((~a.bit(1)).held_for(hours=1.5), '(~tag("A").bit(1)).held_for(minutes=90)'),
        (a.bit(1).held_for(seconds=0.25), 'tag("A").bit(1).held_for(seconds=0.25)'),
        (at_least(1, a == 1, b.bit(0)), 'at_least(1, tag("A") == 1, tag("B").bit(0))'),
        (alive("A", within=timedelta(minutes=1)), 'alive("A", within=timedelta(minutes=1))'),
        (
            alive("A", within=timedelta(seconds=5)).accept_uncertain(),
            'alive("A", within=timedelta(seconds=5)).accept_uncertain()',
        ),
        (
            a.accept_uncertain().not_older_than(hours=1) >= 0.5,
            'tag("A").accept_uncertain().not_older_than(hours=1) >= 0.5',
        ),
        (a.matches(r"B-\d+"), 'tag("A").matches(r"B-\\d+")'),
        (a == 'say "hi"', 'tag("A") == \'say "hi"\''),
        (a == "it's", 'tag("A") == "it\'s"'),
        (a > "{{ params.x }}", 'tag("A") > "{{ params.x }}"'),
        (a == "{{ params.x }}", 'tag("A") == "{{ params.x }}"'),
        (a == number("{{ params.x }}"), 'tag("A") == number("{{ params.x }}")'),
        (a.is_in(["a", 1, True]), 'tag("A").is_in(["a", 1, True])'),
        (a.close_to(40, tolerance=0.5), 'tag("A").close_to(40, tolerance=0.5)'),
        (a.changed(), 'tag("A").changed()'),
        (a.changed(by=0.5), 'tag("A").changed(by=0.5)'),
        (a.quality_is("bad"), 'tag("A").quality_is("bad")'),
        (a.outside(1, 2), 'tag("A").outside(1, 2)'),
    ],
)
def test_repr_reads_like_the_source(condition: Condition, source: str) -> None:
    assert repr(condition).endswith(source)


def test_the_repr_of_a_tag_reads_like_its_source() -> None:
    assert repr(tag("A").not_older_than(minutes=5)) == 'tag("A").not_older_than(minutes=5)'


def test_joined_conditions_are_equal_however_they_were_joined() -> None:
    one, two, three = a == 1, a == 2, a == 3

    assert (one & two) & three == one & (two & three) == all_of(one, two, three)
    assert (one | two) | three == one | (two | three) == any_of(one, two, three)
    assert all_of(one) == any_of(one) == one


def test_equal_conditions_have_equal_hashes() -> None:
    assert hash(a == 1) == hash(tag("A") == 1)
    assert {a == 1, tag("A") == 1, a == 2} == {a == 1, a == 2}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (a == 1, a == 2),
        (a == 1, b == 1),
        (a == 1, a != 1),
        (a == 1, a == True),  # noqa: E712
        (a == 1, a == "1"),
        (a > 1, a > 1.0),
        (a == "{{ x }}", a == number("{{ x }}")),
        (a.between(1, 2), a.outside(1, 2)),
        (a.bit(1) & a.bit(2), a.bit(2) & a.bit(1)),
        (a == 1, a.accept_uncertain() == 1),
    ],
)
def test_conditions_that_mean_or_read_otherwise_are_not_equal(one: Condition, other: Condition) -> None:
    assert one != other
    assert one.to_json() != other.to_json() or repr(one) != repr(other)


def test_a_condition_equals_nothing_else() -> None:
    assert (a == 1) != 'tag("A") == 1'


def test_minus_zero_is_zero() -> None:
    assert (a > -0.0) == (a > 0.0)
    assert repr(a > -0.0) == 'tag("A") > 0.0'


def test_members_of_enumerations_count_as_their_values() -> None:
    class State(StrEnum):
        IDLE = "idle"

    class Code(IntEnum):
        READY = 3

    assert (a == State.IDLE).to_json()["value"] == "idle"
    assert type((a == State.IDLE).to_json()["value"]) is str
    assert (a == Code.READY) == (a == 3)


def test_a_condition_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        (a == 1).operator = "!="  # type: ignore[attr-defined]
    with pytest.raises(FrozenInstanceError):
        a.source = b.source  # type: ignore[misc]


def test_a_tag_can_be_a_key_and_copied() -> None:
    assert hash(tag("A")) == hash(tag("A"))
    assert repr(copy.deepcopy(a)) == repr(a)


def test_a_condition_survives_pickle_and_deepcopy() -> None:
    condition = ((a == 1) & b.matches("x")).held_for(minutes=1) | alive("H", within=timedelta(seconds=1))

    assert pickle.loads(pickle.dumps(condition)) == condition
    assert copy.deepcopy(condition) == condition


def test_a_condition_knows_its_tags() -> None:
    condition = (b == 1) & (tag("C") > a) & ~(tag("C") == 2) & alive("H", within=timedelta(seconds=1))

    assert condition.tags == ("A", "B", "C", "H")


def test_a_condition_knows_which_of_its_forms_need_a_memory() -> None:
    condition = ~(a.changed() | (b == 1).held_for(seconds=1)) & alive("H", within=timedelta(seconds=1))

    assert condition.memory_forms == ("alive", "changed", "held_for")
    assert condition.needs_memory
    assert (a == 1).memory_forms == ()
    assert not (a == 1).needs_memory


def test_what_a_whole_condition_accepts_holds_for_every_tag_in_it() -> None:
    condition = ((a == 1) & ~(tag("B") > tag("C"))).accept_uncertain().not_older_than(seconds=5)

    def loosened(name: str) -> object:
        return tag(name).accept_uncertain().not_older_than(seconds=5)

    assert repr(condition) == f"({loosened('A')!r} == 1) & ~({loosened('B')!r} > {loosened('C')!r})"


def test_every_public_error_is_one_of_the_provider() -> None:
    from airflow_provider_wincc.client.errors import WinCCError

    assert issubclass(WinCCConditionError, WinCCError)
    assert isinstance(a == 1, Condition)
