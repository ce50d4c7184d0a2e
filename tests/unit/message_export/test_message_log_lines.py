"""Messages in a log: a bounded number of lines, and nothing in them that a terminal would act on."""

from __future__ import annotations

from exported_messages import NASTY, message
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_wincc.client.messages.values import Message, MessageState
from airflow_provider_wincc.message_export.log_lines import MOST_LINES, log_lines


def test_a_line_says_when_what_and_in_which_words() -> None:
    one = message(
        1.5,
        texts=("Tank1 level high", None, "Hall 3"),
        state=MessageState.WENT_OUT,
        instance="Line3",
        class_name="Error",
    )

    assert list(log_lines([one])) == [
        "2026-03-02T08:00:01.500+00:00 1001 went out, class 'Error', instance 'Line3': 'Tank1 level high', 'Hall 3'"
    ]


def test_what_the_station_does_not_say_is_said_to_be_missing() -> None:
    (line,) = log_lines([Message(state_code=99)])

    assert line == "without a time None state 99: no text"


def test_control_characters_are_escaped() -> None:
    (line,) = log_lines([message(0, NASTY, class_name="\x1b[2J", instance="\n")])

    assert line.isprintable()
    assert r"\x1b[31mred\x1b[0m\r\n<script>alert(1)</script>\t\x85\u202e=1+1" in line
    assert r"class '\x1b[2J', instance '\n'" in line


@given(st.lists(st.text(st.characters()), max_size=10), st.text(st.characters()))
def test_every_line_can_be_printed_and_is_short(texts: list[str], name: str) -> None:
    (line,) = log_lines([message(0, texts=tuple(texts), class_name=name, instance=name)])

    assert line.isprintable()
    assert len(line) <= 400


def test_a_burst_does_not_fill_the_log() -> None:
    lines = list(log_lines([message(second, "x" * 10_000) for second in range(1000)]))

    assert len(lines) == MOST_LINES + 1
    assert lines[-1] == "and 900 more"
    assert max(map(len, lines)) == 400
