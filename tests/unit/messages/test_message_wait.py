"""How one wait for messages judges readings, apart from who reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_wincc.client import WinCCConfigurationError, WinCCConnectionError, WinCCNotFoundError
from airflow_provider_wincc.client.error_json import error_from_json
from airflow_provider_wincc.client.messages.query import MessageList, MessageQuery
from airflow_provider_wincc.client.messages.values import Message, MessageReading, MessageState
from airflow_provider_wincc.messages import MessagePattern
from airflow_provider_wincc.messages.failures import MessageFailure
from airflow_provider_wincc.messages.waiting import MOST_TOLD, MessageWait, Until, check_wait

QUERY = MessageQuery("Errors")
HISTORY = MessageQuery("Errors", message_list="short_term_archive")
HIGH = MessagePattern(number=1001)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def message(number=1001, *, minute=0, **said):
    return Message(number=number, time=NOON + timedelta(minutes=minute), state=MessageState.CAME_IN, **said)


def observe(wait, *messages, is_full=False):
    return wait.observe({wait.query: MessageReading(messages, is_full=is_full)})


def test_it_reads_its_one_query():
    assert MessageWait(QUERY).tags == (QUERY,)


def test_a_message_that_matches_ends_a_wait_for_one():
    wait = MessageWait(QUERY, HIGH)

    assert observe(wait) is None
    assert observe(wait, message(1002)) is None
    outcome = observe(wait, message(1002), message(1001, texts=("Tank1 level high",)))

    assert outcome.error is None
    assert outcome.result["count"] == 1
    assert [(one["number"], one["text"]) for one in outcome.result["messages"]] == [(1001, "Tank1 level high")]


def test_without_a_pattern_any_message_will_do():
    assert observe(MessageWait(QUERY), message(77)).result["count"] == 1


def test_the_last_message_that_matches_ends_a_wait_for_none():
    wait = MessageWait(QUERY, HIGH, until="absent")

    assert observe(wait, message(1001), message(1002)) is None
    assert observe(wait, message(1002)).result == {"count": 0, "messages": []}


def test_only_messages_since_a_moment_count():
    wait = MessageWait(HISTORY, HIGH, since=NOON)

    assert observe(wait, message(minute=-1)) is None
    assert observe(wait, message(minute=-1), message(minute=0)).result["count"] == 1


@pytest.mark.parametrize(
    "since",
    [
        pendulum.datetime(2026, 3, 2, 12),
        pendulum.datetime(2026, 3, 2, 13, tz="Europe/Berlin"),
        datetime(2026, 3, 2, 17, 30, tzinfo=timezone(timedelta(hours=5.5))),
    ],
)
def test_the_moment_may_stand_in_any_zone(since):
    wait = MessageWait(HISTORY, since=since)

    assert wait.since == NOON
    assert type(wait.since) is datetime


@pytest.mark.parametrize("since", [NOON, None])
@pytest.mark.parametrize("until", ["present", "absent"])
def test_a_message_that_does_not_say_what_it_is_judged_by_ends_no_wait(until, since):
    wait = MessageWait(QUERY, MessagePattern(class_name="Error"), until=until, since=since)

    assert observe(wait, Message(number=1001, time=NOON)) is None
    assert "1 do not say" in wait.explain()


def test_a_message_without_a_time_is_neither_before_nor_after_a_moment():
    timeless = Message(number=1001)

    assert observe(MessageWait(QUERY, HIGH, since=NOON), timeless) is None
    assert observe(MessageWait(QUERY, HIGH, until="absent", since=NOON), timeless) is None
    assert observe(MessageWait(QUERY, HIGH), timeless) is not None


def test_a_burst_is_counted_in_full_and_the_newest_of_it_are_told():
    outcome = observe(MessageWait(QUERY), *(message(number, minute=number) for number in range(5000)))

    assert outcome.result["count"] == 5000
    assert [one["number"] for one in outcome.result["messages"]] == list(range(5000 - MOST_TOLD, 5000))
    assert json.loads(json.dumps(outcome.to_json())) == {"status": "met", "result": outcome.result}


def test_the_result_holds_nothing_that_airflow_cannot_carry():
    odd = message(texts=("nul \x00 half \ud800 \x1b[31m",), other={"big": 2**80, "none": float("nan")})

    outcome = observe(MessageWait(QUERY), odd)

    assert outcome.result["messages"][0]["text"] == "nul \ufffd half \ufffd \x1b[31m"
    assert outcome.result["messages"][0]["other"] == {"big": str(2**80), "none": None}
    json.dumps(outcome.to_json(), allow_nan=False).encode()


@pytest.mark.parametrize("until", list(Until))
def test_a_query_that_the_station_cannot_answer_ends_the_wait_and_the_error_survives_the_triggerer(until):
    wait = MessageWait(QUERY, until=until)
    failure = MessageFailure(WinCCNotFoundError("The filter 'Errors' is unknown.", hint="Configured are 'All'."))

    outcome = wait.observe({QUERY: failure})

    error = error_from_json(json.loads(json.dumps(outcome.to_json()))["error"])
    assert isinstance(error, WinCCNotFoundError)
    assert "Configured are 'All'" in str(error)


def test_failures_that_say_the_same_are_no_change():
    one = MessageFailure(WinCCNotFoundError("The filter 'Errors' is unknown."))

    assert one == MessageFailure(WinCCNotFoundError("The filter 'Errors' is unknown."))
    assert one != MessageFailure(WinCCNotFoundError("The filter 'All' is unknown."))


@pytest.mark.parametrize(("most", "failed_readings"), [(0, 1), (2, 3)])
def test_failed_readings_are_waited_through_up_to_a_count(most, failed_readings):
    wait = MessageWait(QUERY, max_consecutive_failures=most)
    error = WinCCConnectionError("Away.")

    outcomes = [wait.observe_failure(error) for _ in range(failed_readings)]

    assert outcomes[:-1] == [None] * most
    assert outcomes[-1].error is error


def test_a_reading_in_between_begins_the_count_anew():
    wait = MessageWait(QUERY, HIGH, max_consecutive_failures=1)
    for _ in range(5):
        assert wait.observe_failure(WinCCConnectionError("Away.")) is None
        assert observe(wait) is None


def test_any_number_of_failures_is_waited_through_when_none_is_given():
    wait = MessageWait(QUERY)

    assert {wait.observe_failure(WinCCConnectionError("Away.")) for _ in range(100)} == {None}


def test_a_failed_reading_is_never_an_absence():
    assert MessageWait(QUERY, until="absent").observe_failure(WinCCConnectionError("Away.")) is None


def test_the_count_of_failures_is_taken_over():
    first, second = (MessageWait(QUERY, max_consecutive_failures=1) for _ in range(2))
    first.observe_failure(WinCCConnectionError("Away."))

    second.resume(json.loads(json.dumps(first.to_json())))

    assert second.observe_failure(WinCCConnectionError("Away.")) is not None


def test_it_explains_what_it_waits_for_and_what_it_saw():
    wait = MessageWait(HISTORY, HIGH, since=NOON)
    assert "Nothing was read yet" in wait.explain()

    observe(wait, message(1002, minute=5, texts=("Tank2\x1b[31m\nhigh",), class_name="Error"), is_full=True)
    told = wait.explain()

    assert "MessagePattern(number=1001), of 2026-03-02T12:00:00+00:00 or later" in told
    assert "short_term_archive by filter 'Errors'" in told
    assert r"1002 'Tank2\x1b[31m\nhigh' ('Error', came in, 2026-03-02T12:05:00.000+00:00)" in told
    assert "The answer was full" in told


def test_it_explains_which_messages_are_still_there():
    wait = MessageWait(QUERY, until="absent")
    observe(wait, *(message(number) for number in range(20)))
    told = wait.explain()

    assert "20 of them match" in told
    assert told.count("\n- ") == 5
    assert "- 19 " in told


def test_it_explains_that_readings_failed():
    wait = MessageWait(QUERY, HIGH)
    observe(wait, message(1002))
    wait.observe_failure(WinCCConnectionError("Away."))
    wait.observe_failure(WinCCConnectionError("Away."))

    assert "The last 2 readings failed: Away." in wait.explain()
    assert "1002" in wait.explain()


@pytest.mark.parametrize("message_list", list(MessageList))
@pytest.mark.parametrize("until", list(Until))
@pytest.mark.parametrize("since", [NOON, None])
def test_a_full_answer_is_no_absence_and_the_past_ends_no_wait(message_list, until, since):
    query = MessageQuery("Errors", message_list=message_list)
    if until is Until.ABSENT and message_list.has_max_values:
        told = r"'absent'.*may still be there.*'message_list'"
    elif message_list.is_history and since is None:
        told = r"since is not given.*since='\{\{"
    else:
        assert check_wait(message_list, until.value, since=since) is until
        MessageWait(query, until=until, since=since)
        return

    with pytest.raises(WinCCConfigurationError, match=told):
        MessageWait(query, until=until, since=since)


def test_what_cannot_be_waited_for_is_told():
    with pytest.raises(WinCCConfigurationError, match=r"until is 'gone'.*'present'"):
        MessageWait(QUERY, until="gone")
    with pytest.raises(WinCCConfigurationError, match="no time zone"):
        MessageWait(QUERY, since=datetime(2026, 3, 2))  # noqa: DTZ001  the very mistake


messages = st.lists(
    st.builds(
        Message,
        number=st.none() | st.integers(1001, 1003),
        time=st.none() | st.sampled_from([NOON - timedelta(minutes=1), NOON, NOON + timedelta(minutes=1)]),
    )
)


@given(messages, st.sampled_from([None, NOON]))
def test_no_reading_is_both_a_presence_and_an_absence(rows, since):
    present = observe(MessageWait(QUERY, HIGH, since=since), *rows)
    absent = observe(MessageWait(QUERY, HIGH, until="absent", since=since), *rows)

    surely = [row for row in rows if row.number == 1001 and (since is None or (row.time and row.time >= since))]
    assert (present is not None) == bool(surely)
    assert present is None or absent is None
