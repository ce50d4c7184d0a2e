from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_wincc.conditions import (
    Condition,
    WinCCConditionError,
    alive,
    at_least,
    number,
    tag,
)

if TYPE_CHECKING:
    from airflow_provider_wincc.conditions import Condition as AnyCondition

a = tag("A")
SIMPLE = {"form": "compare", "tag": "A", "operator": "==", "value": 1}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (a == 1, SIMPLE),
        (a == True, {**SIMPLE, "value": True}),  # noqa: E712  # == builds a condition
        (a == "IDLE", {**SIMPLE, "value": "IDLE"}),
        (a == "{{ x }}", {**SIMPLE, "value": "{{ x }}"}),
        (a == number("{{ x }}"), {**SIMPLE, "value": {"number": "{{ x }}"}}),
        (a > tag("B"), {**SIMPLE, "operator": ">", "value": {"tag": "B"}}),
        (
            a.accept_uncertain().not_older_than(minutes=5) == 1,
            {**SIMPLE, "tag": {"name": "A", "accept_uncertain": True, "not_older_than": 300}},
        ),
        (a.between(40, 90.5), {"form": "between", "tag": "A", "low": 40, "high": 90.5}),
        (a.outside(40, 90.5), {"form": "outside", "tag": "A", "low": 40, "high": 90.5}),
        (a.close_to(1, tolerance=0.5), {"form": "close_to", "tag": "A", "target": 1, "tolerance": 0.5}),
        (a.is_in(["a", 1, True]), {"form": "is_in", "tag": "A", "values": ["a", 1, True]}),
        (a.matches(r"B-\d"), {"form": "matches", "tag": "A", "regex": r"B-\d"}),
        (a.bit(4), {"form": "bit", "tag": "A", "index": 4}),
        (a.changed(), {"form": "changed", "tag": "A", "by": None}),
        (a.changed(by=0.5), {"form": "changed", "tag": "A", "by": 0.5}),
        (a.quality_is("bad"), {"form": "quality_is", "tag": "A", "level": "bad"}),
        (alive("A", within=timedelta(seconds=30)), {"form": "alive", "tag": "A", "within": 30}),
        (~(a == 1), {"form": "not", "condition": SIMPLE}),
        ((a == 1) & (a == 1), {"form": "all_of", "conditions": [SIMPLE, SIMPLE]}),
        ((a == 1) | (a == 1), {"form": "any_of", "conditions": [SIMPLE, SIMPLE]}),
        (at_least(1, a == 1), {"form": "at_least", "count": 1, "conditions": [SIMPLE]}),
        ((a == 1).held_for(seconds=1.5), {"form": "held_for", "condition": SIMPLE, "duration": 1.5}),
    ],
    ids=repr,
)
def test_every_form_has_its_json_and_comes_back_from_it(condition: AnyCondition, expected: dict[str, Any]) -> None:
    text = json.dumps(condition.to_json(), allow_nan=False)

    assert json.loads(text) == expected
    assert Condition.from_json(json.loads(text)) == condition


def test_nested_joins_in_json_are_joined_as_in_python() -> None:
    nested = {"form": "all_of", "conditions": [SIMPLE, {"form": "all_of", "conditions": [SIMPLE, SIMPLE]}]}

    assert Condition.from_json(nested) == (a == 1) & (a == 1) & (a == 1)


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (None, "at condition: expected an object"),
        ([], "at condition: expected an object"),
        ({1: 2}, "at condition: expected an object"),
        ({}, "at condition.form: expected one of .*all_of.*, not None"),
        ({"form": "sum"}, "at condition.form: .*not 'sum'"),
        ({"form": []}, "at condition.form"),
        ({"form": "compare", "tag": "A"}, "at condition: operator, value missing"),
        ({**SIMPLE, "unit": "l"}, "at condition: unknown unit"),
        ({**SIMPLE, "tag": ""}, "at condition.tag: .*empty"),
        ({**SIMPLE, "tag": 5}, "at condition.tag: .*not 5"),
        ({**SIMPLE, "tag": {}}, "at condition.tag: name missing"),
        ({**SIMPLE, "tag": {"name": 5}}, "at condition.tag: .*not 5"),
        ({**SIMPLE, "tag": {"name": "A", "age": 5}}, "at condition.tag: unknown age"),
        ({**SIMPLE, "tag": {"name": "A", "accept_uncertain": 1}}, r"tag.accept_uncertain: .*not 1"),
        ({**SIMPLE, "tag": {"name": "A", "not_older_than": 0}}, r"tag.not_older_than: .*not 0"),
        ({**SIMPLE, "tag": {"name": "A", "not_older_than": "5"}}, r"tag.not_older_than: .*not '5'"),
        ({**SIMPLE, "operator": "=<"}, "at condition: unknown operator '=<'"),
        ({**SIMPLE, "operator": []}, "at condition: unknown operator"),
        ({**SIMPLE, "operator": "<", "value": "IDLE"}, "at condition: < compares numbers.*'IDLE'"),
        ({**SIMPLE, "operator": "<", "value": True}, "at condition: < compares numbers.*True"),
        ({**SIMPLE, "value": None}, "at condition.value: .*not None"),
        ({**SIMPLE, "value": float("nan")}, "at condition.value: .*nan"),
        ({**SIMPLE, "value": {"number": 5}}, "at condition.value.number: .*not 5"),
        ({**SIMPLE, "value": {"tag": ""}}, "at condition.value.tag: .*empty"),
        ({**SIMPLE, "value": {"other": ""}}, "at condition.value: "),
        ({"form": "between", "tag": "A", "low": 2, "high": 1}, "at condition: .*greater"),
        ({"form": "between", "tag": "A", "low": "x", "high": 1}, "at condition.low: .*'x'"),
        ({"form": "between", "tag": "A", "low": True, "high": 1}, "at condition.low: .*True"),
        ({"form": "is_in", "tag": "A", "values": []}, "at condition: .*empty"),
        ({"form": "is_in", "tag": "A", "values": "ab"}, "at condition.values: expected a list"),
        ({"form": "is_in", "tag": "A", "values": [1, None]}, r"at condition.values\[1\]"),
        ({"form": "matches", "tag": "A", "regex": "("}, "at condition.regex: bad regular"),
        ({"form": "matches", "tag": "A", "regex": None}, "at condition.regex: .*None"),
        ({"form": "bit", "tag": "A", "index": 64}, "at condition: .*not 64"),
        ({"form": "bit", "tag": "A", "index": True}, "at condition: .*not True"),
        ({"form": "changed", "tag": "A", "by": -1}, "at condition: .*-1"),
        ({"form": "quality_is", "tag": "A", "level": "fine"}, "at condition: .*'fine'"),
        ({"form": "quality_is", "tag": "A", "level": []}, "at condition: "),
        ({"form": "alive", "tag": "A", "within": -1}, "at condition.within: .*-1"),
        ({"form": "alive", "tag": "A", "within": 1e300}, "at condition.within: .*100 years"),
        ({"form": "alive", "tag": "A", "within": float("nan")}, "at condition.within: .*nan"),
        ({"form": "not", "condition": SIMPLE["tag"]}, "at condition.condition: "),
        ({"form": "all_of", "conditions": [SIMPLE]}, "at condition: .*at least 2"),
        ({"form": "all_of", "conditions": SIMPLE}, "at condition.conditions: expected a list"),
        ({"form": "any_of", "conditions": [SIMPLE, {**SIMPLE, "tag": ""}]}, r"conditions\[1\].tag: "),
        ({"form": "at_least", "count": 3, "conditions": [SIMPLE]}, "at condition: .*not 3"),
        ({"form": "at_least", "count": 1.0, "conditions": [SIMPLE]}, "at condition: .*1.0"),
    ],
)
def test_data_that_is_no_condition_is_refused_with_the_place(data: object, where: str) -> None:
    with pytest.raises(WinCCConditionError, match=where):
        Condition.from_json(data)


def test_data_that_is_nested_without_end_is_refused() -> None:
    data: dict[str, Any] = SIMPLE
    for _ in range(5_000):
        data = {"form": "not", "condition": data}

    with pytest.raises(WinCCConditionError, match="too deep"):
        Condition.from_json(data)
