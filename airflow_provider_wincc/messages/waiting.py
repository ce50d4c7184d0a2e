"""One wait for messages: the same judgement for a sensor that pokes, reschedules or is deferred."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from airflow_provider_wincc.client.archives.moments import in_utc
from airflow_provider_wincc.client.error_json import error_to_json
from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.storable import storable
from airflow_provider_wincc.messages.failures import MessageFailure
from airflow_provider_wincc.messages.pattern import MessagePattern

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from airflow_provider_wincc.client.errors import WinCCError
    from airflow_provider_wincc.client.messages.query import MessageList, MessageQuery
    from airflow_provider_wincc.client.messages.values import Message, MessageReading

MOST_TOLD = 100
"""Messages in the result of a wait; a burst has thousands, and results go into Airflow's database."""
_MOST_EXPLAINED = 5
_LONGEST_TEXT = 200


class Until(StrEnum):
    """What a wait for messages waits for."""

    PRESENT = "present"
    """A message that matches."""
    ABSENT = "absent"
    """No message matches any more."""


@dataclass(frozen=True, slots=True)
class MessageWaitOutcome:
    """How a wait ended: with the messages that were waited for, or with an error.

    :param result: ``count`` of the messages that match, and ``messages``: the newest of them, at most
        :data:`MOST_TOLD`, oldest first, as :meth:`Message.to_json` has them, and nothing that Airflow cannot carry.
    """

    result: dict[str, Any] | None = None
    error: WinCCError | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as the payload of a trigger's event."""
        if self.error is not None:
            return {"status": "failed", "error": error_to_json(self.error)}
        return {"status": "met", "result": self.result}


@dataclass(slots=True)
class MessageWait:
    """Judges one reading after the other until the wait is over.

    A message that does not say what the pattern asks for, or its time where ``since`` is given, is neither one that
    matches nor one that does not: it ends no wait.

    :param query: which messages are read.
    :param pattern: which of them are meant.
    :param until: ``present`` (one matches) or ``absent`` (none matches any more).
    :param since: only messages of this moment and later count; None for all. It has a time zone.
    :param max_consecutive_failures: how many failed readings in a row are waited through; None for any number.
    :raises WinCCConfigurationError: when the list cannot be waited for in this way, see :func:`check_wait`.
    """

    query: MessageQuery
    pattern: MessagePattern = field(default_factory=MessagePattern)
    until: Until = Until.PRESENT
    since: datetime | None = None
    max_consecutive_failures: int | None = None
    failures: int = 0
    _last: _Judged | None = None
    _last_error: WinCCError | None = None

    def __post_init__(self) -> None:
        self.until = check_wait(self.query.message_list, self.until, since=self.since)
        if self.since is not None:
            self.since = check_moment(self.since)

    @property
    def tags(self) -> tuple[MessageQuery, ...]:
        """What to read, as the poller has it: its one query."""
        return (self.query,)

    def observe(
        self,
        readings: Mapping[Any, MessageReading | MessageFailure],
        *,
        now: float | None = None,  # noqa: ARG002  as the wait for tags has it; here no time runs
    ) -> MessageWaitOutcome | None:
        """Judge a fresh reading of the :attr:`tags`; return the outcome, or None to wait on.

        A query that the station cannot answer, because it does not know the filter for example, ends the wait.
        """
        reading = readings[self.query]
        if isinstance(reading, MessageFailure):
            return MessageWaitOutcome(error=reading.error)
        judged = self._judge(reading)
        self._last, self._last_error, self.failures = judged, None, 0
        if self.until is Until.PRESENT and judged.matching:
            return MessageWaitOutcome(result=_result(judged.matching))
        if self.until is Until.ABSENT and not judged.matching and not judged.unclear:
            return MessageWaitOutcome(result=_result(()))
        return None

    def observe_failure(
        self,
        error: WinCCError,
        *,
        now: float | None = None,  # noqa: ARG002  as the wait for tags has it; here no time runs
    ) -> MessageWaitOutcome | None:
        """Judge a reading that failed as a whole; return the outcome, or None to wait on."""
        self.failures += 1
        self._last_error = error
        if not error.retryable:
            return MessageWaitOutcome(error=error)
        if self.max_consecutive_failures is not None and self.failures > self.max_consecutive_failures:
            return MessageWaitOutcome(error=error)
        return None

    @property
    def recheck_at(self) -> float | None:
        """Never: the same messages are judged the same way, however late it is."""
        return None

    def explain(self) -> str:
        """Say what is waited for, and what the last readings had."""
        what = "a message that matches" if self.until is Until.PRESENT else "no message any more that matches"
        since = "" if self.since is None else f", of {self.since.isoformat()} or later"
        lines = [f"Waited for: {what} {self.pattern!r}{since}, in {_described(self.query)}."]
        if self._last_error is not None:
            lines.append(f"The last {self.failures} readings failed: {self._last_error}")
        if self._last is not None:
            lines += self._last.explain(self.since)
        elif self._last_error is None:
            lines.append("Nothing was read yet.")
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return what a trigger must know to go on with this wait, however much later."""
        return {"failures": self.failures}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on where another process left off."""
        self.failures = state["failures"]

    def _judge(self, reading: MessageReading) -> _Judged:
        matching, unclear = [], []
        for message in reading.messages:
            verdict = self.pattern.judge(message)
            if verdict is not False and self.since is not None:
                if message.time is None:
                    verdict = None
                elif message.time < self.since:
                    verdict = False
            if verdict is None:
                unclear.append(message)
            elif verdict:
                matching.append(message)
        return _Judged(reading, matching, unclear)


def check_wait(message_list: MessageList, until: Until | str, *, since: object) -> Until:
    """Return what is waited for, when the list can be waited for in this way.

    :raises WinCCConfigurationError: when ``until`` is unknown; when a message is to be absent from a list that hands
        out a bounded number of rows, because a full answer proves nothing; and when messages of the past would end
        the wait, because a history is read without ``since``.
    """
    try:
        known = Until(until)
    except ValueError:
        raise WinCCConfigurationError(
            f"until is {until!r}.", hint="Expected 'present' (a message matches) or 'absent' (none matches any more)."
        ) from None
    if known is Until.ABSENT and message_list.has_max_values:
        raise WinCCConfigurationError(
            f"until is 'absent' with the list {message_list.value!r}, which hands out a bounded number of messages: "
            "one that is not among them may still be there.",
            hint="Wait with 'message_list', the messages that are pending now.",
        )
    if message_list.is_history and since is None:
        raise WinCCConfigurationError(
            f"The list {message_list.value!r} keeps messages of the past, and since is not given.",
            hint="Say from which moment on messages count, such as since='{{ data_interval_start }}'.",
        )
    return known


def check_moment(since: datetime) -> datetime:
    """Return the moment from which on messages count, in UTC.

    :raises WinCCConfigurationError: when it has no time zone.
    """
    if since.tzinfo is None:
        raise WinCCConfigurationError(
            f"since is {since.isoformat()}, which has no time zone.",
            hint="Write it with one, such as 2026-03-02T07:00:00Z or 2026-03-02T08:00:00+01:00.",
        )
    return in_utc(since)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A reading, the messages in it that match, and those that do not say what they are judged by."""

    reading: MessageReading
    matching: Sequence[Message]
    unclear: Sequence[Message]

    def explain(self, since: datetime | None) -> list[str]:
        messages, oldest = self.reading.messages, self.reading.oldest
        lines = [f"The last reading had {len(messages)} messages; {len(self.matching)} of them match."]
        if self.matching:
            lines += _lines("The newest that match", self.matching)
        elif messages:
            lines += _lines("The newest", messages)
        if self.unclear:
            lines.append(f"{len(self.unclear)} do not say what they are judged by, so nobody can tell.")
            lines += _lines("The newest of those", self.unclear)
        if self.reading.is_full and since is not None and oldest is not None and oldest > since:
            lines.append(
                f"The answer was full, and its oldest message is of {oldest.isoformat()}: older ones may be missing. "
                "Use a narrower filter."
            )
        return lines


def _result(matching: Sequence[Message]) -> dict[str, Any]:
    told = [storable(message.to_json()) for message in matching[-MOST_TOLD:]]
    return {"count": len(matching), "messages": told}


def _lines(title: str, messages: Sequence[Message]) -> list[str]:
    return [f"{title}:", *(f"- {_in_words(message)}" for message in messages[-_MOST_EXPLAINED:])]


def _in_words(message: Message) -> str:
    # Texts are the plant's: as literals, so that control characters and line ends in them do nothing.
    state = message.state_code if message.state is None else message.state.words
    time = "time unknown" if message.time is None else message.time.isoformat(timespec="milliseconds")
    return f"{message.number} {message.text[:_LONGEST_TEXT]!r} ({message.class_name!r}, {state}, {time})"


def _described(query: MessageQuery) -> str:
    return f"the {query.message_list.value} by filter {query.rest_filter!r}"
