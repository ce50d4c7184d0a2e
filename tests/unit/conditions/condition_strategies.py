"""Hypothesis strategies for conditions of every form."""

from __future__ import annotations

import operator
import warnings
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from airflow_provider_wincc.conditions import FloatEqualityWarning, alive, all_of, any_of, at_least, number, tag

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.conditions import Condition, TagExpression

NAMES = ("A", "B", "C")

durations = st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=36_525))
finite = st.floats(allow_nan=False, allow_infinity=False)
numbers = st.one_of(st.integers(min_value=-(2**70), max_value=2**70), finite)
texts = st.text(alphabet=st.characters(codec="utf-8"), max_size=12)
templates = st.sampled_from(["{{ params.x }}", "{% if y %}3{% endif %}", "a {{ 'b' }} \" c"])
names = st.one_of(st.sampled_from(NAMES), texts.filter(str.strip), templates)
number_arguments = st.one_of(numbers, templates)
literals = st.one_of(numbers, st.booleans(), texts, templates, st.builds(number, templates))
ordered = st.tuples(numbers, numbers).map(sorted)


@st.composite
def sources(draw: st.DrawFn) -> TagExpression:
    source = tag(draw(names))
    if draw(st.booleans()):
        source = source.accept_uncertain()
    return source.not_older_than(draw(durations)) if draw(st.booleans()) else source


def quietly(make: Callable[..., Any]) -> Callable[..., Any]:
    """Build without the warning about floats, which has its own test."""

    def made(*arguments: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FloatEqualityWarning)
            return make(*arguments)

    return made


equalities = st.sampled_from([operator.eq, operator.ne])
orderings = st.sampled_from([operator.lt, operator.le, operator.gt, operator.ge])
patterns = st.one_of(st.sampled_from([r"B-\d+", "x|y", r"\"", "it's", "\\\\", ".*\n", r"{{ r }}\d"]))
leaves = st.one_of(
    st.builds(quietly(lambda compare, source, value: compare(source, value)), equalities, sources(), literals),
    st.builds(lambda compare, source, value: compare(source, value), orderings, sources(), number_arguments),
    st.builds(lambda compare, one, two: compare(one, two), st.one_of(equalities, orderings), sources(), sources()),
    st.builds(lambda source, pair: source.between(*pair), sources(), ordered),
    st.builds(lambda source, pair: source.outside(*pair), sources(), ordered),
    st.builds(lambda source, high: source.between("{{ low }}", high), sources(), number_arguments),
    st.builds(
        lambda source, target, tolerance: source.close_to(target, tolerance=abs(tolerance)),
        sources(),
        number_arguments,
        numbers,
    ),
    st.builds(
        quietly(lambda source, values: source.is_in(values)), sources(), st.lists(literals, min_size=1, max_size=3)
    ),
    st.builds(lambda source, pattern: source.matches(pattern), sources(), patterns),
    st.builds(lambda source, index: source.bit(index), sources(), st.integers(0, 63)),
    st.builds(lambda source: source.changed(), sources()),
    st.builds(
        lambda source, by: source.changed(by=by), sources(), st.one_of(templates, numbers.filter(lambda x: x > 0))
    ),
    st.builds(lambda source, level: source.quality_is(level), sources(), st.sampled_from(["good", "uncertain", "bad"])),
    st.builds(lambda name, within: alive(name, within=within), names, durations),
)


def combined(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    some = st.lists(inner, min_size=1, max_size=4)
    return st.one_of(
        st.builds(operator.and_, inner, inner),
        st.builds(operator.or_, inner, inner),
        st.builds(operator.invert, inner),
        st.builds(lambda conditions: all_of(*conditions), some),
        st.builds(lambda conditions: any_of(*conditions), some),
        some.flatmap(lambda conditions: st.integers(1, len(conditions)).map(lambda n: at_least(n, *conditions))),
        st.builds(lambda condition, duration: condition.held_for(duration), inner, durations),
        st.builds(lambda condition: condition.accept_uncertain(), inner),
        st.builds(lambda condition, age: condition.not_older_than(age), inner, durations),
    )


conditions = st.recursive(leaves, combined, max_leaves=8)
