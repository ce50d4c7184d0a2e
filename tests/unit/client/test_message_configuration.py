"""What the message system is configured with: lists page by page, and single entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from mocked_station import BASE

from airflow_provider_wincc.client import (
    MessageConfiguration,
    WinCCConfigurationError,
    WinCCNotFoundError,
    WinCCPermissionError,
    WinCCResponseError,
    WinCCRuntimeError,
)

if TYPE_CHECKING:
    from responses import RequestsMock

    from airflow_provider_wincc.client import WinCCClient

AREA = f"{BASE}/alarmLogging"
FILTERS = f"{AREA}/RestFilters"
PAGED = [
    ("list_message_classes", "MessageClasses", "messageClasses", "className"),
    ("list_message_types", "MessageTypes", "messageTypes", "typeName"),
    ("list_message_blocks", "MessageBlocks", "messageBlocks", "name"),
    ("list_messages", "Messages", "messages", "msgNo"),
    ("list_limit_values", "LimitValues", "limitValues", "variableName"),
    ("list_message_groups", "MessageGroups", "messageGroups", "groupName"),
]
SINGLE = [
    ("get_message_class", "MessageClass", "message class", "className", "list_message_classes"),
    ("get_message_type", "MessageType", "message type", "typeName", "list_message_types"),
    ("get_message_block", "MessageBlock", "message block", "name", "list_message_blocks"),
    ("get_message_group", "MessageGroup", "message group", "groupName", "list_message_groups"),
    ("get_limit_value", "LimitValue", "limit value", "variableName", "list_limit_values"),
]


def query_of(call: Any) -> dict[str, list[str]]:
    return parse_qs(urlsplit(call.request.url).query)


@pytest.mark.parametrize(("method", "path", "envelope", "key"), PAGED)
def test_lists_come_page_by_page_in_the_language_asked_for(
    client: WinCCClient, answers: RequestsMock, method: str, path: str, envelope: str, key: str
) -> None:
    answers.get(f"{AREA}/{path}", json={envelope: [{key: "1", "more": 7}, {key: "2"}], "continuationPoint": 2})
    answers.get(f"{AREA}/{path}", json={envelope: [{key: "3"}]})

    entries = list(getattr(client, method)(page_size=2, language="de-DE"))

    assert [entry.name for entry in entries] == ["1", "2", "3"]
    assert entries[0].raw == {key: "1", "more": 7}
    assert [query_of(call) for call in answers.calls] == [
        {"itemLimit": ["2"]},
        {"itemLimit": ["2"], "continuationPoint": ["2"]},
    ]
    assert {call.request.headers["Accept-Language"] for call in answers.calls} == {"de-DE"}


def test_rest_filters_have_no_pages(client: WinCCClient, answers: RequestsMock) -> None:
    answers.get(FILTERS, json={"restFilters": [{"name": "All"}, {"filterName": "Errors"}]})

    assert [entry.name for entry in client.list_rest_filters(page_size=2)] == ["All", "Errors"]
    assert query_of(answers.calls[0]) == {}
    assert "Accept-Language" not in answers.calls[0].request.headers


def test_each_name_comes_once_but_each_limit_value_of_a_tag(client: WinCCClient, answers: RequestsMock) -> None:
    limits = [{"variableName": "Tank1.Level", "limit": limit} for limit in (80, 90, 80)]
    answers.get(f"{AREA}/LimitValues", json={"limitValues": limits})
    answers.get(f"{AREA}/MessageClasses", json=[{"name": "Error", "id": 1}, {"name": "Error", "id": 2}])

    assert [entry.raw["limit"] for entry in client.list_limit_values()] == [80, 90]
    assert [entry.raw["id"] for entry in client.list_message_classes()] == [1]


def test_messages_are_named_by_their_number(client: WinCCClient, answers: RequestsMock) -> None:
    answers.get(f"{AREA}/Messages", json=[{"MsgNr": 1001, "name": "level high"}, {"number": "1002"}])

    assert [entry.name for entry in client.list_messages()] == ["1001", "1002"]


@pytest.mark.parametrize("method", ["list_rest_filters", *(paged[0] for paged in PAGED)])
def test_a_language_that_is_none_is_refused_at_once(client: WinCCClient, answers: RequestsMock, method: str) -> None:
    with pytest.raises(WinCCConfigurationError, match="language is 'German'"):
        getattr(client, method)(language="German")

    assert len(answers.calls) == 0


def test_a_page_size_that_is_none_is_refused_at_once(client: WinCCClient, answers: RequestsMock) -> None:
    with pytest.raises(WinCCConfigurationError, match="page size is 0"):
        client.list_messages(page_size=0)

    assert len(answers.calls) == 0


@pytest.mark.parametrize(("method", "path", "envelope", "key"), PAGED)
def test_lists_of_a_station_without_the_area_say_so(
    client: WinCCClient, answers: RequestsMock, method: str, path: str, envelope: str, key: str
) -> None:
    answers.get(f"{AREA}/{path}", status=404)
    answers.get(FILTERS, status=404)

    with pytest.raises(WinCCNotFoundError, match="no REST interface for messages"):
        list(getattr(client, method)())


def test_filters_of_a_station_without_the_area_say_so_after_one_request(
    client: WinCCClient, answers: RequestsMock
) -> None:
    answers.get(FILTERS, status=404)

    with pytest.raises(WinCCNotFoundError, match="no REST interface for messages"):
        list(client.list_rest_filters())


def test_a_list_that_a_station_does_not_have_beside_its_filters_keeps_its_error(
    client: WinCCClient, answers: RequestsMock
) -> None:
    answers.get(f"{AREA}/MessageGroups", status=404, body="no groups here")
    answers.get(FILTERS, json=[])

    with pytest.raises(WinCCNotFoundError, match="no groups here"):
        list(client.list_message_groups())


@pytest.mark.parametrize(("method", "path", "words", "key", "lister"), SINGLE)
@pytest.mark.parametrize("envelope", ["{}", '{{"entry": {}}}', "[{}]", '{{"entries": [{}]}}'])
def test_an_entry_is_found_by_its_name_in_every_envelope(
    client: WinCCClient,
    answers: RequestsMock,
    method: str,
    path: str,
    words: str,
    key: str,
    lister: str,
    envelope: str,
) -> None:
    answers.get(f"{AREA}/{path}/S%C3%BCd%2C%201", body=envelope.format(f'{{"{key}": "Süd, 1", "list": [1]}}'))

    entry = getattr(client, method)("Süd, 1", language="de-DE")

    assert entry == MessageConfiguration("Süd, 1")
    assert entry.raw == {key: "Süd, 1", "list": [1]}
    assert answers.calls[0].request.headers["Accept-Language"] == "de-DE"


def test_the_language_of_a_name_goes_into_a_header(client: WinCCClient, answers: RequestsMock) -> None:
    answers.get(f"{AREA}/MessageClass/Fehler", json={"name": "Error", "id": 1})

    assert client.get_message_class("Fehler", language="en-US", name_language="de-DE").name == "Error"
    headers = answers.calls[0].request.headers
    assert (headers["Accept-Language"], headers["Content-Language"]) == ("en-US", "de-DE")


def test_an_entry_that_does_not_say_its_name_has_the_one_it_was_asked_by(
    client: WinCCClient, answers: RequestsMock
) -> None:
    answers.get(f"{AREA}/Message/1001", json={"priority": 8, "class": "Error"})

    assert client.get_message(1001).name == "1001"


@pytest.mark.parametrize(("method", "path", "words", "key", "lister"), SINGLE)
@pytest.mark.parametrize(
    "refusal",
    [{"status": 404}, {"json": {"error": "Not Found"}}, {"body": ""}, {"body": "{}"}, {"body": "[]"}, {"body": "null"}],
    ids=str,
)
def test_an_unknown_entry_is_named(
    client: WinCCClient,
    answers: RequestsMock,
    method: str,
    path: str,
    words: str,
    key: str,
    lister: str,
    refusal: dict[str, Any],
) -> None:
    answers.get(f"{AREA}/{path}/Typo", **refusal)
    if "status" in refusal:
        answers.get(FILTERS, json=[])

    with pytest.raises(WinCCNotFoundError, match=f"no {words} 'Typo'") as caught:
        getattr(client, method)("Typo")

    assert f"client.{lister}()" in caught.value.hint


def test_an_unknown_filter_is_named_with_the_configured_ones(client: WinCCClient, answers: RequestsMock) -> None:
    answers.get(f"{AREA}/RestFilter/Typo", status=404)
    answers.get(FILTERS, json=[{"name": "Alle"}])

    with pytest.raises(WinCCNotFoundError, match=r"no REST filter 'Typo'.*'Alle'"):
        client.get_rest_filter("Typo", name_language="de-DE")

    assert answers.calls[1].request.headers["Accept-Language"] == "de-DE"


def test_an_unknown_message_is_named(client: WinCCClient, answers: RequestsMock) -> None:
    answers.get(f"{AREA}/Message/9", status=404)
    answers.get(FILTERS, json=[])

    with pytest.raises(WinCCNotFoundError, match="no message '9'"):
        client.get_message(9)


@pytest.mark.parametrize("method", ["get_message_class", "get_rest_filter", "get_limit_value"])
def test_an_entry_of_a_station_without_the_area_says_so(
    client: WinCCClient, answers: RequestsMock, method: str
) -> None:
    path = {"get_message_class": "MessageClass", "get_rest_filter": "RestFilter", "get_limit_value": "LimitValue"}
    answers.get(f"{AREA}/{path[method]}/Error", status=404)
    answers.get(FILTERS, status=404)

    with pytest.raises(WinCCNotFoundError, match="no REST interface for messages"):
        getattr(client, method)("Error")


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        ({"status": 403}, WinCCPermissionError),
        ({"json": {"error": "The database is locked"}}, WinCCRuntimeError),
        ({"json": [1, 2]}, WinCCResponseError),
        ({"body": "<html>"}, WinCCResponseError),
    ],
    ids=str,
)
def test_other_errors_stay_what_they_are(
    client: WinCCClient, answers: RequestsMock, refusal: dict[str, Any], kind: type[Exception]
) -> None:
    answers.get(f"{AREA}/MessageClass/Error", **refusal)

    with pytest.raises(kind):
        client.get_message_class("Error")


@pytest.mark.parametrize("method", ["get_rest_filter", *(single[0] for single in SINGLE)])
@pytest.mark.parametrize("name", ["A/B", "A\\B", "A\tB", "..", "", " ", 17, None], ids=repr)
def test_a_name_that_no_path_carries_is_refused_before_anything_is_sent(
    client: WinCCClient, answers: RequestsMock, method: str, name: Any
) -> None:
    with pytest.raises(WinCCConfigurationError, match=r"cannot be asked for|is not the name of"):
        getattr(client, method)(name)

    assert len(answers.calls) == 0


@pytest.mark.parametrize("number", ["1001", -1, 1.0, True, None], ids=repr)
def test_what_is_no_message_number_is_refused(client: WinCCClient, answers: RequestsMock, number: Any) -> None:
    with pytest.raises(WinCCConfigurationError, match="message number is"):
        client.get_message(number)

    assert len(answers.calls) == 0
