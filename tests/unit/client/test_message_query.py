"""Which messages to ask for, and states by number and by words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from airflow_provider_wincc.client import MessageList, MessageQuery, MessageState, WinCCConfigurationError


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"rest_filter": ""}, "rest_filter is ''"),
        ({"rest_filter": None}, "rest_filter is None"),
        ({"message_list": "alarms"}, "message_list is 'alarms'"),
        ({"message_list": None}, "message_list is None"),
        ({"max_values": 1001}, "max_values is 1001"),
        ({"max_values": 0}, "max_values is 0"),
        ({"max_values": True}, "max_values is True"),
        ({"max_values": "10"}, "max_values is '10'"),
        ({"language": "German"}, "language is 'German'"),
        ({"language": "de_DE"}, "language is 'de_DE'"),
        ({"language": "de-DE\r\nX: 1"}, "language is 'de-DE"),
        ({"language": 1031}, "language is 1031"),
        ({"name_language": ""}, "name_language is ''"),
    ],
    ids=str,
)
def test_a_query_that_cannot_be_asked_is_refused_and_says_why(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(WinCCConfigurationError) as caught:
        MessageQuery(**{"rest_filter": "Errors", **arguments})

    assert named in caught.value.message
    assert "Expected" in caught.value.hint


@pytest.mark.parametrize("language", ["en-US", "de-DE", "de", "zh-CN", "sr-Latn-RS", "es-419", None])
def test_languages_are_those_that_wincc_has(language: str | None) -> None:
    assert MessageQuery("Errors", language=language).language == language


def test_a_query_comes_back_from_its_json() -> None:
    query = MessageQuery("Errors", MessageList.HIT_LIST, 17, "de-DE", "en-US")

    again = MessageQuery.from_json(json.loads(json.dumps(query.to_json())))

    assert again == query
    assert hash(again) == hash(query)
    assert again.message_list is MessageList.HIT_LIST


@pytest.mark.parametrize("message_list", MessageList)
def test_the_lists_with_a_limit_are_the_archives_and_the_statistics(message_list: MessageList) -> None:
    assert message_list.has_max_values is message_list.value.endswith(("archive", "hit_list"))
    assert message_list.is_history is message_list.value.endswith("archive")


@pytest.mark.parametrize("state", MessageState)
def test_a_state_is_known_by_member_number_name_and_words(state: MessageState) -> None:
    assert {MessageState.parse(raw) for raw in (state, int(state), state.name, state.words)} == {state}


@pytest.mark.parametrize("raw", [6, True, "came", "", None, [1], 1.5], ids=repr)
def test_what_is_no_state_is_refused_with_all_that_are(raw: Any) -> None:
    with pytest.raises(WinCCConfigurationError, match="is no state of a message") as caught:
        MessageState.parse(raw)

    assert "'came in'" in caught.value.hint
