"""``WinCCMessageEventTrigger``: starts DAGs when messages come in."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import TriggerEvent

from airflow_provider_wincc.client.errors import WinCCConfigurationError
from airflow_provider_wincc.client.messages.query import MessageList, MessageQuery
from airflow_provider_wincc.messages.message_watch import MessageWatch
from airflow_provider_wincc.messages.pattern import MessagePattern
from airflow_provider_wincc.triggers.failure_limit import FailureLimit
from airflow_provider_wincc.triggers.message_judge import MessageJudge
from airflow_provider_wincc.triggers.observations import observe
from airflow_provider_wincc.triggers.poller import SHORTEST_INTERVAL
from airflow_provider_wincc.triggers.watcher import StationWatcher, state_key
from airflow_provider_wincc.triggers.watcher_arguments import most_failures, seconds
from airflow_provider_wincc.triggers.watcher_cursor import WatcherCursor

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    from airflow_provider_wincc.messages.outbox import Parcel
    from airflow_provider_wincc.triggers.observations import Observation
    from airflow_provider_wincc.triggers.watcher_arguments import Duration

_WATCHED_LISTS = (MessageList.SHORT_TERM_ARCHIVE, MessageList.LONG_TERM_ARCHIVE, MessageList.MESSAGE_LIST)


class WinCCMessageEventTrigger(StationWatcher):
    """Fires when messages come that fit a pattern: each row of the message archive once. For ``AssetWatcher``.

    It reads a list by a REST filter, at an interval, and fires with what is new in it: messages that came in, went out
    or were acknowledged, each of which is a row of its own; ``state`` in the pattern picks one kind. What was there at
    the first reading does not fire. Several new messages come as one event, up to ``max_messages`` of them and some
    256 KiB; what is more comes as further events at once. All watchers and sensors of a triggerer share one reader per
    connection, so that one filter costs one request per interval, however many watch it.

    WinCC hands out at most 1,000 rows of an archive. When more came since the last reading, the messages that are
    pending are read beside it, once, and with them all that still are, each by its last row only: one that was
    acknowledged meanwhile is found as acknowledged. What came and went again in that time may be missing; unless the
    running numbers of the rows prove that nothing is, the events have ``may_lack_messages`` true, and a warning is
    logged. A row that comes late is new if it is no more than two hours older than the newest, or less after a burst;
    older ones are left out, with a warning.

    On Airflow 3.3 and later, what it has seen is kept in the state of its asset. Messages are noted there before their
    event is yielded, and struck off when Airflow has stored the event. So after a crash no message is lost that was
    seen, nor one that is still in the list: those of the time in which no triggerer ran are fired by the next one. An
    event that Airflow stored in the last second or two before the crash may come a second time, with the same
    ``sequence`` and messages, and ``redelivered`` true. On older versions, and when one watcher serves several assets,
    nothing is kept: it begins with the messages that come after its start.

    The event's payload, all of JSON types: ``wincc_conn_id``, ``rest_filter``, ``message_list``, ``sequence`` (number
    of the event, from 1), ``messages`` (oldest first, each as :meth:`Message.to_json` has it), ``count`` (of them),
    ``seen_at`` (time of the reading that showed the first of them, ISO 8601 in UTC), ``may_lack_messages`` and
    ``redelivered``.

    What happens on failure: a station that is away or busy is waited through, at the poller's pace. After
    ``max_consecutive_failures`` failed readings in a row the trigger fails, and Airflow logs it and starts it again.
    A refused login, a missing permission, an unknown filter, a WinCC that has no REST interface for messages and a
    wrong connection never fail it, since Airflow would start it again every second: they are logged, and the station
    is asked again after 15 minutes, or when the connection has been changed.

    :param wincc_conn_id: id of the connection.
    :param rest_filter: name of a REST filter that is configured in WinCC.
    :param pattern: which messages fire; a :class:`MessagePattern`, or its JSON as objects or text. None for all that
        the filter shows. Without templates: nobody renders a watcher.
    :param message_list: ``short_term_archive``, ``long_term_archive``, or ``message_list``, the messages that are
        pending: there, what comes and goes between two readings is not seen.
    :param poke_interval: seconds between two readings, at least 0.1.
    :param batch_window: seconds that messages are gathered, from the first one on, before an event is fired. An event
        that is full does not wait.
    :param max_messages: in one event.
    :param language: of the texts and names, such as ``de-DE``; None for the station's default.
    :param name_language: in which ``rest_filter`` is given; None for the station's default.
    :param max_consecutive_failures: failed readings in a row that are waited through; None for any number.
    :param trigger_queue: the triggerers that may run it; has an effect from Airflow 3.4.
    :raises WinCCConfigurationError: when an argument is wrong.
    :raises TypeError: when the pattern is neither one nor the JSON of one.
    """

    def __init__(
        self,
        wincc_conn_id: str,
        rest_filter: str,
        pattern: MessagePattern | Mapping[str, Any] | str | None = None,
        *,
        message_list: MessageList | str = MessageList.SHORT_TERM_ARCHIVE,
        poke_interval: Duration = 5.0,
        batch_window: Duration = 0.0,
        max_messages: int = 500,
        language: str | None = None,
        name_language: str | None = None,
        max_consecutive_failures: int | None = None,
        trigger_queue: str | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow's constructor has no types
        self.wincc_conn_id = wincc_conn_id
        self.rest_filter = _without_template("rest_filter", rest_filter)
        # As text: Airflow 3.2 takes a nested argument for a changed one at each parse, and begins the watch anew.
        self.pattern = None if pattern is None else json.dumps(_pattern(pattern).to_json())
        self.message_list = _watched_list(rest_filter, message_list)
        self.poke_interval = seconds("poke_interval", poke_interval, at_least=SHORTEST_INTERVAL)
        self.batch_window = seconds("batch_window", batch_window, at_least=0.0)
        self.max_messages = _most_messages(max_messages)
        self.language = language
        self.name_language = name_language
        self.max_consecutive_failures = most_failures("max_consecutive_failures", max_consecutive_failures)
        self.trigger_queue = trigger_queue
        self.queue = trigger_queue
        self._query()

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and the arguments, all of JSON types; the same for equal watchers."""
        return (
            "airflow_provider_wincc.triggers.messages.WinCCMessageEventTrigger",
            {
                "wincc_conn_id": self.wincc_conn_id,
                "rest_filter": self.rest_filter,
                "pattern": self.pattern,
                "message_list": self.message_list,
                "poke_interval": self.poke_interval,
                "batch_window": self.batch_window,
                "max_messages": self.max_messages,
                "language": self.language,
                "name_language": self.name_language,
                "max_consecutive_failures": self.max_consecutive_failures,
                "trigger_queue": self.trigger_queue,
            },
        )

    def observations(self) -> AsyncGenerator[Observation, None]:
        """Return the stream of readings and failures that it judges."""
        # A reading without a change may end a window.
        every_reading = self.batch_window > 0
        return observe(self.wincc_conn_id, [self._query()], self.poke_interval, every_reading=every_reading)

    async def _events(self, observations: AsyncIterator[Observation]) -> AsyncIterator[TriggerEvent]:
        query = self._query()
        judge = MessageJudge(
            MessageWatch(
                query,
                None if self.pattern is None else _pattern(self.pattern),
                most_messages=self.max_messages,
                window=self.batch_window,
            ),
            WatcherCursor(getattr(self, "asset_state_store", None), self._state_key()),
            query,
            self._query(MessageList.MESSAGE_LIST),
        )
        failures = FailureLimit(self.max_consecutive_failures, self.poke_interval)
        again = await judge.resume()
        async for observation in observations:
            if observation.error is not None or query in (observation.readings or ()):
                await failures.note(observation.error)
            parcels = [*again, *await judge.observe(observation)]
            taken: list[int] = []
            if parcels:
                observation.on_persisted = partial(judge.confirm, taken)
            for number, parcel in enumerate(parcels):
                yield self._event(parcel, redelivered=number < len(again))
                # Only now: a triggerer that is stopped may drop the event, and still say that all is stored.
                taken.append(parcel.sequence)
            again = ()

    def _event(self, parcel: Parcel, *, redelivered: bool) -> TriggerEvent:
        return TriggerEvent(
            {
                "wincc_conn_id": self.wincc_conn_id,
                "rest_filter": self.rest_filter,
                "message_list": self.message_list,
                "sequence": parcel.sequence,
                "messages": [message.content for message in parcel.messages],
                "count": len(parcel.messages),
                "seen_at": min(message.seen_at for message in parcel.messages),
                "may_lack_messages": parcel.may_lack_messages,
                "redelivered": redelivered,
            }
        )

    def _query(self, message_list: MessageList | None = None) -> MessageQuery:
        return MessageQuery(
            self.rest_filter,
            message_list or MessageList(self.message_list),
            language=self.language,
            name_language=self.name_language,
        )

    def _state_key(self) -> str:
        # Nor how events are cut: who does that otherwise looks for the same messages.
        return state_key(self.wincc_conn_id, self._query().to_json(), self.pattern)


def _pattern(given: object) -> MessagePattern:
    pattern = given if isinstance(given, MessagePattern) else _pattern_from_json(given)
    if pattern.is_templated:
        _refuse_template("pattern", pattern)
    return pattern


def _pattern_from_json(given: Any) -> MessagePattern:
    try:
        return MessagePattern.from_json(json.loads(given) if isinstance(given, str) else given)
    except (WinCCConfigurationError, json.JSONDecodeError) as error:
        # Airflow's triggerer survives no other error of a constructor, and rows of another version may come back.
        raise TypeError(f"The pattern of a watcher is neither a MessagePattern nor the JSON of one. {error}") from error


def _without_template(argument: str, given: str) -> str:
    if isinstance(given, str) and ("{{" in given or "{%" in given):
        _refuse_template(argument, given)
    return given


def _refuse_template(argument: str, given: object) -> None:
    raise WinCCConfigurationError(
        f"The {argument} of a watcher holds a template: {given!r}.",
        hint="Watchers run outside of DAG runs, where nothing is rendered. Write the value itself.",
    )


def _watched_list(rest_filter: str, given: MessageList | str) -> str:
    message_list = MessageQuery(rest_filter, given).message_list  # type: ignore[arg-type]  # it takes the text, too
    if message_list not in _WATCHED_LISTS:
        names = ", ".join(repr(each.value) for each in _WATCHED_LISTS)
        raise WinCCConfigurationError(
            f"The message_list of a watcher is {message_list.value!r}, in which no messages come.",
            hint=f"Expected one of {names}.",
        )
    return message_list.value


def _most_messages(given: int) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise WinCCConfigurationError(
            f"The max_messages of a watcher is {given!r}.", hint="Give a whole number, 1 or more."
        )
    return given
