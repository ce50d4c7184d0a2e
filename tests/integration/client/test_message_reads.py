"""Messages of the simulated station, over a real socket, in every dialect."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from airflow_provider_wincc.client import (
    Message,
    MessageList,
    MessageQuery,
    MessageState,
    WinCCNotFoundError,
    WinCCPermissionError,
    WinCCServiceUnavailableError,
)
from airflow_provider_wincc.simulator import Dialect, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from airflow_provider_wincc.client import WinCCClient

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ARCHIVE = MessageQuery("All", MessageList.SHORT_TERM_ARCHIVE)
STRANGE = "<b>Filter</b> {{ ds }} \x1b[31mred\x1b[0m\nsecond line\t\x07\u202e"


@pytest.fixture(scope="session")
def message_station() -> Iterator[Simulator]:
    with Simulator(plant="still") as station:
        yield station


@pytest.fixture
def station(message_station: Simulator) -> Simulator:
    """A station without messages, as good as new."""
    message_station.clear_faults()
    message_station.start_service()
    message_station.set_dialect(**asdict(Dialect()))
    message_station.reset_messages()
    # Those that the plant has at rest.
    for number in (2001, 3001):
        message_station.clear_message(number)
    message_station.clear_requests()
    return message_station


@pytest.fixture
def history(station: Simulator) -> datetime:
    """What happened to a few messages; the time of the first."""
    station.raise_message(1001, process_values=[91.5, 90.0], instance="Tank1", time=START)
    station.raise_message(1002, texts=[STRANGE, "Tank2"], time=START + timedelta(milliseconds=7))
    station.acknowledge_message(1001, user="ada", time=START + timedelta(seconds=2))
    station.clear_message(1001, time=START + timedelta(seconds=3, milliseconds=500))
    station.raise_message(2002, process_values=[True, "B-0042"], time=START + timedelta(seconds=4))
    return START


def told(messages: Iterable[Message]) -> list[dict[str, Any]]:
    return [
        {
            "what": (each.number, each.state_code, each.time, each.instance),
            "kind": (each.class_name, each.type_name, each.priority),
            "texts": each.texts,
            "values": each.process_values,
            "operator": (each.user, each.computer),
            "duration": each.duration,
        }
        for each in messages
    ]


def happened(station: Simulator, since: datetime) -> list[dict[str, Any]]:
    return [
        {
            "what": (each.number, int(each.state), each.time, each.instance or None),
            "kind": (each.class_name, each.type_name, each.message.priority),
            "texts": each.texts(),
            "values": each.process_values,
            "operator": (each.user or None, each.computer or None),
            "duration": None if each.seconds is None else timedelta(seconds=each.seconds),
        }
        for each in station.message_archive
        if since <= each.time < since + timedelta(hours=1)
    ]


@pytest.mark.parametrize(
    "dialect",
    [
        {},
        {"message_keys": "ole_db"},
        {"message_keys": "opc_ua"},
        {"message_typing": "text", "message_envelope": "bare"},
        {"message_typing": "text", "message_keys": "ole_db", "message_time": "split"},
        {"message_time": "split", "message_keys": "opc_ua"},
        {"message_order": "descending"},
        {"timestamps": "offset"},
        {"timestamps": "no_zone"},
        {"timestamps": "seven_digits"},
        {"timestamps": "no_fraction", "message_time": "split"},
    ],
    ids=str,
)
def test_every_row_comes_once_in_every_dialect(
    station: Simulator, client: WinCCClient, history: datetime, dialect: dict[str, Any]
) -> None:
    station.set_dialect(**dialect)

    reading = client.read_messages(ARCHIVE, start=history, end=history + timedelta(hours=1))

    assert told(reading.messages) == happened(station, history)
    assert len(station.requests) == 1
    assert not reading.is_full


def test_a_message_has_all_that_the_station_says(client: WinCCClient, history: datetime) -> None:
    first, _, _, gone, last = client.read_messages(ARCHIVE, start=history, end=history + timedelta(hours=1)).messages

    assert first.counter is not None
    assert first == Message(
        number=1001,
        state=MessageState.CAME_IN,
        state_code=1,
        time=history,
        class_name="Error",
        class_number=1,
        type_name="Alarm",
        type_number=1,
        texts=("Tank1 level high", "Tank1", "Level 91.5 %, limit 90.0 %"),
        process_values=(91.5, 90.0),
        priority=8,
        instance="Tank1",
        counter=first.counter,
    )
    assert gone.duration == timedelta(seconds=3.5)
    assert last.process_values == (True, "B-0042")


def test_texts_with_markup_and_control_characters_stay_as_they_are(client: WinCCClient, history: datetime) -> None:
    (message,) = (each for each in client.read_messages("Errors").messages if each.number == 1002)

    assert message.texts == (STRANGE, "Tank2")


def test_texts_and_names_come_in_the_language_asked_for(client: WinCCClient, history: datetime) -> None:
    english, german = (
        client.read_messages(MessageQuery("All", language=language)).messages[0] for language in (None, "de-DE")
    )

    assert (english.class_name, english.text) == ("Error", STRANGE)
    assert (german.class_name, german.number) == ("Fehler", english.number)
    assert (german.number, german.time, german.counter) == (english.number, english.time, english.counter)
    assert client.read_messages(MessageQuery("Alle", name_language="de-DE")).messages[0].class_name == "Error"


def test_the_lists_show_what_they_are_for(station: Simulator, client: WinCCClient) -> None:
    station.raise_message(1001, time=START)
    station.raise_message(1002, time=START)
    station.lock_message(2001)
    station.hide_message(1002)

    def numbers(message_list: MessageList) -> set[int | None]:
        return {message.number for message in client.read_messages(MessageQuery("All", message_list)).messages}

    assert numbers(MessageList.MESSAGE_LIST) == {1001}
    assert numbers(MessageList.LOCK_LIST) == {2001}
    assert numbers(MessageList.HIDE_LIST) == {1002}
    assert numbers(MessageList.HIDDEN_MESSAGE_LIST) == {1002}
    assert numbers(MessageList.HIT_LIST) == {1001, 1002, 2001, 3001}
    assert numbers(MessageList.LONG_TERM_ARCHIVE) == numbers(MessageList.SHORT_TERM_ARCHIVE) >= {1001, 1002, 2001}


def test_the_hit_list_keeps_its_figures(station: Simulator, client: WinCCClient) -> None:
    for second in range(3):
        station.raise_message(1001, time=START + timedelta(seconds=second))

    (hit,) = client.read_messages(MessageQuery("Errors", MessageList.HIT_LIST)).messages

    assert (hit.number, hit.time, hit.other["frequency"]) == (1001, None, 3)


def test_a_burst_of_five_thousand_is_read_whole(station: Simulator, client: WinCCClient) -> None:
    station.burst_of_messages(5_000)

    messages = client.read_messages("Errors").messages

    assert len({message.key for message in messages}) == len(messages) == 5_000
    assert [message.time for message in messages] == sorted(message.time for message in messages if message.time)


@pytest.mark.parametrize("order", ["ascending", "descending"])
def test_a_full_answer_that_does_not_reach_back_is_warned_of(
    station: Simulator, client: WinCCClient, caplog: pytest.LogCaptureFixture, order: str
) -> None:
    station.set_dialect(message_order=order)
    since = datetime.now(UTC) - timedelta(minutes=1)
    station.burst_of_messages(1_001)

    reading = client.read_messages(MessageQuery("Errors", MessageList.SHORT_TERM_ARCHIVE), start=since)

    assert reading.is_full
    assert len(reading.messages) == 1_000
    assert [record.levelno for record in caplog.records if "may be missing" in record.getMessage()] == [logging.WARNING]


def test_the_newest_messages_alone_are_no_cause_for_a_warning(
    client: WinCCClient, history: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    query = MessageQuery("All", MessageList.SHORT_TERM_ARCHIVE, max_values=2)

    assert client.read_messages(query).is_full
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize("unknown_filter", ["not_found", "error"])
@pytest.mark.parametrize("message_list", MessageList)
def test_an_unknown_filter_is_named_with_the_configured_ones(
    station: Simulator, client: WinCCClient, unknown_filter: str, message_list: MessageList
) -> None:
    station.set_dialect(unknown_filter=unknown_filter)

    with pytest.raises(WinCCNotFoundError, match="no REST filter 'Faults'") as caught:
        client.read_messages(MessageQuery("Faults", message_list))

    assert all(repr(name) in caught.value.message for name in ("All", "Errors", "Warnings", "Process"))
    assert len(station.requests) == 2


def test_a_station_without_messages_says_so(station: Simulator, client: WinCCClient) -> None:
    station.set_dialect(has_messages=False)

    for call in (
        lambda: client.read_messages("All"),
        lambda: list(client.list_rest_filters()),
        lambda: list(client.list_messages()),
        lambda: client.get_message(1001),
    ):
        with pytest.raises(WinCCNotFoundError, match="no REST interface for messages") as caught:
            call()
        assert "V8.1" in caught.value.hint


@pytest.mark.parametrize("continuation", ["object", "header", "offset"])
def test_lists_of_the_configuration_come_whole(station: Simulator, client: WinCCClient, continuation: str) -> None:
    station.set_dialect(continuation=continuation)

    def names(method: str, **arguments: Any) -> list[str]:
        return [entry.name for entry in getattr(client, method)(page_size=2, **arguments)]

    assert names("list_rest_filters") == ["All", "Errors", "Warnings", "Process"]
    assert names("list_message_classes", language="de-DE") == ["Fehler", "Warnung", "Prozess"]
    assert names("list_message_types") == ["Alarm", "Warning", "Operating message"]
    assert names("list_messages") == ["1001", "1002", "2001", "2002", "3001"]
    assert names("list_limit_values") == ["Tank1.Level", "Tank2.Level"]
    assert names("list_message_groups") == ["Tanks", "Mixing", "Packing"]
    assert {"Date", "Process value: 1"} <= set(names("list_message_blocks"))


def test_single_entries_of_the_configuration(client: WinCCClient) -> None:
    assert client.get_rest_filter("Errors").raw["className"] == "Error"
    assert client.get_message_class("Fehler", name_language="de-DE").name == "Error"
    assert client.get_message_type("Operating message", language="de-DE").name == "Betriebsmeldung"
    assert client.get_message_block("Process value: 1").raw["kind"] == "process value"
    assert client.get_message(1001).raw["text1"] == "Tank1 level high"
    assert client.get_limit_value("Tank1.Level").raw["limit"] == 90.0
    assert client.get_message_group("Tanks").raw["msgNos"] == [1001, 1002]


def test_an_unknown_entry_of_the_configuration_is_named(client: WinCCClient) -> None:
    with pytest.raises(WinCCNotFoundError, match="no message class 'Faults'") as caught:
        client.get_message_class("Faults")

    assert "list_message_classes" in caught.value.hint


def test_a_user_without_rights_gets_a_permission_error(open_client: Callable[..., WinCCClient]) -> None:
    with pytest.raises(WinCCPermissionError):
        open_client("guest").read_messages("All")


def test_a_request_that_breaks_is_sent_again(station: Simulator, client: WinCCClient, history: datetime) -> None:
    station.fail_next("drop_before", 2)

    assert [message.number for message in client.read_messages("Errors").messages] == [1002]


def test_a_station_that_has_stopped_is_not_taken_for_one_without_messages(
    station: Simulator, client: WinCCClient
) -> None:
    station.stop_service()

    with pytest.raises(WinCCServiceUnavailableError):
        client.read_messages("All")


@pytest.mark.parametrize(("hours", "expected"), [(1, 5), (None, 9)])
def test_an_answer_without_a_body_is_asked_for_once_more(
    client: WinCCClient, station: Simulator, history: datetime, hours: int | None, expected: int
) -> None:
    station.fail_next("empty_body")

    reading = client.read_messages(ARCHIVE, end=None if hours is None else history + timedelta(hours=hours))

    assert len(reading.messages) == expected
    assert len(station.requests) == 2


def test_a_list_without_messages_may_have_no_body(client: WinCCClient, station: Simulator, history: datetime) -> None:
    station.fail_next("empty_body", 2)

    assert client.read_messages(ARCHIVE).messages == ()
    assert len(station.requests) == 2
