"""A watcher's arguments: what is refused, and what goes to the triggerer."""

from __future__ import annotations

import json

import pytest
from airflow.triggers.base import BaseEventTrigger

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.conditions import tag
from airflow_provider_wincc.triggers.tags import WinCCTagEventTrigger

HIGH = tag("Tank1.Level") > 80


def watcher(condition=HIGH, **arguments):
    return WinCCTagEventTrigger("wincc_default", condition, **arguments)


def test_equal_watchers_are_one_trigger_and_others_are_not():
    one = WinCCTagEventTrigger("c", (tag("A") > 1) & (tag("B") == "x"), poke_interval=5)
    same = WinCCTagEventTrigger("c", dict(reversed(((tag("A") > 1) & (tag("B") == "x")).to_json().items())))
    other = WinCCTagEventTrigger("c", (tag("A") > 2) & (tag("B") == "x"))

    assert BaseEventTrigger.hash(*one.serialize()) == BaseEventTrigger.hash(*same.serialize())
    assert json.dumps(one.serialize()) == json.dumps(same.serialize())
    assert BaseEventTrigger.hash(*one.serialize()) != BaseEventTrigger.hash(*other.serialize())


def test_a_watcher_is_rebuilt_from_its_json():
    one = watcher(rearm=tag("A") == 1, min_interval=3, max_consecutive_failures=2, trigger_queue="plant_a")
    path, arguments = one.serialize()

    again = WinCCTagEventTrigger(**json.loads(json.dumps(arguments)))

    assert path == "airflow_provider_wincc.triggers.tags.WinCCTagEventTrigger"
    assert again.serialize() == one.serialize()
    assert again.queue == "plant_a"


def test_watchers_of_the_same_edges_keep_the_same_state_whatever_their_pace():
    assert watcher()._state_key() == watcher(poke_interval=60, min_interval=5)._state_key()
    assert watcher()._state_key() != watcher(rearm=tag("A") == 1)._state_key()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"poke_interval": 0.01}, "poke_interval of a watcher is 0.01"),
        ({"poke_interval": float("nan")}, "poke_interval"),
        ({"min_interval": -1}, "min_interval"),
        ({"max_consecutive_failures": -1}, "max_consecutive_failures"),
        ({"max_consecutive_failures": 1.5}, "max_consecutive_failures"),
        ({"condition": tag("{{ params.tag }}") > 1}, "holds a template"),
    ],
)
def test_a_wrong_argument_is_refused_by_its_name(arguments, message):
    with pytest.raises(WinCCConfigurationError, match=message):
        watcher(**arguments)


def test_a_condition_that_is_none_is_an_error_that_the_triggerer_survives():
    with pytest.raises(TypeError, match="rearm of a watcher is neither a condition"):
        watcher(rearm={"form": "of another version"})


def test_airflow_takes_the_watcher_of_a_dag_for_the_row_that_it_has_stored():
    """Otherwise every parse of the DAG would end the watcher and start another."""
    from airflow.models.trigger import Trigger

    try:
        from airflow.serialization.encoders import encode_trigger
    except ImportError:  # Airflow 3.1
        from airflow.serialization.serialized_objects import _encode_trigger as encode_trigger

    trigger = watcher(
        (tag("A").between(1.5, 2) & tag("B").is_in(["x", "y"])).held_for(minutes=2) | tag("C").changed(by=0.1),
        rearm=tag("A") == 1,
        min_interval=60,
    )

    parsed = json.loads(json.dumps(encode_trigger(trigger)))
    stored = Trigger(parsed["classpath"], parsed["kwargs"])

    assert BaseEventTrigger.hash(stored.classpath, stored.kwargs) == BaseEventTrigger.hash(
        parsed["classpath"], parsed["kwargs"]
    )
    assert WinCCTagEventTrigger(**_as_the_triggerer_reads(stored)).serialize() == trigger.serialize()


def _as_the_triggerer_reads(stored):
    try:
        from airflow.serialization.decoders import smart_decode_trigger_kwargs
    except ImportError:  # Airflow 3.1
        return stored.kwargs
    return {name: smart_decode_trigger_kwargs(value) for name, value in stored.kwargs.items()}
