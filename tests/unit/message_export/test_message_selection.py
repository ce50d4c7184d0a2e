"""Which messages of an answer are in a window, and what is known of those that are not in it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from exported_messages import END, START, at, message
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_wincc.client.messages.values import MessageReading
from airflow_provider_wincc.message_export.selection import select_messages
from airflow_provider_wincc.messages import MessagePattern


def test_a_window_has_its_start_and_not_its_end() -> None:
    rows = tuple(message(second) for second in (-0.001, 0, 1799, 3599.999, 3600))

    selected = select_messages(MessageReading(rows), start=START, end=END)

    assert selected.messages == rows[1:4]
    assert (selected.doubts, selected.known_since) == ((), None)


def test_a_side_may_be_open() -> None:
    rows = tuple(message(second) for second in (-1, 0, 1))

    assert select_messages(MessageReading(rows), start=START).messages == rows[1:]
    assert select_messages(MessageReading(rows), end=START).messages == rows[:1]


def test_without_a_window_all_are_kept_those_without_a_time_first() -> None:
    rows = (message(None), message(-10_000), message(5))

    selected = select_messages(MessageReading(rows))

    assert selected.messages == rows
    assert selected.doubts == ()


def test_a_pattern_picks() -> None:
    rows = (message(0), message(1, "Pump off", number=2001), message(2, number=1002))

    selected = select_messages(MessageReading(rows), start=START, end=END, pattern=MessagePattern(text="level"))

    assert [each.number for each in selected.messages] == [1001, 1002]


def test_messages_of_one_time_have_one_order_whatever_the_station_does() -> None:
    rows = [message(1, counter=2), message(1, counter=1), message(0), message(1, number=7), message(1, instance="B")]

    forwards = select_messages(MessageReading(tuple(rows)))
    backwards = select_messages(MessageReading(tuple(reversed(rows))))

    assert forwards.messages == backwards.messages
    assert [each.counter for each in forwards.messages[-2:]] == [1, 2]


@pytest.mark.parametrize(
    ("oldest", "may_lack"),
    [
        pytest.param(-0.001, False, id="from before the start"),
        pytest.param(0, True, id="at the start: others of this moment may be missing"),
        pytest.param(10, True, id="within"),
        pytest.param(3600, True, id="after the end: nothing is known of the window"),
    ],
)
def test_a_full_answer_is_whole_only_if_it_reaches_back_to_before_the_start(oldest: float, may_lack: bool) -> None:
    reading = MessageReading((message(oldest), message(oldest + 1)), is_full=True)

    selected = select_messages(reading, start=START, end=END)

    assert bool(selected.doubts) is may_lack
    assert selected.known_since == (at(oldest) if may_lack else None)
    if may_lack:
        back_to = at(oldest).isoformat(timespec="milliseconds")
        assert selected.doubts == (
            f"the station handed out 2 messages, which go back to {back_to}, and there may be older ones",
        )


@pytest.mark.parametrize(("oldest", "known_since"), [(-1, None), (0, 0), (10, 10), (3600, 3600)])
def test_an_answer_that_is_not_full_proves_nothing_of_the_time_before_it_either(
    oldest: float, known_since: float | None
) -> None:
    selected = select_messages(MessageReading((message(oldest),)), start=START, end=END)

    assert selected.known_since == (None if known_since is None else at(known_since))
    assert selected.doubts == ()


def test_an_answer_without_messages_proves_nothing() -> None:
    selected = select_messages(MessageReading(()), start=START, end=END)

    assert selected.known_since is not None
    assert selected.known_since > END
    assert selected.doubts == ()


def test_the_oldest_message_counts_even_if_the_pattern_leaves_it_out() -> None:
    reading = MessageReading((message(-1, number=1), message(5)), is_full=True)

    assert select_messages(reading, start=START, pattern=MessagePattern(number=1001)).doubts == ()


def test_a_full_answer_without_a_start_may_always_lack_some() -> None:
    assert select_messages(MessageReading((message(0),), is_full=True)).doubts != ()
    assert select_messages(MessageReading((message(0),), is_full=True), end=END).doubts != ()
    assert select_messages(MessageReading((message(0),), is_full=False)).doubts == ()


def test_of_a_full_answer_without_any_time_nothing_is_known() -> None:
    selected = select_messages(MessageReading((message(None),), is_full=True), start=START, end=END)

    assert selected.messages == ()
    assert selected.known_since is not None
    assert selected.known_since > END
    assert len(selected.doubts) == 2


def test_messages_without_a_time_that_a_window_leaves_out_are_told() -> None:
    reading = MessageReading((message(None), message(None), message(None, number=7), message(5)))

    selected = select_messages(reading, start=START, end=END, pattern=MessagePattern(number=1001))

    assert selected.messages == (message(5),)
    assert selected.doubts == ("2 messages have no time and were left out",)


@given(st.lists(st.integers(-5000, 5000), max_size=30).map(sorted), st.integers(-5000, 5000), st.integers(1, 5000))
def test_windows_one_after_the_other_have_each_message_once(seconds: list[int], first: int, length: int) -> None:
    reading = MessageReading(tuple(message(second, counter=index) for index, second in enumerate(seconds)))
    edges = [at(-6000), at(first), at(first + length), at(first + length) + timedelta(hours=3)]

    windows = [
        select_messages(reading, start=edges[index], end=edges[index + 1]).messages for index in range(len(edges) - 1)
    ]

    assert [each for window in windows for each in window] == list(reading.messages)
