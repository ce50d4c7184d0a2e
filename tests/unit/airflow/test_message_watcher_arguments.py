"""Arguments of a watcher of messages: what is refused, and what goes to the triggerer."""

from __future__ import annotations

import importlib
import json
from datetime import timedelta

import pytest
from airflow.triggers.base import BaseEventTrigger

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.messages import MessageList, MessagePattern, MessageState
from airflow_provider_wincc.triggers.message_events import WinCCMessageEventTrigger

PATTERN = MessagePattern(class_name="Error", number=[1002, 1001], priority=(1, 8), state=MessageState.CAME_IN)


def watcher(rest_filter="Errors", pattern=PATTERN, **arguments):
    return WinCCMessageEventTrigger("wincc_default", rest_filter, pattern, **arguments)


def test_equal_watchers_are_one_trigger_and_others_are_not():
    one = watcher(poke_interval=timedelta(seconds=5))
    same = watcher(
        pattern=dict(reversed(PATTERN.to_json().items())), message_list=MessageList.SHORT_TERM_ARCHIVE, batch_window=0
    )
    other = watcher(pattern=MessagePattern(class_name="Warning"))

    assert BaseEventTrigger.hash(*one.serialize()) == BaseEventTrigger.hash(*same.serialize())
    assert json.dumps(one.serialize()) == json.dumps(same.serialize())
    assert BaseEventTrigger.hash(*one.serialize()) != BaseEventTrigger.hash(*other.serialize())


@pytest.mark.parametrize("pattern", [PATTERN, None])
def test_a_watcher_is_rebuilt_from_its_json(pattern):
    one = watcher(
        pattern=pattern,
        message_list="long_term_archive",
        poke_interval=2,
        batch_window=timedelta(minutes=1),
        max_messages=7,
        language="de-DE",
        name_language="en-US",
        max_consecutive_failures=2,
        trigger_queue="plant_a",
    )
    path, arguments = one.serialize()

    again = WinCCMessageEventTrigger(**json.loads(json.dumps(arguments)))

    assert path == "airflow_provider_wincc.triggers.messages.WinCCMessageEventTrigger"
    assert again.serialize() == one.serialize()
    assert again.queue == "plant_a"
    assert all(value is None or isinstance(value, str | int | float) for value in arguments.values())


def test_the_class_is_where_the_triggerer_looks_for_it():
    module, _, name = watcher().serialize()[0].rpartition(".")

    assert getattr(importlib.import_module(module), name) is WinCCMessageEventTrigger


def test_watchers_of_the_same_messages_keep_the_same_state_whatever_their_pace():
    assert watcher()._state_key() == watcher(poke_interval=60, batch_window=5, max_messages=1)._state_key()
    assert watcher()._state_key() != watcher(pattern=None)._state_key()
    assert watcher()._state_key() != watcher(message_list="message_list")._state_key()
    assert watcher()._state_key() != watcher(language="de-DE")._state_key()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rest_filter": ""}, "rest_filter is ''"),
        ({"rest_filter": None}, "rest_filter is None"),
        ({"rest_filter": "{{ params.filter }}"}, "rest_filter of a watcher holds a template"),
        ({"pattern": MessagePattern(text="{{ params.text }}")}, "pattern of a watcher holds a template"),
        ({"message_list": "MessageList"}, "message_list is 'MessageList'"),
        ({"message_list": "hit_list"}, "message_list of a watcher is 'hit_list', in which no messages come"),
        ({"poke_interval": 0.01}, "poke_interval of a watcher is 0.01"),
        ({"poke_interval": float("nan")}, "poke_interval"),
        ({"batch_window": -1}, "batch_window"),
        ({"max_messages": 0}, "max_messages of a watcher is 0"),
        ({"max_messages": True}, "max_messages"),
        ({"language": "german"}, "language is 'german'"),
        ({"name_language": "?"}, "name_language is '[?]'"),
        ({"max_consecutive_failures": -1}, "max_consecutive_failures"),
        ({"max_consecutive_failures": 1.5}, "max_consecutive_failures"),
    ],
)
def test_a_wrong_argument_is_refused_by_its_name(arguments, message):
    with pytest.raises(WinCCConfigurationError, match=message):
        watcher(**arguments)


@pytest.mark.parametrize("pattern", [{"form": "of another version"}, '{"class": "Error"}', "no JSON", 7])
def test_a_pattern_that_is_none_is_an_error_that_the_triggerer_survives(pattern):
    with pytest.raises(TypeError, match="pattern of a watcher is neither a MessagePattern"):
        watcher(pattern=pattern)


def test_airflow_takes_the_watcher_of_a_dag_for_the_row_that_it_has_stored():
    """Otherwise every parse of the DAG would end the watcher and start another."""
    from airflow.models.trigger import Trigger

    try:
        from airflow.serialization.encoders import encode_trigger
    except ImportError:  # Airflow 3.1
        from airflow.serialization.serialized_objects import _encode_trigger as encode_trigger

    trigger = watcher(batch_window=2)

    parsed = json.loads(json.dumps(encode_trigger(trigger)))
    stored = Trigger(parsed["classpath"], parsed["kwargs"])

    assert BaseEventTrigger.hash(stored.classpath, stored.kwargs) == BaseEventTrigger.hash(
        parsed["classpath"], parsed["kwargs"]
    )
    assert WinCCMessageEventTrigger(**_as_the_triggerer_reads(stored)).serialize() == trigger.serialize()


def _as_the_triggerer_reads(stored):
    try:
        from airflow.serialization.decoders import smart_decode_trigger_kwargs
    except ImportError:  # Airflow 3.1
        return stored.kwargs
    return {name: smart_decode_trigger_kwargs(value) for name, value in stored.kwargs.items()}
