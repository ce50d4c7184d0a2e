"""What tags do by themselves, as a plant file says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_wincc.client.models import DataType
from airflow_provider_wincc.simulator.errors import PlantFileError, WrongValueError
from airflow_provider_wincc.simulator.plant_behaviours import (
    NUMBERS,
    Counter,
    Follow,
    Ramp,
    RandomWalk,
    Sine,
    Toggle,
)
from airflow_provider_wincc.simulator.values import accept

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow_provider_wincc.simulator.plant_behaviours import Behaviour
    from airflow_provider_wincc.simulator.plant_file_nodes import PlantFields, PlantNode
    from airflow_provider_wincc.simulator.plant_tags import PlantTag


def read_behaviour(node: PlantNode, tag: PlantTag) -> Behaviour | None:
    """Read what a tag does by itself; None for nothing.

    :raises PlantFileError: when it is wrong, or the tag's type cannot behave so.
    """
    fields = node.fields("a mapping with the key kind")
    kind_node = fields.need("kind")
    kind = kind_node.choice((*_BEHAVIOURS, "constant"), "kind of behaviour")
    every = fields.take("every")
    pace = {} if every is None else {"every": _multiple_of_a_step(every)}
    if kind == "constant":
        fields.done()
        return None
    try:
        behaviour = _BEHAVIOURS[kind](fields, pace, tag)
    except PlantFileError:
        raise
    except ValueError as problem:
        node.fail(str(problem))
    fields.done()
    if tag.data_type not in behaviour.types:
        names = ", ".join(each.value for each in DataType if each in behaviour.types)
        kind_node.fail(f"a tag of type {tag.data_type.value} cannot behave so; {kind} is for {names}")
    return behaviour


def _multiple_of_a_step(node: PlantNode) -> float:
    expected = "a number of seconds in whole tenths, such as 0.5"
    seconds = node.number(expected)
    tenths = round(seconds * 10)
    if tenths < 1 or abs(seconds * 10 - tenths) > _EXACT:
        node.fail(f"expected {expected}, not {seconds!r}")
    return tenths / 10


_EXACT = 1e-6


def _ramp(fields: PlantFields, pace: dict[str, float], tag: PlantTag) -> Behaviour:
    at_end = fields.take("at_end")
    return Ramp(
        start=_limit(fields.need("from"), tag),
        to=_limit(fields.need("to"), tag),
        per_second=fields.need("per_second").number(),
        at_end="stop" if at_end is None else at_end.choice(("stop", "repeat", "reverse"), "at_end"),  # type: ignore[arg-type]
        **pace,
    )


def _sine(fields: PlantFields, pace: dict[str, float], tag: PlantTag) -> Behaviour:
    phase = fields.take("phase")
    return Sine(
        low=_limit(fields.need("low"), tag),
        high=_limit(fields.need("high"), tag),
        period=fields.need("period").number(),
        phase=0.0 if phase is None else phase.number(),
        **pace,
    )


def _random_walk(fields: PlantFields, pace: dict[str, float], tag: PlantTag) -> Behaviour:
    seed = fields.take("seed")
    return RandomWalk(
        step=fields.need("step").number(),
        low=_limit(fields.need("low"), tag),
        high=_limit(fields.need("high"), tag),
        seed=0 if seed is None else seed.whole(),
        **pace,
    )


def _counter(fields: PlantFields, pace: dict[str, float], tag: PlantTag) -> Behaviour:
    per_second, top, gate = fields.take("per_second"), fields.take("top"), fields.take("while")
    limits = tag.data_type.integer_range
    return Counter(
        per_second=1.0 if per_second is None else per_second.number(),
        top=(limits and limits[1]) if top is None else int(_limit(top, tag)),
        counts_while=None if gate is None else gate.text("the name of a tag of type bool"),
        **pace,
    )


def _follow(fields: PlantFields, pace: dict[str, float], _: PlantTag) -> Behaviour:
    constant = fields.take("time_constant")
    return Follow(
        tag=fields.need("tag").text("the name of a tag"),
        time_constant=0.0 if constant is None else constant.number(),
        **pace,
    )


def _toggle(fields: PlantFields, pace: dict[str, float], _: PlantTag) -> Behaviour:
    return Toggle(true_for=fields.need("true_for").number(), false_for=fields.need("false_for").number(), **pace)


_BEHAVIOURS: dict[str, Callable[[PlantFields, dict[str, float], PlantTag], Behaviour]] = {
    "ramp": _ramp,
    "sine": _sine,
    "random_walk": _random_walk,
    "counter": _counter,
    "follow": _follow,
    "toggle": _toggle,
}


def _limit(node: PlantNode, tag: PlantTag) -> float:
    number = node.number()
    if tag.data_type in NUMBERS:
        try:
            accept(number, tag.data_type)
        except WrongValueError as problem:
            node.fail(str(problem))
    return number
