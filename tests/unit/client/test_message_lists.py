"""Requests for messages as they go over the wire, and the answers that stations may give."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pendulum
import pytest
import responses
from mocked_station import BASE, HOST

from airflow_provider_wincc.client import (
    MessageList,
    MessageQuery,
    StationSettings,
    WinCCClient,
    WinCCConfigurationError,
    WinCCError,
    WinCCNotFoundError,
    WinCCPermissionError,
    WinCCResponseError,
    WinCCRuntimeError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from responses import RequestsMock

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PENDING = f"{BASE}/alarmLogging/MessageList/Errors"
ARCHIVE = f"{BASE}/alarmLogging/ShortTermArchive/Errors"
FILTERS = f"{BASE}/alarmLogging/RestFilters"
ARCHIVED = MessageQuery("Errors", MessageList.SHORT_TERM_ARCHIVE, max_values=3)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def row(number: int, seconds: float | None = 0, **more: Any) -> dict[str, Any]:
    time = {} if seconds is None else {"dateTime": at(seconds).isoformat().replace("+00:00", "Z")}
    return {"msgNo": number, "state": 1, **time, **more}


def numbers(reading: Any) -> list[int | None]:
    return [message.number for message in reading.messages]


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize(
    ("message_list", "path"),
    [
        ("message_list", "MessageList"),
        ("short_term_archive", "ShortTermArchive"),
        ("long_term_archive", "LongTermArchive"),
        ("hit_list", "HitList"),
        ("lock_list", "LockList"),
        ("hide_list", "Hidelist"),
        ("hidden_message_list", "HiddenMessageList"),
    ],
)
def test_each_list_is_asked_for_by_one_request(
    client: WinCCClient, answers: RequestsMock, message_list: str, path: str
) -> None:
    answers.get(f"{BASE}/alarmLogging/{path}/All%20errors%2C%20Ofen%20S%C3%BCd", json={"messages": [row(1)]})
    query = MessageQuery("All errors, Ofen Süd", MessageList(message_list), max_values=17)

    reading = client.read_messages(query)

    assert numbers(reading) == [1]
    asked = parse_qs(urlsplit(answers.calls[0].request.url).query)
    assert asked == ({"maxValues": ["17"]} if "archive" in message_list or "hit" in message_list else {})


def test_a_text_is_the_filter_of_the_message_list(client: WinCCClient, answers: RequestsMock) -> None:
    answers.get(PENDING, json=[])

    assert client.read_messages("Errors").messages == ()


@pytest.mark.parametrize(
    ("languages", "headers"),
    [
        ({}, {}),
        ({"language": "de-DE"}, {"Accept-Language": "de-DE"}),
        ({"name_language": "en-US"}, {"Content-Language": "en-US"}),
        (
            {"language": "zh-CN", "name_language": "sr-Latn-RS"},
            {"Accept-Language": "zh-CN", "Content-Language": "sr-Latn-RS"},
        ),
    ],
    ids=str,
)
def test_languages_go_into_headers(
    client: WinCCClient, answers: RequestsMock, languages: dict[str, str], headers: dict[str, str]
) -> None:
    answers.get(PENDING, json=[])

    client.read_messages(MessageQuery("Errors", **languages))

    sent = answers.calls[0].request.headers
    assert {name: sent[name] for name in ("Accept-Language", "Content-Language") if name in sent} == headers
    assert sent["Accept"] == "application/json"


@pytest.mark.parametrize(
    "answer",
    [
        [row(1), row(2)],
        {"messages": [row(1), row(2)]},
        {"Messages": [row(1), row(2)], "warnings": [], "count": 2},
        {"messageList": [row(1), row(2)], "filter": "Errors"},
    ],
    ids=str,
)
def test_rows_are_found_in_every_envelope(client: WinCCClient, answers: RequestsMock, answer: Any) -> None:
    answers.get(PENDING, json=answer)

    assert numbers(client.read_messages("Errors")) == [1, 2]


@pytest.mark.parametrize(
    ("body", "requests"),
    [("", 2), ("  \r\n", 2), ("[]", 1), ("null", 1), ('{"messages": []}', 1), ('{"messages": null}', 1)],
)
def test_nothing_there_is_no_error(client: WinCCClient, answers: RequestsMock, body: str, requests: int) -> None:
    for _ in range(requests):
        answers.get(PENDING, body=body)

    reading = client.read_messages("Errors")

    assert reading.messages == ()
    assert not reading.is_full
    assert reading.oldest is None


@pytest.mark.parametrize(
    ("body", "quoted"),
    [
        ('[{"msgNo": 1}, "<b>second</b>"]', 'the row " second " is no object'),
        ('{"messages": [{"msgNo": 1}, 17]}', "the row 17 is no object"),
        ("<html>some other product</html>", "some other product"),
        ('{"messages": 3, "classes": [], "types": []}', "classes"),
        ("17", "17"),
    ],
)
def test_what_is_no_list_of_rows_is_an_error_that_quotes_it(
    client: WinCCClient, answers: RequestsMock, body: str, quoted: str
) -> None:
    answers.get(PENDING, body=body)

    with pytest.raises(WinCCResponseError, match=quoted) as caught:
        client.read_messages("Errors")

    assert caught.value.path == "/WinCCRestService/alarmLogging/MessageList/Errors"
    assert caught.value.station == HOST


def test_rows_come_oldest_first_and_those_without_a_time_before_them(
    client: WinCCClient, answers: RequestsMock
) -> None:
    answers.get(PENDING, json=[row(1, 5), row(2, None), row(3, 1), row(4, 5), row(5, None), row(6, 1)])

    reading = client.read_messages("Errors")

    assert numbers(reading) == [2, 5, 3, 6, 1, 4]
    assert reading.oldest == at(1)


def test_of_a_station_that_sends_the_newest_first_rows_of_one_time_are_turned_round_too(
    client: WinCCClient, answers: RequestsMock
) -> None:
    answers.get(PENDING, json=[row(1, 5), row(2, 1), row(3, 1), row(4, 0)])

    assert numbers(client.read_messages("Errors")) == [4, 3, 2, 1]


def test_rows_of_one_time_keep_their_order(client: WinCCClient, answers: RequestsMock) -> None:
    answers.get(PENDING, json=[row(3), row(1), row(2)])

    assert numbers(client.read_messages("Errors")) == [3, 1, 2]


@pytest.mark.parametrize(
    ("other", "count"),
    [
        ({}, 1),
        ({"comment": "seen"}, 2),
        ({"text1": "Setpoint 40"}, 2),
        ({"pValue1": 40.5}, 2),
        ({"alarmCount": 3}, 2),
        ({"msgNo": 2}, 2),
        ({"state": 2}, 2),
        ({"instance": "K2"}, 2),
        ({"counter": 2208}, 2),
        ({"serverName": "OS2"}, 2),
        ({"dateTime": "2026-03-02T08:00:00.001Z"}, 2),
        ({"dateTime": "2026-03-02T09:00:00+01:00"}, 1),
    ],
    ids=str,
)
def test_only_a_row_that_says_the_same_in_everything_is_dropped(
    client: WinCCClient, answers: RequestsMock, other: dict[str, Any], count: int
) -> None:
    answers.get(PENDING, json=[row(1), row(1) | other, row(1)])

    assert len(client.read_messages("Errors").messages) == count


def test_two_entries_of_an_operator_in_one_second_both_come_in_their_order(
    client: WinCCClient, answers: RequestsMock
) -> None:
    """The station tells whole seconds and no running number, so that they differ in what they say alone."""
    entered = [row(1508, text1="Setpoint", pValue1=value) for value in (40, 55)]
    answers.get(ARCHIVE, json=[row(1), *entered])
    # As some stations send them: the newest first.
    answers.get(ARCHIVE, json=[row(2, 1), *reversed(entered), row(1, -1)])

    for _ in range(2):
        messages = client.read_messages(ARCHIVED).messages
        assert [message.process_values for message in messages if message.number == 1508] == [(40,), (55,)]


def test_times_without_a_zone_are_of_the_zone_of_the_connection(answers: RequestsMock) -> None:
    answers.get(PENDING, json=[row(1) | {"dateTime": "2026-03-02T09:00:00"}])

    with WinCCClient(StationSettings.from_url(HOST, timezone="Europe/Berlin")) as client:
        assert client.read_messages("Errors").oldest == START


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ({"start": at(1), "end": at(3)}, [1, 2]),
        ({"start": at(1.5), "end": at(2.001)}, [2]),
        ({"start": at(1)}, [1, 2, 3]),
        ({"end": at(1)}, [0]),
        ({"start": at(4), "end": at(5)}, []),
        ({"start": at(1).astimezone(timezone(timedelta(hours=5))), "end": pendulum.instance(at(3))}, [1, 2]),
    ],
    ids=str,
)
def test_a_window_has_its_start_and_not_its_end(
    client: WinCCClient, answers: RequestsMock, window: dict[str, datetime], expected: list[int]
) -> None:
    answers.get(PENDING, json=[row(number, number) for number in range(4)])

    assert numbers(client.read_messages("Errors", **window)) == expected


def test_rows_without_a_time_are_left_out_of_a_window_with_a_warning(
    client: WinCCClient, answers: RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    answers.get(PENDING, json=[row(1, None), row(2), row(3) | {"dateTime": "noon"}])

    assert numbers(client.read_messages("Errors", start=START)) == [2]
    (warning,) = warnings_in(caplog)
    assert "2 of 3 messages" in warning
    assert "'Errors'" in warning


@pytest.mark.parametrize(
    ("count", "is_full"),
    [(2, False), (3, True), (1000, True)],
)
def test_an_answer_with_as_many_rows_as_asked_for_or_more_is_full(
    client: WinCCClient, answers: RequestsMock, count: int, is_full: bool
) -> None:
    answers.get(ARCHIVE, json=[row(number) for number in range(count)])

    reading = client.read_messages(ARCHIVED)

    assert reading.is_full is is_full
    assert len(reading.messages) == count


def test_rows_that_come_twice_count_for_what_the_station_has_sent(client: WinCCClient, answers: RequestsMock) -> None:
    answers.get(ARCHIVE, json=[row(1), row(1), row(1)])

    assert client.read_messages(ARCHIVED).is_full


def test_a_list_without_a_limit_is_never_full(client: WinCCClient, answers: RequestsMock) -> None:
    answers.get(PENDING, json=[row(number) for number in range(1000)])

    assert not client.read_messages(MessageQuery("Errors", max_values=3)).is_full


@pytest.mark.parametrize(
    ("seconds", "window", "is_warned"),
    [
        ([1, 2, 3], {"start": at(0)}, True),
        ([1, 2, 3], {"start": at(1)}, True),
        ([1, 2, 3], {"start": at(1.001)}, False),
        ([1, 2, 3], {"start": at(2), "end": at(3)}, False),
        ([1, 2, 3], {"start": at(-2), "end": at(-1)}, True),
        ([1, 2, 3], {"end": at(3)}, True),
        ([1, 2, 3], {}, False),
        ([1, 2], {"start": at(0)}, False),
    ],
    ids=str,
)
def test_a_full_answer_that_does_not_reach_back_before_the_window_is_warned_of(
    client: WinCCClient,
    answers: RequestsMock,
    caplog: pytest.LogCaptureFixture,
    seconds: list[float],
    window: dict[str, datetime],
    is_warned: bool,
) -> None:
    answers.get(ARCHIVE, json=[row(number, moment) for number, moment in enumerate(seconds)])

    client.read_messages(ARCHIVED, **window)

    assert [("Messages may be missing" in warning) for warning in warnings_in(caplog)] == [True] * is_warned


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"start": START.replace(tzinfo=None)}, "start 2026-03-02T08:00:00 has no time zone"),
        ({"end": START.replace(tzinfo=None)}, "end 2026-03-02T08:00:00 has no time zone"),
        ({"start": "2026-03-02"}, "start is '2026-03-02'"),
        ({"end": 17}, "end is 17"),
        ({"start": at(1), "end": at(0)}, "start .* is not before the end"),
        ({"start": at(1), "end": at(1)}, "start .* is not before the end"),
    ],
    ids=str,
)
def test_a_window_that_is_none_is_refused_before_anything_is_sent(
    client: WinCCClient, answers: RequestsMock, arguments: dict[str, Any], named: str
) -> None:
    with pytest.raises(WinCCConfigurationError, match=named):
        client.read_messages("Errors", **arguments)

    assert len(answers.calls) == 0


@pytest.mark.parametrize("name", ["A/B", "A\\B", "A\x00", "A\nB", "\ud83d", ".", "..", "x" * 261], ids=repr)
def test_a_filter_whose_name_no_path_carries_is_refused_before_anything_is_sent(
    client: WinCCClient, answers: RequestsMock, name: str
) -> None:
    with pytest.raises(WinCCConfigurationError, match="cannot be asked for") as caught:
        client.read_messages(name)

    assert repr(name) in caught.value.message
    assert len(answers.calls) == 0


@pytest.mark.parametrize("asked", [None, 17, ["Errors"], "", " "], ids=repr)
def test_what_names_no_messages_is_refused(client: WinCCClient, answers: RequestsMock, asked: Any) -> None:
    with pytest.raises(WinCCConfigurationError, match=re.escape(repr(asked))):
        client.read_messages(asked)

    assert len(answers.calls) == 0


@pytest.mark.parametrize(
    "refusal",
    [
        {"status": 404},
        {"status": 404, "body": "<html><h1>Not Found</h1></html>"},
        {"status": 404, "json": {"error": "unknown filter"}},
        {"status": 400, "json": {"error": "bad filter"}},
        {"json": {"error": "Not Found"}},
        {"json": {"error": "The filter could not be applied"}},
        {"json": [{"filter": "Errors", "errorCode": 17}]},
    ],
    ids=str,
)
def test_an_unknown_filter_is_an_error_that_names_the_configured_ones(
    client: WinCCClient, answers: RequestsMock, refusal: dict[str, Any]
) -> None:
    answers.get(PENDING, **refusal)
    answers.get(FILTERS, json={"restFilters": [{"name": "errors"}, {"name": "All"}]})

    with pytest.raises(WinCCNotFoundError, match=r"no REST filter 'Errors'\. It has 'errors', 'All'") as caught:
        client.read_messages("Errors")

    assert "REST filters are made in WinCC" in caught.value.hint
    assert caught.value.path == "/WinCCRestService/alarmLogging/MessageList/Errors"


def test_the_filters_are_asked_for_in_the_language_of_the_name(client: WinCCClient, answers: RequestsMock) -> None:
    answers.get(PENDING, status=404)
    answers.get(
        FILTERS, json=[{"name": "Fehler"}], match=[responses.matchers.header_matcher({"Accept-Language": "de-DE"})]
    )

    with pytest.raises(WinCCNotFoundError, match="It has 'Fehler'"):
        client.read_messages(MessageQuery("Errors", language="zh-CN", name_language="de-DE"))


@pytest.mark.parametrize("filters", [{"json": []}, {"body": ""}, {"json": {"restFilters": []}}], ids=str)
def test_a_station_without_any_filter_is_told(
    client: WinCCClient, answers: RequestsMock, filters: dict[str, Any]
) -> None:
    answers.get(PENDING, status=404)
    answers.get(FILTERS, **filters)

    with pytest.raises(WinCCNotFoundError, match=r"no REST filter 'Errors'\. It has none"):
        client.read_messages("Errors")


def test_a_list_that_is_unknown_for_a_filter_that_is_not_keeps_its_error(
    client: WinCCClient, answers: RequestsMock
) -> None:
    answers.get(PENDING, status=404)
    answers.get(FILTERS, json=[{"name": "Errors"}])

    with pytest.raises(WinCCNotFoundError, match="404") as caught:
        client.read_messages("Errors")

    assert "does have the REST filter 'Errors'" in caught.value.hint


@pytest.mark.parametrize(
    "filters",
    [{"status": 500}, {"status": 503}, {"status": 403}, {"body": "<html>"}, {"body": ConnectionError("gone")}],
    ids=str,
)
def test_filters_that_cannot_be_asked_for_do_not_hide_the_first_error(
    client: WinCCClient, answers: RequestsMock, filters: dict[str, Any]
) -> None:
    answers.get(PENDING, status=404, body="first error")
    answers.get(FILTERS, **filters)

    with pytest.raises(WinCCNotFoundError, match="first error"):
        client.read_messages("Errors")

    # A connection that the station has dropped is tried again at once, as always.
    assert len(answers.calls) <= 3


def test_a_station_without_the_area_is_told_so(client: WinCCClient, answers: RequestsMock) -> None:
    answers.get(PENDING, status=404, body="<html>")
    answers.get(FILTERS, status=404, body="<html>")

    with pytest.raises(WinCCNotFoundError, match="no REST interface for messages") as caught:
        client.read_messages("Errors")

    assert "V8.1" in caught.value.hint
    assert "WinCCTagSensor" in caught.value.hint
    assert not caught.value.retryable


def test_an_error_in_an_answer_for_a_filter_that_there_is_may_pass(client: WinCCClient, answers: RequestsMock) -> None:
    answers.get(PENDING, json={"error": "The archive is being changed, Kiln-7-secret"})
    answers.get(FILTERS, json=[{"name": "Errors"}])

    with pytest.raises(WinCCRuntimeError, match="archive is being changed") as caught:
        client.read_messages("Errors")

    assert caught.value.retryable
    assert "Kiln-7" not in str(caught.value)


@pytest.mark.parametrize(("status", "kind"), [(403, WinCCPermissionError), (500, WinCCRuntimeError)])
def test_other_errors_cost_no_second_request(
    client: WinCCClient, answers: RequestsMock, status: int, kind: type[WinCCError]
) -> None:
    answers.get(PENDING, status=status)

    with pytest.raises(kind):
        client.read_messages("Errors")

    assert len(answers.calls) == 1


@pytest.mark.parametrize("rows", [[row(1, error="E17")], [row(1) | {"errorCode": 17}]], ids=str)
def test_a_lone_message_with_an_error_of_its_own_is_a_message(
    client: WinCCClient, answers: RequestsMock, rows: Iterable[Any]
) -> None:
    answers.get(PENDING, json=rows)

    assert numbers(client.read_messages("Errors")) == [1]
