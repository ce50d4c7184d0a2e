"""Messages in the words of a log."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from airflow_provider_wincc.client.messages.values import Message

MOST_LINES = 100
_LONGEST_LINE = 400


def log_lines(messages: Sequence[Message]) -> Iterator[str]:
    """Yield a line for each message, at most :data:`MOST_LINES`, and how many more there are.

    What the station says is written as Python writes texts: control characters and line breaks escaped.
    """
    for message in islice(messages, MOST_LINES):
        line = _line(message)
        yield line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"
    if len(messages) > MOST_LINES:
        yield f"and {len(messages) - MOST_LINES} more"


def _line(message: Message) -> str:
    time = "without a time" if message.time is None else message.time.isoformat(timespec="milliseconds")
    state = f"state {message.state_code}" if message.state is None else message.state.words
    of = [("class", message.class_name), ("instance", message.instance)]
    named = "".join(f", {word} {name!r}" for word, name in of if name is not None)
    texts = ", ".join(repr(text) for text in message.texts if text)
    return f"{time} {message.number} {state}{named}: {texts or 'no text'}"
