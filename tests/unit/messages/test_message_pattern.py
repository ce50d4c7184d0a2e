"""Which messages a pattern picks, and what it makes of bad input."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_wincc.client import WinCCConfigurationError
from airflow_provider_wincc.client.messages.values import Message
from airflow_provider_wincc.messages import MessagePattern, MessageState

LEVEL_HIGH = Message(
    number=1001,
    state=MessageState.CAME_IN,
    state_code=1,
    class_name="Error",
    type_name="Alarm",
    texts=("Tank1 level high", None, "Hall 3"),
    priority=8,
)
NAMELESS = Message()


@pytest.mark.parametrize(
    "pattern",
    [
        MessagePattern(),
        MessagePattern(number=1001),
        MessagePattern(number=[1, 1001]),
        MessagePattern(class_name="error"),
        MessagePattern(class_name="Err*", type_name="?larm"),
        MessagePattern(text="LEVEL"),
        MessagePattern(text="hall"),
        MessagePattern(text="Tank? level*"),
        MessagePattern(priority=8),
        MessagePattern(priority=(5, 8)),
        MessagePattern(state="came in"),
        MessagePattern(state=[MessageState.WENT_OUT, MessageState.CAME_IN]),
        MessagePattern(1001, "Error", "Alarm", "level", (0, 16), 1),
    ],
    ids=repr,
)
def test_a_message_that_has_all_that_is_asked_for_matches(pattern):
    assert pattern.matches(LEVEL_HIGH)


@pytest.mark.parametrize(
    "pattern",
    [
        MessagePattern(number=1002),
        MessagePattern(number=1002, class_name="Error"),
        MessagePattern(class_name="Err"),
        MessagePattern(type_name="arm"),
        MessagePattern(text="level low"),
        MessagePattern(text="level*"),
        MessagePattern(text="[Tt]ank1*"),
        MessagePattern(priority=9),
        MessagePattern(priority=(9, 16)),
        MessagePattern(state="went out"),
    ],
    ids=repr,
)
def test_a_message_that_lacks_one_thing_does_not_match(pattern):
    assert not pattern.matches(LEVEL_HIGH)


@pytest.mark.parametrize(
    "pattern",
    [
        MessagePattern(number=0),
        MessagePattern(class_name="*"),
        MessagePattern(type_name="*"),
        MessagePattern(text="*"),
        MessagePattern(priority=(0, 16)),
        MessagePattern(state=list(MessageState)),
    ],
    ids=repr,
)
def test_what_the_station_does_not_say_fits_no_pattern_that_asks_for_it(pattern):
    assert not pattern.matches(NAMELESS)
    assert MessagePattern().matches(NAMELESS)


@pytest.mark.parametrize("text", ["Zeile 1\nZeile 2", "<b>high</b>", "Füllstand\x00hoch", "a [1] b"])
def test_a_text_is_compared_as_it_is(text):
    message = Message(texts=(text,))

    assert MessagePattern(text=text).matches(message)
    assert MessagePattern(text=f"{text[0]}*{text[-1].upper()}").matches(message)


@pytest.mark.parametrize(
    ("pattern", "source"),
    [
        (MessagePattern(), "MessagePattern()"),
        (MessagePattern(number=[1001]), "MessagePattern(number=1001)"),
        (MessagePattern(number=[1002, 1001, 1002]), "MessagePattern(number=(1001, 1002))"),
        (
            MessagePattern(class_name="Error", priority=(8, 16), state=1),
            "MessagePattern(class_name='Error', priority=(8, 16), state='came in')",
        ),
        (MessagePattern(priority=(8, 8), text="{{ ds }}"), "MessagePattern(text='{{ ds }}', priority=8)"),
    ],
)
def test_it_reads_like_its_call(pattern, source):
    assert repr(pattern) == source
    assert eval(source) == pattern


def test_what_means_the_same_is_equal_and_has_one_hash():
    one = MessagePattern(number=[1002, 1001], state=["WENT_OUT", "came in"], priority=8)
    two = MessagePattern(number=(1001, 1002), state=[1, 2], priority=(8, 8))

    assert one == two
    assert hash(one) == hash(two)
    assert one != MessagePattern(number=(1001, 1002), state=[1, 2])


names = st.none() | st.text(min_size=1).filter(lambda text: bool(text.strip()))
patterns = st.builds(
    MessagePattern,
    number=st.none() | st.integers(0, 2**31) | st.lists(st.integers(0, 2**31) | st.just("{{ n }}"), min_size=1),
    class_name=names,
    type_name=names,
    text=names,
    priority=st.none() | st.integers(0, 16) | st.just(("{{ low }}", 9)) | st.just((3, 7)),
    state=st.none() | st.sampled_from(MessageState) | st.lists(st.sampled_from(MessageState), min_size=1),
)


@given(patterns)
def test_it_comes_back_from_json_as_it_was(pattern):
    told = json.loads(json.dumps(pattern.to_json()))

    assert MessagePattern.from_json(told) == pattern
    assert eval(repr(pattern)) == pattern


@given(patterns, st.text(), st.integers(0, 16))
def test_a_message_matches_when_it_fits_each_part_by_itself(pattern, text, priority):
    message = Message(number=1, class_name=text, texts=(text,), priority=priority, state=MessageState.CAME_IN)
    told = pattern.to_json()
    if pattern.is_templated:
        return

    parts = [MessagePattern.from_json({name: part}).matches(message) for name, part in told.items()]

    assert pattern.matches(message) == all(parts)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"number": -1}, "number .*-1.*message number"),
        ({"number": "high"}, "number .*'high'"),
        ({"number": True}, "number .*True"),
        ({"number": 1.5}, r"number .*1\.5"),
        ({"number": []}, "number .*at least one"),
        ({"number": [[1]]}, "number"),
        ({"class_name": ""}, "class_name .*''.*not empty"),
        ({"type_name": 5}, "type_name .*5"),
        ({"text": "  "}, "text .*not empty"),
        ({"text": ["a", "b"]}, "text .*a text"),
        ({"priority": 17}, "priority .*17.*0 to 16"),
        ({"priority": -1}, "priority"),
        ({"priority": (9, 8)}, r"priority .*\(9, 8\).*lowest and the highest"),
        ({"priority": (1, 2, 3)}, "priority"),
        ({"priority": "high"}, "priority .*'high'"),
        ({"state": "gone"}, "'gone' is no state.*'went out'"),
        ({"state": 99}, "99 is no state"),
        ({"state": 1.0}, "state .*in words"),
        ({"state": []}, "state .*at least one"),
    ],
)
def test_bad_input_is_named_with_what_was_expected(given, told):
    with pytest.raises(WinCCConfigurationError, match=told):
        MessagePattern(**given)


@pytest.mark.parametrize("told", [{"nmber": 1}, [], "Error", None, {"number": 1, "site": "x"}])
def test_what_is_no_pattern_in_json_is_refused(told):
    with pytest.raises(WinCCConfigurationError, match=r"no message pattern.*class_name"):
        MessagePattern.from_json(told)
