from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from airflow_provider_wincc.client.models import FailureKind, Quality, TagFailure, TagValue
from airflow_provider_wincc.conditions import Memory, alive, at_least, tag

if TYPE_CHECKING:
    from collections.abc import Callable

    Reading = Callable[..., TagValue]

a, b = tag("A"), tag("B")
WHEN = "2026-11-23T12:00:00+00:00"


def test_a_simple_condition_is_explained_in_one_line(reading: Reading) -> None:
    text = (a >= 40).evaluate({"A": reading("A", "35.2")}).explain()

    assert text == f'tag("A") >= 40 is false: A = 35.2 [good (0x80), {WHEN}]'


def test_texts_are_shown_in_quotes_and_long_ones_shortened(reading: Reading) -> None:
    text = (a == "IDLE").evaluate({"A": reading("A", "x" * 300)}).explain()

    assert f'A = "{"x" * 100}..." [' in text


def test_only_the_parts_that_made_it_false_or_unknown_are_named(reading: Reading) -> None:
    condition = (a == "IDLE") & (b > 1) & (tag("C") > 1)
    readings = {"A": reading("A", "IDLE"), "B": reading("B", "1")}

    assert condition.evaluate(readings).explain().splitlines() == [
        '(tag("A") == "IDLE") & (tag("B") > 1) & (tag("C") > 1) is false:',
        f'- tag("B") > 1 is false: B = 1 [good (0x80), {WHEN}]',
        '- tag("C") > 1 is unknown: C was not read',
    ]


def test_the_parts_that_made_it_true_are_named(reading: Reading) -> None:
    result = ((a == 1) | (b == 1)).evaluate({"A": reading("A", "1"), "B": reading("B", "2")})

    assert result.explain().splitlines() == [
        '(tag("A") == 1) | (tag("B") == 1) is true:',
        f'- tag("A") == 1 is true: A = 1 [good (0x80), {WHEN}]',
    ]


def test_a_negation_is_explained_by_what_it_negates(reading: Reading) -> None:
    assert (~(a == 1)).evaluate({"A": reading("A", "1")}).explain().splitlines() == [
        '~(tag("A") == 1) is false:',
        f'- tag("A") == 1 is true: A = 1 [good (0x80), {WHEN}]',
    ]


def test_a_count_is_explained_with_the_count(reading: Reading) -> None:
    lines = at_least(2, a == 1, b == 1).evaluate({"A": reading("A", "1")}).explain().splitlines()

    assert lines == [
        'at_least(2, tag("A") == 1, tag("B") == 1) is unknown: 1 of 2 true, 2 needed:',
        '- tag("B") == 1 is unknown: B was not read',
    ]


def test_nested_parts_are_indented(reading: Reading) -> None:
    lines = ((a == 1) & ~(b == 1)).evaluate({"A": reading("A", "1"), "B": reading("B", "1")}).explain().splitlines()

    assert [line[: len(line) - len(line.lstrip(" -"))] for line in lines] == ["", "- ", "  - "]


def test_a_hold_time_shows_its_progress(reading: Reading) -> None:
    condition, memory = (a == 1).held_for(minutes=2), Memory()
    readings = {"A": reading("A", "1")}
    condition.evaluate(readings, memory=memory, now=0.0)

    text = condition.evaluate(readings, memory=memory, now=12.0).explain()

    assert text == '(tag("A") == 1).held_for(minutes=2) is false: true for 12 s of 120 s'


def test_a_hold_time_that_began_anew_shows_why(reading: Reading) -> None:
    condition = (a == 1).held_for(minutes=2)

    lines = condition.evaluate({"A": reading("A", "2")}, memory=Memory()).explain().splitlines()

    assert lines == [
        '(tag("A") == 1).held_for(minutes=2) is false: true for 0 s of 120 s:',
        f'- tag("A") == 1 is false: A = 2 [good (0x80), {WHEN}]',
    ]


def test_the_reason_why_a_reading_does_not_count_is_said(reading: Reading, noon: object) -> None:
    def explained(condition: object, value: TagValue | TagFailure, **options: object) -> str:
        return condition.evaluate({"A": value}, wall_time=noon, **options).explain()  # type: ignore[attr-defined, no-any-return]

    simulated = reading("A", "1", quality=0x60)
    cases = [
        (explained(a == 1, simulated), "uncertain, simulated value (0x60)", "uncertain quality does not count"),
        (explained(a == 1, reading("A", "1", quality=0x08)), "bad, not connected", "bad quality does not count"),
        (explained(a == 1, reading("A", "nan")), "A = nan", "it is not a number"),
        (
            explained(a.accept_uncertain() == 1, simulated, refuse_overridden=True),
            "simulated value",
            "a simulated or overridden value does not count here",
        ),
        (
            explained(a.not_older_than(minutes=5) == 1, reading("A", "1", age=412)),
            WHEN.replace("12:00:00", "11:53:08"),
            "it is 412 s old, and 300 s are allowed",
        ),
        (
            explained(a.not_older_than(minutes=5) == 1, TagValue("A", 1, Quality(0x80), None, "1")),
            "no timestamp",
            "its age is not known",
        ),
        (
            explained(a == 1, TagFailure(FailureKind.NOT_FOUND, "no such tag")),
            "A could not be read",
            "not found: no such tag",
        ),
    ]

    for text, seen, reason in cases:
        assert seen in text
        assert reason in text


def test_of_two_tags_the_one_that_does_not_count_is_named(reading: Reading) -> None:
    text = (a > b).evaluate({"A": reading("A", "1"), "B": reading("B", "1", quality=0x40)}).explain()

    assert text.endswith("; B: uncertain quality does not count")


def test_a_change_is_explained_with_the_first_value(reading: Reading) -> None:
    condition, memory = a.changed(by=2), Memory()

    first = condition.evaluate({"A": reading("A", "40")}, memory=memory).explain()
    second = condition.evaluate({"A": reading("A", "41")}, memory=memory).explain()

    assert first.endswith("; this is the first reading that counts")
    assert second.endswith("; it was '40' at first")


def test_a_heartbeat_is_explained_with_the_time_since_its_last_change(reading: Reading) -> None:
    condition, memory = alive("A", within=timedelta(seconds=30)), Memory()
    condition.evaluate({"A": reading("A", "1")}, memory=memory, now=0.0)

    text = condition.evaluate({"A": reading("A", "1")}, memory=memory, now=31.5).explain()

    assert text.startswith('alive("A", within=timedelta(seconds=30)) is false: A = 1 [')
    assert text.endswith("; no change seen for 31.5 s, 30 s are allowed")
