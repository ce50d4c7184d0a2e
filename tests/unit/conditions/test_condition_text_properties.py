"""Every condition can be read from its text, and no text does anything but that."""

from __future__ import annotations

import time
import warnings
from contextlib import suppress

import pytest
from condition_strategies import conditions
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_wincc.conditions import Condition, FloatEqualityWarning, WinCCConditionError
from airflow_provider_wincc.conditions.text.tokens import LONGEST_TEXT

unhurried = settings(deadline=None)
"""A machine that does other work too must not fail a test."""


def read(text: str) -> Condition:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FloatEqualityWarning)
        # Python's warning of patterns that may mean something else one day.
        warnings.simplefilter("ignore", FutureWarning)
        return Condition.from_text(text)


@unhurried
@given(conditions)
def test_a_condition_comes_back_from_its_repr(condition: Condition) -> None:
    again = read(repr(condition))

    assert again == condition
    assert repr(again) == repr(condition)


tokens = st.sampled_from(
    [
        *("tag", "alive", "all_of", "any_of", "at_least", "number", "timedelta", "between", "is_in", "bit", "held_for"),
        *('"A"', "'B'", 'r"C\\d"', '"{{ x }}"', "5", "-1.5", "1e400", "0x1F", "True", "False", '"\\N{BULLET}"'),
        *("and", "or", "not", "&", "|", "~", "==", "!=", "<", "<=", ">", ">=", "(", ")", "[", "]", ",", ".", "=", "-"),
        *('tag("A")', '(tag("A") == 1)', 'tag("B").bit(1)', "within=timedelta(seconds=1)", "seconds=1", " ", "\n"),
        *("lambda", ":", "{", "}", "for", "x", "in", "if", "else", "__class__", "\\", "#", ";", "*", "**", ":=", "\0"),
    ]
)
soups = st.lists(tokens, max_size=25).flatmap(lambda parts: st.sampled_from(["", " "]).map(lambda gap: gap.join(parts)))


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """The text of a condition in which some places were replaced, doubled or left out."""
    text = repr(draw(conditions))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 5)))
        between = draw(st.one_of(st.just(""), st.just(text[start:end] * 2), tokens, st.text(max_size=3)))
        text = text[:start] + between + text[end:]
    return text


@unhurried
@given(st.one_of(st.text(alphabet=st.characters(), max_size=60), soups, damaged()))
def test_any_text_is_a_condition_or_an_error_that_points_into_it(text: str) -> None:
    try:
        condition = read(text)
    except WinCCConditionError as error:
        said, _, carets = error.message.splitlines()
        assert said.startswith("text of a condition, ")
        assert set(carets.strip()) == {"^"}
    else:
        assert read(repr(condition)) == condition


def filled(part: str, end: str = "") -> str:
    """Repeat a part until the text is as long as it may be."""
    return part * ((LONGEST_TEXT - len(end)) // len(part)) + end


HOSTILE = {
    "inversions": filled("~", 'tag("A").bit(1)'),
    "negations": filled("not ", 'tag("A").bit(1)'),
    "minus signs": filled("-", "1"),
    "open brackets": filled("("),
    "brackets": "(" * 9_000 + ")" * 9_000,
    "nested calls": "all_of(" * 2_500 + ")" * 2_500,
    "nested calls with an error inside": "all_of(" * 98 + "a=1, 2" + ")" * 98,
    "nested arguments in the wrong order": "f(a=" * 98 + "1" + ", 2)" * 98,
    "nested lists with an error inside": "[" * 98 + "1 = 2" + "]" * 98,
    "joined conditions": filled('(tag("A")<1)&', 'tag("A").bit(1)'),
    "joined in turns": filled('tag("A")<1 or tag("A")<1 and ', 'tag("A").bit(1)'),
    "methods in a row": 'tag("A")' + ".a" * 9_900 + ".a()",
    "durations in a row": '(tag("A")==1)' + ".held_for(seconds=1)" * 900,
    "comparisons in a row": filled("1<", "1"),
    "many arguments": "f(" + "1," * 9_990 + ")",
    "many named arguments": 'tag("A").changed(' + "by=1," * 3_900 + ")",
    "a long list": 'tag("A").is_in([' + "1," * 9_990 + "])",
    "a long number": 'tag("A")==' + "9" * 19_000,
    "long hexadecimals": 'tag("A")==0x' + "f" * 19_000,
    "a long name": "a" * LONGEST_TEXT,
    "a long name of a method": 'tag("A").' + "b" * 19_000 + "()",
    "quotes": filled('"'),
    "texts": filled('"a"'),
    "backslashes": '"' + "\\" * 19_000,
    "a deep pattern": 'tag("A").matches("' + "(" * 9_000 + ")" * 9_000 + '")',
    "line ends": "\n" * 19_000 + "tag(",
    "braces": " x" + "{{" * 9_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_read_or_refused_in_bounded_time(text: str) -> None:
    assert len(text) <= LONGEST_TEXT
    started = time.monotonic()

    with suppress(WinCCConditionError):
        assert isinstance(read(text), Condition)

    assert time.monotonic() - started < 20
