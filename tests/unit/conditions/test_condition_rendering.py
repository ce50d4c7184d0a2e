from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airflow_provider_wincc.conditions import WinCCConditionError, number, tag

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.conditions import Condition

a = tag("A")
X = "{{ x }}"


def to(result: object) -> Callable[[object], object]:
    """Render every template to the same result."""
    return lambda _: result


@pytest.mark.parametrize(
    ("condition", "result", "expected"),
    [
        (tag("{{ x }}") == 1, "B", tag("B") == 1),
        (a > tag("{{ x }}"), "B", a > tag("B")),
        (a == X, "IDLE", a == "IDLE"),
        (a == X, "42", a == "42"),
        (a == X, 42, a == "42"),
        (a == X, True, a == "True"),
        (a == number(X), "42", a == 42),
        (a == number(X), 42, a == 42),
        (a < X, "42.5", a < 42.5),
        (a < X, " 42,5 ", a < 42.5),
        (a.between(X, 90), "40", a.between(40, 90)),
        (a.outside(10, X), "40", a.outside(10, 40)),
        (a.close_to(X, tolerance=X), "1", a.close_to(1, tolerance=1)),
        (a.is_in([X, "b", number(X)]), "7", a.is_in(["7", "b", 7])),
        (a.matches("B-{{ x }}"), r"B-\d", a.matches(r"B-\d")),
        (a.changed(by=X), "2", a.changed(by=2)),
        (tag("{% if x %}A{% endif %}").bit(1), "A", a.bit(1)),
        (tag("{{ x }}").accept_uncertain().quality_is("bad"), "A", a.accept_uncertain().quality_is("bad")),
        (
            ~((a == X) & (a.bit(1) | (a == X))).held_for(seconds=1),
            "1",
            ~((a == "1") & (a.bit(1) | (a == "1"))).held_for(seconds=1),
        ),
    ],
)
def test_every_template_is_replaced_by_what_it_stands_for(
    condition: Condition, result: object, expected: Condition
) -> None:
    assert condition.is_templated
    rendered = condition.render(to(result))

    assert rendered == expected
    assert not rendered.is_templated


def test_where_only_numbers_can_stand_a_template_needs_no_wrapping() -> None:
    assert (a > X) == (a > number(X))
    assert a.between(X, 9) == a.between(number(X), number(9))


def test_rendering_leaves_the_condition_itself_alone() -> None:
    condition = a == X

    condition.render(to("IDLE"))

    assert condition == (a == X)


def test_only_texts_with_jinja_are_rendered() -> None:
    asked: list[object] = []

    def render(text: object) -> object:
        asked.append(text)
        return "7"

    ((a == "IDLE") & a.matches("x") & (tag("{{ t }}") < "{{ n }}")).render(render)

    assert asked == ["{{ t }}", "{{ n }}"]


@pytest.mark.parametrize("condition", [a == 1, a == "IDLE", a.matches(r"B-\d{2}"), a.is_in(["{", "}}"])])
def test_a_condition_without_jinja_is_not_templated(condition: Condition) -> None:
    assert not condition.is_templated


@pytest.mark.parametrize(
    ("condition", "result", "problem"),
    [
        (a < X, "IDLE", "'{{ x }}' rendered to 'IDLE', which is not a finite number"),
        (a < X, "nan", "'nan'.*finite number"),
        (a < X, "", "''.*finite number"),
        (a < X, True, "True.*not a number"),
        (a < X, None, "None.*not a number"),
        (a < X, float("inf"), "inf"),
        (a == number(X), "IDLE", "'IDLE'.*finite number"),
        (a == X, None, "None.*not a text"),
        (a == X, ["a"], r"\['a'\].*not a text"),
        (a.between(X, 90), "91", r"low \(91\)"),
        (a.close_to(1, tolerance=X), "-1", "-1"),
        (a.changed(by=X), "0", "0"),
        (a.matches(X), "(", "bad regular expression"),
        (tag(X) == 1, " ", "empty"),
        (tag(X) == 1, None, "tag name '{{ x }}'.*None"),
    ],
)
def test_a_result_that_does_not_fit_is_refused_and_named(condition: Condition, result: object, problem: str) -> None:
    with pytest.raises(WinCCConditionError, match=problem):
        condition.render(to(result))


@pytest.mark.parametrize(
    "condition",
    [
        tag(X) == 1,
        a == X,
        a == number(X),
        a > tag(X),
        a < X,
        a.between(1, X),
        a.outside(X, 1),
        a.close_to(X, tolerance=1),
        a.is_in(["a", X]),
        a.matches(X),
        tag(X).quality_is("bad"),
        a.bit(1) & (a != X),
    ],
)
def test_a_condition_that_was_not_rendered_is_not_judged(condition: Condition) -> None:
    with pytest.raises(WinCCConditionError, match=r"not been rendered.*render\(\)"):
        condition.evaluate({})


class Task:
    """Stands in for a task of Airflow: knows how to render a text with a context."""

    def render_template(self, text: str, context: dict[str, object]) -> str:
        return text.replace("{{ x }}", str(context["x"]))


def test_airflows_templater_gets_a_rendered_copy() -> None:
    context = {"task": Task(), "x": 42}

    assert (a > X).resolve(context) == (a > 42)


def test_airflows_templater_gets_a_condition_without_templates_as_it_is() -> None:
    condition = a > 42

    assert condition.resolve({}) is condition
